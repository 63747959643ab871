"""Encryption at rest: AES-256-GCM under a key ring, and HMAC blind indexes for look-up.

A sealed value is ``key id length (1 byte) + key id + nonce (12) + ciphertext and tag``. The context (table, column, row) is bound as
associated data, so a value moved to another row does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import LoketError, SettingsError

log = logging.getLogger(__name__)


def new_key(key_id: str) -> str:
    """A fresh ``id:base64`` entry for a key ring."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


INDEX = "@index"
"""Id of the entry that look-up indexes and tokens are made with, once a ring has one: then every other key may go."""
_AGAIN_S = 1.0
"""How often a ring's file is looked at, at most."""


@dataclass(frozen=True)
class _Keys:
    """What a ring says, read once."""

    current: str
    aead: Mapping[str, AESGCM]
    index: bytes
    token: bytes


class KeyRing:
    """The keys of an installation, ``id:base64,id2:base64``; the first one encrypts, all of them decrypt.

    ``file``: where the ring stands, if it stands in a file; it wins over ``ring``, and what is changed there is used at once: a value
    under an unknown key makes it be read again, and so does its time of change within a second.
    """

    def __init__(self, ring: str = "", file: Path | None = None) -> None:
        """:raises SettingsError: there is no ring, or it is none."""
        self._file = file if file is not None and file.is_file() else None
        self._stamp = self._stamped()
        self._looked = time.monotonic()
        self._keys = _read(self._file.read_text() if self._file is not None else ring)

    @property
    def current(self) -> str:
        """Id of the key that encrypts."""
        self._look()
        return self._keys.current

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all keys that decrypt."""
        return tuple(self._keys.aead)

    def seal(self, data: bytes, context: str) -> bytes:
        """Encrypt under the current key."""
        self._look()
        keys, nonce = self._keys, os.urandom(12)
        return prefix_of(keys.current) + nonce + keys.aead[keys.current].encrypt(nonce, data, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt; raises ``LoketError`` for an unknown key or a wrong context."""
        end = 1 + sealed[0]
        aead = self._aead(sealed[1:end].decode(errors="replace"))
        try:
            return aead.decrypt(sealed[end : end + 12], sealed[end + 12 :], context.encode())
        except InvalidTag as error:
            raise LoketError(
                "Satu nilai tersandi tidak terbuka: rusak, atau kuncinya bukan yang dulu. Lihat ./loket keys status. / "
                "A sealed value does not open: it is damaged, or the key is not the one it was sealed with. See ./loket keys status."
            ) from error

    def _aead(self, key_id: str) -> AESGCM:
        known = self._keys.aead.get(key_id)
        if known is None:
            self._look(at_once=True)
            known = self._keys.aead.get(key_id)
        if known is None:
            raise LoketError(
                "Data tersandi dengan kunci yang tidak ada di LOKET_KEYS: kembalikan kunci itu dari simpanan (./loket keys status). / "
                "Data are sealed under a key that is not in LOKET_KEYS: put it back from where keys are kept (./loket keys status)."
            )
        return known

    def _stamped(self) -> tuple[int, int]:
        if self._file is None:
            return 0, 0
        try:
            facts = self._file.stat()
        except OSError:  # it is being put in place, or gone: what is known holds
            return self._stamp
        return facts.st_mtime_ns, facts.st_ino

    def _look(self, *, at_once: bool = False) -> None:
        """Read the file again if it changed."""
        now = time.monotonic()
        if self._file is None or (not at_once and now - self._looked < _AGAIN_S):
            return
        self._looked, stamp = now, self._stamped()
        if stamp == self._stamp:
            return
        try:
            self._keys, self._stamp = _read(self._file.read_text()), stamp
        except (OSError, SettingsError):
            log.error("the changed key file cannot be used; the keys known before hold")

    def blind_index(self, value: str, context: str) -> bytes:
        """HMAC-SHA-256 of ``value`` (normalise it first) for uniqueness and look-up."""
        return hmac.digest(self._keys.index, f"{context}\0{value}".encode(), "sha256")

    def token_hash(self, token: str) -> bytes:
        """What is stored of a bearer token: enough to recognise it, useless to forge it."""
        return hmac.digest(self._keys.token, token.encode(), "sha256")

    def secret(self, purpose: str) -> str:
        """A secret for ``purpose`` (cookie signing, CSRF), derived from the oldest key."""
        return hashlib.sha256(self._keys.token + purpose.encode()).hexdigest()


