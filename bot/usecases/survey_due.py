"""When somebody is asked how it was: decided where a case ends (:func:`bot.usecases.life.move`), offered later by
:mod:`bot.usecases.survey_offer`. Never before the document, and never in its way.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from bot.domain.application import State
from bot.domain.conversation import Case, Conversation, Ticket
from bot.usecases.deps import Deps
from bot.usecases.queue_words import CHANGE, QUEUE, VISIT, booked, served_for
from bot.usecases.store import Tx
from bot.usecases.store_survey import Kind, Survey, SurveyState

_COMPLAINT = "pengaduan"
_NEVER = frozenset({"profil", CHANGE})
"""Forms that are no service."""
_REJECTED = timedelta(hours=2)
"""A refusal is read first."""
_COLLECTED = timedelta(minutes=1)
_ISSUED = timedelta(days=1)
"""Many never say that they have got the document."""
_SERVED = timedelta(minutes=10)


def pause(service: str, state: State) -> timedelta | None:
    """How long after a case of a service came into a state its citizen is asked; None: they are not."""
    if service in _NEVER:
        return None
    if state is State.SELESAI:
        return _COLLECTED
    if state is State.DITOLAK:
        return _REJECTED
    if state is State.TERBIT and service != _COMPLAINT:  # an answered complaint waits for "it is settled"
        return _SERVED if service in (QUEUE, VISIT) else _ISSUED
    return None


async def after_case(deps: Deps, tx: Tx, case: Case, state: State) -> None:
    """A case came into a state: is its citizen to be asked?"""
    wait = pause(case.service, state)
    if wait is not None:
        await tx.put_survey(about_case(deps, case, deps.now() + wait))


def about_case(deps: Deps, case: Case, due_at: datetime) -> Survey:
    """The survey about a case. A turn at a counter is one about what was served there."""
    visit = case.service in (QUEUE, VISIT)
    service, counter = case.service, ""
    if case.service == QUEUE:
        ticket = booked(case)
        service, counter = served_for(case) or QUEUE, ticket.counter if ticket is not None else ""
    return Survey(
        id=uuid4(),
        subject=f"case:{case.id}",
        locus=case.locus,
        kind=Kind.VISIT if visit else Kind.CASE,
        state=SurveyState.DUE,
        due_at=due_at,
        conversation_id=case.conversation_id,
        case_id=case.id,
        service=service,
        counter=counter,
        free=is_free(deps, service),
    )


def about_help(deps: Deps, ticket: Ticket, now: datetime) -> Survey:
    """The survey about a talk with a person."""
    return Survey(
        id=uuid4(),
        subject=f"ticket:{ticket.id}",
        locus=ticket.locus,
        kind=Kind.HELP,
        state=SurveyState.DUE,
        due_at=now,
        conversation_id=ticket.conversation_id,
        case_id=ticket.case_id,
        ticket_id=ticket.id,
        service=ticket.service,
        free=is_free(deps, ticket.service or ""),
    )


def about_talk(deps: Deps, conversation: Conversation, now: datetime) -> Survey:
    """The survey that feedback given in free talk belongs to: one a day."""
    return Survey(
        id=uuid4(),
        subject=f"talk:{conversation.id}:{deps.today(conversation).isoformat()}",
        locus=conversation.locus,
        kind=Kind.TALK,
        state=SurveyState.OPEN,
        due_at=now,
        offered_at=now,
        conversation_id=conversation.id,
        channel=channel_of(conversation),
        service=conversation.topic,
        free=is_free(deps, conversation.topic or ""),
    )


def channel_of(conversation: Conversation) -> str:
    """``web``, ``telegram`` …"""
    return conversation.account.partition(":")[0]


def is_free(deps: Deps, slug: str) -> bool:
    """Whether a service costs nothing."""
    service = deps.service(slug) if slug else None
    return service is not None and service.free
