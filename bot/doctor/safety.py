"""Checks of what protects an installation: the certificate it shows itself, the virus scanner, the list of breached passwords."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml
from cryptography import x509

from bot.doctor.addresses import SOON, URGENT
from bot.doctor.check import Finding, broken, check, note, ok
from bot.domain.hosts import host_of
from bot.errors import SettingsError
from bot.settings import ROOT, Settings
from bot.storage.breached import Breached
from bot.storage.scanner import Scanner, ScannerAway, scanner_at
from bot.web.tls import own_tls

# What every scanner finds and nobody is harmed by (eicar.org), put together so that none finds it here.
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_OLD = timedelta(days=7)
"""Signatures come several times a day."""
_MONTH, _LATE = 31, 92
"""Days since the last update: the month that docs/asvs.md gives, and when it is no longer a matter of a holiday."""
_UPGRADE = "Pasang rilis terbaru, atau / install the latest release, or ./loket pin --upgrade && ./loket test"
_RENEW = "Perbarui LOKET_TLS_CERT / renew it; Loket membacanya lagi sendiri / it is read again by itself"


@check("tls")
async def tls(settings: Settings) -> Iterable[Finding]:
    """The certificate that Loket shows itself: usable, lasting, of the right names, its key nobody else's."""
    if settings.tls_cert is None:
        return [ok("TLS diurus proxy / is the proxy's business")]
    try:
        own_tls(settings.tls_cert, settings.tls_key)
    except SettingsError as error:
        return [broken(str(error), _RENEW)]
    shown = x509.load_pem_x509_certificates(settings.tls_cert.read_bytes())[0]
    return [_lasts(shown), *_names(shown, settings), *_guarded(settings.tls_key or settings.tls_cert)]


def _lasts(shown: x509.Certificate) -> Finding:
    left = shown.not_valid_after_utc - datetime.now(UTC)
    said = f"LOKET_TLS_CERT berlaku {left.days} hari lagi / ends in {left.days} days"
    if left < URGENT:
        return broken(said, _RENEW)
    return note(said, _RENEW) if left < SOON else ok(said)


def _names(shown: x509.Certificate, settings: Settings) -> list[Finding]:
    try:
        names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        known = []
    wanted = {host_of(url) for url in (settings.public_url, settings.staff_url) if url.startswith("https://")}
    missing = sorted(host for host in wanted if not any(_covers(name.lower(), host) for name in known))
    return [
        broken(
            f"LOKET_TLS_CERT tidak memuat / does not name {host}", "Minta sertifikat untuk nama itu / get one for it"
        )
        for host in missing
    ]


def _covers(name: str, host: str) -> bool:
    return name == host or (name.startswith("*.") and name[2:] == host.partition(".")[2])


def _guarded(key: Path) -> list[Finding]:
    mode = stat.S_IMODE(key.stat().st_mode)
    if not mode & stat.S_IRWXO:
        return []
    return [
        broken(
            f"{key}: semua akun di mesin ini bisa membaca kuncinya / anybody here can read the key", f"chmod 640 {key}"
        )
    ]


@check("components")
async def components(settings: Settings) -> Iterable[Finding]:
    """The libraries are within the times for updates (docs/asvs.md): the monthly one, and those of accepted vulnerabilities."""
    return aged(ROOT / "requirements", datetime.now(UTC).date())


def aged(folder: Path, today: date) -> list[Finding]:
    """The same for the pins in a folder."""
    try:
        upgraded = date.fromisoformat((folder / "upgraded.txt").read_text("utf-8").strip())
        accepted = yaml.safe_load((folder / "audit-accepted.yml").read_text("utf-8"))["accepted"]
        late = sorted({entry["package"] for entry in accepted if entry["until"] < today})
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        return [note(f"umur komponen tidak diketahui / age of components unknown ({type(error).__name__})", _UPGRADE)]
    said = f"pustaka diperbarui {upgraded} / libraries were brought up to date then"
    age = (today - upgraded).days
    regular = broken(said, _UPGRADE) if age > _LATE else note(said, _UPGRADE) if age > _MONTH else ok(said)
    if not late:
        return [regular]
    names = ", ".join(late)
    return [regular, broken(f"lewat tenggat / past its date: {names}", "requirements/audit-accepted.yml")]


