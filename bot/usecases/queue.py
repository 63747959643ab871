"""The wishes around a queue: a ticket, its place in the line, another time, giving it back; and a visit at home (jemput bola)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.domain.application import State, citizen_can_cancel
from bot.domain.conversation import Case
from bot.domain.messages import Button, Kind, Reply
from bot.domain.payloads import command, intent
from bot.domain.variants import variant_meant
from bot.ports import Place
from bot.usecases import apply
from bot.usecases.counters import told_today
from bot.usecases.queue_outside import TOLD
from bot.usecases.queue_words import (
    ACTIVE,
    ANOTHER,
    CHANGE,
    QUEUE,
    VISIT,
    WAITING,
    about,
    booked,
    counter_service,
    place_reply,
    served_for,
    service_name,
    spoken_time,
    ticket_reply,
)
from bot.usecases.replies import person_button, plain
from bot.usecases.steps import Outcome
from bot.usecases.track import status_reply
from bot.usecases.turn import Effect, Turn

MOST_TICKETS = 3
"""Active tickets of one chat: enough for a family, too few to trade with."""
_WANTS_VISIT = re.compile(
    r"\b(?:ajukan|minta|mohon|daftar\w*|nyuwun|njaluk|pesan|request|ask for|tolong)\b", re.IGNORECASE
)


async def queue(turn: Turn) -> Effect:
    """The step of ``book_queue`` and ``ask_mobile_service``. An office without a queue desk says so, and offers a person."""
    deps, conversation = turn.deps, turn.conversation
    if not deps.reaches(conversation, deps.known_service(QUEUE).agency):
        name = deps.service_name(QUEUE, conversation.language)
        text = deps.say("apply.not_here", conversation, service=name)
        return Effect([Reply(text, buttons=(person_button(deps, conversation),))])
    if turn.call.intent == "ask_mobile_service":
        return await _visit(turn)
    return await _book(turn)


# -- a ticket -------------------------------------------------------------------------------------------------------------


async def _book(turn: Turn) -> Effect:
    deps, conversation = turn.deps, turn.conversation
    if turn.call.form_active:
        return Effect([plain(deps, conversation, "queue.busy")])
    form = deps.known_service(QUEUE)
    slug = counter_service(turn.meant)
    slug = slug if slug in _offered(form) else ""
    mine = await own(turn)
    again = turn.plan.params.get("variant") == ANOTHER
    same = [case for case in mine if not slug or served_for(case) == slug]
    if same and not again:
        return Effect(_existing(turn, same, slug))
    if len(mine) >= MOST_TICKETS:
        text = deps.say("queue.enough", conversation, n=MOST_TICKETS)
        return Effect([Reply(text, buttons=(person_button(deps, conversation),))])
    if slug and deps.service(slug) is not None:
        conversation.topic = slug
    given = {"layanan": slug} if slug else {}
    effect = await apply.begin_form(turn, form, None, given)
    if slug:
        effect.replies.append(plain(deps, conversation, "queue.for", service=service_name(deps, conversation, slug)))
    if today := await told_today(turn, slug or None, coming=True):
        effect.replies.append(Reply(today, Kind.NOTICE))
    return effect


def _offered(form: Any) -> frozenset[str]:
    """Slugs that a ticket can be for."""
    fields = (field for section in form.form.sections for field in section.fields if field.id == "layanan")
    return frozenset(choice.code for field in fields for choice in field.choices)


def _existing(turn: Turn, tickets: list[Case], slug: str) -> list[Reply]:
    """What the person has already, and the way to one more for somebody else."""
    deps, conversation = turn.deps, turn.conversation
    replies = [plain(deps, conversation, "queue.yours")]
    replies += [ticket_reply(deps, conversation, case) for case in tickets]
    more = Button(
        deps.say("queue.button.another", conversation), intent("book_queue", slug or served_for(tickets[0]), ANOTHER)
    )
    replies[-1] = about(tickets[-1], Reply(replies[-1].text, Kind.STATUS, (*replies[-1].buttons, more)))
    return replies


async def own(turn: Turn) -> list[Case]:
    """The active tickets of the person, newest first."""
    mine = await turn.tx.cases_of(turn.conversation)
    return [case for case in mine if case.service == QUEUE and case.state in ACTIVE]


# -- one's own ticket -------------------------------------------------------------------------------------------------------


async def about_ticket(turn: Turn) -> Effect:
    """A wish about a ticket in one's own words ("sekarang nomor berapa"); of several, each with its buttons."""
    verb, tickets = str(turn.plan.params["verb"]), await own(turn)
    if verb == "giliran" and tickets:
        return Effect([_place(turn, case) for case in tickets])
    if len(tickets) == 1:
        return await (reschedule if verb == "jadwal" else give_back)(turn, tickets[0].id)
    return Effect([ticket_reply(turn.deps, turn.conversation, case) for case in tickets] or [_stale(turn)])


