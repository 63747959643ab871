"""A person is asked for: by the citizen, by the bot that understood nothing twice, by an adapter that gave up, by words of distress.

Whoever raises it says why (:class:`bot.domain.handoff.Trigger`). One open ticket per conversation: a second reason makes it more urgent.
The bot goes on helping until somebody comes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from bot.domain.catalogue import Locus
from bot.domain.conversation import Case, Conversation
from bot.domain.fields.dates import shown_date
from bot.domain.handoff import Did, Event, Holder, Priority, Ticket, TicketState, Trigger
from bot.domain.hours import estimate
from bot.domain.messages import Button, Kind, Reply
from bot.domain.payloads import command
from bot.domain.reference import new_ticket
from bot.usecases import handoff_outside as outside
from bot.usecases import handoff_outside_away as away
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import BOT, CITIZEN, Grip
from bot.usecases.handoff_summary import citizen_words, summary_of
from bot.usecases.replies import person_button
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn

_OFFER_HOLDS = timedelta(minutes=15)
"""Somebody who asks so soon after an offer asks for the reason of the offer."""
_WORTH_SAYING = 120
"""Minutes; who would wait longer is told the place in line only."""
UNSURE = "unsure_face"
"""``reason`` of a ticket about a face that officers decide on: the pictures never leave the house, nor does the ticket."""
_URGENT = {Trigger.EMERGENCY: Priority.EMERGENCY, Trigger.DISTRESS: Priority.DISTRESS}


@dataclass(frozen=True)
class Raised:
    """A ticket, how many stand before it, and whether it is new."""

    ticket: Ticket
    ahead: int
    fresh: bool


@dataclass(frozen=True)
class Desk:
    """Who can answer at an office now. ``opens``: when it opens next, if that is known and it is closed."""

    present: int
    opens: datetime | None
    closed: bool
    """Known to be closed; False also when the hours are not known."""

    @property
    def answers(self) -> bool:
        """Whether somebody can answer now."""
        return self.present > 0


# -- asking -------------------------------------------------------------------------------------------------------------


async def request_person(turn: Turn, *, complaint: bool = False) -> Effect:
    """The citizen asks: a ticket with a number, the place in line, how long it takes as far as that is known."""
    deps, tx, conversation = turn.deps, turn.tx, turn.conversation
    trigger = Trigger.COMPLAINT if complaint else Trigger.ASKED
    offered = await tx.last_offer(conversation.id, deps.now() - _OFFER_HOLDS)
    if offered is not None and trigger is Trigger.ASKED:
        trigger = Trigger(offered)
    raised = await raise_ticket(deps, tx, conversation, trigger, reason=turn.call.intent, actor=CITIZEN)
    return Effect(await queued_words(deps, tx, conversation, raised))


async def raise_ticket(
    deps: Deps,
    tx: Tx,
    conversation: Conversation,
    trigger: Trigger,
    *,
    reason: str = "",
    service: str | None = None,
    case_id: UUID | None = None,
    team: str | None = None,
    actor: str = BOT,
) -> Raised:
    """A person is wanted. ``conversation`` is locked; the caller saves it. Says nothing (see :func:`queued_words`)."""
    now = deps.now()
    ticket = await tx.open_ticket(conversation.id, lock=True)
    if ticket is not None:
        await _again(deps, tx, conversation, ticket, trigger, reason or trigger.value, actor)
        return Raised(ticket, await tx.place_of(ticket, now), False)
    texts = await citizen_words(tx, conversation)
    vulnerable = await _vulnerable(deps, tx, conversation, texts)
    summary = await summary_of(deps, tx, conversation, texts)
    service = service or summary.service or conversation.topic
    ticket = Ticket(
        id=uuid4(),
        number=new_ticket(secrets.randbits),
        conversation_id=conversation.id,
        locus=conversation.locus,
        reason=reason or trigger.value,
        state=TicketState.QUEUED.value,
        created_at=now,
        trigger=trigger.value,
        priority=_URGENT.get(trigger, Priority.VULNERABLE if vulnerable else Priority.NORMAL),
        vulnerable=vulnerable,
        language=conversation.language,
        service=service,
        case_id=case_id or (conversation.case_id if conversation.form_active else None),
        team=team or _team(deps, deps.locus(conversation), service),
        last_citizen_at=conversation.last_inbound_at,
        summary=summary.to_json(),
        told_at=now,
    )
    desk = None if reason == UNSURE else outside.desk_of_office(deps, conversation.locus)
    desk = await away.reachable(tx, desk, now)
    ticket.desk = desk.id if desk is not None else None
    ahead = await tx.place_of(ticket, now)
    ticket.told_place = ahead + 1
    await tx.put_ticket(ticket)
    await outside.hand_over(tx, ticket, now)
    found = Grip(deps, tx, conversation, ticket, now)
    held = conversation.state in (Holder.BOT, Holder.RETURNING)
    await found.move(Holder.QUEUED if held else conversation.state, Did.QUEUED, actor, trigger.value)
    return Raised(ticket, ahead, True)


async def adapter_gave_up(deps: Deps, tx: Tx, case: Case, verb: str) -> None:
    """An errand to an agency is given up: a person looks after it, and the citizen hears the number of the ticket."""
    conversation = await tx.conversation(case.conversation_id, lock=True)
    raised = await raise_ticket(
        deps, tx, conversation, Trigger.AGENCY, reason=verb, service=case.service, case_id=case.id
    )
    await tx.save_conversation(conversation)
    if raised.fresh:
        said = await queued_words(deps, tx, conversation, raised)
        await tx.say(conversation.id, said, deps.now(), key=f"ticket:{raised.ticket.id}", notice=True)


async def _again(
    deps: Deps, tx: Tx, conversation: Conversation, ticket: Ticket, trigger: Trigger, reason: str, actor: str
) -> None:
    """A second reason: only ever more urgent, and whoever sleeps wakes. One that was about a face is about more now."""
    urgent = _URGENT.get(trigger, Priority.NORMAL)
    more = ticket.reason == UNSURE and trigger is not Trigger.IDENTITY
    if urgent <= ticket.priority and ticket.snoozed_until is None and not more:
        return
    ticket.priority = max(ticket.priority, urgent)
    ticket.snoozed_until = None
    if more:
        ticket.reason, ticket.trigger = reason, trigger.value
        desk = outside.desk_of_office(deps, conversation.locus) if ticket.state == TicketState.QUEUED else None
        desk = await away.reachable(tx, desk, deps.now())
        ticket.desk = desk.id if desk is not None else ticket.desk
    await Grip(deps, tx, conversation, ticket, deps.now()).note(Did.RAISED, actor, trigger.value)
    await tx.put_ticket(ticket)
    await outside.hand_over(tx, ticket, deps.now())


async def _vulnerable(deps: Deps, tx: Tx, conversation: Conversation, texts: Sequence[str]) -> str:
    """Why somebody is served first: the birth date of the register, or what they wrote."""
    if conversation.citizen_id is not None:
        born = (await tx.citizen(conversation.citizen_id)).birth_date
        if _age(born, deps.today(conversation)) >= deps.policy.desk.elderly:
            return "age"
    return deps.catalogue().escalation.vulnerable(texts)


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _team(deps: Deps, locus: Locus, slug: str | None) -> str | None:
    """The team of a service or form: the first that names it, else the first that names its agency."""
    service = deps.catalogue().service(slug) if slug else None
    for team in locus.teams:
        if slug in team.services or (service is not None and service.agency in team.agencies):
            return team.id
    return None


# -- what is said -------------------------------------------------------------------------------------------------------


async def desk_of(deps: Deps, tx: Tx, conversation: Conversation) -> Desk:
    """Who can answer this conversation now."""
    present = await tx.agents_present(conversation.locus, deps.now())
    week = deps.locus(conversation).week
    if week is None:
        return Desk(present, None, False)
    here = deps.now().astimezone(deps.zone(conversation))
    if week.is_open(here, deps.holiday):
        return Desk(present, None, False)
    return Desk(present, week.next_opening(here, deps.holiday), True)


async def queued_words(deps: Deps, tx: Tx, conversation: Conversation, raised: Raised) -> list[Reply]:
    """The number of the ticket and, honestly, when somebody answers: the place in line while people are there, a time when the
    office is closed and its hours are known, else that the answer comes in this chat.
    """
    ticket, place = raised.ticket, raised.ahead + 1
    leave = Button(deps.say("handoff.leave_button", conversation), command(f"bot-{ticket.id}"))
    meta = {"ticket": ticket.number}
    if ticket.state == TicketState.CLAIMED:
        return [Reply(deps.say("handoff.is_here", conversation), Kind.HANDOFF, meta=meta)]
    if ticket.desk is not None:
        return [Reply(await _outside_words(deps, tx, conversation, raised), Kind.HANDOFF, (leave,), meta=meta)]
    desk = await desk_of(deps, tx, conversation)
    if not raised.fresh:
        text = deps.say("handoff.still_queued", conversation, number=ticket.number, place=place)
    elif ticket.trigger == Trigger.COMPLAINT:
        text = deps.say("handoff.complaint", conversation, number=ticket.number, place=place)
    else:
        text = deps.say("handoff.queued", conversation, number=ticket.number, place=place)
    when = await when_words(deps, tx, conversation, desk, place)
    words = f"{text} {when}" if when else text
    return [Reply(words, Kind.HANDOFF, (leave,), meta=meta)]


async def _outside_words(deps: Deps, tx: Tx, conversation: Conversation, raised: Raised) -> str:
    """Of another house's queue no place and no time is known, only that it is closed now."""
    complaint = raised.ticket.trigger == Trigger.COMPLAINT
    key = "outside_still" if not raised.fresh else "outside_complaint" if complaint else "outside_queued"
    text = deps.say(f"handoff.{key}", conversation, number=raised.ticket.number)
    desk = await desk_of(deps, tx, conversation)
    if desk.opens is None:
        return text
    return f"{text} {deps.say('handoff.opens', conversation, time=spoken_time(deps, conversation, desk.opens))}"


