"""Applications as mail, against a mail server on loopback that takes, delays, refuses, or hangs up."""

from __future__ import annotations

import asyncio
import email
import email.policy
import io
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pypdf
import pytest
from aiohttp.test_utils import unused_port
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from bot import agency_files, registry
from bot.domain.messages import FileRef
from bot.errors import AgencyError, AgencyUnavailable, SettingsError
from bot.ports import Submission
from tests.integrations.conftest import MovableClock
from tests.integrations.generic_rest.office import example, put
from tests.integrations.generic_rest.test_credentials import new_authority

PASSWORD = "rahasia-surel"
CONFIG = {"LOKET_X_KECAMATAN_PASSWORD": PASSWORD}
PICTURE = FileRef(id="f1", name="kartu\r\nX-Palsu: ya.jpg", type="image/jpeg", size=4)


def application(key: str = "kunci-0001:submit", content: bytes = b"\xff\xd8\xff\xd9") -> Submission:
    return Submission(
        key=key,
        reference="DOM-25-0001-7",
        service="surat-domisili",
        data={
            "pemohon": {"nama": "Siti Đorđe Contoh <b>", "nik": "3328990101900001", "setuju": True},
            "keluarga": [{"nama": "Budi"}, {"nama": "Ani"}],
        },
        files=((PICTURE, content, "dokumen.ktp"),),
        variant="pindah",
    )


@dataclass
class Mailbox:
    """A mail server's behaviour, and what it took."""

    taken: list[bytes] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    """Given first: by ``RCPT`` and ``DATA``."""
    hang_up_after_data: int = 0
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: Any) -> str:
        if self.answers.get("RCPT"):
            return self.answers["RCPT"].pop(0)
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers.get("DATA"):
            return self.answers["DATA"].pop(0)
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        if self.hang_up_after_data:
            self.hang_up_after_data -= 1
            cast(asyncio.Transport, server.transport).abort()
        return "250 Taken"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=(data.login, data.password) == (b"loket", PASSWORD.encode()), handled=False)

    @property
    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(one, policy=email.policy.default) for one in self.taken]


@asynccontextmanager
async def serving(box: Mailbox, tls: ssl.SSLContext, security: str) -> AsyncIterator[int]:
    def session() -> SMTP:
        return SMTP(
            box,
            tls_context=tls if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=box.authenticate,
            auth_required=security == "starttls",
            auth_require_tls=security == "starttls",
            data_size_limit=50_000_000,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls if security == "tls" else None)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@dataclass
class Post:
    """The agency and its mail server."""

    agency: Any
    box: Mailbox
    folder: Path
    tls: ssl.SSLContext


def made(folder: Path, port: int, clock: MovableClock, *, security: str = "starttls", **changes: str) -> Any:
    text = example("kecamatan.yml").replace("smtp.mpp.example", "127.0.0.1").replace("port: 587", f"port: {port}")
    text = text.replace("security: starttls", f"security: {security}\n  ca: {folder / 'ca.pem'}")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    plugin = agency_files.described(put(folder / "agencies", text, "kecamatan.yml"))["kecamatan"]
    agency = plugin.build(CONFIG, clock)
    registry.check_methods(plugin.manifest, agency)
    return agency


@pytest.fixture
async def post(tmp_path: Path, clock: MovableClock) -> AsyncIterator[Post]:
    tls = office_tls(tmp_path)
    box = Mailbox()
    async with serving(box, tls, "starttls") as port:
        yield Post(made(tmp_path, port, clock), box, tmp_path, tls)


def office_tls(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*new_authority(folder).server)
    return context


async def test_an_application_goes_as_a_mail_with_a_summary_and_its_attachments(post: Post) -> None:
    assert post.agency.manifest.capabilities == {"submit"}
    assert await post.agency.submit(application()) == "DOM-25-0001-7"
    (mail,) = post.box.messages
    assert mail["Subject"] == "Permohonan DOM-25-0001-7: surat-domisili"
    assert (mail["To"], mail["From"]) == ("pelayanan@kecamatan.example", "loket@mpp.example")
    assert mail["Reply-To"] == "petugas@mpp.example" and mail["X-Palsu"] is None
    assert mail["Date"].datetime.isoformat() == "2025-11-24T02:00:00+00:00"
    body = mail.get_body()
    assert body is not None and "DOM-25-0001-7" in body.get_content()
    summary, picture = mail.iter_attachments()
    assert (picture.get_content_type(), picture.get_content()) == ("image/jpeg", b"\xff\xd8\xff\xd9")
    assert summary.get_filename() == "DOM-25-0001-7.pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(summary.get_content())).pages)
    for said in ("DOM-25-0001-7", "Pemohon: nama", "Siti Đorđe Contoh <b>", "Keluarga: 2 nama", "Ani", "ya", "pindah"):
        assert said in text, said
    assert post.box.logins == [(b"loket", PASSWORD.encode())]


async def test_a_repeat_carries_the_same_message_id_and_another_case_its_own(post: Post, clock: MovableClock) -> None:
    await post.agency.submit(application())
    clock.move(hours=1)
    await post.agency.submit(application())
    await post.agency.submit(application(key="kunci-0002:submit"))
    first, again, other = (mail["Message-ID"] for mail in post.box.messages)
    assert first == again != other
    assert first.endswith("@mpp.example>") and "kunci" not in first


