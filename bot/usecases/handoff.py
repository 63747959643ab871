"""The verbs of an agent: take a conversation, answer, hand on, give back. The router keeps the bot silent, never the bot itself.

Every verb locks the conversation, then the ticket; compare-and-set on both. What is written under a lease that is lost is stopped with
:class:`bot.domain.handoff.TicketConflict`, which says who has it. ``lease_no`` may be left out: then whichever lease the agent
holds counts. Agents of another office get :class:`bot.errors.NotFound`.

Elsewhere: the citizen's side :mod:`handoff_citizen`, the request :mod:`handoff_request`, the open form :mod:`handoff_form`, what the
bot was told :mod:`handoff_summary`, what happens by itself :mod:`handoff_sweep`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.domain.handoff import Agent, Did, Holder, Ticket, TicketConflict, TicketState, Waits
from bot.domain.messages import Button, FileRef, Kind, Reply, Sender
from bot.domain.payloads import command
from bot.errors import NotFound
from bot.usecases import handoff_outside as outside
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import Grip, grip, held
from bot.usecases.handoff_request import request_person
from bot.usecases.handoff_return import give_back

__all__ = [
    "To",
    "assign",
    "claim",
    "claim_next",
    "release",
    "renew",
    "renew_all",
    "reply",
    "request_person",
    "return_to_bot",
    "snooze",
    "take_over",
    "transfer",
    "wake",
]


@dataclass(frozen=True)
class To:
    """Where a conversation goes: exactly one of a colleague's username, a team of the office, an outside desk."""

    agent: str | None = None
    team: str | None = None
    desk: str | None = None


# -- taking -------------------------------------------------------------------------------------------------------------


async def claim(deps: Deps, ticket_id: UUID, agent: Agent) -> Ticket:
    """The agent takes the conversation: from now on the bot is silent. Their own claim is renewed.

    :raises bot.domain.handoff.TicketConflict: another agent has it (``held``), it is ``closed``, or at an outside desk (``busy``).
    """
    async with deps.store.begin() as tx:
        found = await grip(deps, tx, ticket_id, agent.locus)
        ticket, now = found.ticket, found.now
        if ticket.held(agent.username, None, now):
            ticket.lease_until = now + deps.policy.desk.lease
            await tx.put_ticket(ticket)
            return ticket
        if ticket.state == TicketState.CLOSED:
            raise TicketConflict("closed", ticket.agent or "")
        if ticket.desk is not None:
            raise TicketConflict("busy")
        if ticket.state == TicketState.CLAIMED:
            if ticket.lease_until is not None and ticket.lease_until > now:
                raise TicketConflict("held", ticket.agent or "")
            await found.move(Holder.QUEUED, Did.LOST, "desk", why=ticket.agent or "")
        await _take(found, agent, Did.CLAIMED)
        return ticket


async def claim_next(deps: Deps, agent: Agent) -> Ticket | None:
    """The ticket that is the agent's to answer next (see ``next_ticket`` of :class:`bot.usecases.store_console.ConsoleTx`), claimed;
    None: nothing waits for them.

    :raises bot.domain.handoff.TicketConflict: they hold as many as they may (``full``).
    """
    for wait in (False, False, True, True, True):
        async with deps.store.begin() as tx:
            now = deps.now()
            if await tx.held_by(agent.username, agent.locus, now) >= agent.capacity:
                raise TicketConflict("full", agent.username)
            ticket = await tx.next_ticket(agent, now, wait=wait)
            if ticket is None and wait:
                return None
            if ticket is None or ticket.state != TicketState.QUEUED or ticket.desk is not None:
                continue  # a colleague was faster, or everything is locked at the moment
            conversation = await tx.conversation(ticket.conversation_id, lock=True)
            await _take(Grip(deps, tx, conversation, ticket, now), agent, Did.CLAIMED)
            return ticket
    return None


async def take_over(deps: Deps, ticket_id: UUID, agent: Agent) -> Ticket:
    """A supervisor takes the conversation, whoever has it.

    :raises bot.errors.NotFound: they are no supervisor of that office.
    """
    if not agent.supervisor:
        raise NotFound("ticket")
    async with deps.store.begin() as tx:
        found = await grip(deps, tx, ticket_id, agent.locus)
        if found.ticket.state == TicketState.CLOSED:
            raise TicketConflict("closed", found.ticket.agent or "")
        if not found.ticket.held(agent.username, None, found.now):
            await _take(found, agent, Did.TAKEN_OVER, why=found.ticket.agent or "")
        return found.ticket


