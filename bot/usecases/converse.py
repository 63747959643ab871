"""One turn: a claimed message becomes replies, and both are committed together (design 3.3 to 3.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from bot import tracing
from bot.domain.awaiting import awaiting
from bot.domain.conversation import Conversation, Holder, InboxRow
from bot.domain.figures import MISSED, PERSON
from bot.domain.handoff_words import for_the_bot
from bot.domain.joining import joinable, one_thought
from bot.domain.messages import Reply
from bot.domain.offers import remember
from bot.errors import EmptyTurn
from bot.ports import TurnRequest
from bot.usecases import handoff_citizen, handoff_outside, linking, understood
from bot.usecases.attachments import Attachments, Channels
from bot.usecases.burst import asked_once
from bot.usecases.deps import Deps
from bot.usecases.handoff_summary import extended, missed
from bot.usecases.local import LOCAL, beside
from bot.usecases.plan import ALONE, PAUSED, STEP, TOOK_FILE, Plan
from bot.usecases.planning import Planner
from bot.usecases.replies import error, said_here
from bot.usecases.seen import Seen
from bot.usecases.steps import CLOSED, OPENED, StepCall
from bot.usecases.store import Begun, Tx
from bot.usecases.turn import Turn


@dataclass(frozen=True)
class Timing:
    """Seconds of one turn: all of it, and the part spent waiting for Rasa (which includes the actions Rasa called) and for
    the provider of a file. ``joined``: messages that were waiting and became part of it.
    """

    total_s: float
    rasa_s: float
    joined: int = 0


class Converse:
    """Runs turns."""

    def __init__(self, deps: Deps, attachments: Attachments | None = None, seen: Seen | None = None) -> None:
        self._deps = deps
        self._attachments = attachments or Attachments(deps, Channels(), None, 0)
        self._seen = seen or Seen(Channels())

    async def run(self, row: InboxRow) -> Timing:
        """Answer one message.

        :raises bot.errors.DialogueUnavailable: Rasa is away; the message waits.
        :raises bot.errors.ChannelError: the provider of its file is away; the message waits.
        :raises bot.errors.EmptyTurn: Rasa had nothing to say.
        :raises bot.errors.Fenced: another worker has the message now.
        """
        start = perf_counter()
        begun = await self._deps.store.begin_turn(row)
        row = replace(row, found=None)
        self._seen.tell(row, begun)
        conversation, away_s = begun.conversation, 0.0
        if row.body.get("media"):
            row = await self._attachments.settle(row, begun)
            away_s = perf_counter() - start
        if conversation.state is Holder.AGENT and not for_the_bot(row.body):
            if await self._for_the_agent(row):
                return Timing(perf_counter() - start, away_s)
            begun = await self._deps.store.begin_turn(row)
            conversation = begun.conversation
        already = len(row.body.get("joined", ()))
        plan = Plan.from_json(begun.plan) if begun.plan else None
        fresh = False
        if plan is None:
            row = await self._with_those_waiting(row, begun)
            planner = Planner(self._deps, conversation, begun.case, row)
            with tracing.span("plan"):
                plan = await planner.plan()
            away_s += planner.rasa_s
            fresh = not plan.local
        joined = len(row.body.get("joined", ())) - already
        more = begun.more and not joined
        if plan.local:
            with tracing.span("commit", action=plan.local):
                await self._answer_here(row, plan, more)
        else:
            mark = f"{row.id}.{row.lease_no}"
            before = perf_counter()
            refs = await self._asked(row, self._request(row, conversation, plan, mark), plan if fresh else None)
            away_s += perf_counter() - before
            with tracing.span("commit"):
                await self._commit(row, plan, mark, refs, more)
        return Timing(perf_counter() - start, away_s, joined)

    async def _asked(self, row: InboxRow, request: TurnRequest, plan: Plan | None) -> list[str]:
        """Rasa's turn; a fresh plan is recorded while it is on its way there. A step that comes before it waits for it. What somebody
        outside was asked for has to last before anything else happens.
        """
        if plan is not None and plan.outside:
            await self._deps.store.record_plan(row, plan.to_json(), self._deps.now())
            plan = None
        if plan is None:
            return await self._deps.dialogue.turn(request)
        recording = asyncio.create_task(
            self._deps.store.record_plan(row, plan.to_json(), self._deps.now(), lasting=False)
        )
        try:
            return await self._deps.dialogue.turn(request)
        finally:
            await recording

    async def _with_those_waiting(self, row: InboxRow, begun: Begun) -> InboxRow:
        """In free talk the texts that are waiting already are one thought with this one. Nothing is ever waited for."""
        conversation = begun.conversation
        if not begun.more or conversation.form_active or not joinable(row.body, conversation.memory):
            return row
        async with self._deps.store.begin() as tx:
            return await tx.join(row, one_thought)

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

    async def _for_the_agent(self, row: InboxRow) -> bool:
        """A person holds the conversation: the message is in the thread already, the bot says nothing. False, and nothing is
        done: they gave it back this moment, so that the message is the bot's to answer.
        """
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            conversation, _ = await tx.hold(row.id, row.lease_no, row.conversation_id)
            if conversation.state is not Holder.AGENT:
                return False
            conversation, _ = await tx.settle(row, now)
            conversation.last_inbound_at = now
            await tx.save_conversation(conversation)
            await tx.citizen_wrote(conversation.id, now)
            await handoff_outside.follow(self._deps, tx, conversation, row)
            tx.turned_out(row, PERSON)
            await tx.notify_staff()
        return True

    async def _answer_here(self, row: InboxRow, plan: Plan, more: bool) -> None:
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            if plan.local in linking.REACHING:
                await linking.reach(self._deps, tx, row.id, row.lease_no, row.conversation_id, plan.local)
            conversation, _ = await tx.settle(row, now)
            call = StepCall(row.id, row.lease_no, 0, plan.local, str(conversation.id), "", 1.0, None, plan.form_active)
            effect = await LOCAL[plan.local](Turn(self._deps, tx, conversation, plan, call))
            if conversation.form_active != plan.form_active:
                # Rasa's tracker stands elsewhere now: an unknown mark makes it be rebuilt before the next turn.
                conversation.turn_mark = f"{row.id}.{row.lease_no}.local"
            replies = [*effect.replies, *self._beside(plan, conversation)]
            replies = await self._with_people(tx, conversation, plan, {}, replies)
            await handoff_outside.follow(self._deps, tx, conversation, row, to_bot=plan.form_active)
            await self._say(tx, conversation, row, replies, now, more)

    async def _commit(self, row: InboxRow, plan: Plan, mark: str, refs: list[str], more: bool) -> None:
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            conversation, steps = await tx.settle(row, now)
            if not all(ref in steps for ref in refs):
                raise EmptyTurn("a step of the turn was lost with the database")
            replies = [Reply.from_json(said) for ref in refs for said in steps[ref]["replies"]]
            if not replies:
                raise EmptyTurn("the turn gave no reply")
            # Moved to another channel, or taken back, while Rasa ran: its tracker stands elsewhere and is rebuilt.
            as_left = conversation.form_active == _form_after(plan, steps)
            conversation.turn_mark = mark if as_left else f"{mark}.moved"
            beside_it = [] if any(TOOK_FILE in reply.meta for reply in replies) else self._beside(plan, conversation)
            conversation.trail = extended(conversation.trail, steps, replies, conversation.misses)
            if (heard := understood.heard(row, plan, conversation, steps, now)) is not None:
                await tx.put_understood(heard)
            if missed(replies, conversation.misses):
                tx.turned_out(row, MISSED)
            replies = await self._with_people(tx, conversation, plan, steps, [*replies, *beside_it])
            await handoff_outside.follow(self._deps, tx, conversation, row, to_bot=plan.form_active)
            await self._say(tx, conversation, row, replies, now, more)

    async def _with_people(
        self,
        tx: Tx,
        conversation: Conversation,
        plan: Plan,
        steps: Mapping[str, Mapping[str, Any]],
        replies: list[Reply],
    ) -> list[Reply]:
        """What a turn says, with what it means for the handoff. A person who took over while it ran speaks alone: only what was
        decided (a receipt, say) is still told.
        """
        if conversation.state is Holder.AGENT:
            replies = handoff_citizen.suppressed(replies)
        first, last = await handoff_citizen.after_turn(self._deps, tx, conversation, plan, steps)
        return [*first, *replies, *last]

    def _beside(self, plan: Plan, conversation: Conversation) -> list[Reply]:
        """A word about the file that came with the text."""
        about = plan.params.get("beside")
        return [beside(self._deps, conversation, about)] if about else []

    async def _say(
        self, tx: Tx, conversation: Conversation, row: InboxRow, replies: list[Reply], now: datetime, more: bool
    ) -> None:
        conversation.last_inbound_at = now
        replies, unasked = await asked_once(self._deps, tx, conversation, replies, more=more)
        replies = said_here(self._deps.locus(conversation), replies)
        known = (conversation.memory, conversation.topic)
        alone = bool(replies) and bool(replies[-1].meta.get(ALONE))
        in_form = conversation.form_active and not alone
        conversation.memory = {} if in_form else remember(replies, *known)
        conversation.memory |= awaiting(replies) | unasked | _kept(replies)
        await tx.save_conversation(conversation)
        await tx.say(conversation.id, replies, now, inbox_id=row.id)

    # -- failure ----------------------------------------------------------------------------------------------------

    async def apologise(self, row: InboxRow, key: str, tx: Tx | None = None) -> None:
        """Tell the citizen that a message could not be handled, once; in ``tx`` if that is not to happen without it."""
        if tx is None:
            async with self._deps.store.begin() as own:
                return await self.apologise(row, key, own)
        conversation = await tx.conversation(row.conversation_id)
        said = [error(self._deps, conversation, key)]
        await tx.say(conversation.id, said, self._deps.now(), inbox_id=row.id, key=f"{key}:{row.id}")


def _kept(replies: list[Reply]) -> dict[str, Any]:
    """What the next message has to know of the last reply."""
    meta = replies[-1].meta if replies else {}
    return {key: meta[key] for key in (ALONE, PAUSED) if key in meta}


def _form_after(plan: Plan, steps: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a form is open in Rasa's tracker after these steps."""
    active = plan.form_active
    for ref in sorted((ref for ref in steps if ref != STEP), key=lambda ref: int(ref.partition(".")[0])):
        outcome = steps[ref]["outcome"]
        active = outcome in OPENED or (active and outcome not in CLOSED)
    return active
