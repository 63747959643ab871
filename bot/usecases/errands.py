"""Errands to an agency: hand in, repair, withdraw, fetch the document. Every call is safe to repeat."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from bot.domain.application import State
from bot.domain.conversation import Case, CaseEvent, Conversation, Due
from bot.domain.messages import FileRef, Kind, Reply
from bot.errors import LoketError
from bot.ports import Submission
from bot.usecases.deps import Deps
from bot.usecases.notify import Announcement, about_case, notify
from bot.usecases.replies import person_button
from bot.usecases.store import Tx
from bot.usecases.track import apply_status, keep_document

log = logging.getLogger(__name__)

_BACKOFF_S = (1, 3, 10, 30, 60, 120, 300)
_TELL_AFTER = timedelta(minutes=2)
_GIVE_UP_AFTER = timedelta(hours=48)
"""Open Forms tries for 48 hours before people have to look (peers 2.7)."""


async def run_errand(deps: Deps, due: Due) -> tuple[str, float, str | None]:
    """Do one errand. Returns (state to settle with, delay in seconds, error code)."""
    try:
        await _do(deps, due)
    except LoketError as problem:
        log.warning(
            "errand failed",
            extra={"case": str(due.case_id), "verb": due.verb, "attempt": due.attempts, "code": problem.code},
        )
        if problem.retryable and deps.now() - due.created_at < _GIVE_UP_AFTER:
            await _tell_if_long(deps, due)
            return "due", _BACKOFF_S[min(due.attempts, len(_BACKOFF_S)) - 1], problem.code
        await _tell_refused(deps, due)
        return "failed", 0, problem.code
    return "done", 0, None


async def _do(deps: Deps, due: Due) -> None:
    async with deps.store.begin() as tx:
        case = await tx.case(due.case_id)
        conversation = await tx.conversation(case.conversation_id)
    agency = deps.agency_of(conversation, case.agency)
    if due.verb == "submit":
        agency_ref = await agency.submit(await _submission(deps, case, due.verb))
        async with deps.store.begin() as tx:
            case = await tx.case(due.case_id, lock=True)
            case.agency_ref = agency_ref
            await tx.put_case(case)
    elif due.verb.startswith("repair"):
        await agency.repair(_ref(case), await _submission(deps, case, due.verb))
    elif due.verb == "cancel":
        await agency.cancel(_ref(case), "pemohon", f"{case.id}:cancel")
        await _withdrawn(deps, case)
    elif due.verb == "document":
        name, content = await agency.document(_ref(case))
        await keep_document(deps, case.id, name, content)


def _ref(case: Case) -> str:
    if case.agency_ref is None:
        raise LoketError("the case has no agency number yet")
    return case.agency_ref


async def _submission(deps: Deps, case: Case, verb: str) -> Submission:
    async with deps.store.begin() as tx:
        conversation = await tx.conversation(case.conversation_id)
        engine, draft = deps.form_of(conversation, case)
        files: list[tuple[FileRef, bytes, str]] = []
        for needed in engine.needed_files(draft):
            found = await tx.blob(UUID(needed.file.id)) if needed.file else None
            if found is not None:
                files.append((found[0], found[1], needed.path))
    return Submission(
        key=f"{case.id}:{verb}",
        reference=case.reference or "",
        service=case.service,
        data=engine.payload(draft),
        files=tuple(files),
        variant=engine.variant(draft).id,
        ending=engine.variant(draft).ends.value,
        callback_url=f"{deps.callback_url}/{deps.locus(conversation).agencies.get(case.agency, case.agency)}",
    )


async def _withdrawn(deps: Deps, case: Case) -> None:
    now = deps.now()
    async with deps.store.begin() as tx:
        case = await tx.case(case.id, lock=True)
        if case.state == State.DIBATALKAN:
            return
        case.state, case.updated_at = State.DIBATALKAN.value, now
        await tx.put_case(case)
        await tx.add_event(case.id, CaseEvent("dibatalkan", State.DIBATALKAN.value, now))
        await _tell(deps, tx, case, "submit.withdrawn", Kind.STATUS, f"withdrawn:{case.id}")


async def _tell_if_long(deps: Deps, due: Due) -> None:
    """The agency is away for a while: the citizen hears it once, with what happens next."""
    now = deps.now()
    if due.verb not in ("submit",) or now - due.created_at < _TELL_AFTER:
        return
    async with deps.store.begin() as tx:
        case = await tx.case(due.case_id)
        await _tell(deps, tx, case, "submit.agency_away", Kind.NOTICE, f"away:{case.id}")


async def _tell_refused(deps: Deps, due: Due) -> None:
    now = deps.now()
    async with deps.store.begin() as tx:
        case = await tx.case(due.case_id)
        await _tell(deps, tx, case, "submit.not_accepted", Kind.ERROR, f"refused:{case.id}:{due.verb}")
        await tx.audit("loket", "errand.failed", str(case.id), {"verb": due.verb}, now)


async def _tell(deps: Deps, tx: Tx, case: Case, sentence: str, kind: Kind, key: str) -> None:
    """News of a case in one sentence; an error also offers a person."""

    async def words(reader: Conversation) -> Sequence[Reply]:
        text = deps.say(sentence, reader, reference=case.reference or "")
        buttons = (person_button(deps, reader),) if kind is Kind.ERROR else ()
        meta = {"service": case.service, "application": case.reference}
        return [Reply(text, kind, buttons, meta=meta)]

    def announced(reader: Conversation) -> Announcement:
        state = deps.say(sentence, reader, reference=case.reference or "")
        return about_case(deps, "status", case.service, case.reference, state=state)(reader)

    await notify(tx, await tx.conversation(case.conversation_id), words, deps.now(), key, announced)


async def poll_case(deps: Deps, case: Case) -> None:
    """Ask the agency for what a lost callback would have said."""
    async with deps.store.begin() as tx:
        conversation = await tx.conversation(case.conversation_id)
    name = deps.locus(conversation).agencies.get(case.agency, case.agency)
    for status in await deps.agencies[name].status(_ref(case)):
        await apply_status(deps, case.agency, status)
