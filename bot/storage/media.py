"""Uploaded files made safe in a process of its own."""

from __future__ import annotations

import logging

from bot import picture_file
from bot.childpool import ChildFailed, ChildPool, ChildRaised
from bot.errors import RejectedFile
from bot.ports import CleanFile
from bot.storage import media_work
from bot.storage.scanner import Scanner, ScannerAway

log = logging.getLogger(__name__)

LONGEST_SIDE = 2400
"""A photographed page of A4 stays readable (about 200 dots per inch)."""
MIN_SIDE = 80
"""Nothing can be read or recognised on less."""


class SafeMedia:
    """Implements :class:`bot.ports.Media`.

    JPEG, PNG, WebP and HEIC become a plain upright JPEG without metadata; a harmless PDF passes unchanged. The decoding
    runs in child processes limited in memory and time, so that a hostile file costs one child at the most.
    """

    def __init__(
        self,
        max_bytes: int,
        max_pixels: int = 40_000_000,
        processes: int = 1,
        *,
        longest_side: int = LONGEST_SIDE,
        min_side: int = MIN_SIDE,
        timeout_s: float = 10.0,
        memory_mib: int = 1536,
        scanner: Scanner | None = None,
    ) -> None:
        """``scanner``: sees every file first, as it came; what it cannot look at is not taken in."""
        self._scanner = scanner
        self._max_bytes = max_bytes
        self._limits = media_work.Limits(max_pixels, longest_side, min_side)
        self._pool = ChildPool(picture_file.prepare, processes=processes, timeout_s=timeout_s, memory_mib=memory_mib)

    async def clean(self, data: bytes) -> CleanFile:
        """:raises bot.errors.RejectedFile: too big (413), a type not allowed (415), broken, locked, a bomb or a virus (422), or the
        scanner does not answer (503).
        """
        if not data:
            raise RejectedFile("file.empty", 422)
        if len(data) > self._max_bytes:
            raise RejectedFile("file.too_big", 413, megabytes=self._max_bytes // 1_000_000)
        if self._scanner is not None:
            await self._scanned(self._scanner, data)
        try:
            result = await self._pool.run(media_work.clean, data, self._limits)
        except (ChildFailed, ChildRaised) as error:
            log.warning("a file could not be cleaned", extra={"reason": type(error).__name__})
            raise RejectedFile("file.broken", 422) from error
        if isinstance(result, media_work.Refused):
            log.info("a file was refused", extra={"reason": result.text_key, "detail": result.detail})
            raise RejectedFile(result.text_key, result.status)
        return CleanFile(result.data, result.type, result.width, result.height)

    async def _scanned(self, scanner: Scanner, data: bytes) -> None:
        try:
            found = await scanner.scan(data)
        except ScannerAway as error:
            log.error("a file could not be scanned and was not taken in", extra={"reason": str(error)})  # noqa: TRY400 (no trace needed)
            raise RejectedFile("file.unscanned", 503) from error
        if found:
            log.warning("a file with a known virus was refused", extra={"detail": found})
            raise RejectedFile("file.infected", 422)

    async def warm(self) -> None:
        """Start the children, so that the first file does not wait for them."""
        await self._pool.warm()

    async def close(self) -> None:
        """End the children."""
        await self._pool.close()