def prefix_of(key_id: str) -> bytes:
    """What every value sealed under a key begins with."""
    return bytes([len(key_id.encode())]) + key_id.encode()


def entries(ring: str) -> list[tuple[str, bytes]]:
    """(id, bytes) of every entry, in order.

    :raises SettingsError: it is no ring.
    """
    found: list[tuple[str, bytes]] = []
    for entry in filter(None, (part.strip() for part in ring.split(","))):
        key_id, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise SettingsError(
                f"LOKET_KEYS: kunci '{_named(key_id)}' bukan base64 yang utuh; salin lagi seluruhnya dari simpanan kunci. / "
                f"LOKET_KEYS: the key '{_named(key_id)}' is no whole base64; copy all of it again from where the keys are kept."
            ) from error
        right = len(key) == (64 if key_id == INDEX else 32)
        if not right or not 0 < len(key_id.encode()) < 32:
            raise SettingsError(
                f"LOKET_KEYS: entri '{_named(key_id)}' tidak sesuai: setiap entri berbentuk id:base64 dari 32 bita, dipisah koma; "
                f"contohnya dari ./loket keys new. / LOKET_KEYS: the entry '{_named(key_id)}' does not fit: each one is id:base64 "
                "of 32 bytes, with commas between; ./loket keys new makes one."
            )
        found.append((key_id, key))
    return found


def _named(key_id: str) -> str:
    """An entry's id as it may be shown: without a colon it may be the key itself."""
    return key_id if len(key_id) < 24 and key_id.isprintable() else "…"


def written(found: Sequence[tuple[str, bytes]]) -> str:
    """A ring of these entries."""
    return ",".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in found)


def rotated(ring: str, key_id: str) -> str:
    """``ring`` with a new key that encrypts from now on, and an entry of its own for indexes and tokens.

    :raises SettingsError: it is no ring, or has that id.
    """
    found = entries(ring)
    if key_id in dict(found):
        raise SettingsError(
            f"LOKET_KEYS: kunci {key_id} sudah ada; pilih nama lain dengan --id. / "
            f"LOKET_KEYS: there is a key {key_id} already; choose another name with --id."
        )
    index = dict(found).get(INDEX) or _index_of(found)
    kept = [entry for entry in found if entry[0] != INDEX]
    return written([(key_id, secrets.token_bytes(32)), *kept, (INDEX, index)])


def without(ring: str, key_id: str) -> str:
    """``ring`` without one of its keys.

    :raises SettingsError: it has no such key, it is the one that encrypts, or indexes still hang on it.
    """
    found = entries(ring)
    if key_id not in dict(found):
        known = ", ".join(name for name, _ in found if name != INDEX)
        raise SettingsError(
            f"LOKET_KEYS: tidak ada kunci {key_id}; yang ada: {known}. / LOKET_KEYS: there is no key {key_id}; there are: {known}."
        )
    if key_id in (found[0][0], INDEX) or INDEX not in dict(found):
        raise SettingsError(
            f"LOKET_KEYS: {key_id} masih dipakai; buat dulu kunci baru: ./loket keys rotate, lalu ./loket keys reseal. / "
            f"LOKET_KEYS: {key_id} is in use; make a new key first: ./loket keys rotate, then ./loket keys reseal."
        )
    return written([entry for entry in found if entry[0] != key_id])


def _index_of(found: Sequence[tuple[str, bytes]]) -> bytes:
    # Derived from the OLDEST key (the last one), so that indexes survive a rotation.
    oldest = found[-1][1]
    return _derive(oldest, b"loket blind index") + _derive(oldest, b"loket tokens")


def _read(ring: str) -> _Keys:
    found = entries(ring)
    index = dict(found).get(INDEX)
    keys = {key_id: key for key_id, key in found if key_id != INDEX}
    if not keys:
        raise SettingsError(
            "LOKET_KEYS kosong. Pemasangan baru: buat satu kunci dengan ./loket keys new. Yang sudah berisi data: pakai kunci lamanya. / "
            "LOKET_KEYS is empty. A new installation: make a key with ./loket keys new. One with data: use the key it had."
        )
    index = index or _index_of(found)
    return _Keys(next(iter(keys)), {key_id: AESGCM(key) for key_id, key in keys.items()}, index[:32], index[32:])


def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(key)
