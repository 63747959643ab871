"""Publishing: what one machine publishes every process has a moment later; what is faulty changes nothing."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.dialogue.nlu.normalise import words
from bot.dialogue.train import content_hash
from bot.errors import Conflict, ContentError
from bot.ports_content import Author, Branch, Edit
from bot.settings import ROOT, SHIPPED_CONTENT, Settings
from bot.storage.content_repo import GitContent, content_files
from bot.storage.crypto import KeyRing, new_key
from bot.storage.live_content import LiveContent
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.workers.publishing import Publisher

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
BUDI = Author("Budi Penerbit", "budi@loket.local")
GREETING = "messages/id.yml"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("isi") / "content"
    GitContent.seed(folder, _small(content_files(SHIPPED_CONTENT)), AT).close()
    return folder


def _small(files: dict[str, bytes]) -> dict[str, bytes]:
    """One service of all: reading the whole catalogue takes its time."""
    kept = {
        path: data for path, data in files.items() if not path.startswith(("services/", "faq/", "eval/", "wilayah/"))
    }
    kept |= {path: data for path, data in files.items() if path.startswith(("services/_", "services/kia", "wilayah/"))}
    office = re.sub(r"(?m)^  - (?!kia$)[a-z-]+\n", "", kept["loci/33.28.yml"].decode())
    return {**kept, "loci/33.28.yml": office.encode()}


@pytest.fixture
def settings(seeded: Path, tmp_path: Path) -> Settings:
    """Of a machine with its own content repository and one trained model (whose bytes nobody looks at here)."""
    folder = tmp_path / "content"
    shutil.copytree(seeded, folder)
    models = tmp_path / "models"
    models.mkdir()
    (models / f"{content_hash(ROOT, folder)}.tar.gz").write_bytes(b"model one")
    # A training that is asked for fails at once: there is no such Python.
    return Settings(content_dir=folder, model_dir=models, var_dir=tmp_path, rasa_python=tmp_path / "none")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PgStore]:
    db = engine(database_url)
    yield PgStore(db, KeyRing(new_key("test")))
    await db.dispose()


@pytest.fixture
async def publisher(settings: Settings, store: PgStore) -> Publisher:
    made = Publisher(settings, store)
    await made.register(AT)
    return made


def live(store: PgStore, settings: Settings, follows: bool = True) -> LiveContent:
    return LiveContent(store, settings.content_dir, words, follows)


def edited(publisher: Publisher, path: str, old: str, new: str) -> str:
    """The draft after an edit."""
    repo = publisher.repo
    head = repo.head(Branch.DRAFT)
    text = repo.read(head, path).decode()
    assert old in text
    return repo.save({path: Edit(text.replace(old, new).encode(), repo.files(head)[path])}, BUDI, "ubah", AT)


async def publish(publisher: Publisher, draft: str) -> None:
    await publisher.publish(draft, BUDI, "sebab", AT, print)


async def test_the_first_gateway_records_what_it_was_seeded_with_and_no_gateway_does_it_again(
    publisher: Publisher, store: PgStore
) -> None:
    assert await publisher.register(AT) is None
    async with store.begin() as tx:
        (release,) = await tx.releases()
    assert (release.kind, release.commit) == ("seed", publisher.repo.head(Branch.LIVE))


async def test_another_process_says_the_new_sentence_as_soon_as_it_is_published(
    publisher: Publisher, store: PgStore, settings: Settings, database_url: str
) -> None:
    other = live(store, settings)
    await other.start()
    following = asyncio.create_task(other.follow(database_url))
    assert other.say("state.selesai", "id") == "Sudah selesai."
    await publish(publisher, edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Rampung semua."))
    async with asyncio.timeout(10):
        while other.say("state.selesai", "id") != "Rampung semua.":  # noqa: ASYNC110 (NOTIFY of another connection)
            await asyncio.sleep(0.02)
    following.cancel()
    assert (settings.content_dir / GREETING).read_text("utf-8").count("Rampung semua.") == 1


async def test_changed_sentences_need_no_training_and_keep_the_model(publisher: Publisher, store: PgStore) -> None:
    await publish(publisher, edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Rampung."))
    async with store.begin() as tx:
        newest, first = await tx.releases()
        assert newest.model == first.model
        assert await tx.model(newest.model) == b"model one"


async def test_a_service_file_with_a_fault_is_not_published_and_the_fault_names_its_line(
    publisher: Publisher, store: PgStore
) -> None:
    before = publisher.repo.head(Branch.LIVE)
    draft = edited(publisher, "services/kia.yml", "slug: kia", "slug: kia\nsalah_ketik: 1")
    with pytest.raises(ContentError, match=r"services/kia.yml:\d+: unknown key 'salah_ketik'"):
        await publish(publisher, draft)
    assert publisher.repo.head(Branch.LIVE) == before
    async with store.begin() as tx:
        assert len(await tx.releases()) == 1


async def test_examples_that_cannot_be_trained_change_nothing(publisher: Publisher) -> None:
    before = publisher.repo.head(Branch.LIVE)
    draft = edited(publisher, "nlu/greet.yml", "nlu:", "nlu: # lain\n")
    with pytest.raises((ContentError, OSError)):
        await publish(publisher, draft)
    assert publisher.repo.head(Branch.LIVE) == before


async def test_who_has_seen_an_older_draft_publishes_nothing(publisher: Publisher) -> None:
    seen = edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Satu.")
    edited(publisher, GREETING, "selesai: Satu.", "selesai: Dua.")
    with pytest.raises(Conflict):
        await publish(publisher, seen)


async def test_going_back_brings_the_old_sentence_and_its_model_at_once(
    publisher: Publisher, store: PgStore, settings: Settings
) -> None:
    await publish(publisher, edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Keliru."))
    reader = live(store, settings)
    await reader.start()
    assert reader.say("state.selesai", "id") == "Keliru."
    async with store.begin() as tx:
        first = (await tx.releases())[-1]
    back = await publisher.go_back(first.id, BUDI, "keliru", AT)
    assert (back.kind, back.model) == ("rollback", first.model)
    assert await reader.refresh()
    assert reader.say("state.selesai", "id") == "Sudah selesai."


async def test_a_publication_cut_off_after_its_commit_is_recorded_by_the_next_gateway(
    publisher: Publisher, store: PgStore, settings: Settings
) -> None:
    draft = edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Terputus.")
    commit = publisher.repo.publish(draft, BUDI, "sebab", AT)  # killed here
    assert await Publisher(settings, store).register(AT) is not None
    reader = live(store, settings)
    await reader.start()
    assert reader.say("state.selesai", "id") == "Terputus."
    async with store.begin() as tx:
        release = await tx.live_release()
    assert release is not None and release.commit == commit


async def test_a_folder_left_behind_does_not_go_live_again(
    publisher: Publisher, store: PgStore, settings: Settings, tmp_path: Path
) -> None:
    behind = tmp_path / "lama"
    shutil.copytree(settings.content_dir, behind)
    await publish(publisher, edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Baru."))
    old = Publisher(settings.but(content_dir=behind), store)
    assert await old.register(AT) is None
    reader = live(store, settings)
    await reader.start()
    assert reader.say("state.selesai", "id") == "Baru."


async def test_what_cannot_be_read_never_takes_the_place_of_what_could(
    publisher: Publisher, store: PgStore, settings: Settings
) -> None:
    reader = live(store, settings)
    await reader.start()
    async with store.begin() as tx:
        release = await tx.live_release()
        assert release is not None
        await tx.put_release(release, b"no archive at all")
    assert not await reader.refresh()
    assert reader.say("state.selesai", "id") == "Sudah selesai."
    assert reader.catalogue().services
    # Nor when a process starts: an older version may find content of a newer one.
    beside = LiveContent(store, settings.var_dir / "nowhere", words)
    await beside.start()
    assert beside.say("state.selesai", "id") == "Sudah selesai."


async def test_a_plain_folder_that_somebody_named_is_read_as_it_is(
    publisher: Publisher, store: PgStore, settings: Settings, tmp_path: Path
) -> None:
    named = tmp_path / "punya-pengembang"
    shutil.copytree(settings.content_dir, named, ignore=shutil.ignore_patterns(".git"))
    text = (named / GREETING).read_text("utf-8").replace("selesai: Sudah selesai.", "selesai: Punya saya.")
    (named / GREETING).write_text(text, "utf-8")
    plain = settings.but(content_dir=named)
    assert not plain.follows_content
    reader = live(store, plain, plain.follows_content)
    await reader.start()
    assert reader.say("state.selesai", "id") == "Punya saya."
    assert await Publisher(plain, store).register(AT) is None


async def test_models_of_releases_long_gone_are_forgotten(publisher: Publisher, store: PgStore) -> None:
    async with store.begin() as tx:
        live_release = await tx.live_release()
        assert live_release is not None
        await tx.put_model("of-nobody", b"x", AT)
        await tx.put_model(live_release.model, b"model one", AT)
        assert await tx.forget_models(5) == 1
        assert await tx.has_model(live_release.model)
