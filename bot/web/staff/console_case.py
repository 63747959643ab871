"""The right pane: who it is, the open form with every answer, applications, what came before. Everything masked until asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from bot.domain import form_desk
from bot.domain.application import State as CaseState
from bot.domain.conversation import Case, Conversation
from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.form_model import MORE, QUIET
from bot.domain.form_sheet import Item, State
from bot.domain.handoff import Ticket
from bot.domain.staff import Right
from bot.usecases.deps import Deps
from bot.usecases.handoff_request import UNSURE
from bot.usecases.store import Tx
from bot.web.staff import console_rows, who
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, sentences
from bot.web.staff.masks import mask_date, mask_name, mask_number, mask_phone, mask_text

MOST_CASES = 8
FORM = "form:"
"""Before a path: the key of a form's answer."""
_FILES = frozenset({"document", "selfie"})


@dataclass(frozen=True)
class Fact:
    """One thing known of the person. ``key`` names it when it is to be shown in full."""

    key: str
    label: str
    masked: str
    full: str

    @property
    def hidden(self) -> bool:
        """Whether there is more than is shown."""
        return self.masked != self.full


@dataclass(frozen=True)
class Answer:
    """One answer of the open form."""

    path: str
    label: str
    value: str
    hidden: bool
    open: bool
    usual: bool
    changeable: bool
    by_staff: bool
    """An agent wrote it, and the citizen has not confirmed it yet."""
    file: bool
    raw: str = ""
    """What the box holds when it is corrected: empty where it is masked."""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Group:
    """Answers under one heading."""

    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class CaseLine:
    """An application of the person."""

    id: str
    reference: str
    service: str
    state: str
    at: str
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Earlier:
    """An earlier handed-over conversation."""

    id: str
    number: str
    at: str
    why: str
    rating: int | None


async def values(request: web.Request, tx: Tx, ticket: Ticket, conversation: Conversation) -> dict[str, Any]:
    """What ``_case.html`` shows."""
    deps, tongue, say = desk_of(request).deps, language(request), sentences(request)
    person = await who.person(deps, tx, conversation)
    others = await tx.conversations_of(conversation.person_id) if conversation.person_id else [conversation]
    cases = await tx.cases_of(conversation)
    return {
        "person": person,
        "unsure": ticket.reason == UNSURE and ticket.closed_at is None,
        "decides": request[ACCOUNT].can(Right.IDENTITY) or request[ACCOUNT].can(Right.SUPERVISE),
        "level": who.level_word(say, person.level),
        "facts": await facts(request, tx, conversation),
        "channel": deps.channel_name(conversation.account, tongue),
        "tongue": conversation.language,
        "linked": await who.connected(deps, tx, conversation, tongue),
        "labels": await tx.labels(conversation.id),
        "known_labels": await tx.known_labels(ticket.locus),
        "form": await form(deps, tx, conversation, tongue),
        "cases": [await _case_line(request, tx, case) for case in cases[:MOST_CASES] if case.state != CaseState.DRAFT],
        "earlier_tickets": [
            Earlier(
                str(one.id),
                one.number,
                local_time(request, one.closed_at or one.created_at),
                console_rows.why(say, one),
                one.rating,
            )
            for one in await tx.earlier_tickets([other.id for other in others], ticket.id)
        ],
    }


async def facts(request: web.Request, tx: Tx, conversation: Conversation) -> list[Fact]:
    """What is known of the person, each with its mask."""
    say, tongue = sentences(request), language(request)
    if conversation.citizen_id is None:
        person = await _claimed(desk_of(request).deps, tx, conversation)
        return [Fact("nik", say("nik_claimed"), mask_number(person), person)] if person else []
    citizen = await tx.citizen(conversation.citizen_id)
    born = citizen.birth_date
    found = [
        Fact("name", say("name"), mask_name(citizen.name), citizen.name),
        Fact("nik", say("nik"), mask_number(citizen.nik), citizen.nik),
        Fact("birth_date", say("born"), mask_date(born.isoformat()), f"{born:%d-%m-%Y}"),
    ]
    kk = str(citizen.data.get("no_kk") or "")
    if kk:
        found.append(Fact("no_kk", say("kk"), mask_number(kk), kk))
    address = str(citizen.data.get("alamat") or "")
    if address and tongue:
        found.append(Fact("address", say("address"), "•••", address))
    return found


