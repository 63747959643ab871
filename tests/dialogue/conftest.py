"""One trained model and one Rasa server for all tests of this folder. The model is kept by its hash under var/."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.dialogue.client import RasaDialogue
from bot.dialogue.train import ensure
from bot.ports import TurnRequest
from bot.settings import ROOT
from tests.dialogue.rasa_server import InternalListener, RasaServer, ScriptedSteps

RASA_PYTHON = ROOT / ".venv" / "rasa" / "bin" / "python"
CONTENT = Path(os.environ.get("LOKET_CONTENT_DIR") or ROOT / "data")


@pytest.fixture(scope="session")
def model() -> Path:
    return ensure(ROOT, CONTENT, ROOT / "var" / "test-models", RASA_PYTHON, print)


@pytest.fixture(scope="package")
def shared_steps() -> ScriptedSteps:
    return ScriptedSteps()


@pytest.fixture(scope="package")
def listener(shared_steps: ScriptedSteps) -> Iterator[InternalListener]:
    running = InternalListener(shared_steps)
    yield running
    running.close()


@pytest.fixture(scope="package")
def rasa(model: Path, listener: InternalListener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RasaServer]:
    log = tmp_path_factory.mktemp("rasa") / "rasa.log"
    server = RasaServer(RASA_PYTHON, model, listener.url, log)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def steps(shared_steps: ScriptedSteps) -> ScriptedSteps:
    """The scripted steps, empty."""
    shared_steps.reset()
    return shared_steps


@pytest.fixture
async def dialogue(rasa: RasaServer) -> AsyncIterator[RasaDialogue]:
    client = RasaDialogue(rasa.url, turn_timeout_s=60, parse_timeout_s=60)
    yield client
    await client.close()


_numbers = itertools.count(1)


class Citizen:
    """One conversation as the gateway keeps it: marks, and whether a form is active."""

    def __init__(self, dialogue: RasaDialogue) -> None:
        self.dialogue = dialogue
        self.conversation = f"percakapan-{next(_numbers)}"
        self.mark = ""
        self.form_active = False

    def request(self, message: str) -> TurnRequest:
        number = next(_numbers)
        return TurnRequest(self.conversation, message, number, 1, self.mark, f"m{number}", self.form_active)

    async def says(self, message: str) -> list[str]:
        """One recorded turn: the actions whose replies were shown."""
        request = self.request(message)
        refs = await self.dialogue.turn(request)
        self.mark = request.mark
        return [ref.partition(".")[2] for ref in refs]


@pytest.fixture
def citizen(dialogue: RasaDialogue, steps: ScriptedSteps) -> Citizen:
    return Citizen(dialogue)
