"""TLS of our own, for an installation without a proxy: versions, ciphers, and a certificate that may change while we run.

What is spoken is Mozilla's "intermediate" less DHE (wiki.mozilla.org/Security/Server_Side_TLS): TLS 1.3, and 1.2 with forward secrecy and
authenticated encryption only. Both sides' best is taken: TLS 1.3 before 1.2, and of 1.2 in the order below.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path

from bot.errors import SettingsError

log = logging.getLogger(__name__)

CIPHERS = (
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
)
"""Of TLS 1.2, the strongest first; those of 1.3 are OpenSSL's, all of them recommended."""
LOOK_EVERY_S = 30.0


class OwnTls:
    """A context that new connections are made with; ``cert`` and ``key`` are read again when one of them changes."""

    def __init__(self, cert: Path, key: Path | None = None, named: str = "LOKET_TLS") -> None:
        """``key`` None: it is in the file of the certificate.

        :raises bot.errors.SettingsError: unreadable, no certificate, or a key that does not belong to it.
        """
        self._files = (cert, key or cert)
        self._named = named
        self._stamp = self._stamped()
        self.context = self._made()

    def _made(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(":".join(CIPHERS))
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
        context.set_alpn_protocols(["http/1.1"])
        self._load(context)
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        cert, key = self._files
        try:
            # An empty passphrase: a key that wants one is refused, instead of asking a terminal that nobody sits at.
            context.load_cert_chain(cert, key, password="")
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"{self._named}_CERT, {self._named}_KEY: {type(error).__name__}: sertifikat dan kuncinya tidak bisa dipakai / "
                f"certificate and key cannot be used ({cert}, {key})"
            ) from error

    def _stamped(self) -> tuple[tuple[int, int], ...]:
        try:
            return tuple((found.st_mtime_ns, found.st_ino) for found in (file.stat() for file in self._files))
        except OSError:
            return ()

    def look(self) -> bool:
        """Take a changed certificate for the connections to come; what cannot be used leaves the one before. True: it was taken."""
        stamp = self._stamped()
        if not stamp or stamp == self._stamp:
            return False
        try:
            self._made()  # tried apart: half a pair must not get into the context that is in use
            self._load(self.context)
        except SettingsError:
            log.error("the changed certificate cannot be used; the one known before holds")  # noqa: TRY400 (says all there is)
            return False
        self._stamp = stamp
        log.info("a new certificate is in use")
        return True

    async def follow(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()


def own_tls(cert: Path | None, key: Path | None, named: str = "LOKET_TLS") -> OwnTls | None:
    """TLS as the settings that begin with ``named`` want it.

    :raises bot.errors.SettingsError: a key without a certificate, or files that cannot be used.
    """
    if cert is None:
        if key is not None:
            raise SettingsError(f"{named}_KEY: {named}_CERT belum diatur / is not set")
        return None
    return OwnTls(cert, key, named)
