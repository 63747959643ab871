"""Webhooks on disk while the database is away: sealed, fsynced, flushed in the order they came.

Every gateway has a folder of its own below ``LOKET_SPOOL_DIR``, held by a lock on a file in it, so that a gateway that
starts again finds what it left, and another one flushes what a gateway that never came back has left. One webhook is one
file; its name is a number that only grows and is bound to the content, so files can neither be swapped nor read without
the keys. What cannot be read goes to ``aside/`` for an operator's eyes (moved back, it is tried again).
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import LoketError, SettingsError
from bot.storage.crypto import KeyRing

log = logging.getLogger(__name__)

_FILE = "*.webhook"
_LOCK = "lock"
_ASIDE = "aside"


@dataclass(frozen=True)
class Webhook:
    """A verified webhook as it came: all that is needed to take it later."""

    account: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime


class SpoolFull(LoketError):
    """The disk takes no more: the provider is asked to come again."""

    code = "spool"
    retryable = True
    alert = True
    text_key = "error.busy_retry"


class Spool:
    """The folder of this process."""

    def __init__(self, root: Path, keys: KeyRing) -> None:
        self._root = root
        self._keys = keys
        self._folder = root
        self._held: list[int] = []
        self._writing: set[int] = set()
        self._last = 0
        self._count = 0
        self.set_aside = 0
        """Files that could not be read, since the start and from before."""

    def open(self) -> None:
        """Take a folder, with what an earlier process left in it.

        :raises bot.errors.SettingsError: nothing can be written there.
        """
        try:
            (self._root / _ASIDE).mkdir(parents=True, exist_ok=True, mode=0o700)
            number = 0
            while (lock := _locked(self._root / f"gateway-{number}")) is None:
                number += 1
            self._held.append(lock)
            self._folder = self._root / f"gateway-{number}"
            for half in self._folder.glob("*.part"):  # of a crash; it was never answered 200
                half.unlink()
            self._write(self._folder / "try.part", self._folder / "try", b"can be written")
            (self._folder / "try").unlink()
        except OSError as error:
            raise SettingsError(
                f"LOKET_SPOOL_DIR: {self._root} tidak bisa ditulisi / cannot be written: {error.strerror}. "
                "Lihat / see docs/settings.md"
            ) from error
        names = _names(self._folder)
        self._count, self._last = len(names), int(names[-1].stem) if names else 0
        self.set_aside = len(list((self._root / _ASIDE).glob(_FILE)))

    def close(self) -> None:
        """Give the folder up."""
        for lock in self._held:
            os.close(lock)
        self._held.clear()

    @property
    def waiting(self) -> int:
        """Webhooks of this process that are on disk or on their way there."""
        return self._count

    async def put(self, webhook: Webhook) -> None:
        """Keep a webhook; on return it survives a crash of the machine.

        :raises SpoolFull: it cannot be kept.
        """
        number = self._last = max(self._last + 1, time.time_ns())
        self._writing.add(number)
        self._count += 1
        try:
            await asyncio.to_thread(self._put, f"{number:020d}.webhook", self._folder, webhook)
        except OSError as error:
            self._count -= 1
            log.error("spool cannot be written", extra={"code": error.errno})
            raise SpoolFull from error
        finally:
            self._writing.discard(number)

    async def aside(self, webhook: Webhook) -> None:
        """Keep a webhook that we could not take through a fault of ours, for an operator.

        :raises SpoolFull: it cannot be kept.
        """
        number = self._last = max(self._last + 1, time.time_ns())
        try:
            await asyncio.to_thread(self._put, f"{number:020d}.webhook", self._root / _ASIDE, webhook)
        except OSError as error:
            raise SpoolFull from error
        self.set_aside += 1

    def _put(self, name: str, folder: Path, webhook: Webhook) -> None:
        record = {
            "account": webhook.account,
            "url": webhook.url,
            "headers": dict(webhook.headers),
            "body": base64.b64encode(webhook.body).decode(),
            "at": webhook.at.isoformat(),
        }
        sealed = self._keys.seal(json.dumps(record).encode(), f"spool:{name}")
        self._write(folder / f"{name}.part", folder / name, sealed)

    @staticmethod
    def _write(part: Path, whole: Path, data: bytes) -> None:
        """All of it under its name, or nothing."""
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.rename(whole)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        folder = os.open(whole.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    # -- flushing ---------------------------------------------------------------------------------------------------

    async def flush(self, take: Callable[[Webhook], Awaitable[None]]) -> int:
        """Hand what waits to ``take``, oldest first, and forget what it took; returns how many.

        Stops at an exception of ``take``, which is raised: that webhook stays the first.
        """
        done = 0
        while self._count:
            files = await asyncio.to_thread(_names, self._folder)
            first_unwritten = min(self._writing, default=None)
            files = [f for f in files if first_unwritten is None or int(f.stem) < first_unwritten]
            if not files:
                break
            for file in files:
                await self._take(file, take)
                self._count = max(self._count - 1, len(self._writing))
                done += 1
        return done

    async def recount(self) -> None:
        """Look at the folder itself: an operator may have put a file back."""
        files = await asyncio.to_thread(_names, self._folder)
        if not self._writing:
            self._count = len(files)

    async def flush_orphans(self, take: Callable[[Webhook], Awaitable[None]]) -> int:
        """The same for folders of gateways that are no more."""
        done = 0
        for folder in sorted(self._root.glob("gateway-*")):
            if folder == self._folder or not _names(folder) or (lock := _locked(folder)) is None:
                continue
            try:
                for file in _names(folder):
                    await self._take(file, take)
                    done += 1
            finally:
                os.close(lock)
        return done

    async def _take(self, file: Path, take: Callable[[Webhook], Awaitable[None]]) -> None:
        try:
            webhook = await asyncio.to_thread(self._read, file)
        except (LoketError, ValueError, KeyError, OSError, IndexError) as error:
            log.error("a spooled webhook cannot be read, set aside", extra={"code": type(error).__name__})
            await asyncio.to_thread(file.rename, self._root / _ASIDE / file.name)
            self.set_aside += 1
            return
        await take(webhook)
        await asyncio.to_thread(file.unlink, missing_ok=True)

    def _read(self, file: Path) -> Webhook:
        record = json.loads(self._keys.open(file.read_bytes(), f"spool:{file.name}"))
        return Webhook(
            account=record["account"],
            url=record["url"],
            headers=record["headers"],
            body=base64.b64decode(record["body"]),
            at=datetime.fromisoformat(record["at"]),
        )


def _names(folder: Path) -> list[Path]:
    return sorted(folder.glob(_FILE))


def _locked(folder: Path) -> int | None:
    """A held lock on a folder (made if missing), or None when another process has it."""
    folder.mkdir(exist_ok=True, mode=0o700)
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError:
        os.close(handle)
        raise
    return handle
