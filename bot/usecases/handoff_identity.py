"""An identity that was not proven brings a person: failed for good, or too uncertain for a machine. In the chat and on the capture page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.conversation import Conversation
from bot.domain.handoff import Did, Holder, TicketState, Trigger
from bot.domain.messages import Reply
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import BOT, Grip
from bot.usecases.handoff_request import UNSURE, offered, queued_words, raise_ticket
from bot.usecases.store import Tx


async def unproven(deps: Deps, tx: Tx, conversation: Conversation, found: Mapping[str, Any]) -> list[Reply]:
    """What an identity that was not proven means (keys of ``found``: :mod:`bot.usecases.outside`). Failed for good: a person helps.
    Failed once more: they were offered one, and the reason is kept. The caller saves the conversation.
    """
    if found.get("ok", True) or found.get("officer"):
        return []
    if not found.get("locked"):
        if found.get("counts"):
            await offered(deps, tx, conversation, Trigger.IDENTITY)
        return []
    if conversation.state in (Holder.QUEUED, Holder.AGENT):
        return []
    raised = await raise_ticket(deps, tx, conversation, Trigger.IDENTITY, reason=str(found.get("kind", "")))
    return await queued_words(deps, tx, conversation, raised)


async def face_unsure(deps: Deps, tx: Tx, conversation: Conversation) -> None:
    """A face that is too uncertain for a machine: besides the check that officers decide on (the identity desk) there is a ticket,
    so that agents see who waits and may talk with them. The citizen was told already, and is told no place in a line.
    """
    raised = await raise_ticket(deps, tx, conversation, Trigger.IDENTITY, reason=UNSURE)
    if raised.fresh:
        raised.ticket.told_times = deps.policy.desk.most_news
        await tx.put_ticket(raised.ticket)


async def face_decided(deps: Deps, tx: Tx, conversation: Conversation) -> None:
    """The officers have spoken: a ticket that was about nothing else, and that nobody took, is over. The caller saves the conversation."""
    ticket = await tx.open_ticket(conversation.id, lock=True)
    if ticket is None or ticket.reason != UNSURE or ticket.state != TicketState.QUEUED:
        return
    found = Grip(deps, tx, conversation, ticket, deps.now())
    ticket.state, ticket.closed_at, ticket.snoozed_until = TicketState.CLOSED.value, found.now, None
    if conversation.state is Holder.QUEUED:
        await found.move(Holder.BOT, Did.RETURNED, BOT, "decided")
    await tx.put_ticket(ticket)
