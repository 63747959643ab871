"""An office with the stand-in of the counter queue on loopback, and people who take numbers there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer, unused_port

from bot.domain.conversation import Case, Conversation
from bot.storage.errands import ErrandQueue
from bot.usecases.errands import run_errand
from integrations import sandbox
from integrations.antrean.adapter import AntreanAgency
from tests.integrations.conftest import ticket
from tests.usecases.conftest import NIK, World

SECRET = "a-secret-only-for-tests"
OTHER = "3328995205880001"
NAME = "Karso Wijaya"


@dataclass
class Office:
    """Loket in one process, and the queue's stand-in on loopback."""

    world: World
    url: str
    agency: AntreanAgency
    http: aiohttp.ClientSession

    async def say(self, who: Conversation, *texts: str) -> list[dict[str, Any]]:
        """Write one after the other; the answers to the last."""
        said: list[dict[str, Any]] = []
        for text in texts:
            said = await self.world.say(who, text)
        return said

    async def press(self, who: Conversation, said: list[dict[str, Any]], title: str) -> list[dict[str, Any]]:
        """Press a button of the answers."""
        buttons = {b["title"]: b["payload"] for one in said for b in one["buttons"]}
        assert title in buttons, (title, list(buttons))
        return await self.world.say(who, payload=buttons[title])

    async def errands(self) -> list[str]:
        """Do what is due, until nothing is; the states they were settled with."""
        queue, states = ErrandQueue(self.world.store), []
        while due := await queue.claim(8, self.world.clock.now()):
            for one in due:
                state, delay, code = await run_errand(self.world.deps, one)
                await queue.settle(one, state, self.world.clock.now(), delay_s=delay, error_code=code)
                states.append(f"{one.verb} {state}")
            self.world.clock.at += timedelta(milliseconds=5)
        return states

    async def case(self, who: Conversation, service: str = "antrean") -> Case:
        """The newest case of a service."""
        async with self.world.store.begin() as tx:
            return next(case for case in await tx.cases_of(who) if case.service == service)

    async def faults(self, **faults: Any) -> None:
        async with self.http.put(f"{self.url}/api/faults/antrean", json=faults) as response:
            assert response.status == 200

    async def call(self, letter: str = "A") -> None:
        async with self.http.post(f"{self.url}/petugas/antrean/loket/{letter}/panggil") as response:
            assert response.status == 200

    async def fill_slot(self, starts: str, places: int = 4) -> None:
        """Other people take every place of a time."""
        for n in range(places):
            await self.agency.submit(ticket(starts, f"33289901019100{n:02}", key=f"orang-lain-{starts}-{n}"))

    async def book(self, who: Conversation, nik: str = NIK) -> list[dict[str, Any]]:
        """The whole way to a number for an identity card, tomorrow at nine."""
        return await self.say(who, "ambil antrean ktp", "setuju", "besok jam 9", nik, NAME, "kirim")


@pytest.fixture
async def office(world: World, tmp_path: Path) -> AsyncIterator[Office]:
    url = f"http://127.0.0.1:{(port := unused_port())}"
    config = sandbox.SandboxConfig(
        dir=tmp_path / "sandbox", secret=SECRET, clock=world.clock, base_url=url, agencies=("antrean",)
    )
    server = TestServer(sandbox.app(config), port=port)
    await server.start_server()
    agency = AntreanAgency(f"{url}/antrean", SECRET, world.clock, timeout=10)
    world.deps.agencies["antrean"] = agency  # type: ignore[index]
    async with aiohttp.ClientSession() as http:
        yield Office(world, url, agency, http)
    await agency.close()
    await server.close()


def texts(said: list[dict[str, Any]]) -> str:
    return "\n".join(one["text"] for one in said)


def titles(said: list[dict[str, Any]]) -> list[str]:
    return [button["title"] for one in said for button in one["buttons"]]
