"""What the agents of an outside desk say and do: asked for as soon as a webhook says that there is news, and now and then without.

The desk is asked, not the webhook believed: so nothing is said twice or out of order however webhooks come, and a lost one costs
a minute. Each answer has a key of its own in the thread.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from bot.domain.handoff import Did, Holder, Ticket, TicketState, Waits
from bot.domain.messages import Button, FileRef, Kind, Reply, Sender
from bot.domain.payloads import command
from bot.errors import RejectedFile
from bot.ports import CleanFile, Media
from bot.ports_desk import Answered, DeskRefused, DeskUnavailable, Heard, OutsideDesk
from bot.usecases import handoff_outside_away as away
from bot.usecases.attachments import stored_name
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import Grip, grip
from bot.usecases.handoff_outside_do import delay_after, give_up
from bot.usecases.handoff_return import give_back
from bot.usecases.replies import questions
from bot.usecases.store_notes import Note
from bot.usecases.store_outside import OutsideCase, Stands

log = logging.getLogger(__name__)

KIND = "answer"
"""``blob.kind`` of an agent's file."""
_BACK = 50
"""Numbers there are given before they can be read: so far before the newest known one it is looked again."""
_FILE_TRIES = 3
_REOPENS_FOR = timedelta(days=7)
Files = Mapping[int, list[CleanFile | None]]
"""By answer; None: one that cannot be passed on."""


async def hear(deps: Deps, media: Media | None, ticket_id: UUID, claimed: datetime, failures: int = 0) -> bool:
    """Ask the desk for news of a ticket; False: it did not answer, and is asked again later."""
    async with deps.store.begin() as tx:
        case = await tx.outside_case(ticket_id)
    if case is None or case.ref is None:
        return True
    desk = deps.desks.get(case.desk)
    if desk is None:  # it is not set up any more
        await give_up(deps, ticket_id, case.round)
        async with deps.store.begin() as tx:
            await tx.outside_answered(ticket_id, claimed)
        return True
    try:
        heard = await desk.hear(case.ref, max(0, case.heard - _BACK))
        files = {one.id: await _fetched(desk, media, one, failures) for one in heard.answers if one.id > case.heard}
    except DeskUnavailable as error:
        await _silent(deps, case, failures, error)
        return False
    except DeskRefused as error:
        log.error("an outside desk gives no news", extra={"desk": case.desk, "code": error.code, "reason": str(error)})
        await give_up(deps, ticket_id, case.round)
    else:
        await _take(deps, case, heard, files)
    async with deps.store.begin() as tx:
        await tx.outside_answered(ticket_id, claimed)
    await away.answered(deps, case.desk)
    return True


async def _silent(deps: Deps, case: OutsideCase, failures: int, error: DeskUnavailable) -> None:
    now = deps.now()
    log.warning("an outside desk does not answer", extra={"desk": case.desk, "code": error.code})
    await away.no_answer(deps, case.desk)
    async with deps.store.begin() as tx:
        since = await tx.outside_silent(case.ticket_id, now, now + delay_after(failures + 1))
    if case.state == Stands.OPEN and now - since >= deps.policy.desk.away:
        await give_up(deps, case.ticket_id, case.round, waiting_only=True)


async def _fetched(desk: OutsideDesk, media: Media | None, answer: Answered, failures: int) -> list[CleanFile | None]:
    """An agent's files, made safe like anybody's."""
    found: list[CleanFile | None] = []
    for file in answer.files:
        try:
            found.append(await media.clean(await desk.fetch(file)) if media is not None else None)
        except DeskUnavailable:
            if failures < _FILE_TRIES:
                raise
            found.append(None)
        except (DeskRefused, RejectedFile) as error:
            log.warning("a file of an outside desk cannot be passed on", extra={"code": error.code})
            found.append(None)
    return found


async def _take(deps: Deps, known: OutsideCase, heard: Heard, files: Files) -> None:
    """Everything that is new, in one transaction."""
    async with deps.store.begin() as tx:
        found = await grip(deps, tx, known.ticket_id)
        case = await tx.outside_case(known.ticket_id, lock=True)
        if case is None or case.ref != known.ref:
            return
        if case.state == Stands.RESOLVED and not heard.resolved:
            await _reopened(found, case)
        for answer in heard.answers:
            await _said(found, case, answer, files.get(answer.id, []))
        case.heard = max((case.heard, *(one.id for one in heard.answers)))
        over = heard.resolved and case.state == Stands.OPEN and _theirs(found.ticket, case)
        if over:
            await tx.drop_outside_due(case.ticket_id)
            case.state = Stands.RESOLVED
        await tx.put_outside(case)
        if over:
            await give_back(found, case.desk, Did.RETURNING, "resolved", seen_seq=case.sent_seq)
            await found.audit(case.desk, "closed", why="resolved")


