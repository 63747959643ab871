"""A published model takes the place of the running one without a pause; one that cannot be loaded takes nobody's place."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.dialogue.client import RasaDialogue
from bot.ports import TurnRequest
from tests.dialogue.conftest import RASA_PYTHON
from tests.dialogue.rasa_server import InternalListener, RasaServer, ScriptedSteps

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def publishing(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RasaServer, InternalListener, Path]]:
    """A Rasa of its own: its model is exchanged here."""
    listener = InternalListener(ScriptedSteps())
    server = RasaServer(RASA_PYTHON, model, listener.url, tmp_path_factory.mktemp("models") / "rasa.log")
    server.start()
    yield server, listener, model
    server.kill()
    listener.close()


def health(server: RasaServer) -> dict[str, str]:
    with urllib.request.urlopen(f"{server.url}/webhooks/loket/health") as answer:  # noqa: S310 (loopback)
        found: dict[str, str] = json.load(answer)
        return found


async def until(server: RasaServer, **wanted: str) -> None:
    async with asyncio.timeout(60):
        while not wanted.items() <= (await asyncio.to_thread(health, server)).items():  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.1)


async def talk(dialogue: RasaDialogue, stop: asyncio.Event) -> int:
    """Turn after turn; each has to be answered."""
    conversation, before, turns = str(uuid4()), "", 0
    while not stop.is_set():
        mark = str(uuid4())
        said = await dialogue.turn(TurnRequest(conversation, "halo", turns, 1, before, mark, form_active=False))
        assert said == ["0.action_say"]
        before, turns = mark, turns + 1
    return turns


async def test_every_turn_is_answered_while_the_model_is_exchanged(
    publishing: tuple[RasaServer, InternalListener, Path],
) -> None:
    server, listener, model = publishing
    dialogue, stop = RasaDialogue(server.url, turn_timeout_s=60, parse_timeout_s=60), asyncio.Event()
    assert health(server)["model"] == model.name.partition(".")[0]
    talking = asyncio.create_task(talk(dialogue, stop))
    for tag in ("one-more-example", "and-another"):
        listener.offered = (tag, model.read_bytes())
        await until(server, model=tag)
    await asyncio.sleep(0.2)
    stop.set()
    assert await talking > 10
    assert (await dialogue.parse("berapa biaya bikin ktp")).intent == "ask_cost"
    await dialogue.close()


async def test_a_model_that_cannot_be_loaded_is_left_and_the_next_good_one_is_taken(
    publishing: tuple[RasaServer, InternalListener, Path],
) -> None:
    server, listener, model = publishing
    dialogue = RasaDialogue(server.url, turn_timeout_s=60, parse_timeout_s=60)
    running = health(server)["model"]
    listener.offered = ("broken", model.read_bytes()[:5000])
    await until(server, refused="broken")
    assert health(server)["model"] == running
    assert (await dialogue.parse("berapa biaya bikin ktp")).intent == "ask_cost"
    listener.offered = ("mended", model.read_bytes())
    await until(server, model="mended", refused="")
    await dialogue.close()
