"""An intent that content staff added in the studio is answered like one of the contract; no code knows its name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.texts import YamlTexts
from bot.usecases.dialogue_steps import DialogueSteps
from bot.usecases.studio_nlu_new import NewIntent
from bot.usecases.studio_nlu_whole import create
from bot.usecases.wishes import is_goal, is_wish
from tests.usecases.conftest import TEXTS, World

from .studio_nlu_content import FILES, SITI, intents_of, studio_of

ANSWER = "Parkir ada di belakang gedung {office}."


@pytest.fixture
async def texts(tmp_path: Path) -> YamlTexts:
    """All sentences of the bot, and those that the studio wrote for the new intent."""
    shipped = Path(__file__).parents[2] / "data" / "messages"
    files = FILES | {f"messages/{file.name}": file.read_text("utf-8") for file in shipped.glob("*.yml")}
    studio = studio_of(tmp_path / "isi", files)
    new = NewIntent("info_parkir", ("parkirnya luas tidak",), {"id": ANSWER}, {"id": "Tempat parkir"})
    await create(intents_of(studio), SITI, new)
    folder = tmp_path / "messages"
    folder.mkdir()
    for path, text in (await studio.texts(await studio.draft(), "messages")).items():
        (tmp_path / path).write_text(text, "utf-8")
    return YamlTexts(folder)


async def test_its_answer_is_given_its_button_works_and_a_form_waits_for_it(world: World, texts: YamlTexts) -> None:
    world.deps = replace(world.deps, texts=texts)
    world.dialogue.steps = DialogueSteps(world.deps)
    world.dialogue.words["parkir"] = "info_parkir"
    who = await world.session()
    (answer,) = await world.say(who, "parkir di mana")
    assert answer["text"].startswith("Parkir ada di belakang gedung") and "{" not in answer["text"]
    world.dialogue.ranking = (("info_parkir", 0.3), ("ask_cost", 0.25))
    (asked,) = await world.say(who, "hmm itu gimana ya")
    assert [button["title"] for button in asked["buttons"]][:2] == ["Tempat parkir", "Biayanya"]
    world.dialogue.ranking = ()
    (pressed,) = await world.say(who, "1")
    assert pressed["text"] == answer["text"]
    await world.say(who, "mau buat akta kelahiran")
    inside = await world.say(who, "parkir di mana")
    assert [one["text"] for one in inside][0] == answer["text"], "an interruption, not a wrong answer"
    assert (await world.conversation(who)).form_active and len(inside) == 2, "and the form asks again"


async def test_what_nobody_added_is_no_wish() -> None:
    assert is_wish("ask_cost", TEXTS) and is_goal("ask_cost", TEXTS)
    for name in ("", "answer", "info_parkir", "nlu_fallback"):
        assert not is_wish(name, TEXTS) and not is_goal(name, TEXTS)
    assert is_wish("greet", TEXTS) and not is_goal("greet", TEXTS)
