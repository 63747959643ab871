"""Encryption at rest: AES-256-GCM under a key ring, and HMAC blind indexes for look-up.

A sealed value is ``key id length (1 byte) + key id + nonce (12) + ciphertext and tag``. The context (table, column, row) is bound as
associated data, so a value moved to another row does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import LoketError, SettingsError


def new_key(key_id: str) -> str:
    """A fresh ``id:base64`` entry for a key ring."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


class KeyRing:
    """The keys of an installation, ``id:base64,id2:base64``; the first one encrypts, all of them decrypt."""

    def __init__(self, ring: str) -> None:
        keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in ring.split(","))):
            key_id, _, encoded = entry.partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except ValueError as error:
                raise SettingsError("LOKET_KEYS: a key is not base64") from error
            if len(key) != 32 or not 0 < len(key_id.encode()) < 32:
                raise SettingsError("LOKET_KEYS: every entry is id:base64 of 32 bytes")
            keys[key_id] = key
        if not keys:
            raise SettingsError("LOKET_KEYS is empty: make one key with `./loket keys new`")
        self._current = next(iter(keys))
        self._aead = {key_id: AESGCM(key) for key_id, key in keys.items()}
        # The index key is derived from the OLDEST key (the last one), so that indexes survive a rotation.
        self._index_key = _derive(list(keys.values())[-1], b"loket blind index")
        self._token_key = _derive(list(keys.values())[-1], b"loket tokens")

    def seal(self, data: bytes, context: str) -> bytes:
        """Encrypt under the current key."""
        nonce = os.urandom(12)
        key_id = self._current.encode()
        return bytes([len(key_id)]) + key_id + nonce + self._aead[self._current].encrypt(nonce, data, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt; raises ``LoketError`` for an unknown key or a wrong context."""
        end = 1 + sealed[0]
        aead = self._aead.get(sealed[1:end].decode())
        if aead is None:
            raise LoketError("sealed under a key that is not in LOKET_KEYS")
        try:
            return aead.decrypt(sealed[end : end + 12], sealed[end + 12 :], context.encode())
        except InvalidTag as error:
            raise LoketError("a sealed value does not open: wrong context or damaged") from error

    def blind_index(self, value: str, context: str) -> bytes:
        """HMAC-SHA-256 of ``value`` (normalise it first) for uniqueness and look-up."""
        return hmac.digest(self._index_key, f"{context}\0{value}".encode(), "sha256")

    def token_hash(self, token: str) -> bytes:
        """What is stored of a bearer token: enough to recognise it, useless to forge it."""
        return hmac.digest(self._token_key, token.encode(), "sha256")

    def secret(self, purpose: str) -> str:
        """A secret for ``purpose`` (cookie signing, CSRF), derived from the oldest key."""
        return hashlib.sha256(self._token_key + purpose.encode()).hexdigest()


def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(key)
