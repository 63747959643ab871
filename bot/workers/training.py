"""Trains drafts of the content in a process of its own (:class:`bot.ports_studio.Training`), and compares them with what is live.

One at a time in the whole installation: whoever trains holds an advisory lock of PostgreSQL, which ends with its process. A run that
is under way by its state while nobody holds the lock was cut off; the next gateway to start says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.dialogue.train import Stopped, content_hash, ensure
from bot.domain.release_gate import FILE, GateRules, read_rules
from bot.errors import Conflict, ContentError, NotFound
from bot.ports import Clock
from bot.ports_content import Branch
from bot.ports_studio import Progress, Workbench
from bot.settings import ROOT, Settings
from bot.storage.pg import DatabaseAway
from bot.storage.store import PgStore
from bot.usecases.store_training import Run
from bot.usecases.studio_report import Comparing, Recent
from bot.workers.publishing import Publisher, fault_line

log = logging.getLogger(__name__)
T = TypeVar("T")

SCHEDULE = "jadwal"
"""Who asked for a scheduled training."""
REPORTS_KEPT = 30
_NICE = 10
_LOOK_EVERY_S = 1.0
_STOP_LOOK_S = 0.2
_KEEP_EVERY_S = 60.0
_LOCK = text("select pg_try_advisory_lock(20270812)")
_UNLOCK = text("select pg_advisory_unlock(20270812)")


@dataclass
class _Job:
    run: int
    stop: threading.Event = field(default_factory=threading.Event)
    task: asyncio.Task[None] | None = None


class Trainer:
    """See :class:`bot.ports_studio.Training`; for the process that has the content repository."""

    def __init__(
        self,
        settings: Settings,
        store: PgStore,
        clock: Clock,
        publisher: Publisher,
        workbench: Workbench,
        recent: Recent | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._publisher = publisher
        self._workbench = workbench
        self._recent = recent
        self._job: _Job | None = None
        self._last_day: date | None = None

    # -- the port -------------------------------------------------------------------------------------------------------

    async def start(self, revision: str, by: str) -> Progress:
        """See :class:`bot.ports_studio.Training`."""
        faults = await self._publisher.check(revision)
        if faults:
            raise ContentError("\n".join(map(fault_line, faults)), kind="faulty")
        lock = contextlib.AsyncExitStack()
        if not await lock.enter_async_context(self._alone()):
            await lock.aclose()
            return await self._other(revision)
        try:
            await self._tidy()
            now = self._clock.now()
            async with self._store.begin() as tx:
                run = await tx.put_run(revision, by, now)
                await tx.audit(by, "training.start", revision, {"run": run.id}, now)
        except BaseException:
            await lock.aclose()
            raise
        job = _Job(run.id)
        job.task = asyncio.create_task(self._run(job, revision, lock))
        self._job = job
        return progress_of(run)

    async def progress(self, run: int) -> Progress:
        """See :class:`bot.ports_studio.Training`."""
        async with self._store.begin() as tx:
            found = await tx.run_of(run)
        if found is None:
            raise NotFound("training")
        return progress_of(found)

    async def cancel(self, run: int, by: str) -> None:
        """See :class:`bot.ports_studio.Training`."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            if await tx.ask_cancel(run, by):
                await tx.audit(by, "training.cancel", str(run), {}, now)
        if self._job is not None and self._job.run == run:
            self._job.stop.set()

    async def _other(self, revision: str) -> Progress:
        async with self._store.begin() as tx:
            active = next((run for run in await tx.runs() if run.active), None)
        if active is not None and active.revision == revision:
            return progress_of(active)
        raise Conflict("training", run=active.id if active is not None else 0)

    # -- life -----------------------------------------------------------------------------------------------------------

    async def keep(self, zone: Callable[[], ZoneInfo]) -> None:
        """Tell what was cut off, train when the office's hour has come, record what could not be recorded; until cancelled."""
        while True:
            try:
                await self._tidy_if_alone()
                await self._publisher.settle()
                await self._scheduled(self._clock.now().astimezone(zone()))
            except Exception as error:
                log.warning("trainings cannot be looked after", extra={"code": type(error).__name__})
            await asyncio.sleep(_KEEP_EVERY_S)

    async def close(self) -> None:
        """Stop what is under way; it can be started again."""
        job = self._job
        if job is not None and job.task is not None and not job.task.done():
            job.stop.set()
            job.task.cancel()
            await asyncio.gather(job.task, return_exceptions=True)

    async def _tidy_if_alone(self) -> None:
        async with self._alone() as mine:
            if mine:
                await self._tidy()

    async def _tidy(self) -> None:
        """Whoever holds the lock knows that nothing is under way."""
        async with self._store.begin() as tx:
            cut_off = await tx.interrupt_runs(self._clock.now(), "interrupted")
        if cut_off:
            log.warning("a training was cut off", extra={"runs": len(cut_off)})

    async def _scheduled(self, local: datetime) -> None:
        repo = self._publisher.repo
        live, draft = repo.head(Branch.LIVE), repo.head(Branch.DRAFT)
        if not due(await asyncio.to_thread(self._rules, live), local, self._last_day):
            return
        self._last_day = local.date()
        async with self._store.begin() as tx:
            known = await tx.runs(1, draft)
        if known or not await asyncio.to_thread(repo.changes, live, draft):
            return
        with contextlib.suppress(ContentError, Conflict):  # a faulty draft waits for its editors
            await self.start(draft, SCHEDULE)

    def _rules(self, live: str) -> GateRules:
        try:
            return read_rules(self._publisher.repo.read(live, FILE).decode())
        except (NotFound, ContentError):
            return GateRules()

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[bool]:
        """Whether this process may train now; if so, no other may until the block ends (or the connection does)."""
        async with self._store.engine.connect() as connection:
            connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            mine = bool((await connection.execute(_LOCK)).scalar_one())
            try:
                yield mine
            finally:
                if mine:
                    with contextlib.suppress(*DatabaseAway):
                        await connection.execute(_UNLOCK)

    # -- one run --------------------------------------------------------------------------------------------------------

    async def _run(self, job: _Job, revision: str, lock: contextlib.AsyncExitStack) -> None:
        watching = asyncio.create_task(self._watch(job))
        state, line = "interrupted", "interrupted"
        try:
            await self._train_and_compare(job, revision)
            state, line = "done", "done"
        except Stopped:
            state, line = "cancelled", "cancelled"
        except ContentError as error:
            state, line = "failed", f"failed {error}"
        except OSError:
            state, line = "failed", "disk"
        except asyncio.CancelledError:
            job.stop.set()
            raise
        except Exception as error:
            log.exception("a training failed", extra={"run": job.run, "code": type(error).__name__})
            state, line = "failed", "unexpected"
        finally:
            watching.cancel()
            # Shielded: also a gateway that is asked to end says what became of it.
            await asyncio.shield(self._ended(job, state, line, lock))

    async def _ended(self, job: _Job, state: str, line: str, lock: contextlib.AsyncExitStack) -> None:
        try:
            now = self._clock.now()
            async with self._store.begin() as tx:
                await tx.change_run(job.run, line=line, state=state, ended_at=now)
                await tx.audit("system", f"training.{state}", str(job.run), {}, now)
            log.info("training ended", extra={"run": job.run, "state": state})
        finally:
            await lock.aclose()

    async def _train_and_compare(self, job: _Job, revision: str) -> None:
        async with self._publisher.unpacked(revision) as folder:
            model = await asyncio.to_thread(content_hash, ROOT, folder)
            async with self._store.begin() as tx:
                live = await tx.live_release()
                await tx.change_run(job.run, state="training", model=model)
            live_model = live.model if live is not None else ""
            await self._model(job, folder, model, live_model)
            await self._tell(job, state="testing")
            comparing = Comparing(
                self._workbench,
                await asyncio.to_thread(texts_of, folder),
                await asyncio.to_thread(self._published),
                model,
                live_model,
                self._recent,
                self._settings.locus,
                lambda key, number: self._tell(job, f"{key} {number}"),
            )
            report = await _unless_stopped(comparing.report(), job.stop)
        async with self._store.begin() as tx:
            await tx.put_report(job.run, report.to_json(), REPORTS_KEPT)

    async def _model(self, job: _Job, folder: Path, model: str, live_model: str) -> None:
        """The model file for this content, trained unless it is there."""
        s = self._settings
        file = s.model_dir / f"{model}.tar.gz"
        async with self._store.begin() as tx:
            stored = await tx.has_model(model)
        if model == live_model:
            await self._tell(job, "same_model")
        if stored or model == live_model or file.is_file():
            await self._tell(job, "model_there")
            return
        with contextlib.suppress(OSError):  # the live one must not be among the oldest, which are thrown away
            os.utime(s.model_dir / f"{live_model}.tar.gz")
        loop = asyncio.get_running_loop()

        def began(component: str) -> None:
            asyncio.run_coroutine_threadsafe(self._tell(job, f"component {component}"), loop)

        await self._tell(job, "training")
        await asyncio.to_thread(
            lambda: ensure(ROOT, folder, s.model_dir, s.rasa_python, _logged, stop=job.stop, began=began, nice=_NICE)
        )
        await self._tell(job, "trained")

    def _published(self) -> dict[str, str]:
        """The live content's examples."""
        repo = self._publisher.repo
        files = repo.files(repo.head(Branch.LIVE))
        return {path: repo.blob(blob).decode() for path, blob in files.items() if path.startswith("nlu/")}

    async def _tell(self, job: _Job, line: str = "", state: str = "") -> None:
        async with self._store.begin() as tx:
            await tx.change_run(job.run, line=line, state=state)

    async def _watch(self, job: _Job) -> None:
        """Somebody may cancel through another gateway."""
        while not job.stop.is_set():
            await asyncio.sleep(_LOOK_EVERY_S)
            with contextlib.suppress(*DatabaseAway):
                async with self._store.begin() as tx:
                    run = await tx.run_of(job.run)
                if run is not None and run.cancelled_by:
                    job.stop.set()


def progress_of(run: Run) -> Progress:
    """As the port tells it."""
    return Progress(run.id, run.state, run.lines, run.model)


def due(rules: GateRules, local: datetime, last_day: date | None) -> bool:
    """Whether the daily training is to begin now."""
    return rules.train_at is not None and local.hour == rules.train_at and last_day != local.date()


def texts_of(folder: Path) -> dict[str, str]:
    """Examples, own tests and conversations of a folder of content."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for part in ("nlu", "eval", "percakapan")
        for path in sorted((folder / part).glob("*.*"))
    }


async def _unless_stopped(work: Coroutine[Any, Any, T], stop: threading.Event) -> T:
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_STOP_LOOK_S)
            if stop.is_set():
                raise Stopped
        return task.result()
    finally:
        task.cancel()


def _logged(step: str) -> None:
    log.info("%s", step)
