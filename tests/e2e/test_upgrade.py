"""The release before this one and the present source work side by side on one database while citizens fill in forms: nobody notices."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import aiohttp
import pytest
from dulwich import porcelain
from dulwich.errors import NotGitRepository

from bot.bench.balancer import Balancer
from bot.bench.local_service import LocalService
from bot.bench.machine import free_port
from bot.bench.turns import metric_sums
from bot.dialogue.train import ensure_model
from bot.launch import demo
from bot.launch.postgres import EmbeddedPostgres
from bot.settings import PREFIX, ROOT, Settings, environment
from bot.storage import schema
from bot.storage.crypto import KeyRing, new_key
from bot.storage.schema import Fit
from tests.e2e.form_crowd import Crowd
from tests.e2e.service import MODELS

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

CITIZENS = 12
TURNS_EACH = 12
"""So many turns each of the two workers takes while both work."""
_TURNS = "loket_turn_own_seconds_count"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own folder: root's PostgreSQL runs under another account."""
    with tempfile.TemporaryDirectory(prefix="loket-upgrade-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def previous(folder: Path) -> Path:
    """The source of the release before."""
    lines = (ROOT / "deploy" / "previous-release").read_text().splitlines()
    commit = next(line for line in lines if line and not line.startswith("#"))
    source = io.BytesIO()
    try:
        porcelain.archive(str(ROOT), commit, outstream=source, errstream=io.BytesIO())
    except (NotGitRepository, KeyError):
        pytest.skip(
            f"the commit {commit} of deploy/previous-release is not here: a clone with its whole history has it"
        )
    source.seek(0)
    with tarfile.open(fileobj=source) as tar:
        tar.extractall(folder / "previous", filter="data")
    return folder / "previous"


class Installation:
    """What two versions share: database, keys, content, and what stands before their gateways."""

    def __init__(self, folder: Path, database_url: str, balancer: Balancer) -> None:
        self._folder = folder
        self._ring = new_key("k1")
        self.keys = KeyRing(self._ring)
        self.database_url = database_url
        self.balancer = balancer

    def version(self, name: str, root: Path) -> LocalService:
        """A `./loket run` of the source in ``root``, not started yet."""
        pictures = self._folder / name / "demo"
        pictures.mkdir(parents=True)
        for picture in demo.PICTURES:  # nothing is fetched: no face is compared
            (pictures / picture).touch()
        return LocalService(self._folder / name, root=root, **self._given)

    @property
    def _given(self) -> dict[str, str]:
        return {
            "LOKET_DATABASE_URL": self.database_url,
            "LOKET_KEYS": self._ring,
            "LOKET_CONTENT_DIR": str(self._folder / "content"),
            "LOKET_PUBLIC_URL": self.balancer.url,
            "LOKET_MODEL_DIR": str(MODELS),
            "LOKET_RASA_PYTHON": str(Settings().rasa_python),
            "LOKET_QUIET_HOURS": "0-0",
        }

    def migrate(self) -> None:
        """`./loket migrate` of the present source."""
        plain = {name: value for name, value in environment().items() if not name.startswith(PREFIX)}
        env = {**plain, **self._given, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-P", "-m", "bot", "migrate"], cwd=ROOT, env=env, check=True)


@pytest.fixture
async def installation(folder: Path) -> AsyncIterator[Installation]:
    balancer = Balancer(free_port())
    await balancer.start()
    with EmbeddedPostgres(folder / "postgres").running() as url:
        yield Installation(folder, url, balancer)
    await balancer.stop()


def stopwatch() -> Callable[[str], None]:
    """Says how long each part took: this is the longest test of all."""
    began = time.monotonic()
    return lambda what: print(f"{time.monotonic() - began:6.1f} s {what}")


async def turns(http: aiohttp.ClientSession, services: Sequence[LocalService]) -> list[float]:
    """How many turns the worker of each service took."""
    found = []
    for one in services:
        async with http.get(f"{one.state['internal_url']}/metrics") as answer:
            found.append(metric_sums(await answer.text()).get(_TURNS, 0.0))
    return found


async def both_work(http: aiohttp.ClientSession, services: Sequence[LocalService]) -> None:
    before = await turns(http, services)
    async with asyncio.timeout(120):
        while True:
            took = [now - then for now, then in zip(await turns(http, services), before, strict=True)]
            if min(took) >= TURNS_EACH:
                return
            await asyncio.sleep(0.5)


async def test_an_upgrade_with_old_and_new_side_by_side_loses_nothing(
    previous: Path, installation: Installation
) -> None:
    # As the guide says: nobody waits for the new version's model while both work. Before the old one starts, which may train its own: one
    # trains at a time.
    await asyncio.to_thread(ensure_model, Settings(model_dir=MODELS), print)
    old, new = installation.version("old", previous), installation.version("new", ROOT)
    lap = stopwatch()
    balancer, connector = installation.balancer, aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=20)) as http:
        try:
            await asyncio.to_thread(old.start)
            lap("the old one is up")
            balancer.targets = (old.url,)
            crowd = Crowd(http, balancer.url, installation.database_url, installation.keys)
            await crowd.gather(CITIZENS)
            lap("rehearsed")
            await crowd.say(0)
            lap("began")
            assert schema.look(installation.database_url) is Fit.OLDER

            await crowd.meanwhile(0, asyncio.to_thread(installation.migrate))
            assert schema.look(installation.database_url) is Fit.SAME
            lap("migrated")
            await crowd.meanwhile(0, asyncio.to_thread(new.start))  # the old one serves on the new schema meanwhile
            lap("the new one is up")
            balancer.targets = (old.url, new.url)
            await crowd.say(1)
            await crowd.meanwhile(1, both_work(http, (old, new)))
            lap("both worked")
            await crowd.say(2)
            assert await crowd.meanwhile(2, asyncio.to_thread(old.stop)) == 0
            lap("the old one is away")
            balancer.targets = (new.url,)
            await crowd.say(3)

            verdict = await crowd.verdict()
            assert (verdict.lost, verdict.twice, verdict.out_of_order) == (0, 0, 0), verdict.notes
            assert await crowd.handed_in() == [1] * CITIZENS
            assert await crowd.given_up() == 0 and balancer.refused == 0
            lap("handed in")
            print(f"{crowd.turns} turns of {CITIZENS} citizens, asked to wait {verdict.patience} times")
        finally:
            for service in (old, new):
                await asyncio.to_thread(service.stop)
                print(service.log[-30_000:])
