"""The draft of the content in the hands of several editors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import NotFound
from bot.storage.content_repo import GitContent
from bot.storage.crypto import KeyRing, new_key
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.usecases.studio import Clash, Editor, Studio
from tests.fakes import FixedClock

FILES = {"nlu/greet.yml": b"nlu: []\n", "messages/id.yml": b"greet: Halo\n"}
SITI, BUDI = Editor("siti", "Siti Editor"), Editor("budi", "Budi Editor")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PgStore]:
    db = engine(database_url)
    yield PgStore(db, KeyRing(new_key("test")))
    await db.dispose()


@pytest.fixture
def studio(tmp_path: Path, store: PgStore) -> Studio:
    clock = FixedClock()
    return Studio(GitContent.seed(tmp_path / "isi", FILES, clock.now()), store, clock)


async def test_what_an_editor_saves_is_one_commit_in_the_draft_and_not_published(studio: Studio) -> None:
    draft = await studio.draft()
    made = await studio.save(SITI, draft, {"messages/id.yml": "greet: Selamat pagi\n"}, "Salam lebih hangat")
    assert await studio.text(await studio.draft(), "messages/id.yml") == "greet: Selamat pagi\n"
    assert await studio.text(await studio.live(), "messages/id.yml") == "greet: Halo\n"
    newest = (await studio.log(1))[0]
    assert (newest.id, newest.author.name, newest.message) == (made, "Siti Editor", "Salam lebih hangat")
    assert [change.path for change in await studio.pending()] == ["messages/id.yml"]


async def test_the_second_of_two_editors_is_told_what_the_first_wrote_and_nothing_is_overwritten(
    studio: Studio,
) -> None:
    both_saw = await studio.draft()
    await studio.save(SITI, both_saw, {"messages/id.yml": "greet: A\n"}, "a")
    with pytest.raises(Clash) as caught:
        await studio.save(BUDI, both_saw, {"messages/id.yml": "greet: B\n"}, "b")
    assert caught.value.theirs == {"messages/id.yml": b"greet: A\n"}
    assert await studio.text(await studio.draft(), "messages/id.yml") == "greet: A\n"
    await studio.save(BUDI, both_saw, {"nlu/greet.yml": "nlu: [x]\n"}, "another file does not meet")


async def test_a_commit_is_undone_unless_somebody_went_on_from_there(studio: Studio) -> None:
    first = await studio.save(SITI, await studio.draft(), {"messages/id.yml": "greet: A\n", "faq/x.yml": "x\n"}, "a")
    await studio.undo(BUDI, first)
    assert not await studio.pending()
    second = await studio.save(SITI, await studio.draft(), {"messages/id.yml": "greet: B\n"}, "b")
    await studio.save(BUDI, await studio.draft(), {"messages/id.yml": "greet: C\n"}, "c")
    with pytest.raises(Clash):
        await studio.undo(SITI, second)
    assert await studio.text(await studio.draft(), "messages/id.yml") == "greet: C\n"
    with pytest.raises(NotFound):
        await studio.undo(SITI, "0" * 40)


async def test_one_file_can_be_given_up_for_what_is_published(studio: Studio) -> None:
    await studio.save(SITI, await studio.draft(), {"messages/id.yml": "greet: A\n", "faq/x.yml": "x\n"}, "a")
    await studio.discard(SITI, "messages/id.yml")
    await studio.discard(SITI, "faq/x.yml")
    assert not await studio.pending()


async def test_everything_that_editors_do_is_in_the_audit_log(studio: Studio, store: PgStore) -> None:
    made = await studio.save(SITI, await studio.draft(), {"messages/id.yml": "greet: A\n"}, "a")
    undone = await studio.undo(BUDI, made)
    async with store.begin() as tx:
        assert [(row.actor, row.action) for row in await tx.audit_of(made)] == [("siti", "content.edit")]
        assert [(row.actor, row.action) for row in await tx.audit_of(undone)] == [("budi", "content.undo")]
