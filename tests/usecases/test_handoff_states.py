"""The state machine under any order of what agents, the citizen, the clock and the workers do (real PostgreSQL, hypothesis)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

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
        self.asked = False
        self.questions: list[str] = []
        self.replies = 0

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

    @rule()
    def the_citizen_asks(self) -> None:
        self.do(self.world.say(self.who, "petugas"))
        self.asked = True

    @rule()
    def the_citizen_writes(self) -> None:
        self.questions.append(f"berapa biaya akta nomor {len(self.questions)}?")
        self.do(self.world.say(self.who, self.questions[-1]))

    @rule()
    def the_citizen_writes_and_no_worker_has_time(self) -> None:
        self.questions.append(f"berapa biaya akta nomor {len(self.questions)}?")
        self.do(self.world.put(self.who, self.questions[-1]))

    @rule()
    def a_worker_has_time(self) -> None:
        while self.do(self.world.work()):
            pass

    @rule()
    def the_citizen_goes_back(self) -> None:
        self.do(self.world.say(self.who, "kembali ke bot"))

    @precondition(lambda self: self.asked and self.ticket.state == "queued")
    @rule(holder=HOLDER)
    def claims(self, holder: bool) -> None:
        self.attempt(handoff.claim(self.world.deps, self.ticket.id, self.agent(holder)))

    @precondition(lambda self: self.asked)
    @rule(holder=HOLDER)
    def takes_over(self, holder: bool) -> None:
        self.attempt(handoff.take_over(self.world.deps, self.ticket.id, self.agent(holder)))

    @precondition(lambda self: self.asked and self.ticket.state == "claimed")
    @rule(holder=HOLDER, number=st.sampled_from([None, None, 1, 2]), slept=st.sampled_from([0, 0, 2]))
    def replies_(self, holder: bool, number: int | None, slept: int) -> None:
        self.world.clock.at += timedelta(minutes=slept)  # the laptop slept over the half-written words
        before, agent = self.ticket, self.agent(holder)
        held = before.held(agent.username, number, self.world.clock.now())
        self.replies += 1
        key = f"{self.who.id}-{self.replies}"
        said = self.attempt(handoff.reply(self.world.deps, before.id, agent, "jawaban", key, lease_no=number))
        assert (said is not None) == held  # a reply gets through exactly under a live lease

    @precondition(lambda self: self.asked and self.ticket.state == "claimed")
    @rule(holder=HOLDER)
    def releases(self, holder: bool) -> None:
        self.attempt(handoff.release(self.world.deps, self.ticket.id, self.agent(holder)))

    @precondition(lambda self: self.asked and self.ticket.state == "claimed")
    @rule(holder=HOLDER)
    def snoozes(self, holder: bool) -> None:
        until = self.world.clock.now() + timedelta(minutes=10)
        self.attempt(handoff.snooze(self.world.deps, self.ticket.id, self.agent(holder), until))

    @precondition(lambda self: self.asked and self.ticket.state == "claimed")
    @rule(holder=HOLDER)
    def hands_on(self, holder: bool) -> None:
        self.attempt(handoff.transfer(self.world.deps, self.ticket.id, self.agent(holder), handoff.To(agent="budi")))

    @precondition(lambda self: self.asked and self.ticket.state == "claimed")
    @rule(holder=HOLDER, seen=st.booleans())
    def gives_back(self, holder: bool, seen: bool) -> None:
        last = self.do(last_seq(self.world, self.who.id)) if seen else 0
        self.attempt(handoff.return_to_bot(self.world.deps, self.ticket.id, self.agent(holder), seen_seq=last))

    @rule(minutes=st.sampled_from([1, 2, 20]))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.at += timedelta(minutes=minutes)

    @rule()
    def the_sweep_comes_by(self) -> None:
        self.do(sweep(self.world.deps))

    @invariant()
    def the_conversation_and_its_ticket_agree(self) -> None:
        if not hasattr(self, "who"):
            return
        state = self.do(self.world.conversation(self.who)).state
        if not self.asked:
            assert state is Holder.BOT
            return
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
                max_examples=25,
                stateful_step_count=30,
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