async def test_an_unknown_outcome_is_tried_again_and_recognisable(post: Post) -> None:
    post.box.hang_up_after_data = 1
    with pytest.raises(AgencyUnavailable):
        await post.agency.submit(application())
    await post.agency.submit(application())
    assert len(post.box.messages) == 2 and len({mail["Message-ID"] for mail in post.box.messages}) == 1


@pytest.mark.parametrize("at", ["RCPT", "DATA"])
async def test_greylisting_asks_for_another_try(post: Post, at: str) -> None:
    post.box.answers = {at: ["451 4.7.1 Come back later"]}
    with pytest.raises(AgencyUnavailable) as later:
        await post.agency.submit(application())
    assert later.value.retryable and later.value.params["status"] == 451
    assert await post.agency.submit(application()) and len(post.box.taken) == 1


@pytest.mark.parametrize("at", ["RCPT", "DATA"])
async def test_a_permanent_refusal_is_for_good(post: Post, at: str) -> None:
    post.box.answers = {at: ["550 5.1.1 No such mailbox"]}
    with pytest.raises(AgencyError) as refused:
        await post.agency.submit(application())
    assert not refused.value.retryable and refused.value.params["status"] == 550
    assert "kecamatan.example" not in str(refused.value)


async def test_a_wrong_password_is_refused_for_good_and_told_by_the_check(
    tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONFIG, "LOKET_X_KECAMATAN_PASSWORD", "salah")
    tls, box = office_tls(tmp_path), Mailbox()
    async with serving(box, tls, "starttls") as port:
        stranger = made(tmp_path, port, clock)
        with pytest.raises(AgencyError) as refused:
            await stranger.submit(application())
        assert refused.value.params["status"] == 535
        assert "refuses us" in (await stranger.check())[0]
    assert box.taken == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_what_is_sent_is_encrypted_and_the_server_is_who_it_says(
    tmp_path: Path, clock: MovableClock, security: str
) -> None:
    tls, box = office_tls(tmp_path), Mailbox()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    new_authority(foreign)
    async with serving(box, tls, security) as port:
        agency = made(tmp_path, port, clock, security=security)
        assert await agency.check() == []
        await agency.submit(application())
        with pytest.raises(AgencyUnavailable):
            await made(foreign, port, clock, security=security).submit(application())
    assert len(box.taken) == 1


async def test_a_server_without_encryption_gets_nothing(tmp_path: Path, clock: MovableClock) -> None:
    tls, box = office_tls(tmp_path), Mailbox()
    async with serving(box, tls, "none") as port:
        agency = made(tmp_path, port, clock)
        with pytest.raises((AgencyError, AgencyUnavailable)):
            await agency.submit(application())
        assert await agency.check() != []
    assert box.taken == [] and box.logins == []


async def test_a_server_that_is_away_asks_for_another_try(tmp_path: Path, clock: MovableClock) -> None:
    office_tls(tmp_path)
    agency = made(tmp_path, unused_port(), clock)
    with pytest.raises(AgencyUnavailable):
        await agency.submit(application())
    assert "away" in (await agency.check())[0]


async def test_what_no_mailbox_takes_is_refused_before_it_is_sent(post: Post) -> None:
    with pytest.raises(AgencyError, match="too big"):
        await post.agency.submit(application(content=bytes(20_000_000)))
    assert post.box.logins == []


async def test_an_agency_by_mail_can_only_be_handed_something(post: Post, clock: MovableClock) -> None:
    agency = post.agency
    assert not agency.verify_callback(b"", {}, clock.now())
    calls = (
        agency.status("X"),
        agency.lookup("3328990101900001"),
        agency.faces("3328990101900001"),
        agency.document("X"),
        agency.repair("X", application()),
        agency.cancel("X", "", "k"),
    )
    for call in calls:
        with pytest.raises(AgencyError):
            await call
    with pytest.raises(AgencyError):
        agency.parse_callback(b"{}")


async def test_outside_office_hours_no_mail_is_sent(tmp_path: Path, clock: MovableClock) -> None:
    office_tls(tmp_path)
    hours = 'services: [surat-domisili]\nhours: {days: [tue], from: "08:00", to: "09:00", zone: Asia/Jakarta}'
    agency = made(tmp_path, 1, clock, **{"services: [surat-domisili]": hours})
    with pytest.raises(AgencyUnavailable) as closed:
        await agency.submit(application())
    assert closed.value.params["closed"]


async def test_an_address_from_the_settings_must_be_one(tmp_path: Path, clock: MovableClock) -> None:
    office_tls(tmp_path)
    text = example("kecamatan.yml").replace("to: pelayanan@kecamatan.example", "to: {secret: LOKET_X_TUJUAN}")
    plugin = agency_files.described(put(tmp_path / "agencies", text, "kecamatan.yml"))["kecamatan"]
    with pytest.raises(SettingsError, match="LOKET_X_TUJUAN"):
        plugin.build({**CONFIG, "LOKET_X_TUJUAN": "bukan alamat"}, clock)
