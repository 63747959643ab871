"""The other ways of the walk-through to be known: API key, client certificate, signature; each alone and all together."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bot import agency_files
from bot.errors import AgencyError, AgencyUnavailable
from tests.integrations.conftest import MovableClock
from tests.integrations.generic_rest.office import CONFIG, Office, example, put, serving
from tests.integrations.generic_rest.test_walkthrough import application

PARTS = ("api_key", "certificate", "hmac")


@dataclass(frozen=True)
class Authority:
    """A throw-away authority, and what it signed."""

    folder: Path
    ca: Path
    server: tuple[Path, Path]
    client: tuple[Path, Path]

    def office_side(self) -> ssl.SSLContext:
        """Demands a certificate of the authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.server)
        context.load_verify_locations(self.ca)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def config(self) -> dict[str, str]:
        """Our settings."""
        cert, key = map(str, self.client)
        return {"LOKET_X_DINSOS_CA": str(self.ca), "LOKET_X_DINSOS_CERT": cert, "LOKET_X_DINSOS_CERT_KEY": key}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("ca"))


def new_authority(folder: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    ca = _signed("Contoh CA", key, None, None)
    files = {}
    for name, use in (("server", ExtendedKeyUsageOID.SERVER_AUTH), ("client", ExtendedKeyUsageOID.CLIENT_AUTH)):
        own = ec.generate_private_key(ec.SECP256R1())
        files[name] = (folder / f"{name}.pem", folder / f"{name}.key")
        files[name][0].write_bytes(_pem(_signed(name, own, (ca, key), use)))
        files[name][1].write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    (folder / "ca.pem").write_bytes(_pem(ca))
    return Authority(folder, folder / "ca.pem", files["server"], files["client"])


def _signed(name: str, key: Any, by: tuple[x509.Certificate, Any] | None, use: Any) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    )
    if use is not None:
        built = built.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    return built.sign(by[1] if by else key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def described(folder: Path, url: str, parts: tuple[str, ...]) -> Path:
    """The walk-through with these parts of its second block in place of OAuth 2.0."""
    whole = example("dinsos.yml").replace("https://api.dinsos.example/v2", url)
    head, _, rest = whole.partition("authentication:")
    other = example("authentication")
    lines: list[str] = []
    keep = False
    for line in other.splitlines()[1:]:
        if line.startswith("  ") and not line.startswith("    "):
            keep = line.strip().split(":")[0] in parts
        lines += [line] if keep else []
    after = rest[rest.index("\nheaders:") :]
    return put(folder, "\n".join([f"{head}authentication:", *lines]) + after)


@contextmanager
def made(folder: Path, config: dict[str, str], clock: MovableClock) -> Iterator[Any]:
    yield agency_files.described(folder)["dinsos"].build({**CONFIG, **config}, clock)


@pytest.mark.parametrize("parts", [("api_key",), ("hmac",), ("certificate",), PARTS], ids="+".join)
async def test_an_office_that_demands_it_takes_an_application(
    parts: tuple[str, ...], authority: Authority, clock: MovableClock, tmp_path: Path
) -> None:
    office = Office(clock, demands=frozenset(parts))
    async with serving(office, authority.office_side() if "certificate" in parts else None) as url:
        with made(described(tmp_path / "agencies", url, parts), authority.config(), clock) as dinsos:
            assert await dinsos.check() == []
            ref = await dinsos.submit(application())
            assert await dinsos.find("kunci-0001", "DTK-25-0001-7") == ref
            assert (await dinsos.status(ref))[0].state == "diajukan"
            await dinsos.close()
    assert office.issued == 0


@pytest.mark.parametrize(
    ("part", "wrong"), [("api_key", "LOKET_X_DINSOS_KEY"), ("hmac", "LOKET_X_DINSOS_HMAC")], ids=["api_key", "hmac"]
)
async def test_a_wrong_secret_is_refused_for_good(part: str, wrong: str, clock: MovableClock, tmp_path: Path) -> None:
    async with serving(Office(clock, demands=frozenset({part}))) as url:
        with made(described(tmp_path / "agencies", url, (part,)), {wrong: "salah"}, clock) as stranger:
            with pytest.raises(AgencyError) as refused:
                await stranger.submit(application())
            assert refused.value.params["status"] == 401
            assert "refuses us" in (await stranger.check())[0]
            await stranger.close()


async def test_without_our_certificate_or_with_an_office_nobody_vouches_for_nothing_is_sent(
    authority: Authority, clock: MovableClock, tmp_path: Path
) -> None:
    office = Office(clock, demands=frozenset({"certificate"}))
    foreign = new_authority(tmp_path)
    async with serving(office, authority.office_side()) as url:
        folder = described(tmp_path / "agencies", url, ("certificate",))
        for config in (
            foreign.config(),  # neither side knows the other
            {**authority.config(), "LOKET_X_DINSOS_CA": str(foreign.ca)},  # a stranger in the office's place
            {**foreign.config(), "LOKET_X_DINSOS_CA": str(authority.ca)},  # ours is not accepted
        ):
            with made(folder, config, clock) as stranger:
                with pytest.raises(AgencyUnavailable):
                    await stranger.submit(application())
                await stranger.close()
    assert office.seen == []


async def test_missing_certificate_files_are_told_by_the_check(
    authority: Authority, clock: MovableClock, tmp_path: Path
) -> None:
    folder = described(tmp_path / "agencies", "https://127.0.0.1:9/v2", ("certificate",))
    config = {**authority.config(), "LOKET_X_DINSOS_CERT": str(tmp_path / "tidak-ada.pem")}
    with made(folder, config, clock) as agency:
        assert "certificate" in (await agency.check())[0]
        with pytest.raises(AgencyUnavailable):
            await agency.submit(application())