async def _take(found: Grip, agent: Agent, did: Did, why: str = "") -> None:
    deps, ticket, now = found.deps, found.ticket, found.now
    await outside.left(found, "taken")
    await found.move(Holder.AGENT, did, agent.username, why)
    ticket.state, ticket.agent, ticket.lease_no = TicketState.CLAIMED.value, agent.username, ticket.lease_no + 1
    ticket.lease_until = now + deps.policy.desk.lease
    ticket.claimed_at = ticket.claimed_at or now
    ticket.assigned, ticket.snoozed_until, ticket.desk = None, None, None
    ticket.waiting_for = Waits.AGENT.value
    await found.save()
    text = deps.say("handoff.joined", found.conversation, name=agent.name)
    back = Button(deps.say("handoff.back_button", found.conversation), command(f"bot-{ticket.id}"))
    meta = {"agent": agent.name, "ticket": ticket.number}
    await found.say(Reply(text, Kind.HANDOFF, (back,), meta=meta, sender=Sender.SYSTEM))
    await found.audit(agent.username, did.value, **({"from": why} if why else {}))


# -- holding ------------------------------------------------------------------------------------------------------------


async def renew(deps: Deps, ticket_id: UUID, agent: Agent, lease_no: int) -> datetime:
    """A sign of life for one conversation; until when the lease holds now.

    :raises bot.domain.handoff.TicketConflict: the lease is lost.
    """
    async with deps.store.begin() as tx:
        until = deps.now() + deps.policy.desk.lease
        if not await tx.renew_leases(agent.username, agent.locus, deps.now(), until, ticket_id, lease_no):
            await held(deps, tx, ticket_id, agent, lease_no)
        return until


async def renew_all(deps: Deps, agent: Agent) -> int:
    """A sign of life of the agent's open console: every lease that still holds; returns how many."""
    async with deps.store.begin() as tx:
        now = deps.now()
        return await tx.renew_leases(agent.username, agent.locus, now, now + deps.policy.desk.lease)


async def reply(
    deps: Deps,
    ticket_id: UUID,
    agent: Agent,
    text: str,
    key: str,
    *,
    lease_no: int | None = None,
    expected_last_seq: int | None = None,
    attachments: Sequence[FileRef] = (),
    meta: Mapping[str, Any] | None = None,
) -> int:
    """The agent's words, shown in the citizen's chat; returns their place in the thread. ``key``: one per form shown, so a double
    click says it once. ``expected_last_seq``: the last line the agent saw; a colleague's answer after it stops this one.

    :raises bot.domain.handoff.TicketConflict: the agent does not hold the ticket (any more): ``lost``, ``held``, ``closed``; or a
        colleague ``answered`` meanwhile.
    """
    once = f"agent:{key}"
    async with deps.store.begin() as tx:
        known = await tx.ticket(ticket_id)
        if known.locus == agent.locus and await tx.was_said(known.conversation_id, once):
            return await tx.last_seq(known.conversation_id)
        found = await held(deps, tx, ticket_id, agent, lease_no)
        ticket, now = found.ticket, found.now
        if expected_last_seq is not None:
            between = await tx.agent_line(ticket.conversation_id, expected_last_seq)
            if between is not None:
                raise TicketConflict("answered", between[1], between[0])
        about = {**(meta or {}), "agent": agent.name, "ticket": ticket.number}
        said = Reply(text, Kind.ANSWER, attachments=tuple(attachments), sender=Sender.AGENT, meta=about)
        seqs = await tx.say(ticket.conversation_id, [said], now, key=once)
        if not seqs:
            return await tx.last_seq(ticket.conversation_id)
        await tx.sent_blobs([UUID(file.id) for file in attachments])
        ticket.first_reply_at = ticket.first_reply_at or now
        ticket.last_reply_at, ticket.waiting_for = now, Waits.CITIZEN.value
        ticket.lease_until = now + deps.policy.desk.lease
        await tx.put_ticket(ticket)
        return seqs[-1]


# -- handing on ---------------------------------------------------------------------------------------------------------


async def release(deps: Deps, ticket_id: UUID, agent: Agent, *, lease_no: int | None = None) -> None:
    """Back into the queue, where it stood by its age; the bot helps meanwhile."""
    async with deps.store.begin() as tx:
        found = await held(deps, tx, ticket_id, agent, lease_no)
        await found.move(Holder.QUEUED, Did.RELEASED, agent.username)
        found.drop_lease()
        await found.save()
        await found.tell("handoff.released")
        await found.audit(agent.username, "released")