def _theirs(ticket: Ticket, case: OutsideCase) -> bool:
    """Whether the desk has the ticket."""
    return ticket.desk == case.desk and ticket.state != TicketState.CLOSED and case.state == Stands.OPEN


# -- what was said ----------------------------------------------------------------------------------------------------------


async def _said(found: Grip, case: OutsideCase, answer: Answered, files: list[CleanFile | None]) -> None:
    tx, conversation, key = found.tx, found.conversation, f"outside:{case.desk}:{answer.id}"
    if await tx.was_said(conversation.id, key):
        return
    if _theirs(found.ticket, case):
        if conversation.state is not Holder.AGENT:
            await _joined(found, case, answer.agent)
        await _say(found, answer, files, key)
        ticket, now = found.ticket, found.now
        ticket.first_reply_at = ticket.first_reply_at or now
        ticket.last_reply_at, ticket.waiting_for = now, Waits.CITIZEN.value
        await tx.put_ticket(ticket)
    elif answer.id <= case.heard:
        return
    elif await tx.open_ticket(conversation.id) is None:
        await _say(found, answer, files, key)
        await _asked_again(found)
    else:
        await _noted(found, case, answer, key)


async def _say(found: Grip, answer: Answered, files: list[CleanFile | None], key: str) -> None:
    tx, conversation, now = found.tx, found.conversation, found.now
    kept: list[FileRef] = []
    for file, sent in zip(answer.files, files, strict=False):
        if sent is not None:
            name = stored_name(file.name, sent.type)
            kept.append(await tx.put_blob(conversation.id, KIND, name, sent.type, sent.data, now))
    lost = len(kept) < len(answer.files)
    text = "\n\n".join(
        filter(None, (answer.text, found.deps.say("handoff.outside_no_file", conversation) if lost else ""))
    )
    meta = {"agent": answer.agent, "ticket": found.ticket.number}
    said = Reply(text, Kind.ANSWER, attachments=tuple(kept), sender=Sender.AGENT, meta=meta)
    await tx.say(conversation.id, [said], now, key=key)
    await tx.notify_staff()


async def _joined(found: Grip, case: OutsideCase, name: str) -> None:
    """The first words of an agent: from now on the bot is silent."""
    ticket, deps = found.ticket, found.deps
    await found.move(Holder.AGENT, Did.CLAIMED, case.desk)
    ticket.state, ticket.agent, ticket.lease_until = TicketState.CLAIMED.value, None, None
    ticket.lease_no += 1
    ticket.claimed_at = ticket.claimed_at or found.now
    ticket.assigned, ticket.snoozed_until = None, None
    await found.save()
    text = deps.say("handoff.joined", found.conversation, name=name)
    back = Button(deps.say("handoff.back_button", found.conversation), command(f"bot-{ticket.id}"))
    meta = {"agent": name, "ticket": ticket.number}
    await found.say(Reply(text, Kind.HANDOFF, (back,), meta=meta, sender=Sender.SYSTEM))
    await found.audit(case.desk, "claimed")


async def _asked_again(found: Grip) -> None:
    """Words that come after the conversation went back to the bot: the open form asks once more below them."""
    conversation = found.conversation
    if conversation.form_active and conversation.case_id is not None:
        case = await found.tx.case(conversation.case_id)
        await found.say(*questions(found.deps, conversation, case))


async def _noted(found: Grip, case: OutsideCase, answer: Answered, key: str) -> None:
    """Somebody else has the conversation: they read it, the citizen does not hear two people at once."""
    words = found.deps.texts.say("handoff.outside_late", "id", name=answer.agent, text=answer.text)
    note = Note(uuid4(), found.conversation.id, case.desk, words, (), found.now)
    await found.tx.put_note(note, found.ticket.locus, key)


async def _reopened(found: Grip, case: OutsideCase) -> None:
    """An agent there opened it again: it waits for their words, the bot helps until then. Not where somebody else has the citizen."""
    ticket, tx = found.ticket, found.tx
    late = ticket.closed_at is None or found.now - ticket.closed_at > _REOPENS_FOR
    if late or ticket.state != TicketState.CLOSED or await tx.open_ticket(found.conversation.id) is not None:
        return
    await found.move(Holder.QUEUED, Did.REOPENED, case.desk)
    ticket.state, ticket.closed_at, ticket.resolved_at = TicketState.QUEUED.value, None, None
    ticket.desk, ticket.waiting_for = case.desk, Waits.AGENT.value
    await found.save()
    case.state = Stands.OPEN
    await found.audit(case.desk, "reopened")
