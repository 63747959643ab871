"""Stand-ins for what the studio trains and publishes with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.nlu_report import Report, Row
from bot.errors import Conflict, ContentError, NotFound
from bot.ports_content import Author, Branch
from bot.ports_studio import DraftFault, Progress
from bot.usecases.store_content import Release
from bot.usecases.studio_report import DraftReport, Otherwise, Talk

from .conftest import Office

LIVE_MODEL = "live0"


@dataclass
class FakePublishing:
    """Publishes in git and database without checking or training; ``faults`` and ``fail`` are what the test wants to see."""

    office: Office
    faults: list[DraftFault] = field(default_factory=list)
    model: str = "draft1"
    fail: ContentError | None = None

    async def seed(self) -> None:
        """The first release."""
        await self._record(self.office.repo.head(Branch.LIVE), "seed", "Loket", "Isi bawaan Loket", LIVE_MODEL)

    async def check(self, revision: str) -> Sequence[DraftFault]:
        return self.faults

    async def model_of(self, revision: str) -> str:
        same = self.office.repo.files(revision) == self.office.repo.files(self.office.repo.head(Branch.LIVE))
        return LIVE_MODEL if same and not self.published else self.model

    published: bool = False

    async def publish_draft(self, draft: str, author: Author, reason: str, approved_by: str) -> int:
        if self.fail is not None:
            raise self.fail
        commit = self.office.repo.publish(draft, author, reason, self.office.clock.now())
        self.published = True
        return await self._record(commit, "publish", author.name, reason, self.model, approved_by)

    async def take_back(self, release: int, author: Author, reason: str) -> int:
        async with self.office.store.begin() as tx:
            old = next(one for one in await tx.releases() if one.id == release)
        commit = self.office.repo.go_back(old.commit, author, reason, self.office.clock.now())
        return await self._record(commit, "rollback", author.name, reason, old.model)

    async def _record(self, commit: str, kind: str, author: str, reason: str, model: str, approved_by: str = "") -> int:
        release = Release(commit, model, kind, author, reason, self.office.clock.now(), approved_by or None)
        async with self.office.store.begin() as tx:
            return (await tx.put_release(release, b"tar")).id


@dataclass
class FakeTraining:
    """Runs are rows that the test moves on."""

    office: Office
    publishing: FakePublishing
    cancelled: list[tuple[int, str]] = field(default_factory=list)

    async def start(self, revision: str, by: str) -> Progress:
        if self.publishing.faults:
            raise ContentError("faulty")
        async with self.office.store.begin() as tx:
            busy = next((run for run in await tx.runs() if run.active), None)
            if busy is not None:
                raise Conflict("training", run=busy.id)
            run = await tx.put_run(revision, by, self.office.clock.now())
        return Progress(run.id, run.state)

    async def progress(self, run: int) -> Progress:
        raise NotFound("training")

    async def cancel(self, run: int, by: str) -> None:
        self.cancelled.append((run, by))
        async with self.office.store.begin() as tx:
            await tx.ask_cancel(run, by)

    async def finish(self, run: int, report: DraftReport) -> None:
        """It is done."""
        async with self.office.store.begin() as tx:
            await tx.change_run(run, line="compare 3", state="testing", model=report.model)
            await tx.put_report(run, report.to_json(), 5)
            await tx.change_run(run, line="done", state="done", ended_at=self.office.clock.now())


def report(*, worse: bool = False, talk_fails: bool = False) -> DraftReport:
    """A small one; ``worse``: ask_cost lost a message to ask_hours."""
    now = "ask_hours" if worse else "ask_cost"
    rows = (
        Row("berapa bayarnya ktp", "ask_cost", now, 0.61, "ask_cost", "ktp", "ktp", "ktp"),
        Row("bayar berapa bu", "ask_cost", "ask_cost", 0.93, "ask_cost"),
        Row("jam berapa buka", "ask_hours", "ask_hours", 0.97, "ask_cost"),
        Row("biaya & syarat <kia>", "ask_requirements", "ask_cost", 0.41, "ask_cost", "kia", "kia", "kia"),
    )
    failed = ((1, "syarat ktp", "intent", "ask_requirements", "ask_cost"),) if talk_fails else ()
    return DraftReport(
        "draft1",
        LIVE_MODEL,
        Report(rows),
        frozenset({"ask_cost", "ask_hours", "ask_requirements"}),
        ("greet",),
        (Talk("percakapan/syarat.yml", "Tanya syarat", failed), Talk("percakapan/biaya.yml", "Tanya biaya")),
        120,
        (Otherwise("min bukane jam pira", 3, "", "", "ask_hours", ""),),
        "33.28",
    )
