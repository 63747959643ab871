"""Texts and files of the draft: what is missing or wrong, faults that were there before, who has to confirm what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.domain.message_review import rows
from bot.domain.yaml_edit import parsed
from bot.storage.content_repo import GitContent
from bot.storage.crypto import KeyRing, new_key
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.usecases.studio import Editor, Studio
from bot.usecases.studio_texts import DraftTexts, TextDesk, Wrong
from bot.usecases.studio_texts_unsure import doubts
from bot.usecases.studio_yaml import Checked, Faulty, Overlap, YamlDesk
from tests.fakes import FixedClock

SITI = Editor("siti", "Siti Editor")
FACT = "{text: Lama., source: x, certainty: unsure}"
FILES = {
    "messages/id.yml": b"# ours\nsay:\n  greet: Halo {office}\n  thanks: Ya\nold: {gone: Dulu}\n",
    "messages/en.yml": b"say:\n  greet: Hello {office}\n",
    "messages/jv.yml": b"{}\n",
    "services/_dinas.yml": f"office: {{id: Dinas}}\nfee: {FACT}\n".encode(),
    "services/ktp.yml": b"extends: [_dinas]\nfacts:\n  - {text: A, source: x, certainty: sure, review_by: 2026-01-01}\n"
    b"  - {text: B, source: x, certainty: unsure, keeper: Bidang B}\n",
    "loci/33.28.yml": b"code: '33.28'\nname: {id: MPP}\nhours: null\naddress: null\n",
    "faq/a.yml": b"faq:\n  - {id: q, service: ktp, answer: {id: Ya}, source: x, certainty: unsure}\n",
}


async def check(files: Mapping[str, str]) -> Checked:
    """Finds the word SALAH in any file; the model needs the services only."""
    wrong = [(path, 1, "SALAH", "mend it") for path, text in files.items() if "SALAH" in text]
    return Checked(tuple(wrong), files["services/ktp.yml"])


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[YamlDesk]:
    db, clock = engine(database_url), FixedClock()
    repo = GitContent.seed(tmp_path / "isi", FILES, clock.now())
    yield YamlDesk(Studio(repo, PgStore(db, KeyRing(new_key("test"))), clock), check)
    await db.dispose()


async def test_a_sentence_is_written_where_it_belongs_and_taken_out_where_it_is_empty(desk: YamlDesk) -> None:
    texts, base = TextDesk(desk), (await desk.studio.draft()).revision
    saved = await texts.save(SITI, base, "say.thanks", {"id": "Sama-sama", "en": "", "jv": "Sami-sami"})
    assert saved is not None and saved.untrained
    draft = await desk.studio.draft()
    assert await desk.studio.text(draft, "messages/id.yml") == FILES["messages/id.yml"].decode().replace(
        "Ya", "Sama-sama"
    )
    assert parsed(await desk.studio.text(draft, "messages/jv.yml")) == {"say": {"thanks": "Sami-sami"}}
    assert await texts.save(SITI, base, "say.thanks", {"id": "Sama-sama", "en": "", "jv": "Sami-sami"}) is None
    with pytest.raises(Wrong, match="stranger:nama"):
        await texts.save(SITI, base, "say.greet", {"id": "Halo {nama}", "en": "Hello {nama}"})
    with pytest.raises(Wrong, match="used"):
        await texts.drop(SITI, base, "say.greet")


def test_what_is_missing_unknown_or_lacking_is_told_by_sentence() -> None:
    program = {"id": {"a": "A {n}", "b": "B"}, "en": {"a": "A {n}"}}
    said = {"id": {"a": "A {n}", "c": "C", "say.new": "N {office}"}, "en": {"a": "A"}}
    found = {one.key: one.flaws for one in rows(said, program, ["new"])}
    assert found["a"] == ("places:en",)
    assert found["b"] == ("lacking", "missing:en")
    assert found["c"] == ("unknown", "missing:en")
    assert found["say.new"] == ("missing:en",)


async def test_a_fault_that_was_there_before_does_not_stop_another_edit(desk: YamlDesk) -> None:
    base = (await desk.studio.draft()).revision
    with pytest.raises(Faulty, match=r"loci/33.28.yml:1: SALAH"):
        await desk.change(SITI, base, {"loci/33.28.yml": lambda held: {**held, "faces": "SALAH"}}, "no")
    assert not await desk.studio.pending()
    await desk.studio.save(SITI, await desk.studio.draft(), {"faq/b.yml": "SALAH\n"}, "by another tool")
    assert await desk.change(SITI, base, {"loci/33.28.yml": lambda held: {**held, "faces": "local"}}, "yes")


async def test_edits_of_one_file_are_carried_over_and_the_same_entry_is_an_overlap(desk: YamlDesk) -> None:
    base = (await desk.studio.draft()).revision
    await desk.change(SITI, base, {"loci/33.28.yml": lambda held: {**held, "faces": "local"}}, "one")
    await desk.change(SITI, base, {"loci/33.28.yml": lambda held: {**held, "register": "dukcapil"}}, "two")
    now = parsed(await desk.studio.text(await desk.studio.draft(), "loci/33.28.yml"))
    assert (now["faces"], now["register"]) == ("local", "dukcapil")
    with pytest.raises(Overlap) as caught:
        await desk.change(SITI, base, {"loci/33.28.yml": lambda held: {**held, "faces": "agency"}}, "three")
    assert caught.value.theirs == {"loci/33.28.yml: faces": b"local"}
    assert caught.value.mine == {"loci/33.28.yml: faces": "agency"}


async def test_every_doubt_is_listed_once_with_who_knows_and_the_late_first(desk: YamlDesk) -> None:
    found = await doubts(desk, await desk.studio.draft(), date(2026, 11, 22))
    assert [(one.file, one.path, one.keeper, one.why) for one in found] == [
        ("services/ktp.yml", ("facts", "0"), "Dinas", "due"),
        ("services/ktp.yml", ("facts", "1"), "Bidang B", "unsure"),
        ("faq/a.yml", ("faq", "q"), "Dinas", "unsure"),
        ("services/_dinas.yml", ("fee",), "Dinas", "unsure"),
        ("loci/33.28.yml", ("address",), "MPP", "not_known"),
        ("loci/33.28.yml", ("complaints",), "MPP", "not_known"),
        ("loci/33.28.yml", ("hours",), "MPP", "not_known"),
    ]


def test_a_preview_fills_every_variable_and_shows_a_broken_text_as_it_is() -> None:
    texts = DraftTexts({"id": {"a": "Halo {office}, {lain}", "b": "Halo {"}})
    assert texts.say("a", "jv", office="MPP") == "Halo MPP, ‹lain›"
    assert texts.say("b", "id") == "Halo {"
