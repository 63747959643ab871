"""One turn: a claimed message becomes replies, and both are committed together (design 3.3 to 3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from uuid import UUID

from bot.domain.conversation import Case, Conversation, Holder, InboxRow
from bot.domain.messages import Reply
from bot.domain.offers import remember
from bot.errors import EmptyTurn
from bot.ports import TurnRequest
from bot.usecases.deps import Deps
from bot.usecases.local import LOCAL
from bot.usecases.plan import Plan
from bot.usecases.planning import Planner
from bot.usecases.replies import error
from bot.usecases.steps import StepCall
from bot.usecases.store import Tx
from bot.usecases.turn import Turn


@dataclass(frozen=True)
class Timing:
    """Seconds of one turn: all of it, and the part spent waiting for Rasa (which includes the actions Rasa called)."""

    total_s: float
    rasa_s: float


class Converse:
    """Runs turns."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def run(self, row: InboxRow) -> Timing:
        """Answer one message.

        :raises bot.errors.DialogueUnavailable: Rasa is away; the message waits.
        :raises bot.errors.EmptyTurn: Rasa had nothing to say.
        :raises bot.errors.Fenced: another worker has the message now.
        """
        start = perf_counter()
        rasa_s = 0.0
        conversation, case, plan = await self._load(row)
        if conversation.state is Holder.AGENT:
            await self._for_the_agent(row, conversation)
            return Timing(perf_counter() - start, 0.0)
        if plan is None:
            planner = Planner(self._deps, conversation, case, row)
            plan = await planner.plan()
            rasa_s = planner.rasa_s
            if not plan.local:
                await self._deps.store.record_plan(row, plan.to_json(), self._deps.now())
        if plan.local:
            await self._answer_here(row, plan)
        else:
            mark = f"{row.id}.{row.lease_no}"
            before = perf_counter()
            refs = await self._deps.dialogue.turn(self._request(row, conversation, plan, mark))
            rasa_s += perf_counter() - before
            await self._commit(row, plan, mark, refs)
        return Timing(perf_counter() - start, rasa_s)

    async def _load(self, row: InboxRow) -> tuple[Conversation, Case | None, Plan | None]:
        conversation, case, recorded = await self._deps.store.begin_turn(row)
        return conversation, case, Plan.from_json(recorded) if recorded else None

    @staticmethod
    def _request(row: InboxRow, conversation: Conversation, plan: Plan, mark: str) -> TurnRequest:
        return TurnRequest(
            conversation=str(conversation.id),
            message=plan.message,
            inbox_id=row.id,
            lease_no=row.lease_no,
            before=plan.before,
            mark=mark,
            form_active=plan.form_active,
        )

    # -- endings ----------------------------------------------------------------------------------------------------

    async def _for_the_agent(self, row: InboxRow, conversation: Conversation) -> None:
        """A person holds the conversation: the message is in the thread already, the bot says nothing."""
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            conversation, _ = await tx.settle(row, now)
            conversation.last_inbound_at = now
            await tx.save_conversation(conversation)
            await tx.notify_staff()

    async def _answer_here(self, row: InboxRow, plan: Plan) -> None:
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            conversation, _ = await tx.settle(row, now)
            call = StepCall(row.id, row.lease_no, 0, plan.local, str(conversation.id), "", 1.0, None, plan.form_active)
            effect = await LOCAL[plan.local](Turn(self._deps, tx, conversation, plan, call))
            if conversation.form_active != plan.form_active:
                # Rasa's tracker stands elsewhere now: an unknown mark makes it be rebuilt before the next turn.
                conversation.turn_mark = f"{row.id}.{row.lease_no}.local"
            await self._say(tx, conversation, row, effect.replies, now)

    async def _commit(self, row: InboxRow, plan: Plan, mark: str, refs: list[str]) -> None:
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            conversation, steps = await tx.settle(row, now)
            replies = [Reply.from_json(said) for ref in refs for said in steps.get(ref, {}).get("replies", [])]
            if not replies:
                raise EmptyTurn("the turn gave no reply")
            conversation.turn_mark = mark
            await self._say(tx, conversation, row, replies, now)

    async def _say(
        self, tx: Tx, conversation: Conversation, row: InboxRow, replies: list[Reply], now: datetime
    ) -> None:
        conversation.last_inbound_at = now
        known = (conversation.memory, conversation.topic)
        conversation.memory = {} if conversation.form_active else remember(replies, *known)
        await tx.save_conversation(conversation)
        # An agent may have taken over while the turn ran; what it decided (a receipt, say) is still told.
        await tx.say(conversation.id, replies, now, inbox_id=row.id)

    # -- failure ----------------------------------------------------------------------------------------------------

    async def apologise(self, conversation_id: UUID, inbox_id: int, key: str) -> None:
        """Tell the citizen that a message could not be handled, once."""
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            conversation = await tx.conversation(conversation_id)
            await tx.say(conversation.id, [error(self._deps, conversation, key)], now, key=f"{key}:{inbox_id}")
