"""The state machine under any order of what agents, the citizen, the clock and the workers do (real PostgreSQL, hypothesis)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.domain.conversation import Conversation
from bot.domain.handoff import LEGAL, Holder, TicketConflict
from bot.errors import LoketError
from bot.usecases import handoff
from bot.usecases.handoff_sweep import sweep
from tests.usecases.conftest import World
from tests.usecases.desk import ANI, BUDI, SITI, events, inbox_states, last_seq, ticket_of

HOLDER = st.sampled_from([True, True, True, False])
"""Whether the one who has the conversation acts, or a colleague."""


class Handoff(RuleBasedStateMachine):
    """One conversation. ``world`` and ``loop`` are shared by all examples."""

    world: World
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.who: Conversation = self.do(self.world.session())
        self.questions = self.replies = 0

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def agent(self, holder: bool) -> Any:
        """Who has the conversation (or had it last), or a colleague."""
        name = self.ticket.agent or "ani"
        return next(one for one in (ANI, BUDI, SITI) if (one.username == name) is holder)

    def attempt(self, work: Any) -> Any:
        try:
            return self.do(work)
        except TicketConflict as stopped:
            assert stopped.why in ("held", "lost", "closed", "answered", "full", "busy")
        except LoketError:
            return None

    @property
    def ticket(self) -> Any:
        return self.do(ticket_of(self.world, self.who))

    @initialize(claimed=st.booleans())
    def somebody_asks(self, claimed: bool) -> None:
        self.do(self.world.say(self.who, "petugas"))
        if claimed:
            self.attempt(handoff.claim(self.world.deps, self.ticket.id, ANI))

    # Few rules with many ways each: hypothesis leaves rules out at random, and most of these need another one before them.

    @rule(how=st.sampled_from(["asks", "writes", "writes", "writes unread", "writes unread", "goes back"]))
    def the_citizen(self, how: str) -> None:
        words = {"asks": "petugas", "goes back": "kembali ke bot"}.get(how)
        if words is None:
            self.questions += 1
            words = f"berapa biaya akta nomor {self.questions}?"
        self.do((self.world.put if how == "writes unread" else self.world.say)(self.who, words))

    @rule(holder=HOLDER, how=st.sampled_from(["claim", "claim", "take over"]))
    def somebody_takes_it(self, holder: bool, how: str) -> None:
        verb = handoff.claim if how == "claim" else handoff.take_over
        self.attempt(verb(self.world.deps, self.ticket.id, self.agent(holder)))

    @rule(holder=HOLDER, number=st.sampled_from([None, None, 1, 2]), slept=st.sampled_from([0, 0, 2]))
    def somebody_replies(self, holder: bool, number: int | None, slept: int) -> None:
        self.world.clock.at += timedelta(minutes=slept)  # the laptop slept over the half-written words
        before, agent = self.ticket, self.agent(holder)
        held = before.held(agent.username, number, self.world.clock.now())
        self.replies += 1
        key = f"{self.who.id}-{self.replies}"
        said = self.attempt(handoff.reply(self.world.deps, before.id, agent, "jawaban", key, lease_no=number))
        assert (said is not None) == held  # a reply gets through exactly under a live lease

    @rule(holder=HOLDER, how=st.sampled_from(["release", "snooze", "transfer"]))
    def somebody_lets_it_go(self, holder: bool, how: str) -> None:
        deps, ticket, agent = self.world.deps, self.ticket.id, self.agent(holder)
        if how == "release":
            self.attempt(handoff.release(deps, ticket, agent))
        elif how == "snooze":
            self.attempt(handoff.snooze(deps, ticket, agent, self.world.clock.now() + timedelta(minutes=10)))
        else:
            self.attempt(handoff.transfer(deps, ticket, agent, handoff.To(agent="budi")))

    @rule(holder=HOLDER, seen=st.booleans())
    def somebody_gives_it_back(self, holder: bool, seen: bool) -> None:
        last = self.do(last_seq(self.world, self.who.id)) if seen else 0
        self.attempt(handoff.return_to_bot(self.world.deps, self.ticket.id, self.agent(holder), seen_seq=last))

    @rule(minutes=st.sampled_from([0, 0, 2, 20]), how=st.sampled_from(["work", "sweep"]))
    def time_passes_and(self, minutes: int, how: str) -> None:
        self.world.clock.at += timedelta(minutes=minutes)
        if how == "sweep":
            self.do(sweep(self.world.deps))
        while how == "work" and self.do(self.world.work()):
            pass

    @invariant()
    def the_conversation_and_its_ticket_agree(self) -> None:
        state = self.do(self.world.conversation(self.who)).state
        expected = {"queued": {Holder.QUEUED}, "claimed": {Holder.AGENT}, "closed": {Holder.BOT, Holder.RETURNING}}
        assert state in expected[self.ticket.state]

    def the_record_is_one_chain_of_lawful_steps(self) -> None:
        holder = Holder.BOT
        for event in self.do(events(self.world, self.who)):
            assert Holder(event.before) is holder
            after = Holder(event.after)
            assert after is holder or after in LEGAL[holder]
            holder = after
        assert self.do(self.world.conversation(self.who)).state is holder

    def teardown(self) -> None:
        """In the end nothing is left in the inbox, no message was answered twice, and the record tells every step."""
        while self.do(self.world.work()):
            pass
        self.do(sweep(self.world.deps))
        assert set(self.do(inbox_states(self.world, self.who))) <= {"done", "joined"}
        assert self.do(self.world.conversation(self.who)).state is not Holder.RETURNING
        assert self.do(_most_answers(self.world, self.who)) <= 1
        self.the_record_is_one_chain_of_lawful_steps()


def test_no_order_of_events_breaks_the_handoff(database_url: str) -> None:
    """One world for all examples; a conversation each."""
    loop = asyncio.new_event_loop()
    from tests.usecases.conftest import world as fixture

    # The fixture's own generator, driven by hand: hypothesis runs many examples inside one test.
    generator = fixture.__wrapped__(database_url)  # type: ignore[attr-defined]
    Handoff.loop, Handoff.world = loop, loop.run_until_complete(anext(generator))

    try:
        run_state_machine_as_test(
            Handoff,
            settings=settings(
                max_examples=20,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.run_until_complete(generator.aclose())
        loop.close()


async def _most_answers(world: World, who: Conversation) -> int:
    """How often the most answered message was answered by the bot: turns, by their place in the thread."""
    async with world.store.begin() as tx:
        thread = await tx.thread(who.id, limit=5000)
    turns: dict[int, list[int]] = {}
    for entry in thread:
        if entry.sender == "bot" and entry.inbox_id is not None:
            turns.setdefault(entry.inbox_id, []).append(entry.seq)
    # The replies of one turn are written together: several blocks would be several answers.
    blocks = [1 + sum(b - a > 1 for a, b in zip(seqs, seqs[1:], strict=False)) for seqs in turns.values()]
    return max(blocks, default=0)
