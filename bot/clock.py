"""The system's clock, which a test may move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path


class SystemClock:
    """Implements :class:`bot.ports.Clock`: the time of the machine, moved by the seconds written in ``shift_file``.

    The file is read at each call, so that one write moves every process. A file that is missing, or read while it is
    being written, leaves the clock where it was.
    """

    def __init__(self, shift_file: Path | None = None) -> None:
        self._file = shift_file
        self._shift = timedelta()

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        if self._file is not None:
            self._shift = self._read(self._file)
        return datetime.now(UTC) + self._shift

    def _read(self, file: Path) -> timedelta:
        try:
            return timedelta(seconds=float(file.read_text()))
        except (OSError, ValueError, OverflowError):
            return self._shift
