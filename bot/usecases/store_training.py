"""What is stored of trainings and approvals, as a protocol (part of :class:`bot.usecases.store.Tx`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

ACTIVE = ("waiting", "training", "testing")
"""States of a run that is under way."""


@dataclass(frozen=True)
class Run:
    """One training of a state of the draft. States: see :class:`bot.ports_studio.Progress`."""

    id: int
    revision: str
    state: str
    lines: tuple[str, ...]
    model: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None = None
    cancelled_by: str | None = None

    @property
    def active(self) -> bool:
        """Whether it is under way."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class ApprovalCase:
    """Somebody asks that a state of the draft be published. ``verdict``: ``approved``, ``declined`` or empty."""

    id: int
    revision: str
    reason: str
    asked_by: str
    asked_at: datetime
    verdict: str = ""
    note: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = None


class TrainingTx(Protocol):
    """Trainings and approvals."""

    async def put_run(self, revision: str, by: str, now: datetime) -> Run:
        """A new run, waiting."""
        ...

    async def change_run(
        self, run: int, *, line: str = "", state: str = "", model: str = "", ended_at: datetime | None = None
    ) -> bool:
        """Add a line, move on, or both, while it is under way; False: it is not (any more). Wakes open pages."""
        ...

    async def ask_cancel(self, run: int, by: str) -> bool:
        """Whoever runs it shall stop; False: it is not under way."""
        ...

    async def run_of(self, run: int) -> Run | None:
        """One run."""
        ...

    async def runs(self, most: int = 20, revision: str | None = None) -> list[Run]:
        """Newest first."""
        ...

    async def interrupt_runs(self, now: datetime, line: str) -> list[int]:
        """Runs that are under way by their state, while nobody runs them, ended."""
        ...

    async def put_report(self, run: int, report: dict[str, Any], keep: int) -> None:
        """Its report; only the newest ``keep`` reports stay."""
        ...

    async def report(self, run: int) -> dict[str, Any] | None:
        """Its report, if there is one (still)."""
        ...

    async def put_approval(self, revision: str, reason: str, by: str, now: datetime) -> int:
        """Somebody asks; returns its number."""
        ...

    async def decide_approval(self, approval: int, verdict: str, note: str, by: str, now: datetime) -> bool:
        """Somebody decides; False: it is decided already."""
        ...

    async def approvals(self, revision: str | None = None, most: int = 20) -> Sequence[ApprovalCase]:
        """Newest first."""
        ...
