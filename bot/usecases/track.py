"""Where a case stands: asked for, or pushed by the agency."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from bot import tracing
from bot.domain.application import ISSUED, State, clock_runs
from bot.domain.catalogue import Ending
from bot.domain.complaints import kind_of
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.domain.messages import Button, FileRef, Kind, Reply
from bot.errors import AgencyError
from bot.ports import AgencyStatus
from bot.usecases.complaint_buttons import FORM, LATE, late_button
from bot.usecases.deps import Deps
from bot.usecases.documents import delivery
from bot.usecases.life import finish, integration, move, promised_day, repair_ends
from bot.usecases.notify import Announcement, about_case, notify
from bot.usecases.remind import remember_validity
from bot.usecases.replies import person_button, plain, wish_button
from bot.usecases.said_by_agency import check
from bot.usecases.store import Tx
from bot.usecases.store_agencies import Call
from bot.usecases.submit import spoken_date
from bot.usecases.timeline import short
from bot.usecases.turn import Effect, Turn

log = logging.getLogger(__name__)

_MOST_SHOWN = 3
MOST_DOCUMENT_BYTES = 15 * 1024 * 1024
"""WhatsApp carries documents of 16 MB; a certificate has well below one."""


async def track_application(turn: Turn) -> Effect:
    """Status of the case named in the text, else of the person's newest ones. Nobody else's case is ever shown."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    mine = [case for case in await tx.cases_of(conversation) if case.state != State.DIBATALKAN or case.reference]
    wanted = turn.plan.reference
    if wanted is not None:
        mine = [case for case in mine if case.reference == wanted]
        if not mine:
            return Effect([plain(deps, conversation, "track.not_yours", reference=wanted)])
    if not mine:
        return Effect([_nothing_to_track(turn)])
    replies = [await status_reply(deps, tx, conversation, case, steps=True) for case in mine[:_MOST_SHOWN]]
    if _says_late(turn) and clock_runs(State(mine[0].state)) and not replies[0].buttons:
        replies[0] = replace(replies[0], buttons=(late_button(deps, conversation, mine[0]),))
    return Effect(replies)


def _says_late(turn: Turn) -> bool:
    """Whether the question is a grievance, too: "belum jadi", "lama sekali". Both the state and a complaint are offered then."""
    form = turn.deps.service(FORM)
    kind = kind_of(turn.plan.text, form) if form is not None else None
    return kind is not None and kind.id == LATE


def _nothing_to_track(turn: Turn) -> Reply:
    """No case here: perhaps it was filed elsewhere, or the person meant to begin one."""
    deps, conversation, service = turn.deps, turn.conversation, turn.call.service
    buttons = [wish_button(deps, conversation, "ask_service_list")]
    if service is not None:
        conversation.topic = service
        wishes = ("start_application", "ask_procedure")
        buttons = [wish_button(deps, conversation, wish, service) for wish in wishes]
    if _says_late(turn):
        # "Sudah 3 bulan belum jadi": handed in at a counter, say. The complaint needs no number of ours.
        buttons = [late_button(deps, conversation)]
    return Reply(deps.say("track.none", conversation), buttons=(*buttons, person_button(deps, conversation)))


async def status_reply(
    deps: Deps, tx: Tx, conversation: Conversation, case: Case, *, steps: bool = False, more: Sequence[str] = ()
) -> Reply:
    """One case: number, state in words, the promised date, what to do now. ``steps``: and the way it came; ``more``: lines
    that say it in place of the dates."""
    language = conversation.language
    name = deps.service_name(case.service, language)
    if case.state == State.DRAFT:
        engine, draft = deps.form_of(conversation, case)
        done, of = engine.progress(draft)
        text = deps.say("track.draft", conversation, service=name, done=done, of=of)
        button = wish_button(deps, conversation, "continue_application")
        return Reply(text, Kind.STATUS, (button,), meta={"service": case.service})
    status = deps.words_for(case.service, "track.status")
    lines = [
        deps.say(status, conversation, service=name, reference=case.reference or ""),
        deps.say(_state_key(deps, case), conversation),
        *_own_lines(deps, conversation, case),
        *more,
        *([] if more else _dates(deps, conversation, case)),
    ]
    events = await tx.events(case.id)
    note = next((e.note for e in reversed(events) if e.note and e.state == case.state), None)
    if note:
        lines.append(deps.say(deps.words_for(case.service, "track.note"), conversation, note=note))
    if steps and (way := short(deps, conversation, events)):
        lines.append(f"{deps.say('track.steps', conversation)} {way}")
    return Reply(
        "\n".join(lines),
        Kind.STATUS,
        _next_step(deps, conversation, case),
        meta={"service": case.service, "application": case.reference, "state": case.state},
    )


