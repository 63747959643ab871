"""Many agents, many conversations, at the same time: each is claimed once, none is lost, nothing is said under a lost lease."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from bot.domain.handoff import Agent, TicketConflict
from bot.usecases import handoff
from bot.usecases.handoff_sweep import sweep
from tests.usecases.conftest import World
from tests.usecases.desk import LOCUS

AGENTS = [Agent(f"agen{n:02}", f"Agen {n}", LOCUS, capacity=20) for n in range(50)]
CONVERSATIONS = 200


async def _queue(world: World, n: int = CONVERSATIONS) -> None:
    """So many conversations in the queue, put there at once (asking one by one is tested elsewhere)."""
    now = world.clock.now()
    rows = [
        {
            "c": uuid4(),
            "t": uuid4(),
            "x": f"banyak{i}",
            "number": f"TKT-{i:04}",
            "now": now + timedelta(seconds=i),
            "locus": LOCUS,
            "priority": i % 3,
        }
        for i in range(n)
    ]
    async with world.store.begin() as tx:
        await tx.run(
            text(
                "insert into conversation (id, account, external_id, locus, language, created_at, state) "
                "values (:c, 'web', :x, :locus, 'id', :now, 'queued')"
            ),
            rows,
        )
        await tx.run(
            text(
                "insert into ticket (id, number, conversation_id, locus, reason, state, created_at, priority) "
                "values (:t, :number, :c, :locus, 'talk_to_human', 'queued', :now, :priority)"
            ),
            rows,
        )


async def _claims(world: World) -> dict[UUID, list[str]]:
    async with world.store.begin() as tx:
        rows = await tx.run(text("select ticket_id, actor from handoff_event where event = 'claimed'"))
        found: dict[UUID, list[str]] = {}
        for row in rows:
            found.setdefault(row.ticket_id, []).append(row.actor)
        return found


async def test_fifty_agents_take_two_hundred_conversations_at_once_each_exactly_once(world: World) -> None:
    await _queue(world)
    world.clock.at += timedelta(minutes=5)

    async def takes(agent: Agent) -> list[UUID]:
        mine = []
        while True:
            try:
                ticket = await handoff.claim_next(world.deps, agent)
            except TicketConflict as stopped:
                assert stopped.why == "full"
                return mine
            if ticket is None:
                return mine
            mine.append(ticket.id)

    taken = [ticket for one in await asyncio.gather(*map(takes, AGENTS)) for ticket in one]
    assert len(taken) == CONVERSATIONS and len(set(taken)) == CONVERSATIONS
    claims = await _claims(world)
    assert len(claims) == CONVERSATIONS and all(len(actors) == 1 for actors in claims.values())
    async with world.store.begin() as tx:
        states = Counter((await tx.run(text("select state from conversation"))).scalars())
        leases = set((await tx.run(text("select lease_no from ticket"))).scalars())
        joined = (await tx.run(text("select count(*) from message"))).scalar_one()
    assert states == {"agent": CONVERSATIONS} and leases == {1} and joined == CONVERSATIONS


async def test_fifty_agents_press_claim_on_the_same_conversation_and_one_gets_it(world: World) -> None:
    await _queue(world, 1)
    async with world.store.begin() as tx:
        (ticket,) = await tx.tickets(LOCUS)

    async def presses(agent: Agent) -> str:
        try:
            await handoff.claim(world.deps, ticket.id, agent)
        except TicketConflict as stopped:
            return stopped.holder
        return agent.username

    assert len(set(await asyncio.gather(*map(presses, AGENTS)))) == 1


async def test_every_expired_lease_returns_its_conversation_and_no_late_reply_gets_through(world: World) -> None:
    await _queue(world, 40)
    world.clock.at += timedelta(minutes=5)
    held = {agent.username: await handoff.claim_next(world.deps, agent) for agent in AGENTS[:40]}
    world.clock.at += timedelta(minutes=3)

    async def late(agent: Agent) -> bool:
        ticket = held[agent.username]
        assert ticket is not None
        try:
            await handoff.reply(world.deps, ticket.id, agent, "terlambat", agent.username, lease_no=1)
        except TicketConflict:
            return False
        return True

    # Two workers sweep while forty agents still try to answer.
    outcomes = await asyncio.gather(sweep(world.deps), sweep(world.deps), *map(late, AGENTS[:40]))
    assert not any(outcomes[2:])
    async with world.store.begin() as tx:
        rows = list(await tx.run(text("select state, agent, lost, lease_no from ticket")))
        agent_lines = (await tx.run(text("select count(*) from message where sender = 'agent'"))).scalar_one()
        told = list(
            (
                await tx.run(
                    text("select count(*) from message where dedupe_key like 'vanished%' group by conversation_id")
                )
            ).scalars()
        )
    assert all((row.state, row.agent, row.lost, row.lease_no) == ("queued", None, 1, 1) for row in rows)
    assert agent_lines == 0 and told == [1] * 40


async def test_the_most_urgent_is_first_then_the_oldest(world: World) -> None:
    await _queue(world, 9)
    world.clock.at += timedelta(minutes=5)
    order = []
    for _ in range(9):
        ticket = await handoff.claim_next(world.deps, AGENTS[0])
        assert ticket is not None
        order.append((ticket.priority, ticket.created_at))
    assert order == sorted(order, key=lambda one: (-one[0], one[1]))


async def test_routing_knows_skill_language_and_load(world: World) -> None:
    await _queue(world, 4)
    async with world.store.begin() as tx:
        await tx.run(text("update ticket set priority = 0, language = 'jv' where number = 'TKT-0000'"))
        await tx.run(
            text("update ticket set priority = 0, service = 'ktp', team = 'kependudukan' where number = 'TKT-0001'")
        )
        await tx.run(
            text("update ticket set priority = 0, service = 'sip-bidan', team = 'nakes' where number = 'TKT-0002'")
        )
        await tx.run(text("update ticket set priority = 0 where number = 'TKT-0003'"))

    async def numbers(agent: Agent) -> list[str]:
        found = []
        while True:
            try:
                ticket = await handoff.claim_next(world.deps, agent)
            except TicketConflict:
                return found
            if ticket is None:
                return found
            found.append(ticket.number)

    licences = Agent("nakes", "Nakes", LOCUS, skills=frozenset({"nakes"}), capacity=1)
    assert await numbers(licences) == ["TKT-0002"]  # one at a time, and only what she knows
    javanese = Agent("jawa", "Jawa", LOCUS, languages=frozenset({"jv"}))
    assert await numbers(javanese) == ["TKT-0000"]
    ktp = Agent("ktp", "KTP", LOCUS, skills=frozenset({"ktp"}))
    assert await numbers(ktp) == ["TKT-0001", "TKT-0003"]
    async with world.store.begin() as tx:
        await tx.run(text("update ticket set state = 'queued', agent = null where number = 'TKT-0000'"))
        await tx.run(text("update conversation set state = 'queued' where external_id = 'banyak0'"))
    world.clock.at += timedelta(minutes=11)
    assert await numbers(ktp) == ["TKT-0000"]  # who has waited long is answered by anybody
