"""Passwords known from breaches, looked up in a file on this machine: nothing about a password leaves it.

The file is what the downloader of Have I Been Pwned writes (github.com/HaveIBeenPwned/PwnedPasswordsDownloader): one SHA-1 a line in
hexadecimal, ordered, ``HASH:COUNT``; the count may be missing. It has tens of gigabytes, so that it is searched where it lies: some
forty reads. Any list of passwords becomes such a file: hash each, sort (docs/operasi.md).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import re
from pathlib import Path
from typing import BinaryIO

from bot.domain.passwords import normal, problem
from bot.errors import SettingsError

log = logging.getLogger(__name__)

_LONGEST = 128
"""Bytes of a line; a real one has about 50."""
_LINE = re.compile(rb"([0-9A-Fa-f]{40})(?::\d+)?\s*")


class Breached:
    """The file at ``path``."""

    def __init__(self, path: Path) -> None:
        """:raises bot.errors.SettingsError: it cannot be read, or is no such list."""
        self._path = path
        wrong = self.fault()
        if wrong:
            raise SettingsError(f"LOKET_BREACHED_PASSWORDS: {wrong}")

    def fault(self) -> str:
        """What is wrong with the file as far as some places in it show: unreadable, another format, not in order. Or nothing."""
        try:
            with self._path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                found = [_line_from(file, size * part // 16, size) for part in range(16)]
        except OSError as error:
            return f"{self._path}: tidak terbaca / cannot be read ({error.strerror})"
        hashes = [_hash(line) for _, line in found if line]
        if not hashes or None in hashes:
            return f"{self._path}: bukan daftar SHA-1 / no list of SHA-1 hashes (HASH:COUNT)"
        if hashes != sorted(one for one in hashes if one):
            return f"{self._path}: belum urut menurut hash / not ordered by hash"
        return ""

    def knows(self, password: str) -> bool:
        """Whether a password is on the list, as typed or as we would store it.

        :raises OSError: the file cannot be read any more.
        """
        return any(self._has(one) for one in {password, normal(password)})

    def _has(self, password: str) -> bool:
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        with self._path.open("rb") as file:
            low, high = 0, os.fstat(file.fileno()).st_size
            while low < high:
                middle = (low + high) // 2
                start, line = _line_from(file, middle, high)
                here = _hash(line)
                if not line or here is None or here > wanted:
                    high = middle
                elif here == wanted:
                    return True
                else:
                    low = start + len(line)
        return False


class PasswordRules:
    """What somebody may choose as a password here."""

    def __init__(self, breached: Path | None = None) -> None:
        """``breached``: the list, where the installation has one.

        :raises bot.errors.SettingsError: it cannot be read, or is no such list.
        """
        self._breached = Breached(breached) if breached is not None else None

    async def problem(self, password: str, username: str) -> str:
        """Why it will not do (:func:`bot.domain.passwords.problem`), or ``breached``, or ``unchecked`` while the list cannot be read; or
        nothing.
        """
        return await asyncio.to_thread(self._problem, password, username)

    def _problem(self, password: str, username: str) -> str:
        wrong = problem(password, username)
        if wrong or self._breached is None:
            return wrong
        try:
            return "breached" if self._breached.knows(password) else ""
        except OSError:
            log.exception("the list of breached passwords cannot be read")
            return "unchecked"


def _line_from(file: BinaryIO, offset: int, end: int) -> tuple[int, bytes]:
    """The first line that begins at or after ``offset``, and where; an empty one where none begins before ``end``."""
    start = offset
    if offset:
        file.seek(offset - 1)
        start += len(file.readline(_LONGEST)) - 1
    if start >= end:
        return start, b""
    file.seek(start)
    return start, file.readline(_LONGEST)


def _hash(line: bytes) -> bytes | None:
    match = _LINE.fullmatch(line)
    return match[1].upper() if match else None
