"""Checks over the network: certificates near their end, and this machine's clock against other people's."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

from bot.doctor.check import Finding, broken, check, note, ok
from bot.settings import Settings

SOON, URGENT = timedelta(days=21), timedelta(days=7)
"""Before a certificate's end: worth knowing, and to be mended today."""
APART = timedelta(seconds=60)
"""So far off may the clock be; one-time codes of staff live for 30 seconds."""
_ANSWERS_S = 8.0
_RENEW = "Perbarui sertifikat / renew the certificate (certbot renew; docs/install.md)"
_NTP = "Nyalakan NTP / turn on NTP: timedatectl set-ntp true"


def addresses(settings: Settings) -> dict[str, str]:
    """Setting -> https address that Loket has or calls."""
    named = {
        "LOKET_PUBLIC_URL": settings.public_url,
        "LOKET_STAFF_URL": settings.staff_url,
        "LOKET_DUKCAPIL_URL": settings.dukcapil_url,
        "LOKET_SDMK_URL": settings.sdmk_url,
        "LOKET_LAPOR_URL": settings.lapor_url,
        "LOKET_ANTREAN_URL": settings.antrean_url,
        "LOKET_OIDC_ISSUER": settings.oidc_issuer,
        "LOKET_TELEGRAM_API": settings.telegram_api if settings.telegram_bots else "",
    }
    named |= {"LOKET_CHATWOOT_URL": settings.chatwoot_url.rpartition("=")[2].strip()}
    return {name: url for name, url in named.items() if url.startswith("https://")}


@check("certificates")
async def certificates(settings: Settings) -> Iterable[Finding]:
    """Every https address shows a certificate that is trusted and lasts."""
    found = await asyncio.gather(*(certificate(name, url) for name, url in addresses(settings).items()))
    return found or [ok("tidak ada alamat https / no https address is set")]


async def certificate(name: str, url: str, trusted: ssl.SSLContext | None = None) -> Finding:
    """How long the certificate behind one address lasts."""
    host, port = urlsplit(url).hostname or "", urlsplit(url).port or 443
    try:
        async with asyncio.timeout(_ANSWERS_S):
            _, writer = await asyncio.open_connection(
                host, port, ssl=trusted or ssl.create_default_context(), server_hostname=host
            )
    except ssl.SSLCertVerificationError as error:
        return broken(f"{name} ({host}): {error.verify_message}", _RENEW)
    except (OSError, TimeoutError):
        return note(
            f"{name} ({host}): tidak terjangkau dari mesin ini / out of reach from here", f"Periksa / check {name}"
        )
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    left = x509.load_der_x509_certificate(shown).not_valid_after_utc - datetime.now(UTC)
    said = f"{name} ({host}): sertifikat berlaku {left.days} hari lagi / the certificate ends in {left.days} days"
    if left < URGENT:
        return broken(said, _RENEW)
    return note(said, _RENEW) if left < SOON else ok(said)


@check("clock")
async def clock(settings: Settings) -> Iterable[Finding]:
    """This machine's clock against the ``Date`` of those who answer (RFC 9110, 6.6.1)."""
    if settings.clock_file is not None:
        return [note("LOKET_CLOCK_FILE menggeser jam / moves the clock", "Hanya untuk pengujian / for tests only")]
    told = await asyncio.gather(*(date_of(url) for url in addresses(settings).values()))
    apart = sorted(off for off in told if off is not None)
    if not apart:
        return [ok(datetime.now(UTC).isoformat(timespec="seconds"))]
    off = apart[len(apart) // 2]
    if abs(off) > APART:
        return [
            broken(
                f"jam mesin ini meleset {off.total_seconds():.0f} detik / this machine's clock is {off.total_seconds():.0f} s off",
                _NTP,
            )
        ]
    return [ok(f"cocok dengan {len(apart)} server lain / agrees with {len(apart)} other servers")]


async def date_of(url: str) -> timedelta | None:
    """Our clock less the one of whoever answers; None: it does not say."""
    parts = urlsplit(url)
    secure, host = parts.scheme == "https", parts.hostname or ""
    context = ssl.create_default_context() if secure else None
    if context is not None:
        # Only the time is asked, and a clock that is wrong makes certificates look wrong.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        async with asyncio.timeout(_ANSWERS_S):
            reader, writer = await asyncio.open_connection(host, parts.port or (443 if secure else 80), ssl=context)
            try:
                writer.write(f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            finally:
                writer.close()
        for line in head.splitlines():
            name, _, value = line.partition(":")
            if name.strip().lower() == "date":
                return datetime.now(UTC) - email.utils.parsedate_to_datetime(value.strip())
    return None