@check("scanner")
async def scanner(settings: Settings) -> Iterable[Finding]:
    """The virus scanner answers, finds what it has to find, takes files as large as we do, and has signatures of these days."""
    try:
        found = scanner_at(settings.clamd)
    except SettingsError as error:
        return [broken(str(error), "Lihat / see docs/settings.md")]
    if found is not None:
        return await _scanned(found, settings.max_upload_bytes)
    if settings.demo:
        return [ok("pemindai virus tidak dipasang / no virus scanner is set up (demo)")]
    return [
        note(
            "berkas warga tidak dipindai / citizens' files are not scanned for viruses",
            "Pasang clamd dan atur LOKET_CLAMD / set up clamd and LOKET_CLAMD (docs/operasi.md)",
        )
    ]


async def _scanned(clamd: Scanner, most: int) -> list[Finding]:
    try:
        version = await clamd.version()
        if not await clamd.scan(_EICAR):
            return [broken("clamd tidak mengenali berkas uji EICAR / does not find the EICAR test file", "freshclam")]
        await clamd.scan(bytes(most))
    except ScannerAway as error:
        if str(error) == "size":
            return [
                broken(f"clamd menolak berkas {most} bita / refuses files that large", "StreamMaxLength, clamd.conf(5)")
            ]
        return [
            broken(
                f"clamd tidak menjawab / does not answer ({error}): tidak ada berkas yang diterima / no file is taken in",
                "Nyalakan clamd, periksa LOKET_CLAMD / start clamd, check LOKET_CLAMD",
            )
        ]
    return [_recent(version)]


def _recent(version: str) -> Finding:
    """``ClamAV 1.4.2/27600/Mon Nov 17 09:12:00 2025``; without signatures' day, the version alone."""
    try:
        day = datetime.strptime(version.rpartition("/")[2], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return note(f"clamd: {version}: umur tanda tangan tidak diketahui / age of its signatures unknown", "freshclam")
    age = datetime.now(UTC) - day
    said = f"clamd: tanda tangan berumur {age.days} hari / signatures are {age.days} days old"
    return broken(said, "Nyalakan freshclam / turn on freshclam") if age > _OLD else ok(said)


@check("passwords")
async def passwords(settings: Settings) -> Iterable[Finding]:
    """The list of breached passwords is there and is one."""
    if settings.breached_passwords is None:
        if settings.demo:
            return [ok("tanpa daftar sandi bocor / no list of breached passwords (demo)")]
        return [
            note(
                "kata sandi petugas tidak dicocokkan dengan daftar sandi bocor / staff passwords are not checked against breaches",
                "LOKET_BREACHED_PASSWORDS (docs/operasi.md)",
            )
        ]
    try:
        listed = await asyncio.to_thread(Breached, settings.breached_passwords)
        famous = await asyncio.to_thread(listed.knows, "password")
    except (SettingsError, OSError) as error:
        return [broken(str(error), "Unduh lagi daftarnya / download the list again (docs/operasi.md)")]
    if not famous:
        return [
            note(
                "daftar sandi bocor tidak memuat 'password' / the list lacks 'password'",
                "Unduh lagi / download it again",
            )
        ]
    return [ok("daftar sandi bocor terbaca / the list of breached passwords can be read")]


@check("encryption")
async def encryption(settings: Settings) -> Iterable[Finding]:
    """What leaves this machine for the database, for Rasa and for the internal listener is encrypted, and to whom is checked."""
    found = [_database(settings.database_url)]
    for name, url in (("LOKET_RASA_URL", settings.rasa_url), ("LOKET_INTERNAL_URL", settings.internal_url)):
        plain = [one for one in url.split(",") if one.startswith("http://") and not _here(host_of(one))]
        if plain:
            said = f"{name}: http ke mesin lain / to another machine"
            found.append(note(said, "https, LOKET_INTERNAL_CERT, LOKET_INTERNAL_CA (docs/operasi.md)"))
    scanner = urlsplit(settings.clamd) if settings.clamd.startswith("tcp://") else None
    if scanner is not None and not _here(scanner.hostname or ""):
        said = "LOKET_CLAMD: clamd tidak mengenal TLS, di mesin lain / speaks no TLS, and is on another machine"
        found.append(note(said, "unix:, atau jaringan tersendiri / or a network of its own"))
    return found


def _database(url: str) -> Finding:
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    host = asked.get("host", [parts.hostname or ""])[-1]
    if _here(host) or host.startswith("/") or asked.get("sslmode", [""])[-1] == "verify-full":
        return ok("basis data: di mesin ini atau terenkripsi / on this machine or encrypted")
    return note(
        "basis data di mesin lain tanpa sslmode=verify-full / the database is elsewhere, and who it is is not checked",
        "LOKET_DATABASE_URL …?sslmode=verify-full&sslrootcert=/…/ca.pem (docs/operasi.md)",
    )


def _here(host: str) -> bool:
    return host in ("", "localhost", "127.0.0.1", "::1")
