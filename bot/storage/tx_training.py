"""Trainings and approvals of the content studio (:class:`bot.usecases.store_training.TrainingTx`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, cast, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

from bot.storage.tables_training import release_approval, training_run
from bot.storage.tx_base import TxBase
from bot.usecases.store_training import ACTIVE, ApprovalCase, Run

_RUN = [training_run.c[name] for name in Run.__dataclass_fields__]


class TrainingTx(TxBase):
    """See :class:`bot.usecases.store_training.TrainingTx`."""

    async def put_run(self, revision: str, by: str, now: datetime) -> Run:
        values = {"revision": revision, "state": "waiting", "asked_by": by, "asked_at": now}
        made = await self.run(insert(training_run).values(**values).returning(*_RUN))
        await self._told(0)
        return _run(made.one())

    async def change_run(
        self, run: int, *, line: str = "", state: str = "", model: str = "", ended_at: datetime | None = None
    ) -> bool:
        values: dict[str, Any] = {name: value for name, value in (("state", state), ("model", model)) if value}
        if ended_at is not None:
            values["ended_at"] = ended_at
        if line:
            values["lines"] = training_run.c.lines + cast([line], JSONB)
        query = update(training_run).where(training_run.c.id == run, training_run.c.state.in_(ACTIVE)).values(**values)
        changed = (await self.run(query)).rowcount
        await self._told(run)
        return bool(changed)

    async def ask_cancel(self, run: int, by: str) -> bool:
        mine = (training_run.c.id == run) & training_run.c.state.in_(ACTIVE)
        changed = (await self.run(update(training_run).where(mine).values(cancelled_by=by))).rowcount
        await self._told(run)
        return bool(changed)

    async def run_of(self, run: int) -> Run | None:
        row = (await self.run(select(*_RUN).where(training_run.c.id == run))).one_or_none()
        return None if row is None else _run(row)

    async def runs(self, most: int = 20, revision: str | None = None) -> list[Run]:
        query = select(*_RUN).order_by(training_run.c.id.desc()).limit(most)
        if revision is not None:
            query = query.where(training_run.c.revision == revision)
        return [_run(row) for row in await self.run(query)]

    async def interrupt_runs(self, now: datetime, line: str) -> list[int]:
        lines = training_run.c.lines + cast([line], JSONB)
        query = update(training_run).where(training_run.c.state.in_(ACTIVE))
        rows = await self.run(query.values(state="interrupted", ended_at=now, lines=lines).returning(training_run.c.id))
        return [int(number) for number in rows.scalars()]

    async def put_report(self, run: int, report: dict[str, Any], keep: int) -> None:
        sealed = self.seal_json(report, f"training_run:{run}")
        await self.run(update(training_run).where(training_run.c.id == run).values(report_sealed=sealed))
        newest = (
            select(training_run.c.id)
            .where(training_run.c.report_sealed.is_not(None))
            .order_by(training_run.c.id.desc())
            .limit(keep)
        )
        await self.run(update(training_run).where(training_run.c.id.not_in(newest)).values(report_sealed=None))

    async def report(self, run: int) -> dict[str, Any] | None:
        query = select(training_run.c.report_sealed).where(training_run.c.id == run)
        sealed = (await self.run(query)).scalar_one_or_none()
        found: dict[str, Any] | None = None if sealed is None else self.open_json(sealed, f"training_run:{run}")
        return found

    async def put_approval(self, revision: str, reason: str, by: str, now: datetime) -> int:
        values = {"revision": revision, "reason": reason, "asked_by": by, "asked_at": now}
        made = await self.run(insert(release_approval).values(**values).returning(release_approval.c.id))
        return int(made.scalar_one())

    async def decide_approval(self, approval: int, verdict: str, note: str, by: str, now: datetime) -> bool:
        open_one = (release_approval.c.id == approval) & (release_approval.c.verdict == "")
        values = {"verdict": verdict, "note": note, "decided_by": by, "decided_at": now}
        return bool((await self.run(update(release_approval).where(open_one).values(**values))).rowcount)

    async def approvals(self, revision: str | None = None, most: int = 20) -> list[ApprovalCase]:
        query = select(release_approval).order_by(release_approval.c.id.desc()).limit(most)
        if revision is not None:
            query = query.where(release_approval.c.revision == revision)
        rows = await self.run(query)
        return [
            ApprovalCase(**{name: getattr(row, name) for name in ApprovalCase.__dataclass_fields__}) for row in rows
        ]

    async def _told(self, run: int) -> None:
        await self.notify("loket_staff", f"training:{run}")


def _run(row: Row[Any]) -> Run:
    values = {name: getattr(row, name) for name in Run.__dataclass_fields__}
    return Run(**{**values, "lines": tuple(values["lines"])})
