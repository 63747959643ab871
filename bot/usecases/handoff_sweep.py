"""What happens to conversations by themselves: agents vanish, sleepers wake, silence ends, the line moves. Clock port only.

Each ticket is one transaction of its own; two sweeps at the same time do everything once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from bot.domain.handoff import Did, Holder, Ticket, TicketState, Waits
from bot.domain.messages import Button, Kind, Reply, Sender
from bot.domain.payloads import command
from bot.errors import NotFound
from bot.usecases.deps import Deps
from bot.usecases.handoff import awake
from bot.usecases.handoff_core import DESK, Grip, grip
from bot.usecases.handoff_request import desk_of, when_words
from bot.usecases.handoff_return import give_back, settled
from bot.usecases.store import Tx

log = logging.getLogger(__name__)


async def sweep(deps: Deps) -> int:
    """Do what is due; returns how much was done."""
    now, desk = deps.now(), deps.policy.desk
    async with deps.store.begin() as tx:
        lost = await tx.lost_leases(now)
        sleepers = await tx.asleep_until(now)
        silent = await tx.silent_since(now - desk.silent)
        untold = await tx.queued_untold(now - desk.news, desk.most_news)
        stuck = await tx.stuck_returning()
    done = await _each(deps, lost, _vanished)
    done += await _each(deps, sleepers, _woken)
    done += await _each(deps, silent, _silent)
    done += await _each(deps, untold, _place_told)
    return done + await _unstuck(deps, stuck)


async def _each(deps: Deps, tickets: Sequence[UUID], work: Callable[[Grip], Awaitable[bool]]) -> int:
    done = 0
    for ticket_id in tickets:
        try:
            async with deps.store.begin() as tx:
                done += await work(await grip(deps, tx, ticket_id))
        except NotFound:
            continue  # deleted meanwhile
        except Exception:
            log.exception("handoff could not be swept", extra={"ticket": str(ticket_id)})
    return done


async def _vanished(found: Grip) -> bool:
    """The lease ran out: back into the queue, and the citizen hears of it once."""
    ticket = found.ticket
    if ticket.state != TicketState.CLAIMED or ticket.lease_until is None or ticket.lease_until > found.now:
        return False
    agent = ticket.agent or ""
    await found.move(Holder.QUEUED, Did.LOST, DESK, agent)
    found.drop_lease()
    ticket.lost += 1
    ticket.waiting_for = Waits.AGENT.value
    await found.save()
    await found.tell("handoff.vanished", once=f"vanished:{ticket.id}")
    await found.audit(DESK, "lost", agent=agent)
    return True


async def _woken(found: Grip) -> bool:
    ticket = found.ticket
    if ticket.state != TicketState.QUEUED or ticket.snoozed_until is None or ticket.snoozed(found.now):
        return False
    await awake(found, DESK)
    return True


async def _silent(found: Grip) -> bool:
    """The citizen owed an answer for long: closed with a word; writing again is all it takes."""
    ticket = found.ticket
    since = ticket.last_reply_at or ticket.claimed_at
    quiet = ticket.state == TicketState.CLAIMED and ticket.waiting_for == Waits.CITIZEN
    if not quiet or since is None or since > found.now - found.deps.policy.desk.silent:
        return False
    await found.tell("handoff.silent", number=ticket.number)
    await give_back(found, DESK, Did.SILENT, "silent")
    await found.audit(DESK, "closed", why="silent")
    return True


async def _place_told(found: Grip) -> bool:
    """News of the place in line, when it got better; at most every few minutes, and not for ever."""
    ticket, deps, tx = found.ticket, found.deps, found.tx
    if ticket.state != TicketState.QUEUED or ticket.snoozed_until is not None:
        return False
    last = ticket.told_at or ticket.created_at
    if last > found.now - deps.policy.desk.news:
        return False
    place = await tx.place_of(ticket, found.now) + 1
    ticket.told_at, before, ticket.told_place = found.now, ticket.told_place, place
    desk = await desk_of(deps, tx, found.conversation)
    worth = desk.answers and (before is None or place < before)
    if worth:
        ticket.told_times += 1
    await tx.put_ticket(ticket, quiet=True)
    if not worth:
        return False
    await _say_place(found, ticket, place, await when_words(deps, tx, found.conversation, desk, place))
    return True


async def _say_place(found: Grip, ticket: Ticket, place: int, when: str) -> None:
    deps, conversation = found.deps, found.conversation
    text = deps.say("handoff.place_news", conversation, place=place)
    leave = Button(deps.say("handoff.leave_button", conversation), command(f"bot-{ticket.id}"))
    said = Reply(f"{text} {when}".strip(), Kind.HANDOFF, (leave,), meta={"ticket": ticket.number}, sender=Sender.SYSTEM)
    await found.tx.say(conversation.id, [said], found.now, notice=True)


async def _unstuck(deps: Deps, conversations: Sequence[UUID]) -> int:
    """On the way back with nothing left to answer: the bot has it."""
    for conversation_id in conversations:
        async with deps.store.begin() as tx:
            await _settle(deps, tx, conversation_id)
    return len(conversations)


async def _settle(deps: Deps, tx: Tx, conversation_id: UUID) -> None:
    conversation = await tx.conversation(conversation_id, lock=True)
    await settled(tx, deps, conversation)
    await tx.save_conversation(conversation)