async def place(turn: Turn, case_id: UUID) -> Effect:
    """ "Nomor berapa sekarang?" below a ticket."""
    case = await _mine(turn, case_id)
    return Effect([_place(turn, case) if case is not None else _stale(turn)])


def _place(turn: Turn, case: Case) -> Reply:
    deps, conversation = turn.deps, turn.conversation
    told = (turn.plan.params.get(TOLD) or {}).get(str(case.id))
    if told is None:
        # The agency is away: what is known without it.
        reply = ticket_reply(deps, conversation, case)
        return about(
            case, Reply(f"{deps.say('queue.place_unknown', conversation)}\n\n{reply.text}", Kind.STATUS, reply.buttons)
        )
    expected = datetime.fromisoformat(told["expected_at"]) if told["expected_at"] else None
    starts = datetime.fromisoformat(told["starts_at"])
    return place_reply(deps, conversation, case, Place(**{**told, "starts_at": starts, "expected_at": expected}))


async def reschedule(turn: Turn, case_id: UUID) -> Effect:
    """Another time: one question; until it is answered the old time holds."""
    deps, conversation = turn.deps, turn.conversation
    case = await _mine(turn, case_id)
    if case is None or case.state not in WAITING or case.agency_ref is None:
        return Effect([plain(deps, conversation, "queue.too_late", Kind.ERROR)])
    if conversation.form_active:
        return Effect([plain(deps, conversation, "queue.busy")])
    given = {f"{CHANGE}.tiket": str(case.id), "layanan": served_for(case)}
    effect = await apply.begin_form(turn, deps.known_service(CHANGE), None, given)
    draft = await turn.draft_case()
    asked = await apply.asked(turn, draft) if draft is not None else []
    return Effect([*effect.replies, *asked], Outcome.OPEN_FORM)


async def give_back(turn: Turn, case_id: UUID) -> Effect:
    """Ask "really?" before a ticket or a request for a visit is given back."""
    deps, conversation = turn.deps, turn.conversation
    case = await _mine(turn, case_id)
    if case is None or not citizen_can_cancel(State(case.state)):
        return Effect([plain(deps, conversation, "queue.too_late", Kind.ERROR)])
    ticket = booked(case)
    key = "queue.sure" if ticket is not None else "queue.sure_visit"
    params = {"number": ticket.number, "time": spoken_time(deps, conversation, ticket.starts_at)} if ticket else {}
    text = deps.say(key, conversation, **params)
    button = Button(deps.say("queue.button.sure", conversation), command(f"tarik-{case.id}"))
    return Effect([about(case, Reply(text, Kind.QUESTION, (button,)))])


async def _mine(turn: Turn, case_id: UUID) -> Case | None:
    mine = {case.id: case for case in await turn.tx.cases_of(turn.conversation)}
    return mine.get(case_id)


def _stale(turn: Turn) -> Reply:
    return plain(turn.deps, turn.conversation, "error.stale_button", Kind.ERROR)


# -- a visit at home ----------------------------------------------------------------------------------------------------------


async def _visit(turn: Turn) -> Effect:
    """What jemput bola is and for whom; the request itself, when it is asked for."""
    deps, conversation = turn.deps, turn.conversation
    form = deps.known_service(VISIT)
    if turn.call.form_active:
        return Effect([plain(deps, conversation, "queue.mobile")])
    if turn.call.service == VISIT or _WANTS_VISIT.search(turn.plan.text):
        return await apply.begin_form(turn, form, variant_meant(turn.plan.text, form))
    open_ones = [c for c in await turn.tx.cases_of(conversation) if c.service == VISIT and c.state in ACTIVE]
    start = Button(deps.say("queue.button.visit", conversation), intent("ask_mobile_service", VISIT))
    buttons = (start, person_button(deps, conversation))
    replies = [Reply(deps.say("queue.mobile", conversation), buttons=buttons)]
    return Effect([*replies, *[await status_reply(deps, turn.tx, conversation, case) for case in open_ones]])