async def when_words(deps: Deps, tx: Tx, conversation: Conversation, desk: Desk, place: int) -> str:
    """When somebody answers, as far as that can be said."""
    if desk.answers:
        minutes = await _waiting(deps, tx, conversation, place, desk.present)
        return deps.say("handoff.wait", conversation, least=minutes[0], most=minutes[1]) if minutes else ""
    if desk.opens is not None:
        return deps.say("handoff.opens", conversation, time=spoken_time(deps, conversation, desk.opens))
    return deps.say("handoff.nobody", conversation)


async def _waiting(deps: Deps, tx: Tx, conversation: Conversation, place: int, present: int) -> tuple[int, int] | None:
    """A range of minutes, from claims of the last hours; None: too few, or longer than is worth saying."""
    now = deps.now()
    waited = await tx.waited(conversation.locus, now - deps.policy.desk.measured)
    found = estimate(waited, place, present, await tx.longest_waiting(conversation.locus, now))
    return found if found is not None and found[1] <= _WORTH_SAYING else None


def spoken_time(deps: Deps, conversation: Conversation, at: datetime) -> str:
    """ "Senin, 5 Oktober 2026 pukul 08.00", in the office's time; today and tomorrow are called so."""
    here = at.astimezone(deps.zone(conversation))
    days = (here.date() - deps.today(conversation)).days
    clock = here.strftime("%H.%M")
    if days in (0, 1):
        return deps.say("handoff.today" if days == 0 else "handoff.tomorrow", conversation, time=clock)
    day = deps.say("handoff.days", conversation).split()[here.weekday()]
    date_ = shown_date(here.date(), conversation.language)
    return deps.say("handoff.on_day", conversation, day=day, date=date_, time=clock)


# -- offering -----------------------------------------------------------------------------------------------------------


async def offer(turn: Turn, trigger: Trigger, key: str, later_key: str) -> Reply:
    """A person is offered, by the sentence ``key``; when nobody can answer now, by ``later_key``, which promises an answer in this
    chat and no time. Why is remembered for the ticket.
    """
    deps, tx, conversation = turn.deps, turn.tx, turn.conversation
    desk = await desk_of(deps, tx, conversation)
    await offered(deps, tx, conversation, trigger)
    text = deps.say(key if desk.answers else later_key, conversation)
    return Reply(text, Kind.ERROR, (person_button(deps, conversation),))


async def offered(deps: Deps, tx: Tx, conversation: Conversation, trigger: Trigger) -> None:
    """Record that, and why, a person was offered."""
    state = conversation.state.value
    event = Event(conversation.id, None, deps.now(), BOT, Did.OFFERED.value, state, state, trigger.value)
    await tx.put_event(event)