async def transfer(deps: Deps, ticket_id: UUID, agent: Agent, to: To, *, lease_no: int | None = None) -> Ticket:
    """Hand the conversation on. It is queued there; the citizen hears that somebody else goes on.

    :raises bot.errors.NotFound: there is no such team or outside desk at the office.
    """
    async with deps.store.begin() as tx:
        found = await held(deps, tx, ticket_id, agent, lease_no)
        await _hand_on(found, agent, to, Did.TRANSFERRED)
        return found.ticket


async def assign(deps: Deps, ticket_id: UUID, by: Agent, to: To) -> Ticket:
    """A supervisor decides who is to answer, whoever has it now; agents may so pick what is still queued.

    :raises bot.errors.NotFound: they are no supervisor and it is claimed; or there is no such team.
    """
    async with deps.store.begin() as tx:
        found = await grip(deps, tx, ticket_id, by.locus)
        ticket = found.ticket
        if ticket.state == TicketState.CLOSED:
            raise TicketConflict("closed", ticket.agent or "")
        if ticket.state != TicketState.QUEUED and not by.supervisor:
            raise NotFound("ticket")
        await _hand_on(found, by, to, Did.ASSIGNED)
        return ticket


async def _hand_on(found: Grip, by: Agent, to: To, did: Did) -> None:
    ticket, spoke = found.ticket, found.conversation.state is Holder.AGENT
    team = _team(found, to.team)
    outside.known_desk(found, to.desk)
    if to.desk is None or to.desk != ticket.desk:
        await outside.left(found, "taken")
    await found.move(Holder.QUEUED, did, by.username, **{k: v for k, v in vars(to).items() if v})
    found.drop_lease()
    ticket.assigned, ticket.snoozed_until = to.agent, None
    ticket.team = to.team or ticket.team
    ticket.desk = to.desk
    ticket.waiting_for = Waits.AGENT.value
    await found.save()
    await outside.hand_over(found.tx, ticket, found.now)
    if spoke and team:
        await found.tell("handoff.transferred_team", team=team)
    elif spoke:
        await found.tell("handoff.transferred")
    await found.audit(by.username, did.value, **{k: v for k, v in vars(to).items() if v})


def _team(found: Grip, team: str | None) -> str:
    """Its name in the citizen's language; empty: none is meant."""
    if team is None:
        return ""
    names = {one.id: one for one in found.deps.locus(found.conversation).teams}
    if team not in names:
        raise NotFound("team")
    return names[team].called(found.conversation.language)


# -- later --------------------------------------------------------------------------------------------------------------


async def snooze(deps: Deps, ticket_id: UUID, agent: Agent, until: datetime, *, lease_no: int | None = None) -> None:
    """Lay it aside until then, or until the citizen writes; it stays the agent's, the bot helps meanwhile."""
    async with deps.store.begin() as tx:
        found = await held(deps, tx, ticket_id, agent, lease_no)
        await found.move(Holder.QUEUED, Did.SNOOZED, agent.username, until=until.isoformat())
        found.drop_lease()
        found.ticket.assigned, found.ticket.snoozed_until = agent.username, until
        await found.save()
        await found.tell("handoff.snoozed", name=agent.name)
        await found.audit(agent.username, "snoozed", until=until.isoformat())


async def wake(deps: Deps, ticket_id: UUID, agent: Agent) -> None:
    """A sleeping one stands in the queue again, for whom it slept."""
    async with deps.store.begin() as tx:
        found = await grip(deps, tx, ticket_id, agent.locus)
        if found.ticket.state == TicketState.QUEUED and found.ticket.snoozed_until is not None:
            await awake(found, agent.username)


async def awake(found: Grip, actor: str) -> None:
    """Wake a ticket that is locked already."""
    found.ticket.snoozed_until = None
    await found.note(Did.WOKEN, actor)
    await found.save()


# -- giving back --------------------------------------------------------------------------------------------------------


async def return_to_bot(
    deps: Deps,
    ticket_id: UUID,
    agent: Agent,
    *,
    lease_no: int | None = None,
    seen_seq: int | None = None,
    why: str = "resolved",
) -> Ticket:
    """The matter is settled: the bot says that it is back and asks for a mark, an open form goes on where it was.

    ``seen_seq``: the last line on the agent's screen; what the citizen wrote after it is answered by the bot, once each. None: the
    agent has seen everything. A ticket that nobody claimed may be closed by any agent of the office.
    """
    async with deps.store.begin() as tx:
        found = await grip(deps, tx, ticket_id, agent.locus)
        if found.ticket.state != TicketState.QUEUED:
            found = await held(deps, tx, ticket_id, agent, lease_no)
        await give_back(found, agent.username, Did.RETURNING, why, seen_seq=seen_seq)
        await found.audit(agent.username, "closed", why=why)
        return found.ticket
