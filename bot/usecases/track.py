"""Where a case stands: asked for, or pushed by the agency."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from bot.domain.application import ISSUED, State, can, clock_runs
from bot.domain.catalogue import Ending
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.domain.messages import Button, FileRef, Kind, Reply
from bot.ports import AgencyStatus
from bot.usecases.deps import Deps
from bot.usecases.notify import Announcement, about_case, notify
from bot.usecases.remind import remember_validity
from bot.usecases.replies import person_button, plain, wish_button
from bot.usecases.store import Tx
from bot.usecases.submit import spoken_date
from bot.usecases.turn import Effect, Turn

log = logging.getLogger(__name__)

_MOST_SHOWN = 3


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
    replies = [await status_reply(deps, tx, conversation, case) for case in mine[:_MOST_SHOWN]]
    return Effect(replies)


def _nothing_to_track(turn: Turn) -> Reply:
    """No case here: perhaps it was filed elsewhere, or the person meant to begin one."""
    deps, conversation, service = turn.deps, turn.conversation, turn.call.service
    buttons = [wish_button(deps, conversation, "ask_service_list")]
    if service is not None:
        conversation.topic = service
        wishes = ("start_application", "ask_procedure")
        buttons = [wish_button(deps, conversation, wish, service) for wish in wishes]
    return Reply(deps.say("track.none", conversation), buttons=(*buttons, person_button(deps, conversation)))


async def status_reply(deps: Deps, tx: Tx, conversation: Conversation, case: Case) -> Reply:
    """One case: number, state in words, the promised date, what to do now."""
    language = conversation.language
    name = deps.service_name(case.service, language)
    if case.state == State.DRAFT:
        engine, draft = deps.form_of(conversation, case)
        done, of = engine.progress(draft)
        text = deps.say("track.draft", conversation, service=name, done=done, of=of)
        button = wish_button(deps, conversation, "continue_application")
        return Reply(text, Kind.STATUS, (button,), meta={"service": case.service})
    lines = [
        deps.say("track.status", conversation, service=name, reference=case.reference or ""),
        deps.say(_state_key(deps, case), conversation),
    ]
    if case.promised_on is not None and clock_runs(State(case.state)):
        day = case.promised_on.astimezone(deps.zone(conversation)).date()
        late = day < deps.today(conversation)
        lines.append(
            deps.say("track.late" if late else "track.promised", conversation, date=spoken_date(day, language))
        )
    note = next((e.note for e in reversed(await tx.events(case.id)) if e.note and e.state == case.state), None)
    if note:
        lines.append(deps.say("track.note", conversation, note=note))
    return Reply(
        "\n".join(lines),
        Kind.STATUS,
        _next_step(deps, conversation, case),
        meta={"service": case.service, "application": case.reference, "state": case.state},
    )


def _is_visit(deps: Deps, case: Case) -> bool:
    service = deps.service(case.service)
    return service is not None and service.variant(case.variant).ends is Ending.BOOKING


def _state_key(deps: Deps, case: Case) -> str:
    """A wished visit has its own words where it stands otherwise than a paper."""
    visit = f"submit.visit.{case.state}"
    return visit if _is_visit(deps, case) and deps.texts.has(visit) else f"state.{case.state}"


def _next_step(deps: Deps, conversation: Conversation, case: Case) -> tuple[Button, ...]:
    if case.state == State.PERLU_PERBAIKAN:
        return (wish_button(deps, conversation, "continue_application"),)
    # A visit may end with a card in the hand, and nothing to download.
    if case.state in ISSUED and (case.document_blob is not None or not _is_visit(deps, case)):
        return (wish_button(deps, conversation, "download_document"),)
    return ()


async def download_document(turn: Turn) -> Effect:
    """The finished document again."""
    deps, conversation = turn.deps, turn.conversation
    for case in await turn.tx.cases_of(conversation):
        if case.document_blob is not None:
            found = await turn.tx.blob(case.document_blob)
            if found is not None:
                return Effect([document_reply(deps, conversation, case, found[0])])
    return Effect([plain(deps, conversation, "track.no_document")])


def document_reply(deps: Deps, conversation: Conversation, case: Case, file: FileRef) -> Reply:
    """The finished document as an attachment."""
    name = deps.service_name(case.service, conversation.language)
    text = deps.say("track.document", conversation, service=name, reference=case.reference or "")
    return Reply(text, Kind.STATUS, attachments=(file,), meta={"service": case.service, "application": case.reference})


async def apply_status(deps: Deps, agency: str, status: AgencyStatus) -> bool:
    """Take one change from an agency: history and message in one transaction. A repeat, or a step backwards, says nothing.

    Returns False when no such case is known (yet): the agency is to push again.
    """
    async with deps.store.begin() as tx:
        case = await tx.case_by_agency_ref(agency, status.agency_ref, lock=True)
        if case is None and status.reference:
            # Accepted by the agency, but its answer was lost on the way: the number we gave it finds the case.
            found = await tx.case_by_reference(status.reference)
            case = await tx.case(found.id, lock=True) if found and found.agency_ref is None else None
            if case is not None:
                case.agency_ref = status.agency_ref
        if case is None:
            return False
        if not await tx.add_event(case.id, CaseEvent(f"{agency}:{status.key}", status.state, status.at, status.note)):
            return True
        if not can(State(case.state), State(status.state)):
            log.info(
                "status out of order kept in the history only", extra={"case": str(case.id), "state": status.state}
            )
            await tx.put_case(case)
            return True
        await _advance(deps, tx, case, status)
    return True


async def _advance(deps: Deps, tx: Tx, case: Case, status: AgencyStatus) -> None:
    at = deps.now()
    case.state, case.updated_at = status.state, at
    if status.state == State.PERLU_PERBAIKAN:
        case.draft = {**case.draft, "repair_asked": list(status.fields)}
    await tx.put_case(case)
    if status.document:
        await tx.put_due(case.id, "document", at)
    if status.valid_until is not None and case.state in ISSUED:
        await remember_validity(deps, tx, case, status.valid_until)
    home = await tx.conversation(case.conversation_id, lock=True)

    async def words(reader: Conversation) -> Sequence[Reply]:
        return [await status_reply(deps, tx, reader, case)]

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
    """Store a fetched document and hand it to the citizen, once."""
    now = deps.now()
    async with deps.store.begin() as tx:
        case = await tx.case(case_id, lock=True)
        if case.document_blob is not None:
            return
        file = await tx.put_blob(case.conversation_id, "issued", name, "application/pdf", content, now)
        case.document_blob = UUID(file.id)
        await tx.put_case(case)
        home = await tx.conversation(case.conversation_id)

        async def words(reader: Conversation) -> Sequence[Reply]:
            return [document_reply(deps, reader, case, file)]

        announced = about_case(deps, "document", case.service, case.reference)
        await notify(tx, home, words, now, f"document:{case.id}", announced)
