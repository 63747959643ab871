"""What is due at an outside desk is done: a conversation opened, the citizen's lines added in order, a conversation closed.

A desk that does not answer is asked again, ever more rarely; after ``DeskPolicy.away`` our own console has the conversation, at once
where the desk was known to be away for so long (:mod:`handoff_outside_away`). What it refuses goes there at once, too.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.handoff import Priority, Summary, Ticket, TicketState, Waits
from bot.errors import NotFound
from bot.ports_desk import DeskGone, DeskRefused, DeskUnavailable, Handed, Line, OutsideDesk, SentFile
from bot.usecases import handoff_outside as outside
from bot.usecases import handoff_outside_away as away
from bot.usecases import handoff_summary
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import Grip, grip
from bot.usecases.handoff_request import desk_of, when_words
from bot.usecases.masking import mask
from bot.usecases.store import Tx
from bot.usecases.store_outside import OutsideCase, OutsideDue, Stands

log = logging.getLogger(__name__)

DONE, FAILED, DUE = "done", "failed", "due"
SELFIE = "selfie"
_CLOSING = timedelta(hours=24)
"""So long we try to close a conversation of an account that is away."""
_FIRST_S, _LONGEST_S = 2.0, 60.0


@dataclass(frozen=True)
class Settled:
    """How a try ended: ``done``, ``failed``, or ``due`` again after ``delay``."""

    state: str
    delay: timedelta = timedelta()
    code: str | None = None


@dataclass(frozen=True)
class Task:
    """One try of something due."""

    deps: Deps
    due: OutsideDue
    case: OutsideCase
    ticket: Ticket
    body: dict[str, Any]

    @property
    def desk(self) -> str:
        """Id of the desk: of what is closed the one that had it."""
        return str(self.body.get("desk") or self.case.desk)

    @property
    def live(self) -> bool:
        """Whether the desk still has the conversation."""
        return self.case.state == Stands.OPEN and self.due.key.startswith(f"{self.case.round}:")


async def run_due(deps: Deps, due: OutsideDue) -> Settled:
    """Try it once."""
    async with deps.store.begin() as tx:
        case = await tx.outside_case(due.ticket_id)
        if case is None:
            return Settled(FAILED)
        task = Task(deps, due, case, await tx.ticket(due.ticket_id), await tx.outside_body(due.id))
    if due.verb != outside.CLOSE and not task.live:
        return Settled(DONE)
    try:
        await _VERBS[due.verb](task, _adapter(deps, task.desk))
    except DeskUnavailable as error:
        return await _later(task, error)
    except DeskRefused as error:
        log.error(
            "an outside desk refuses what is due there",
            extra={"desk": case.desk, "verb": due.verb, "code": error.code, "reason": str(error)},
        )
        if due.verb != outside.CLOSE:
            await give_up(deps, due.ticket_id, case.round)
        return Settled(FAILED, code=error.code)
    async with deps.store.begin() as tx:
        await tx.outside_answered(due.ticket_id)
    await away.answered(deps, task.desk)
    return Settled(DONE)


def _adapter(deps: Deps, desk: str) -> OutsideDesk:
    if desk not in deps.desks:
        raise DeskRefused("the desk is not set up any more")
    return deps.desks[desk]


async def _later(task: Task, error: DeskUnavailable) -> Settled:
    deps, due, now = task.deps, task.due, task.deps.now()
    known = await away.no_answer(deps, task.desk)
    if due.verb == outside.CLOSE:
        given_up = now - due.created_at > _CLOSING
        return Settled(FAILED if given_up else DUE, delay_after(due.attempts), error.code)
    async with deps.store.begin() as tx:
        since = await tx.outside_silent(due.ticket_id, now)
    if now - min(since, known or since) >= deps.policy.desk.away:
        await give_up(deps, due.ticket_id, task.case.round)
        return Settled(FAILED, code=error.code)
    return Settled(DUE, delay_after(due.attempts), error.code)


def delay_after(tries: int) -> timedelta:
    """Twice as long each time, up to a minute, never at the same time as everybody else."""
    seconds = min(_FIRST_S * 2 ** min(tries - 1, 10), _LONGEST_S) if tries > 0 else _FIRST_S
    return timedelta(seconds=seconds * (0.8 + secrets.randbelow(400) / 1000))


async def give_up(deps: Deps, ticket_id: UUID, round_: int, *, waiting_only: bool = False) -> None:
    """Our own console has the conversation from now on. ``waiting_only``: only if the citizen waits for an answer."""
    async with deps.store.begin() as tx:
        found = await grip(deps, tx, ticket_id)
        case = await tx.outside_case(ticket_id, lock=True)
        if case is None or case.round != round_:
            return
        if waiting_only and found.ticket.waiting_for != Waits.AGENT:
            return
        await outside.fall_back(found, case, await _when(found, case))


async def _when(found: Grip, case: OutsideCase) -> str:
    """When our own desk answers."""
    deps, tx, ticket = found.deps, found.tx, found.ticket
    if ticket.state == TicketState.CLOSED or case.state != Stands.OPEN:
        return ""
    desk = await desk_of(deps, tx, found.conversation)
    return await when_words(deps, tx, found.conversation, desk, await tx.place_of(ticket, found.now) + 1)


# -- the verbs --------------------------------------------------------------------------------------------------------------


async def _open(task: Task, desk: OutsideDesk) -> None:
    deps, ticket = task.deps, task.ticket
    async with deps.store.begin() as tx:
        conversation = await tx.conversation(ticket.conversation_id)
    note = note_of(deps, ticket, conversation)
    ref = await desk.open(Handed(ticket.number, ticket.locus, ticket.language, note))
    async with deps.store.begin() as tx:
        found = await grip(deps, tx, ticket.id)
        case = await tx.outside_case(ticket.id, lock=True)
        if case is None or case.round != task.case.round or case.state != Stands.OPEN:
            # It went elsewhere while the desk was asked.
            await outside.close_there(found, task.case, "taken", late=ref)
            return
        case.ref = ref
        await tx.put_outside(case)
        await tx.hear_outside(case.desk, ref, found.now)


def note_of(deps: Deps, ticket: Ticket, conversation: Conversation) -> str:
    """What the desk's agents read first: what the citizen wanted, what the bot tried. Numbers are masked; of somebody in the middle
    of a form the last words may be answers, and stay here.
    """
    say, summary = deps.texts.say, Summary.from_json(ticket.summary)
    said = [say("handoff.outside_note", outside.STAFF_LANGUAGE, number=ticket.number)]
    if ticket.priority > Priority.NORMAL:
        said.append(say("handoff.outside_urgent", outside.STAFF_LANGUAGE))
    said += [f"- {line}" for line in handoff_summary.lines(deps, summary, outside.STAFF_LANGUAGE)]
    if summary.service is None and not conversation.form_active:
        said += [
            say("handoff.outside_words", outside.STAFF_LANGUAGE, words=mask(words)) for words in summary.last_words
        ]
    return "\n".join(said)


async def _append(task: Task, desk: OutsideDesk) -> None:
    deps, body, again = task.deps, task.body, task.due.attempts > 1
    if task.case.ref is None:
        raise DeskRefused("the conversation was never opened")
    key = f"{task.ticket.number}:{task.due.key}"
    async with deps.store.begin() as tx:
        file, instead = await _file(deps, tx, body.get("file"))
    line = Line(key, " ".join(filter(None, (body.get("text"), instead))), file)
    try:
        await desk.append(task.case.ref, line, again=again)
    except DeskGone:
        raise
    except DeskRefused:
        if file is None:
            raise
        name = deps.texts.say("handoff.outside_file", outside.STAFF_LANGUAGE, name=file.name)
        await desk.append(task.case.ref, Line(key, f"{line.text} {name}".strip()), again=again)
    async with deps.store.begin() as tx:
        case = await tx.outside_case(task.ticket.id, lock=True)
        if case is not None and case.round == task.case.round:
            case.sent_seq = max(case.sent_seq, int(body.get("seq", 0)))
            await tx.put_outside(case)


async def _file(deps: Deps, tx: Tx, named: dict[str, Any] | None) -> tuple[SentFile | None, str]:
    """(the file, what is said in its place). A selfie never leaves the house."""
    if named is None:
        return None, ""
    if named.get("kind") == SELFIE:
        return None, deps.texts.say("handoff.outside_selfie", outside.STAFF_LANGUAGE)
    try:
        kept = await tx.blob(UUID(str(named["id"])))
    except (NotFound, ValueError):
        kept = None
    if kept is None:
        return None, deps.texts.say("handoff.outside_file_gone", outside.STAFF_LANGUAGE)
    return SentFile(kept[0].name, kept[0].type, kept[1]), ""


async def _close(task: Task, desk: OutsideDesk) -> None:
    ref = task.body.get("ref") or await desk.find(str(task.body.get("number", "")))
    if ref is None or (task.case.state == Stands.OPEN and task.case.ref == ref):
        return  # there is none, or it was handed over again meanwhile
    await desk.close_conversation(str(ref), str(task.body.get("note", "")))


_VERBS = {outside.OPEN: _open, outside.APPEND: _append, outside.CLOSE: _close}
