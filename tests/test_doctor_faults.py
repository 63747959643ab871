"""What an operator may meet: ``./loket doctor`` names each fault and what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import create_engine, text

from bot.channel_cli import opened
from bot.doctor import addresses, backlog, machine, place, service
from bot.doctor.check import Finding, Level
from bot.domain.messages import Inbound
from bot.settings import ROOT, Settings
from bot.storage import pg
from bot.storage.content_repo import GitContent, content_files
from bot.storage.crypto import KeyRing, new_key
from bot.storage.store import PgStore
from tests.servers.telegram import TOKEN, telegram_server
from tests.servers.whatsapp import PUBLIC_URL, whatsapp_server

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


def fault(found: Iterable[Finding], *words: str) -> Finding:
    """The one finding with these words, which is broken and says what to do."""
    (it,) = [one for one in found if all(word in one.what for word in words)]
    assert it.level is Level.BROKEN and it.remedy, it
    return it


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# -- the database and its work ----------------------------------------------------------------------------------------------


async def test_a_database_that_is_away_is_a_sentence_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://loket:s3cret@127.0.0.1:{closed_port()}/loket"
    found = fault(await service.database(Settings(var_dir=tmp_path, database_url=url)), "does not answer")
    assert "Connection refused" in found.what and "LOKET_DATABASE_URL" in found.remedy and "s3cret" not in found.what


_STUCK = (
    "update inbox set received_at = :old, not_before = :old",
    "update inbox set state = 'dead' where id = (select min(id) from inbox)",
    "insert into alarm (kind, agency, first_at, last_at) values ('forged', 'dukcapil', :old, :old)",
    "insert into breaker (agency, opened_at) values ('dukcapil', :old)",
    "insert into provider_template (account, name, language, provider_id, approval, checked_at) "
    "values ('whatsapp:1', 'loket_status', 'id', 'HX1', 'rejected', :old)",
)


async def written(database_url: str, key: str, *texts: str) -> None:
    """A citizen wrote, in a service that has this key."""
    db = pg.engine(database_url)
    async with PgStore(db, KeyRing(key)).begin() as tx:
        who = await tx.open_conversation("web", "a", "33.28", "id", NOW)
        for number, words in enumerate(texts):
            await tx.put_inbound(who.id, Inbound("web", f"m{number}", "a", NOW, text=words), NOW)
    await db.dispose()


async def test_work_that_is_stuck_is_counted_by_kind_each_with_its_page_or_command(database_url: str) -> None:
    await written(database_url, new_key("k1"), "satu", "dua", "tiga")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for statement in _STUCK:
            connection.execute(text(statement), {"old": NOW - timedelta(hours=1)} if ":old" in statement else {})
    found = backlog.look(engine, NOW)
    engine.dispose()
    assert "inbox replay" in fault(found, "1 pesan menyerah").remedy
    assert "worker" in fault(found, "2 pesan menunggu").remedy
    assert "/staff/errands" in next(one.remedy for one in found if "1 alarm" in one.what)
    assert "dukcapil" in fault(found, "is away").what
    assert "whatsapp.md" in fault(found, "loket_status (id)").remedy


async def test_data_whose_key_is_gone_are_told_with_the_keys_name(database_url: str, tmp_path: Path) -> None:
    await written(database_url, new_key("lama"), "rahasia")
    here = Settings(var_dir=tmp_path, database_url=database_url, keys=new_key("baru"))
    assert "backup" in fault(await service.database(here), "not here", "lama").remedy


# -- keys and the disk ------------------------------------------------------------------------------------------------------


async def test_keys_that_others_may_read_are_gone_or_are_none(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(new_key("k1"))
    file.chmod(0o644)
    settings = Settings(var_dir=tmp_path, keys=file.read_text(), keys_file=file)
    assert fault(await service.keys(settings), "can be read by others").remedy == f"chmod 600 {file}"
    file.chmod(0o600)
    assert [one.level for one in await service.keys(settings)] == [Level.OK]
    file.write_text("nonsense")
    assert "backup" in fault(await service.keys(settings), "base64").remedy
    file.unlink()
    assert "backup" in fault(await service.keys(settings), "is gone").remedy


async def test_other_secrets_that_others_may_read(tmp_path: Path) -> None:
    (tmp_path / "sandbox.secret").write_text("s")
    (tmp_path / "sandbox.secret").chmod(0o640)
    assert "chmod 600" in fault(await place.secrets(Settings(var_dir=tmp_path)), "sandbox.secret").remedy


async def test_a_disk_that_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, usage = Settings(var_dir=tmp_path), shutil.disk_usage(tmp_path)
    for free, level in ((1.2, Level.BROKEN), (3.0, Level.NOTE), (60.0, Level.OK)):
        given = usage._replace(free=int(free * 2**30))
        monkeypatch.setattr("shutil.disk_usage", lambda folder, given=given: given)
        (found,) = await place.disk(settings)
        assert found.level is level and f"{free} GiB" in found.what and (level is Level.OK or found.remedy)


async def test_a_spool_that_cannot_be_written_or_is_never_emptied(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    settings = Settings(var_dir=tmp_path, spool_dir=spool)
    spool.write_text("a file in its place")
    assert "LOKET_SPOOL_DIR" in fault(await place.spool(settings), "cannot be written").remedy
    spool.unlink()
    (spool / "gateway-0").mkdir(parents=True)
    (spool / "gateway-0" / "1.webhook").write_bytes(b"sealed")
    assert [one.level for one in await place.spool(settings)] == [Level.OK], "it came only just now"
    old = time.time() - 3600
    os.utime(spool / "gateway-0" / "1.webhook", (old, old))
    assert "database" in fault(await place.spool(settings), "1 pesan menunggu").remedy


async def test_a_content_repository_that_lost_or_changed_a_file(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    repo = GitContent.seed(settings.own_content, content_files(ROOT / "data" / "loci"), NOW)
    repo.close()
    assert [one.level for one in await place.content_repository(settings)] == [Level.OK]
    objects = sorted(file for file in (settings.own_content / ".git" / "objects").glob("??/*"))
    objects[0].chmod(0o600)
    objects[0].write_bytes(b"not what was written")
    assert "backup" in fault(await place.content_repository(settings), "is damaged").remedy
    shutil.rmtree(settings.own_content / ".git")
    assert "backup" in fault(await place.content_repository(settings), "not a content repository").remedy


# -- what runs --------------------------------------------------------------------------------------------------------------


async def test_a_port_that_another_program_has_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(0)
        taken = other.getsockname()[1]
        settings = Settings(var_dir=tmp_path / "var", port=closed_port(), rasa_port=taken)
        found = fault(await machine.ports_free(settings), str(taken))
    assert "LOKET_RASA_PORT" in found.what and "ss -ltnp" in found.remedy
    assert not (tmp_path / "var").exists(), "looking makes no folder: a restore wants it empty"


@dataclass
class Rasa:
    """Answers as :mod:`bot.dialogue.rasa.channel` does."""

    status: int = 200
    told: object = None

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response(self.told, status=self.status)


@pytest.fixture
async def rasa() -> AsyncIterator[tuple[Rasa, str]]:
    stand_in, app = Rasa(), web.Application()
    app.router.add_get("/webhooks/loket/health", stand_in.health)
    server = TestServer(app)
    await server.start_server()
    yield stand_in, str(server.make_url("")).rstrip("/")
    await server.close()


async def test_a_rasa_that_is_away_or_without_a_model(rasa: tuple[Rasa, str], tmp_path: Path) -> None:
    stand_in, url = rasa
    away = f"http://127.0.0.1:{closed_port()}"
    settings = Settings(var_dir=tmp_path, rasa_url=f"{url},{away}")
    stand_in.told = {"ready": True, "model": "abc"}
    found = list(await service.dialogue(settings))
    assert found[0].level is Level.OK and "LOKET_RASA_URL" in fault(found, away, "does not answer").remedy
    stand_in.status, stand_in.told = 503, {"ready": False}
    assert "./loket train" in fault(await service.dialogue(settings), url, "has no model").remedy
    stand_in.told = {"ready": True, "refused": "abc"}
    assert fault(await service.dialogue(settings), url, "refused a model")


async def test_a_running_service_names_its_parts_that_are_down(tmp_path: Path) -> None:
    async def whole(_: web.Request) -> web.Response:
        parts = {"database": "ok", "dialogue": "down", "worker": "down", "agency.dukcapil": "down"}
        return web.json_response({"state": "degraded", "parts": parts}, status=503)

    app = web.Application()
    app.router.add_get("/healthz", whole)
    server = TestServer(app)
    await server.start_server()
    found = list(await service.running(Settings(var_dir=tmp_path, port=int(server.port or 0))))
    await server.close()
    assert len(found) == 3
    assert "loket-worker" in fault(found, "the worker").remedy
    assert "LOKET_RASA_URL" in fault(found, "Rasa").remedy
    assert fault(found, "dukcapil")


async def test_an_agency_that_is_down() -> None:
    settings = Settings(dukcapil_url=f"http://127.0.0.1:{closed_port()}/dukcapil")
    assert "LOKET_DUKCAPIL_URL" in fault(await service.agencies(settings), "Dukcapil", "does not answer").remedy


async def test_without_the_sandbox_an_agency_that_nobody_set_up_is_named_with_its_setting(tmp_path: Path) -> None:
    found = list(await service.agencies(Settings(var_dir=tmp_path, demo=False)))
    assert [one.level for one in found] == [Level.NOTE] * 4
    assert "LOKET_SDMK_URL" in next(one.remedy for one in found if "SDMK" in one.what)


# -- the channels -----------------------------------------------------------------------------------------------------------


async def test_a_telegram_token_that_telegram_does_not_know() -> None:
    async with telegram_server() as telegram:
        settings = Settings(telegram_api=telegram.url, telegram_bots=("3328000009:WRONG-invented-token-of-no-bot-9",))
        found = fault(await service.channels(settings), "telegram")
        assert "token" in found.what and "docs/panduan/telegram.md" in found.remedy and "WRONG" not in found.what
        assert [one.level for one in await service.channels(settings.but(telegram_bots=(TOKEN,)))] == [Level.OK]


async def test_a_whatsapp_template_that_was_rejected() -> None:
    async with whatsapp_server() as twilio:
        settings = Settings.from_env(twilio.settings(PUBLIC_URL))
        async with opened(settings) as channels:
            await channels["whatsapp"].setup(PUBLIC_URL)
        content = next(one for one in twilio.world.contents.values() if "loket_status-id" in one.name)
        content.approval, content.reason = "rejected", "TAG_CONTENT_MISMATCH"
        found = fault(await service.channels(settings), "loket_status (id)")
    assert "TAG_CONTENT_MISMATCH" in found.what and "docs/panduan/whatsapp.md" in found.remedy


# -- the network ------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, days: float) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows and what trusts it, for a certificate that ends in so many days."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    shows = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shows.load_cert_chain(file)
    return shows, ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [(60, Level.OK, "60"), (15, Level.NOTE, "15"), (3, Level.BROKEN, "3"), (-1, Level.BROKEN, "expired")],
)
async def test_a_certificate_near_its_end(tmp_path: Path, days: int, level: Level, words: str) -> None:
    shows, trusts = certificate(tmp_path, days)
    server = TestServer(web.Application(), scheme="https")
    await server.start_server(ssl=shows)
    found = await addresses.certificate("LOKET_PUBLIC_URL", f"https://localhost:{server.port}", trusts)
    await server.close()
    assert found.level is level and words in found.what
    assert level is Level.OK or "certbot" in found.remedy


async def test_a_clock_that_is_off_is_seen_by_what_others_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shows, _ = certificate(tmp_path, 60)
    off = timedelta()

    async def root(_: web.Request) -> web.Response:
        said = datetime.now(UTC) + off
        return web.Response(headers={"Date": said.strftime("%a, %d %b %Y %H:%M:%S GMT")})

    app = web.Application()
    app.router.add_get("/", root)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=shows)
    settings = Settings(public_url=f"https://localhost:{server.port}")
    assert [one.level for one in await addresses.clock(settings)] == [Level.OK]
    off = timedelta(minutes=7)
    found = fault(await addresses.clock(settings), "s off")
    await server.close()
    assert "-42" in found.what or "-41" in found.what
    assert "NTP" in found.remedy
