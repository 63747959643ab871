"""Keys are exchanged while citizens fill in forms: nobody notices, and afterwards the old key is needed by nobody."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.bench.machine import free_port
from bot.launch.health import http_status
from bot.launch.programs import Programs
from bot.launch.run import with_phones, with_secrets
from bot.launch.vardir import VarDir
from bot.settings import PREFIX, ROOT, Settings, environment
from bot.storage.crypto import KeyRing, entries
from bot.storage.sealed import keys_in_use
from tests.e2e.form_crowd import Crowd
from tests.e2e.service import Service

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

CITIZENS = 12


async def loket(service: Service, *words: str) -> str:
    """A command, as an operator types it; its output."""
    plain = {name: value for name, value in environment().items() if not name.startswith(PREFIX)}
    argv = [sys.executable, "-P", "-m", "bot", *words, "--var-dir", str(service.var_dir)]
    done = await asyncio.to_thread(
        subprocess.run, argv, cwd=ROOT, env={**plain, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@asynccontextmanager
async def another_gateway(http: aiohttp.ClientSession, service: Service, ring: str) -> AsyncIterator[str]:
    """A gateway on the same database that has never seen another key; its address."""
    state, var = service.state, VarDir(service.var_dir)
    env = {
        "LOKET_VAR_DIR": str(service.var_dir),
        "LOKET_SPOOL_DIR": str(service.temporary / "spool"),
        "LOKET_DATABASE_URL": state["database_url"],
        "LOKET_RASA_URL": state["rasa_url"],
        "LOKET_SANDBOX_URL": state["sandbox_url"],
        "LOKET_DEMO": "1",
        "LOKET_KEYS": ring,
        "LOKET_PORT": str(free_port()),
        "LOKET_INTERNAL_PORT": str(free_port()),
    }
    settings = with_phones(with_secrets(Settings.from_env(env), var), var)
    assert settings.keys == ring and settings.keys_file is None
    program = Programs(settings).gateway()
    given = {name: value for name, value in program.env.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    process = await asyncio.create_subprocess_exec(*program.argv, cwd=program.cwd, env=given)
    try:
        async with asyncio.timeout(90):
            while await http_status(settings.port, "/healthz/live") != 200:
                assert process.returncode is None, "the gateway ended"
                await asyncio.sleep(0.2)
        yield settings.local_url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_nobody_notices_that_the_keys_are_exchanged(service: Service) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=20)) as http:
        old = entries(service.keys)[0][0]
        crowd = Crowd(http, service.url, service.state["database_url"], KeyRing(file=service.var_dir / "keys"))
        await crowd.gather(CITIZENS)
        await crowd.say(0)
        await crowd.meanwhile(0, loket(service, "keys", "rotate", "--id", "fresh"))
        await crowd.say(1)
        await crowd.meanwhile(1, loket(service, "keys", "reseal"))
        assert f"{old}: 0" in await crowd.meanwhile(1, loket(service, "keys", "status"))
        await crowd.say(2)
        await crowd.meanwhile(2, loket(service, "keys", "drop", old))
        ring = service.keys
        assert old not in dict(entries(ring))
        await crowd.say(3)

        verdict = await crowd.verdict()
        assert (verdict.lost, verdict.twice, verdict.out_of_order) == (0, 0, 0), verdict.notes
        assert await crowd.handed_in() == [1] * CITIZENS and await crowd.given_up() == 0
        async with crowd.store() as store:
            assert set(await keys_in_use(store)) == {"fresh"}
        async with another_gateway(http, service, ring) as url:
            for one in crowd.members:
                assert await one.phone.seen_by(url) == await one.phone.texts()
        print(f"{crowd.turns} turns of {CITIZENS} citizens, asked to wait {verdict.patience} times")
