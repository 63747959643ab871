"""A complaint after it was handed in: more words, "it is settled", "it is not", and the ten days an answer waits for that."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from bot.domain.application import State, promise
from bot.domain.awaiting import KEY as AWAITS
from bot.domain.complaints import CLOSE_AFTER, REMIND_AFTER, joined
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.domain.fields.files import Document
from bot.domain.messages import FileRef, Kind, Reply
from bot.usecases.complaint_buttons import buttons
from bot.usecases.deps import Deps
from bot.usecases.life import finish, move
from bot.usecases.notify import Announcement, about_case, notify
from bot.usecases.replies import error
from bot.usecases.store import Tx
from bot.usecases.submit import spoken_date
from bot.usecases.track import status_reply
from bot.usecases.turn import Effect, Turn

log = logging.getLogger(__name__)

FORM = "pengaduan"
_ADDABLE = frozenset({State.DIAJUKAN, State.VERIFIKASI_BERKAS, State.PERLU_PERBAIKAN, State.DIPROSES, State.TERBIT})
_ANSWERED = frozenset({State.TERBIT, State.SELESAI})


async def _mine(turn: Turn, case_id: UUID | None) -> Case | None:
    """The complaint, locked, if it is this person's."""
    mine = {case.id for case in await turn.tx.cases_of(turn.conversation) if case.service == FORM}
    return await turn.tx.case(case_id, lock=True) if case_id is not None and case_id in mine else None


def _said(turn: Turn, case: Case, key: str, awaits: str = "", *, again: bool = False, **params: str) -> Effect:
    """One sentence about it; ``awaits``: the verb that the next message answers; ``again``: with its buttons."""
    deps, conversation = turn.deps, turn.conversation
    text = deps.say(key, conversation, reference=case.reference or "", **params)
    meta = {"service": case.service, "application": case.reference, "state": case.state}
    if awaits:
        meta[AWAITS] = f"{awaits}-{case.id}"
    return Effect([Reply(text, Kind.STATUS, tuple(buttons(deps, conversation, case)) if again else (), meta=meta)])


def _stale(turn: Turn) -> Effect:
    return Effect([error(turn.deps, turn.conversation, "error.stale_button")])


async def _as_it_stands(turn: Turn, case: Case) -> Effect:
    return Effect([await status_reply(turn.deps, turn.tx, turn.conversation, case)])


async def _count(tx: Tx, case: Case, word: str) -> int:
    """Number of the next such event."""
    return sum(event.key.startswith(f"{word}-") for event in await tx.events(case.id)) + 1


# -- settled, or not ---------------------------------------------------------------------------------------------------


async def settled(turn: Turn, case_id: UUID) -> Effect:
    """ "Sudah beres": only now it counts as done. Pressed again, it says so."""
    deps, tx = turn.deps, turn.tx
    case = await _mine(turn, case_id)
    if case is None:
        return _stale(turn)
    if case.state == State.SELESAI:
        return _said(turn, case, "complain.settled_already", again=True)
    n = await _count(tx, case, "beres")
    if not await finish(deps, tx, case, f"beres-{n}", turn.call.inbox_id):
        return await _as_it_stands(turn, case)
    await tx.put_due(case.id, f"close-{n}", deps.now())
    return _said(turn, case, "complain.settled")


async def why_not(turn: Turn, case_id: UUID) -> Effect:
    """ "Belum, buka lagi": what is missing is asked first."""
    case = await _mine(turn, case_id)
    if case is None:
        return _stale(turn)
    if case.state not in _ANSWERED:
        return await _as_it_stands(turn, case)
    return _said(turn, case, "complain.why", "buka")


