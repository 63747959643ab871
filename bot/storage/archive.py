"""An encrypted archive as a stream: a header that says how its key is made, then pieces of AES-256-GCM that cannot be cut, swapped or
left out unnoticed.

``LOKETBK1`` newline, one line of JSON (``sealed``: the archive's own key under the key ring, or ``salt``: scrypt of a passphrase),
then pieces: length (4 bytes, big endian), ciphertext. The nonce is the piece's number; the last piece is marked in what is
authenticated, so a file that ends early does not pass for whole.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import LoketError
from bot.storage.crypto import KeyRing

MAGIC = b"LOKETBK1\n"
_PIECE = 1024 * 1024
_LONGEST_HEADER = 4096
_CONTEXT = "backup"
_SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}


class ArchiveError(LoketError):
    """The archive cannot be opened; the message says why. Nothing was changed."""

    code = "archive"


class Sealing:
    """A writable file that encrypts into ``out``. :meth:`close` writes the end; without it the archive is not whole."""

    def __init__(self, out: IO[bytes], keys: KeyRing | None, passphrase: str) -> None:
        key = secrets.token_bytes(32)
        if passphrase:
            salt = secrets.token_bytes(16)
            key, header = _from_passphrase(passphrase, salt), {"salt": base64.b64encode(salt).decode()}
        elif keys is not None:
            header = {"sealed": base64.b64encode(keys.seal(key, _CONTEXT)).decode()}
        else:
            raise ArchiveError("neither a key ring nor a passphrase")
        self._out, self._aead, self._number, self._rest = out, AESGCM(key), 0, bytearray()
        self._head = MAGIC + json.dumps(header).encode() + b"\n"
        out.write(self._head)

    def write(self, data: bytes) -> int:
        """Encrypt what is full."""
        self._rest += data
        while len(self._rest) > _PIECE:
            self._put(bytes(self._rest[:_PIECE]), last=False)
            del self._rest[:_PIECE]
        return len(data)

    def close(self) -> None:
        """Write the last piece."""
        self._put(bytes(self._rest), last=True)
        self._rest.clear()

    def _put(self, piece: bytes, *, last: bool) -> None:
        sealed = self._aead.encrypt(_nonce(self._number), piece, _bound(self._head, last))
        self._out.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


def opened(source: IO[bytes], keys: KeyRing | None, passphrase: str) -> Iterator[bytes]:
    """The archive's content, piece by piece. The key is checked before the first one.

    :raises ArchiveError: it is none, the key is wrong, or it is damaged or cut off.
    """
    if source.read(len(MAGIC)) != MAGIC:
        raise ArchiveError("Berkas ini bukan cadangan Loket. / This file is no backup of Loket.")
    line = source.readline(_LONGEST_HEADER)
    aead, head, number = AESGCM(_key(line, keys, passphrase)), MAGIC + line, 0
    piece = _piece(source)
    while piece is not None:
        following = _piece(source)
        try:
            yield aead.decrypt(_nonce(number), piece, _bound(head, following is None))
        except InvalidTag as error:
            raise ArchiveError(_WRONG_PHRASE if number == 0 and passphrase else _DAMAGED) from error
        piece, number = following, number + 1
    if number == 0:
        raise ArchiveError(_DAMAGED)


def _piece(source: IO[bytes]) -> bytes | None:
    length = source.read(4)
    if not length:
        return None
    size = int.from_bytes(length, "big")
    piece = source.read(size) if len(length) == 4 and size <= _PIECE + 16 else b""
    if not piece or len(piece) != size:
        raise ArchiveError(_DAMAGED)
    return piece


def _key(line: bytes, keys: KeyRing | None, passphrase: str) -> bytes:
    try:
        header: dict[str, Any] = json.loads(line)
        if "salt" in header:
            if not passphrase:
                raise ArchiveError(
                    "Cadangan ini dikunci dengan kata sandi: pakai --passphrase-file. / "
                    "This backup is locked with a passphrase: use --passphrase-file."
                )
            return _from_passphrase(passphrase, base64.b64decode(header["salt"]))
        sealed = base64.b64decode(header["sealed"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(_DAMAGED) from error
    if keys is None:
        raise ArchiveError(
            "Cadangan ini dikunci dengan kunci pemasangannya: pakai --keys-file atau LOKET_KEYS. / "
            "This backup is locked with the installation's keys: use --keys-file or LOKET_KEYS."
        )
    try:
        return keys.open(sealed, _CONTEXT)
    except LoketError as error:
        raise ArchiveError(
            "Kunci ini bukan kunci cadangan itu; tidak ada yang diubah. / These are not the keys of that backup; nothing was changed."
        ) from error


def _from_passphrase(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, dklen=32, **_SCRYPT)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(head: bytes, last: bool) -> bytes:
    return head + (b"last" if last else b"more")


_DAMAGED = "Cadangan ini rusak atau terpotong; tidak ada yang diubah. / This backup is damaged or cut off; nothing was changed."
_WRONG_PHRASE = (
    "Kata sandi salah, atau cadangannya rusak; tidak ada yang diubah. / "
    "The passphrase is wrong, or the backup is damaged; nothing was changed."
)
