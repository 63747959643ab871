"""Links that open one stored file without a login, for providers that fetch what they are to deliver."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.storage.crypto import KeyRing

LIFE = timedelta(hours=1)
"""Long enough for a provider's retries, short enough for a link that leaks."""
_TAG = 16
_LENGTH = 16 + 4 + _TAG


class MediaLinks:
    """``<public url>/media/<token>``: file id, end of life and a signature under the key ring."""

    def __init__(self, keys: KeyRing, public_url: str = "") -> None:
        self._key = bytes.fromhex(keys.secret("media links"))
        self._url = public_url.rstrip("/")

    def link(self, blob_id: UUID, now: datetime) -> str:
        """A link to that file for an hour."""
        return f"{self._url}/media/{self.token(blob_id, now)}"

    def token(self, blob_id: UUID, now: datetime) -> str:
        """The last part of the link."""
        body = blob_id.bytes + int((now + LIFE).timestamp()).to_bytes(4, "big")
        return base64.urlsafe_b64encode(body + self._tag(body)).decode()

    def opened(self, token: str, now: datetime) -> UUID | None:
        """The file that a token stands for; None: forged, damaged or too old."""
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        body, tag = raw[:-_TAG], raw[-_TAG:]
        if len(raw) != _LENGTH or not hmac.compare_digest(tag, self._tag(body)):
            return None
        if now >= datetime.fromtimestamp(int.from_bytes(body[16:], "big"), UTC):
            return None
        return UUID(bytes=body[:16])

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, b"media\0" + body, "sha256")[:_TAG]
