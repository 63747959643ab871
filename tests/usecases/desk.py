"""People at the desk of an office, for tests: agents, who is there, tickets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from bot.domain.conversation import Conversation, Ticket
from bot.domain.handoff import Agent, Event
from tests.usecases.conftest import World

LOCUS = "33.28"
ANI = Agent("ani", "Ani", LOCUS)
BUDI = Agent("budi", "Budi", LOCUS)
SITI = Agent("siti", "Siti", LOCUS, frozenset({"agent", "supervisor"}))
ELSEWHERE = Agent("eko", "Eko", "33.29")


async def ticket_of(world: World, who: Conversation) -> Ticket:
    """The newest ticket of somebody's conversation."""
    async with world.store.begin() as tx:
        found = await tx.last_ticket(who.id)
    assert found is not None
    return found


async def asks(world: World, who: Conversation) -> Ticket:
    """Somebody asks for a person; what is said to that is read."""
    await world.say(who, "petugas")
    return await ticket_of(world, who)


async def events(world: World, who: Conversation) -> list[Event]:
    """The record of a conversation."""
    async with world.store.begin() as tx:
        return await tx.handoff_events(who.id)


async def edges(world: World, who: Conversation) -> list[tuple[str, str, str]]:
    """(event, holder before, holder after) of the record, without what changed nobody's hold."""
    return [(e.event, e.before, e.after) for e in await events(world, who) if e.before != e.after]


async def sits_down(world: World, agent: Agent, state: str = "online") -> None:
    """An agent is there, as the presence says, until two minutes from now."""
    now = world.clock.now()
    async with world.store.begin() as tx:
        await tx.run(
            text(
                "insert into staff (username, name, password_hash, locus, created_at) "
                "values (:username, :name, '', :locus, :now) on conflict do nothing"
            ),
            {"username": agent.username, "name": agent.name, "locus": agent.locus, "now": now},
        )
        await tx.run(
            text(
                "insert into staff_presence (username, locus, state, at, seen_at) values (:username, :locus, :state, :now, :now) "
                "on conflict (username, locus) do update set state = :state, seen_at = :now"
            ),
            {"username": agent.username, "locus": agent.locus, "state": state, "now": now},
        )


async def inbox_states(world: World, who: Conversation) -> list[str]:
    """States of somebody's inbox rows, oldest first."""
    async with world.store.begin() as tx:
        query = text("select state from inbox where conversation_id = :id order by id")
        return list((await tx.run(query, {"id": who.id})).scalars())


async def answers_to(world: World, who: Conversation, words: str) -> list[dict[str, Any]]:
    """What the bot said in answer to the message with these words, in the whole thread."""
    async with world.store.begin() as tx:
        thread = await tx.thread(who.id)
    asked = {e.inbox_id for e in thread if e.sender == "citizen" and e.body.get("text") == words}
    return [e.body for e in thread if e.sender == "bot" and e.inbox_id in asked]


async def last_seq(world: World, conversation_id: UUID) -> int:
    """Number of the last line of a thread."""
    async with world.store.begin() as tx:
        return await tx.last_seq(conversation_id)