def _dates(deps: Deps, conversation: Conversation, case: Case) -> list[str]:
    """What is promised, and until when the citizen has time."""
    language = conversation.language
    if case.state == State.PERLU_PERBAIKAN and (ends := repair_ends(deps, conversation, case)) is not None:
        until = deps.words_for(case.service, "track.repair_until")
        return [deps.say(until, conversation, date=spoken_date(ends, language))]
    day = promised_day(deps, conversation, case)
    if day is None or not clock_runs(State(case.state)):
        return []
    late = day < deps.today(conversation)
    key = deps.words_for(case.service, "track.late" if late else "track.promised")
    return [deps.say(key, conversation, date=spoken_date(day, language))]


def _is_visit(deps: Deps, case: Case) -> bool:
    service = deps.service(case.service)
    return service is not None and service.variant(case.variant).ends is Ending.BOOKING


def _state_key(deps: Deps, case: Case) -> str:
    """A form has its own words for where a case stands; so has a wished visit where it stands otherwise than a paper."""
    visit = f"submit.visit.{case.state}"
    if _is_visit(deps, case) and deps.texts.has(visit):
        return visit
    return deps.words_for(case.service, f"state.{case.state}")


def _own_lines(deps: Deps, conversation: Conversation, case: Case) -> Sequence[str]:
    from bot.usecases.case_buttons import CASE_LINES

    own = CASE_LINES.get(case.service)
    return own(deps, conversation, case) if own is not None else ()


def _next_step(deps: Deps, conversation: Conversation, case: Case) -> tuple[Button, ...]:
    # Forms register their buttons there, and may use what is here.
    from bot.usecases.case_buttons import CASE_BUTTONS, case_button

    own = CASE_BUTTONS.get(case.service)
    if own is not None:
        return tuple(own(deps, conversation, case))
    if case.state == State.PERLU_PERBAIKAN:
        return (wish_button(deps, conversation, "continue_application"),)
    # A visit may end with a card in the hand, and nothing to download.
    if case.state in ISSUED and (case.document_blob is not None or not _is_visit(deps, case)):
        return (wish_button(deps, conversation, "download_document"),)
    if case.state == State.TERBIT:
        return (case_button(deps, conversation, case, "terima"),)
    return (
        (late_button(deps, conversation, case), person_button(deps, conversation))
        if _is_late(deps, conversation, case)
        else ()
    )


def _is_late(deps: Deps, conversation: Conversation, case: Case) -> bool:
    day = promised_day(deps, conversation, case)
    return day is not None and clock_runs(State(case.state)) and day < deps.today(conversation)


async def download_document(turn: Turn) -> Effect:
    """The finished document again; who has asked for it and got it has received it."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    for case in await tx.cases_of(conversation):
        if case.document_blob is not None:
            found = await tx.blob(case.document_blob)
            if found is not None:
                case = await tx.case(case.id, lock=True)
                reply = await delivery(deps, tx, conversation, case, document_reply(deps, conversation, case, found[0]))
                if reply.attachments:
                    await finish(deps, tx, case, "diunduh", turn.call.inbox_id)
                return Effect([reply])
    return Effect([plain(deps, conversation, "track.no_document")])


def document_reply(deps: Deps, conversation: Conversation, case: Case, file: FileRef) -> Reply:
    """The finished document as an attachment."""
    name = deps.service_name(case.service, conversation.language)
    text = deps.say("track.document", conversation, service=name, reference=case.reference or "")
    return Reply(text, Kind.STATUS, attachments=(file,), meta={"service": case.service, "application": case.reference})


# -- the agency's word ----------------------------------------------------------------------------------------------------


async def apply_status(deps: Deps, agency: str, status: AgencyStatus) -> bool:
    """Take one change from an integration: history and message in one transaction. A repeat, or a step backwards, says nothing.

    Returns False when no such case is known (yet): the agency is to push again.

    :raises bot.errors.AgencyError: it cannot be meant: an unknown state, unusable texts, or the case of somebody else.
    """
    check(status)
    async with deps.store.begin() as tx:
        case = await _case_of(deps, tx, agency, status)
        if case is None:
            return False
        if tracing.is_on():
            # It comes hours or days after: a link, so that neither trace grows without end (bot/tracing_sdk.py says when a parent).
            tracing.link(await tx.trace_of(case.id))
        outcome = await _take(deps, tx, agency, case, status)
        await tx.put_call(case.id, Call(agency, "in", "push", 0, outcome, None, deps.now()))
    return True


async def _case_of(deps: Deps, tx: Tx, agency: str, status: AgencyStatus) -> Case | None:
    """The case an agency speaks of, locked. An agency speaks of its own cases only."""
    known = [c for c in await tx.cases_by_agency_ref(status.agency_ref) if integration(deps, c) == agency]
    if known:
        if status.reference and status.reference not in {case.reference for case in known}:
            raise AgencyError("the agency's number and ours are of two cases")
        if status.reference:
            known = [case for case in known if case.reference == status.reference]
        return await tx.case(known[0].id, lock=True) if len(known) == 1 else None
    found = await tx.case_by_reference(status.reference) if status.reference else None
    if found is None or integration(deps, found) != agency:
        return None
    # Accepted by the agency, but its answer was lost on the way: the number we gave it finds the case.
    case = await tx.case(found.id, lock=True)
    if case.agency_ref is not None:
        raise AgencyError("the case has another number at this agency")
    case.agency_ref = status.agency_ref
    await tx.put_case(case)
    return case


async def _take(deps: Deps, tx: Tx, agency: str, case: Case, status: AgencyStatus) -> str:
    """What became of the agency's word: ``taken``, ``repeat`` or ``late``."""
    last = await tx.agency_word_at(case.id, agency)
    at = min(status.at, deps.now())  # a clock that runs ahead must not make everything after it late
    event = CaseEvent(f"{agency}:{status.key}", status.state, at, status.note)
    if any(known.key == event.key for known in await tx.events(case.id)):
        return "repeat"
    if last is not None and at < last:
        await tx.add_event(case.id, event)
        return "late"
    state, before = State(status.state), case.promised_on
    if state is State.PERLU_PERBAIKAN and case.state == state:
        return await _more_repairs(deps, tx, case, status, event)
    if not await move(deps, tx, case, state, event, reopens=True):
        return "late"
    await _advance(deps, tx, case, status, moved=case.promised_on != before)
    return "taken"


