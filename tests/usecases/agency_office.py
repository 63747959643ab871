"""An office with cases at an agency, for tests of what lies between them: no talking, straight from "kirim"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.bench.agencies_people import applied
from bot.domain.conversation import Case, Conversation, Due
from bot.ports import AgencyManifest, AgencyStatus, Submission
from bot.storage.errands import ErrandQueue
from bot.usecases.errands import run_errand
from bot.usecases.store_agencies import Errand
from bot.usecases.track import apply_status
from tests.usecases.conftest import RegisterAgency, World

ALL = frozenset({"submit", "status", "callback", "document", "repair", "cancel", "find"})


class Desk(RegisterAgency):
    """An agency with a memory. ``answers``: what the next calls run into, in order; None: nothing. ``lost``: the next hand-ins
    are taken, and their answers get lost.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Exception | None] = []
        self.lost = 0
        self.calls: list[str] = []
        self.cancelled: list[str] = []
        self.content = b"%PDF-1.7 contoh"
        self.manifest = AgencyManifest("dukcapil", "Dukcapil", ALL, (), (), 1.0, "none: a fake")

    def _fail(self) -> None:
        if self.answers and (problem := self.answers.pop(0)) is not None:
            raise problem
        super()._fail()

    async def submit(self, submission: Submission) -> str:
        self.calls.append("submit")
        self._fail()
        ref = await super().submit(submission)
        if self.lost > 0:
            self.lost -= 1
            from bot.errors import AgencyUnavailable

            raise AgencyUnavailable("the answer got lost")
        return ref

    async def find(self, key: str, reference: str) -> str | None:
        self.calls.append("find")
        self._fail()
        for n, (known, submission) in enumerate(self.submitted.items(), 1):
            if known == key or submission.reference == reference:
                return f"AG-{n}"
        return None

    async def cancel(self, agency_ref: str, reason: str, key: str) -> None:
        self.calls.append("cancel")
        self._fail()
        self.cancelled.append(agency_ref)

    async def document(self, agency_ref: str) -> tuple[str, bytes]:
        self._fail()
        return "akta.pdf", self.content


@dataclass
class Office:
    """The world, its agency, and short ways."""

    world: World
    desk: Desk
    counter: int = field(default=0)

    @classmethod
    def at(cls, world: World) -> Office:
        """Opens it."""
        desk = Desk()
        world.deps.agencies["dukcapil"] = desk  # type: ignore[index]
        return cls(world, desk)

    async def case(self) -> tuple[Conversation, Case]:
        """A citizen presses "kirim"."""
        who, case = await applied(self.world.deps)
        await self.world.news(who)
        return who, case

    async def accepted(self) -> tuple[Conversation, Case]:
        """And the agency has it."""
        who, case = await self.case()
        assert await self.errands() == ["done"]
        await self.world.news(who)
        return who, await self.seen(case.id)

    async def claim(self, n: int = 50) -> list[Due]:
        return await ErrandQueue(self.world.store).claim(n, self.world.clock.now())

    async def errands(self) -> list[str]:
        """Do what is due; the states the errands were settled with."""
        queue, states = ErrandQueue(self.world.store), []
        for due in await self.claim():
            state, delay, code = await run_errand(self.world.deps, due)
            await queue.settle(due, state, self.world.clock.now(), delay_s=delay, error_code=code)
            states.append(state)
        return states

    async def push(self, case: Case, state: str, **more: Any) -> bool:
        """The agency says something."""
        self.counter += 1
        values: dict[str, Any] = {"at": self.world.clock.now(), "key": f"k{self.counter}", **more}
        ref = values.pop("agency_ref", case.agency_ref or "AG-1")
        return await apply_status(self.world.deps, "dukcapil", AgencyStatus(ref, state, **values))

    async def seen(self, case_id: UUID) -> Case:
        async with self.world.store.begin() as tx:
            return await tx.case(case_id)

    async def errand(self, case_id: UUID, verb: str = "submit") -> Errand:
        async with self.world.store.begin() as tx:
            return await tx.errand(case_id, verb)

    async def alarms(self) -> list[str]:
        async with self.world.store.begin() as tx:
            return sorted(alarm.kind for alarm in await tx.alarms("33.28"))

    async def texts(self, who: Conversation) -> list[str]:
        """What the citizen was told since asked last."""
        return [said["text"] for said in await self.world.news(who)]

    def pass_by(self, **delta: float) -> datetime:
        self.world.clock.at += timedelta(**delta)
        return self.world.clock.at


def kinds(said: Sequence[dict[str, Any]]) -> list[str]:
    """Kinds of messages."""
    return [one["meta"]["kind"] for one in said]
