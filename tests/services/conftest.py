"""Loket and the agencies' stand-ins in one process: real PostgreSQL, real use cases, real HTTP on loopback.

Built once for all services of the module: every test has its own conversation.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer, unused_port
from PIL import Image

from bot.domain.conversation import Conversation
from bot.launch.postgres import EmbeddedPostgres
from bot.storage.crypto import KeyRing, new_key
from bot.storage.errands import ErrandQueue
from bot.storage.inbox import InboxQueue
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.usecases.deps import Deps
from bot.usecases.dialogue_steps import DialogueSteps
from bot.usecases.errands import run_errand
from integrations import sandbox
from integrations.dukcapil.adapter import DukcapilAgency
from integrations.sdmk.adapter import SdmkAgency
from tests.content import catalogue, texts
from tests.usecases.conftest import MovableClock, PictureFaces, World
from tests.usecases.rules_dialogue import RulesDialogue

SECRET = "a-secret-only-for-tests"


@dataclass(frozen=True)
class HandedIn:
    """A case as the agency holds it."""

    ref: str
    reference: str
    service: str
    variant: str
    data: dict[str, Any]
    files: dict[str, bytes]


@dataclass
class Office:
    """The whole: a citizen's side and the agencies' side."""

    world: World
    folder: Path

    async def errands(self) -> list[str]:
        """Do what is due; returns the states the errands were settled with."""
        queue, states = ErrandQueue(self.world.store), []
        for due in await queue.claim(8, self.world.clock.now()):
            state, delay, code = await run_errand(self.world.deps, due)
            await queue.settle(due, state, self.world.clock.now(), delay_s=delay, error_code=code)
            states.append(f"{state} {code or ''}".strip())
        return states

    def handed_in(self, agency: str, reference: str) -> list[HandedIn]:
        """The cases of that number that an agency holds, read from its own file."""
        with sqlite3.connect(self.folder / f"{agency}.sqlite") as db:
            query = "SELECT ref, reference, service, variant, data FROM cases WHERE reference = ?"
            rows = db.execute(query, (reference,)).fetchall()
            files = "SELECT field, content FROM files WHERE ref = ?"
            return [
                HandedIn(ref, number, service, variant, json.loads(data), dict(db.execute(files, (ref,))))
                for ref, number, service, variant, data in rows
            ]

    async def known(self, nik: str) -> dict[str, Any]:
        """All that the registers say of somebody."""
        people = [await self.world.deps.agencies[name].lookup(nik) for name in ("sdmk", "dukcapil")]
        return {key: value for person in people if person is not None for key, value in person.data.items()}

    async def conversation(self, who: Conversation) -> Conversation:
        """As it stands now."""
        return await self.world.conversation(who)


def picture(number: int = 0) -> bytes:
    """A small JPEG, a different one for each number."""
    out = io.BytesIO()
    Image.new("RGB", (32, 32), (number % 256, 40, 90)).save(out, "JPEG")
    return out.getvalue() + b"\0" * number


@pytest.fixture(scope="module")
def shared_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """One migrated database for all tests of the module."""
    with psycopg.connect(postgres.url("postgres").replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("create database services template template_loket strategy file_copy")
    yield postgres.url("services")
    with psycopg.connect(postgres.url("postgres").replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("drop database services with (force)")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder, clock, dialogue = tmp_path_factory.mktemp("office"), MovableClock(), RulesDialogue()
    (folder / "demo").mkdir()
    (folder / "demo" / "obama.jpg").write_bytes(picture())
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    config = sandbox.SandboxConfig(
        dir=folder / "sandbox", secret=SECRET, clock=clock, base_url=url, pictures=folder / "demo"
    )
    server = TestServer(sandbox.app(config), port=port)
    await server.start_server()
    agencies: dict[str, Any] = {
        "dukcapil": DukcapilAgency(f"{url}/dukcapil", SECRET, clock, timeout=10),
        "sdmk": SdmkAgency(f"{url}/sdmk", SECRET, clock, timeout=10),
    }
    db, keys = engine(shared_database), KeyRing(new_key("test"))
    store = PgStore(db, keys)
    deps = Deps(
        store=store,
        clock=clock,
        texts=texts(),
        catalogue=catalogue,
        dialogue=dialogue,
        agencies=agencies,
        faces=PictureFaces(),  # type: ignore[arg-type]
        holiday=lambda day: False,
        callback_url=f"{url}/nobody",
    )
    dialogue.steps = DialogueSteps(deps)
    queue = InboxQueue(store, 30)
    await queue.start()
    world = World(deps, store, clock, agencies["dukcapil"], dialogue, queue, keys)
    yield Office(replace(world), folder / "sandbox")
    await queue.stop()
    await db.dispose()
    for agency in agencies.values():
        await agency.close()
    await server.close()
