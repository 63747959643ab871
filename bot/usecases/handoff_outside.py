"""A handoff that another house answers (:class:`bot.ports_desk.OutsideDesk`): what becomes due there, and the way back to our own.

Nothing here waits for the desk: what is due there is a row of the same transaction, done by :mod:`handoff_outside_do`; what the
desk's agents say and do comes by :mod:`handoff_outside_hear`. The citizen's answers to the bot's form never go there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.catalogue import Locus
from bot.domain.conversation import Conversation, InboxRow
from bot.domain.handoff import Did, Holder, Ticket, TicketState, Waits
from bot.domain.messages import Button, Kind, Reply, Sender
from bot.domain.payloads import command
from bot.errors import NotFound
from bot.ports_desk import OutsideDesk
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import Grip
from bot.usecases.store import Tx
from bot.usecases.store_outside import OutsideCase, Stands

OPEN, APPEND, CLOSE = "open", "append", "close"
STAFF_LANGUAGE = "id"
"""Of what is written to the desk's agents."""


def desk_of_office(deps: Deps, locus: str) -> OutsideDesk | None:
    """The outside desk that answers an office's handoffs; None: our own console."""
    desks = deps.desks.values()
    own = next((desk for desk in desks if locus in desk.offices), None)
    return own or next((desk for desk in desks if not desk.offices), None)


def desks_of(deps: Deps, office: Locus) -> list[OutsideDesk]:
    """Where an office's agents may hand a conversation on to."""
    found = desk_of_office(deps, office.code)
    return [found] if found is not None else []


def known_desk(found: Grip, desk: str | None) -> None:
    """:raises bot.errors.NotFound: that desk is not for this office."""
    if desk is not None and desk not in {one.id for one in desks_of(found.deps, found.deps.locus(found.conversation))}:
        raise NotFound("desk")


# -- there ------------------------------------------------------------------------------------------------------------------


async def hand_over(tx: Tx, ticket: Ticket, now: datetime) -> None:
    """The ticket, which is stored and names its desk, becomes a conversation there. Its second time is a new one."""
    if ticket.desk is None:
        return
    known = await tx.outside_case(ticket.id, lock=True)
    if known is not None and known.state == Stands.OPEN and known.desk == ticket.desk:
        return
    case = OutsideCase(
        ticket.id,
        ticket.desk,
        now,
        round=known.round + 1 if known is not None else 1,
        sent_seq=await tx.last_seq(ticket.conversation_id),
    )
    await tx.put_outside(case)
    await tx.put_outside_due(ticket.id, OPEN, f"{case.round}:{OPEN}", {}, now)


async def follow(deps: Deps, tx: Tx, conversation: Conversation, row: InboxRow, *, to_bot: bool = False) -> None:
    """What the citizen wrote goes to the desk that has the conversation, or that it waits for. ``to_bot``: it answered the form."""
    if not deps.desks or conversation.state not in (Holder.AGENT, Holder.QUEUED):
        return
    if conversation.state is Holder.QUEUED and (to_bot or conversation.form_active):
        return
    ticket = await tx.open_ticket(conversation.id)
    case = await tx.outside_case(ticket.id) if ticket is not None and ticket.desk is not None else None
    if case is None or case.state != Stands.OPEN:
        return
    key = f"{case.round}:line:{row.seq}"
    await tx.put_outside_due(case.ticket_id, APPEND, key, {"seq": row.seq, **_written(row.body)}, deps.now())


def _written(body: Mapping[str, Any]) -> dict[str, Any]:
    said = next((str(body[name]) for name in ("text", "caption", "title") if body.get(name)), "")
    file = body.get("file")
    return {"text": said, "file": {"id": file["id"], "kind": body.get("file_kind", "")} if file else None}


# -- and back ---------------------------------------------------------------------------------------------------------------


async def left(found: Grip, why: str) -> None:
    """Whoever has the conversation now, it is not the desk any more: what was due there is not done, and it is closed there.
    ``why``: what its agents are told (``handoff.outside_note_<why>``). The caller saves the ticket.
    """
    ticket, tx = found.ticket, found.tx
    case = await tx.outside_case(ticket.id, lock=True) if ticket.desk is not None else None
    if case is None or case.state != Stands.OPEN:
        return
    await tx.drop_outside_due(ticket.id)
    case.state = Stands.CLOSED
    await tx.put_outside(case)
    await close_there(found, case, why)


async def close_there(found: Grip, case: OutsideCase, why: str, late: str = "") -> None:
    """Make it due. ``late``: the conversation there that came to be only now."""
    number = found.ticket.number
    note = found.deps.texts.say(f"handoff.outside_note_{why}", STAFF_LANGUAGE, number=number)
    body = {"desk": case.desk, "ref": late or case.ref, "number": number, "note": note}
    key = f"{case.round}:{CLOSE}{':late' if late else ''}"
    await found.tx.put_outside_due(case.ticket_id, CLOSE, key, body, found.now)


async def fall_back(found: Grip, case: OutsideCase, words: str) -> None:
    """The desk is away, or will not have it: our own answers, and the citizen hears what happens next. ``words``: when that is."""
    ticket = found.ticket
    if ticket.state == TicketState.CLOSED or ticket.desk != case.desk or case.state != Stands.OPEN:
        return
    await left(found, "away")
    to = Holder.QUEUED if found.conversation.state is Holder.AGENT else found.conversation.state
    await found.move(to, Did.FELL_BACK, case.desk)
    found.drop_lease()
    ticket.desk, ticket.waiting_for = None, Waits.AGENT.value
    await found.save()
    text = found.deps.say("handoff.outside_away", found.conversation, number=ticket.number)
    leave = Button(found.deps.say("handoff.leave_button", found.conversation), command(f"bot-{ticket.id}"))
    said = Reply(
        f"{text} {words}".strip(), Kind.HANDOFF, (leave,), meta={"ticket": ticket.number}, sender=Sender.SYSTEM
    )
    await found.tx.say(found.conversation.id, [said], found.now, key=f"away:{ticket.id}:{case.round}", notice=True)
    await found.audit(case.desk, "fell_back")