async def reopen(turn: Turn, case_id: UUID | None, text: str, file: FileRef | None) -> Effect:
    """The office takes it up again, with a new date."""
    deps, tx = turn.deps, turn.tx
    case = await _mine(turn, case_id)
    if case is None:
        return _stale(turn)
    now, n = deps.now(), await _count(tx, case, "dibuka")
    event = CaseEvent(f"dibuka-{n}", State.DIPROSES.value, now, inbox_id=turn.call.inbox_id)
    if case.state not in _ANSWERED or not await move(deps, tx, case, State.DIPROSES, event, reopens=True):
        return await _as_it_stands(turn, case)
    case.promised_on = _promised(deps, turn.conversation, case, now)
    await tx.put_case(case)
    await tx.put_word(case.id, "reopen", joined("", text), (), now)
    if photo := _photo(file):
        await tx.put_word(case.id, "words", "", [photo], now)
    await tx.audit("citizen", "complaint.reopened", str(case.id), {"times": n}, now)
    day = case.promised_on.astimezone(deps.zone(turn.conversation)).date()
    return _said(turn, case, "complain.reopened", "susul", date=spoken_date(day, turn.conversation.language))


def _promised(deps: Deps, conversation: Conversation, case: Case, now: datetime) -> datetime:
    service, zone = deps.known_service(case.service), deps.zone(conversation)
    duration = service.variant(case.variant).duration or service.duration
    return datetime.combine(promise(now, duration.working_days, deps.holiday, zone), time(), zone)


# -- more words --------------------------------------------------------------------------------------------------------


async def ask_more(turn: Turn, case_id: UUID) -> Effect:
    """ "Tambah keterangan"."""
    case = await _mine(turn, case_id)
    if case is None:
        return _stale(turn)
    if case.state not in _ADDABLE:
        return await _as_it_stands(turn, case)
    return _said(turn, case, "complain.add_ask", "tambah")


async def add(turn: Turn, case_id: UUID | None, text: str, file: FileRef | None) -> Effect:
    """What came goes to the office; a picture may follow."""
    case, photo = await _mine(turn, case_id), _photo(file)
    if case is None:
        return _stale(turn)
    if case.state not in _ADDABLE:
        return await _as_it_stands(turn, case)
    if file is not None and photo is None:
        return _said(turn, case, "field.document.type", "tambah")
    if not text.strip() and photo is None:
        return _said(turn, case, "complain.nothing_added")
    await turn.tx.put_word(case.id, "words", joined("", text), [photo] if photo else (), turn.deps.now())
    return _said(turn, case, "complain.added", "susul")


def _photo(file: FileRef | None) -> UUID | None:
    taken = Document().take(file) if file is not None else None
    return UUID(file.id) if file is not None and taken is not None and taken.ok else None


# -- no word ---------------------------------------------------------------------------------------------------------


async def look_after_answered(deps: Deps) -> int:
    """Answers nobody has said a word about: reminded of after seven days, closed after ten. How many were closed."""
    async with deps.store.begin() as tx:
        waiting = await tx.answered(FORM, deps.now() - REMIND_AFTER)
    closed = 0
    for case_id in waiting:
        try:
            closed += await _waited(deps, case_id)
        except Exception:
            log.exception("an answered complaint was not looked after", extra={"case": str(case_id)})
    return closed


async def _waited(deps: Deps, case_id: UUID) -> bool:
    now = deps.now()
    async with deps.store.begin() as tx:
        case = await tx.case(case_id, lock=True)
        if case.state != State.TERBIT:
            return False
        since = case.updated_at
        over = now - since >= CLOSE_AFTER
        if over:
            n = await _count(tx, case, "tanpa-jawaban")
            over = await finish(deps, tx, case, f"tanpa-jawaban-{n}")
        await _tell(deps, tx, case, "complain.no_word" if over else "complain.waits", f"{since:%Y%m%d%H%M%S}", now)
    return over


async def _tell(deps: Deps, tx: Tx, case: Case, sentence: str, about: str, now: datetime) -> None:
    """Once per answer and sentence."""

    def said(reader: Conversation) -> str:
        return deps.say(sentence, reader, reference=case.reference or "")

    async def words(reader: Conversation) -> Sequence[Reply]:
        meta = {"service": case.service, "application": case.reference, "state": case.state}
        return [Reply(said(reader), Kind.STATUS, tuple(buttons(deps, reader, case)), meta=meta)]

    def announced(reader: Conversation) -> Announcement:
        return about_case(deps, "status", case.service, case.reference, state=said(reader))(reader)

    home = await tx.conversation(case.conversation_id, lock=True)
    await notify(tx, home, words, now, f"{sentence}:{case.id}:{about}", announced)
