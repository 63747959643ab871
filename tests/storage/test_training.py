"""Trainings survive closed browsers, cancels and killed gateways; publishing from the studio leaves what is live when it fails."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.dialogue.train import content_hash
from bot.domain.release_gate import GateRules
from bot.errors import Conflict, ContentError, NotFound
from bot.ports import Understanding
from bot.ports_content import Branch, Edit
from bot.ports_studio import Looked
from bot.settings import ROOT, Settings
from bot.storage.store import PgStore
from bot.storage.tables import audit
from bot.usecases.store_training import Run
from bot.usecases.studio_report import DraftReport
from bot.workers.publishing import Publisher
from bot.workers.training import Trainer, due
from tests.fakes import FixedClock

from .test_publishing import AT, BUDI, GREETING, edited, seeded, settings, store

__all__ = ["seeded", "settings", "store"]

EVAL = "text\tintent\tservice\nhalo min\tgreet\t\nmakasih\tthanks\t\nbyr brp\task_cost\tkia\n"


@dataclass
class FakeWorkbench:
    """Understands everything as a greeting; models in ``broken`` do not load, those in ``gone`` are not there."""

    broken: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def look(self, model: str, texts: Sequence[str]) -> Sequence[Looked]:
        self.asked.append(model)
        if model in self.broken:
            raise ContentError("does not load")
        if model in self.gone:
            raise NotFound("model")
        return [Looked(Understanding(text, "greet", 0.9, None), text, (), "action_say") for text in texts]


@pytest.fixture
def workbench() -> FakeWorkbench:
    return FakeWorkbench()


@pytest.fixture
async def publisher(settings: Settings, store: PgStore, workbench: FakeWorkbench) -> Publisher:
    made = Publisher(settings, store, FixedClock(AT), workbench)
    await made.register(AT)
    return made


@pytest.fixture
async def trainer(
    settings: Settings, store: PgStore, publisher: Publisher, workbench: FakeWorkbench
) -> AsyncIterator[Trainer]:
    made = Trainer(settings, store, FixedClock(AT), publisher, workbench, lambda most: _recent())
    yield made
    await made.close()


async def _recent() -> list[str]:
    return ["piye carane", "piye carane", "halo"]


def slow_python(settings: Settings, tmp_path: Path) -> Path:
    """A "Rasa" that trains for a minute, and leaves word that it began."""
    began = tmp_path / "began"
    settings.rasa_python.write_text(f"#!/bin/sh\necho $$ > {began}\nexec sleep 60\n")
    settings.rasa_python.chmod(settings.rasa_python.stat().st_mode | stat.S_IXUSR)
    return began


def new_example(publisher: Publisher) -> str:
    """The draft with something to train."""
    return edited(publisher, "nlu/greet.yml", "      - halo\n", "      - halo\n      - hela helo zumba\n")


async def ended(store: PgStore, run: int) -> Run:
    async with asyncio.timeout(20):
        while True:
            async with store.begin() as tx:
                found = await tx.run_of(run)
            if found is not None and not found.active:
                return found
            await asyncio.sleep(0.03)


async def began_file(file: Path) -> int:
    """The pid of the "Rasa" that wrote it."""
    async with asyncio.timeout(20):
        while not (text := _text(file)):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.03)
    return int(text)


def _text(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_what_needs_no_new_model_is_compared_at_once(
    trainer: Trainer, publisher: Publisher, store: PgStore
) -> None:
    repo = publisher.repo
    repo.save({"eval/uji.tsv": _edit(EVAL)}, BUDI, "uji", AT)
    made = await trainer.start(repo.head(Branch.DRAFT), "siti")
    run = await ended(store, made.run)
    assert (run.state, run.lines[-1]) == ("done", "done") and "same_model" in run.lines
    async with store.begin() as tx:
        data = await tx.report(run.id)
    assert data is not None
    report = DraftReport.of_json(data)
    assert [(row.wanted, row.now, row.was) for row in report.labelled.rows] == [
        ("greet", "greet", "greet"),
        ("thanks", "greet", "greet"),
        ("ask_cost", "greet", "greet"),
    ]
    assert report.recent == 3 and "greet" not in report.untested and "ask_hours" in report.untested


def _edit(text: str) -> Edit:
    return Edit(text.encode(), None)


async def test_a_cancelled_training_leaves_nothing_and_the_next_one_may_begin(
    trainer: Trainer, publisher: Publisher, store: PgStore, settings: Settings, tmp_path: Path
) -> None:
    began = slow_python(settings, tmp_path)
    draft = new_example(publisher)
    made = await trainer.start(draft, "siti")
    pid = await began_file(began)
    again = await trainer.start(draft, "budi")
    assert again.run == made.run
    with pytest.raises(Conflict):
        await trainer.start(edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Beres."), "budi")
    await trainer.cancel(made.run, "budi")
    run = await ended(store, made.run)
    assert (run.state, run.cancelled_by) == ("cancelled", "budi")
    assert not alive(pid) and list(settings.model_dir.glob("training-*")) == []
    assert (await trainer.start(draft, "siti")).run != made.run


async def test_a_killed_gateway_leaves_a_run_that_the_next_one_calls_cut_off(
    trainer: Trainer, publisher: Publisher, store: PgStore, settings: Settings, tmp_path: Path, workbench: FakeWorkbench
) -> None:
    began = slow_python(settings, tmp_path)
    made = await trainer.start(new_example(publisher), "siti")
    await began_file(began)
    other = Trainer(settings, store, FixedClock(AT), publisher, workbench)
    await other._tidy_if_alone()
    async with store.begin() as tx:  # it is alive: nobody calls it cut off
        assert [run.state for run in await tx.runs()] == ["training"]
    await trainer.close()
    async with store.begin() as tx:  # as if the gateway had died without a word
        row = await tx.put_run("0" * 40, "siti", AT)
    await other._tidy_if_alone()
    assert (await other.progress(row.id)).state == "interrupted"
    assert (await other.progress(made.run)).state == "interrupted"


async def test_a_training_ends_with_the_process_that_wanted_it(
    settings: Settings, publisher: Publisher, tmp_path: Path
) -> None:
    """Killed without a word: the pipe closes, and with it the training (see bot/dialogue/rasa/train_child.py)."""
    script = "import sys; sys.argv = ['x', '0', 'train']; import bot.dialogue.rasa.train_child as c; c._watch()"
    child = await asyncio.create_subprocess_exec(
        str(ROOT / ".venv" / "dev" / "bin" / "python"), "-c", script, stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    child.stdin.close()
    async with asyncio.timeout(20):
        assert await child.wait() == 1


async def test_a_faulty_draft_is_not_trained(trainer: Trainer, publisher: Publisher, store: PgStore) -> None:
    draft = edited(publisher, "nlu/greet.yml", "intent: greet", "intent: greeet")
    with pytest.raises(ContentError, match=r"nlu/greet.yml:\d+: intent_not_in_domain"):
        await trainer.start(draft, "siti")
    async with store.begin() as tx:
        assert await tx.runs() == []


async def test_what_rasa_refuses_is_told_in_its_words(
    trainer: Trainer, publisher: Publisher, store: PgStore, settings: Settings
) -> None:
    settings.rasa_python.write_text("#!/bin/sh\necho InvalidRule: contradicting rules\nexit 1\n")
    settings.rasa_python.chmod(0o755)
    made = await trainer.start(new_example(publisher), "siti")
    run = await ended(store, made.run)
    assert run.state == "failed" and "InvalidRule" in run.lines[-1]


# -- publishing from the studio -------------------------------------------------------------------------------------------


async def test_a_model_that_is_not_there_or_does_not_load_is_not_published(
    publisher: Publisher, store: PgStore, workbench: FakeWorkbench
) -> None:
    before = publisher.repo.head(Branch.LIVE)
    draft = new_example(publisher)
    model = await publisher.model_of(draft)
    for places, kind in ((workbench.gone, "untrained"), (workbench.broken, "model")):
        workbench.gone.clear()
        places.add(model)
        with pytest.raises(ContentError) as caught:
            await publisher.publish_draft(draft, BUDI, "sebab", "siti")
        assert caught.value.params["kind"] == kind
    assert publisher.repo.head(Branch.LIVE) == before
    async with store.begin() as tx:
        assert len(await tx.releases()) == 1


async def test_a_full_disk_before_the_commit_leaves_everything_as_it_was(
    publisher: Publisher, store: PgStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Rampung.")
    before = publisher.repo.head(Branch.LIVE)

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publisher.repo, "publish", full)
    with pytest.raises(ContentError) as caught:
        await publisher.publish_draft(draft, BUDI, "sebab", "")
    assert caught.value.params["kind"] == "disk" and publisher.repo.head(Branch.LIVE) == before


async def test_a_disk_that_fills_up_after_the_commit_is_published_as_soon_as_there_is_room(
    publisher: Publisher, store: PgStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Rampung.")

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publisher.repo, "check_out", full)
    with pytest.raises(ContentError) as caught:
        await publisher.publish_draft(draft, BUDI, "sebab", "")
    assert caught.value.params["kind"] == "later"
    async with store.begin() as tx:
        assert len(await tx.releases()) == 1
    monkeypatch.undo()
    await publisher.settle()
    await publisher.settle()
    async with store.begin() as tx:
        newest, _ = await tx.releases()
    assert newest.commit == publisher.repo.head(Branch.LIVE) and newest.reason == "sebab"
    assert "Rampung." in (settings.content_dir / GREETING).read_text("utf-8")


async def test_publishing_and_going_back_are_audited_by_user_name(publisher: Publisher, store: PgStore) -> None:
    draft = edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Rampung.")
    await publisher.publish_draft(draft, BUDI, "sebab", "siti")
    await publisher.take_back(1, BUDI, "keliru")
    async with store.begin() as tx:
        rows = await tx.run(select(audit.c.actor, audit.c.action).order_by(audit.c.id))
        found = [(row.actor, row.action) for row in rows if row.action.startswith("content.")]
    assert found[-2:] == [("budi", "content.publish"), ("budi", "content.rollback")]


@pytest.mark.parametrize(
    ("hour", "last", "begins"),
    [(2, None, True), (2, date(2026, 11, 21), True), (2, date(2026, 11, 22), False), (3, None, False)],
)
def test_the_daily_training_begins_once_in_its_hour(hour: int, last: date | None, begins: bool) -> None:
    at = datetime(2026, 11, 22, hour, 59, tzinfo=UTC)
    assert due(GateRules(train_at=2), at, last) is begins
    assert not due(GateRules(), at, last)


async def test_a_changed_draft_is_trained_in_that_hour_and_an_unchanged_one_is_not(
    trainer: Trainer, publisher: Publisher, store: PgStore
) -> None:
    repo = publisher.repo
    repo.save({"studio.yml": _edit("train_at: 2\n")}, BUDI, "aturan", AT)
    await publisher.publish_draft(repo.head(Branch.DRAFT), BUDI, "aturan", "")
    at_two = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
    await trainer._scheduled(at_two)
    async with store.begin() as tx:
        assert await tx.runs() == []
    edited(publisher, GREETING, "selesai: Sudah selesai.", "selesai: Rampung.")
    trainer._last_day = None
    await trainer._scheduled(at_two)
    async with store.begin() as tx:
        (run,) = await tx.runs()
    assert run.asked_by == "jadwal" and (await ended(store, run.id)).state == "done"


def test_the_hash_of_a_model_does_not_depend_on_what_only_the_studio_uses(settings: Settings) -> None:
    before = content_hash(ROOT, settings.content_dir)
    (settings.content_dir / "studio.yml").write_text("max_loss: 3\n")
    (settings.content_dir / "eval").mkdir(exist_ok=True)
    (settings.content_dir / "eval" / "uji.tsv").write_text(EVAL)
    assert content_hash(ROOT, settings.content_dir) == before
