"""A whole service for a test: the real `./loket run`, in a folder and on ports of its own.

Models are kept by the hash of their content where tests/dialogue keeps them: the first run of the tests trains one, the second none.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from bot.bench.local_service import LocalService
from bot.launch import demo
from bot.settings import ROOT
from bot.storage.crypto import KeyRing
from bot.storage.pg import engine
from bot.storage.store import PgStore
from tests.faces import demo_pictures

MODELS = ROOT / "var" / "test-models"
PATIENCE_S = 90.0


class Service(LocalService):
    """`./loket run` under test. ``pictures``: have the demo citizens' pictures (fetched once for all tests)."""

    def __init__(self, folder: Path, *, pictures: bool = False, **settings: str) -> None:
        self.clock_file = folder / "clock"
        self.temporary = folder / "tmp"
        """Where its processes put temporary files."""
        self.temporary.mkdir()
        self.temporary.chmod(0o1777)
        given = {
            "LOKET_MODEL_DIR": str(MODELS),
            "LOKET_CLOCK_FILE": str(self.clock_file),
            # What is proactive would wait until the morning when the tests run at night.
            "LOKET_QUIET_HOURS": "0-0",
            "TMPDIR": str(self.temporary),
        }
        super().__init__(folder / "var", **{**given, **settings})
        folder = self.var_dir / "demo"
        folder.mkdir(parents=True)
        for name in demo.PICTURES:
            if pictures:
                shutil.copy(demo_pictures()[Path(name).stem], folder / name)
            else:
                (folder / name).touch()  # there, so nothing is fetched

    def kill(self, name: str) -> int:
        """SIGKILL for ``gateway``, ``worker``, ``rasa``, ``sandbox`` or ``postgres``, which is then started again by itself.

        Returns the pid it had.
        """
        pid = self.wait_for_child(name)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_child(self, name: str, other_than: int | None = None) -> int:
        """The pid of a running child; with ``other_than``, of the one that took its place."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            pid = self.pids.get(name)
            if pid is not None and pid != other_than and _alive(pid):
                return pid
            time.sleep(0.05)
        raise AssertionError(f"{name} does not run:\n{self.log[-2000:]}")

    def move_clock(self, seconds: float) -> None:
        """Every process' time goes on by so much (from the true time, not from the last move)."""
        self.clock_file.write_text(str(seconds))

    @contextlib.asynccontextmanager
    async def store(self) -> AsyncIterator[PgStore]:
        """Its database, opened with its keys."""
        db = engine(self.state["database_url"], pool=2)
        try:
            yield PgStore(db, KeyRing(self.keys))
        finally:
            await db.dispose()


@contextlib.contextmanager
def running(folder: Path, *, pictures: bool = False, **settings: str) -> Iterator[Service]:
    """A service for the time of a ``with`` block. What it said goes to the output, which pytest shows when a test fails."""
    service = Service(folder, pictures=pictures, **settings)
    try:
        with service:
            yield service
    finally:
        print(service.log[-100_000:])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