async def _more_repairs(deps: Deps, tx: Tx, case: Case, status: AgencyStatus, event: CaseEvent) -> str:
    """The officer found more while the citizen had not sent the repair: both are asked for."""
    await tx.add_event(case.id, event)
    asked = [str(path) for path in case.draft.get("repair_asked", [])]
    await _advance(deps, tx, case, replace(status, fields=tuple(dict.fromkeys([*asked, *status.fields]))))
    return "taken"


async def _advance(deps: Deps, tx: Tx, case: Case, status: AgencyStatus, *, moved: bool = False) -> None:
    at = deps.now()
    if status.state == State.PERLU_PERBAIKAN:
        case.draft = {**case.draft, "repair_asked": list(status.fields)}
        await tx.put_case(case)
    if status.document:
        await tx.put_due(case.id, "document", at)
    if status.valid_until is not None and case.state in ISSUED:
        await remember_validity(deps, tx, case, status.valid_until)
    home = await tx.conversation(case.conversation_id, lock=True)

    async def words(reader: Conversation) -> Sequence[Reply]:
        day = promised_day(deps, reader, case)
        new = deps.say("track.moved", reader, date=spoken_date(day, reader.language)) if moved and day else ""
        return [await status_reply(deps, tx, reader, case, more=[new] if new else ())]

    key = f"case:{case.id}:{status.key}"
    await notify(tx, home, words, at, key, _announced(deps, case, more=bool(status.note)))
    await tx.audit(case.agency, "case.status", str(case.id), {"state": status.state}, at)


def _announced(deps: Deps, case: Case, *, more: bool) -> Callable[[Conversation], Announcement]:
    """The template of a change: one that needs the person says so, the others tell the state."""
    serves = "repair" if case.state == State.PERLU_PERBAIKAN else "status"

    def announced(reader: Conversation) -> Announcement:
        state = deps.say(_state_key(deps, case), reader)
        made = about_case(deps, serves, case.service, case.reference, state=state)(reader)
        return replace(made, more=more)

    return announced


async def keep_document(deps: Deps, case_id: UUID, name: str, content: bytes) -> None:
    """Store a fetched document and hand it to the citizen, once.

    :raises bot.errors.AgencyError: no chat could carry it.
    """
    now = deps.now()
    if len(content) > MOST_DOCUMENT_BYTES:
        raise AgencyError("the document is too big", bytes=len(content))
    async with deps.store.begin() as tx:
        case = await tx.case(case_id, lock=True)
        if case.document_blob is not None:
            return
        file = await tx.put_blob(case.conversation_id, "issued", name, "application/pdf", content, now)
        case.document_blob = UUID(file.id)
        await tx.put_case(case)
        home = await tx.conversation(case.conversation_id)

        async def words(reader: Conversation) -> Sequence[Reply]:
            return [await delivery(deps, tx, reader, case, document_reply(deps, reader, case, file))]

        announced = about_case(deps, "document", case.service, case.reference)
        await notify(tx, home, words, now, f"document:{case.id}", announced)
