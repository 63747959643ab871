"""The workbench: any model can be asked, none of it touches the live one, and what does not load is said."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.dialogue.workbench import HELD, RasaWorkbench
from bot.errors import ContentError, NotFound
from tests.dialogue.conftest import RASA_PYTHON

pytestmark = pytest.mark.rasa


@pytest.fixture
def stored(model: Path) -> dict[str, bytes]:
    """The trained model and half of it, as the database has them."""
    data = model.read_bytes()
    return {"stored": data, "half": data[:5000]}


@pytest.fixture
async def workbench(model: Path, stored: dict[str, bytes], tmp_path: Path) -> AsyncIterator[RasaWorkbench]:
    """With the trained model in its folder."""
    shutil.copy(model, tmp_path / "trained.tar.gz")

    async def fetch(name: str) -> bytes | None:
        return stored.get(name)

    made = RasaWorkbench(RASA_PYTHON, tmp_path, fetch)
    yield made
    await made.close()


async def test_a_text_is_seen_with_all_that_the_model_makes_of_it(workbench: RasaWorkbench) -> None:
    asked, empty = await workbench.look("trained", ["brp biaya bikin\nktp?", ""])
    assert (asked.found.intent, asked.found.service, asked.action) == ("ask_cost", "ktp", "action_answer_service")
    assert asked.normalised == "berapa biaya buat ktp" and ("service", "ktp") in asked.entities
    assert (empty.found.intent, empty.found.confidence) == ("out_of_scope", 0.0)
    with pytest.raises(NotFound):
        await workbench.look("unknown", ["halo"])
    with pytest.raises(NotFound):
        await workbench.look("../trained", ["halo"])


async def test_what_does_not_load_is_said_and_others_answer_on(workbench: RasaWorkbench) -> None:
    with pytest.raises(ContentError, match="does not load"):
        await workbench.look("half", ["halo"])
    (looked,) = await workbench.look("stored", ["halo"])
    assert looked.found.intent == "greet"
    (pid,) = workbench.pids
    os.kill(pid, signal.SIGKILL)
    (looked,) = await workbench.look("stored", ["halo"])
    assert looked.found.intent == "greet" and len(workbench.pids) <= HELD