async def _claimed(deps: Deps, tx: Tx, conversation: Conversation) -> str:
    """The NIK that the open draft says."""
    case = await _draft_case(deps, tx, conversation)
    if case is None:
        return ""
    engine, draft = deps.form_of(conversation, case)
    return str(engine.identity(draft).get("nik", "") or "")


# -- the form -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FormShown:
    """The open form."""

    service: str
    n: int
    of: int
    paused: bool
    asked: str
    """Path of the question it stands at."""
    groups: tuple[Group, ...]
    unconfirmed: int
    """Answers that an agent wrote and the citizen has not confirmed."""


async def _draft_case(deps: Deps, tx: Tx, conversation: Conversation) -> Case | None:
    if conversation.case_id is None:
        return None
    case = await tx.case(conversation.case_id)
    service = deps.service(case.service)
    filling = conversation.form_active or case.state == CaseState.DRAFT
    return case if filling and service is not None and service.form is not None else None


async def form(deps: Deps, tx: Tx, conversation: Conversation, tongue: str, full: str = "") -> FormShown | None:
    """The form in hand in the reader's language; ``full``: the path of an answer that is not masked."""
    case = await _draft_case(deps, tx, conversation)
    if case is None:
        return None
    engine, draft = deps.form_of(replace(conversation, language=tongue), case)
    sheet = engine.sheet(draft)
    asked = engine.question(draft)
    groups: list[Group] = []
    group, title = "", ""
    lines: list[Answer] = []
    for item in sheet.items:
        if item.section.internal or item.field.id == MORE or QUIET in item.field.options:
            continue
        if item.group != group and lines:
            groups.append(Group(title, tuple(lines)))
            lines = []
        group, title = item.group, item.words(item.section.title, tongue)
        lines.append(_answer(engine, draft, item, full))
    if lines:
        groups.append(Group(title, tuple(lines)))
    n, of = engine.progress(draft)
    paused = not conversation.form_active
    at = asked.path if asked is not None else ""
    return FormShown(deps.service_name(case.service, tongue), n, of, paused, at, tuple(groups), len(draft.by_staff))


def _answer(engine: Engine, draft: Draft, item: Item, full: str) -> Answer:
    tongue, shown = engine.language, form_desk.shown(engine, item) or ""
    masked = shown if item.path == full else _masked(item, shown)
    choices = tuple((c.code, c.label.get(tongue) or c.label["id"]) for c in item.field.choices)
    file = item.field.type in _FILES
    return Answer(
        path=item.path,
        label=item.words(item.field.label, tongue),
        value=masked,
        hidden=masked != shown,
        open=item.state in (State.OPEN, State.OFFERED),
        usual=item.usual,
        changeable=not file and form_desk.fillable(engine, draft, item),
        by_staff=item.path in draft.by_staff,
        file=file,
        raw="" if masked != shown else shown,
        choices=choices,
    )


def _masked(item: Item, shown: str) -> str:
    if item.field.type in ("nik", "kk"):
        return mask_number(shown)
    if item.field.type == "phone":
        return mask_phone(shown)
    return mask_text(shown)


async def full_value(request: web.Request, tx: Tx, conversation: Conversation, key: str) -> tuple[str, str] | None:
    """(label, value in full) of a fact or an answer; None: there is none of that name."""
    if key.startswith(FORM):
        path = key.removeprefix(FORM)
        shown = await form(desk_of(request).deps, tx, conversation, language(request), full=path)
        answers = (answer for group in (shown.groups if shown else ()) for answer in group.answers)
        return next(((answer.label, answer.value) for answer in answers if answer.path == path), None)
    found = await facts(request, tx, conversation)
    return next(((fact.label, fact.full) for fact in found if fact.key == key), None)


# -- applications ---------------------------------------------------------------------------------------------------------


async def _case_line(request: web.Request, tx: Tx, case: Case) -> CaseLine:
    deps, tongue = desk_of(request).deps, language(request)
    events = await tx.events(case.id)
    return CaseLine(
        id=str(case.id),
        reference=case.reference or "",
        service=deps.service_name(case.service, tongue),
        state=state_word(deps, case.state, tongue),
        at=local_time(request, case.updated_at),
        events=tuple((local_time(request, event.at), state_word(deps, event.state, tongue)) for event in events[-4:]),
    )


def state_word(deps: Deps, state: str, tongue: str) -> str:
    """A case's state in words."""
    key = f"state.{state}"
    return deps.texts.say(key, tongue) if deps.texts.has(key) else state
