"""The finished document on its way: in the chat where the applicant proved who they are, else by a link that asks for more.

A link goes into a linked chat that the applicant's face was never verified in, and into channels that an installation names because
they keep files abroad (``LOKET_DOCUMENT_LINK_CHANNELS``). It opens for a code that its page sends into that same chat, together with
the applicant's birth date; few tries, one day, never a public address.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from bot.domain import linking
from bot.domain.conversation import Case, Conversation
from bot.domain.document_link import TRIES, DocumentLink
from bot.domain.messages import Button, FileRef, Kind, Reply
from bot.domain.payloads import command
from bot.errors import LoketError
from bot.usecases.coded_link import fresh_code
from bot.usecases.deps import Deps
from bot.usecases.life import finish
from bot.usecases.replies import person_button, plain
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn

LINKS_PER_DAY = 5
"""Links that one case is given in a day."""
AGAIN = "berkas"
"""Verb of the button that asks for another link."""


class LinkClosed(LoketError):
    """No such link, or it is over."""

    code = "document_link_closed"
    text_key = "document.closed"


class WrongAnswer(LoketError):
    """Code or birth date is wrong; which of them is not told."""

    code = "document_link_wrong"
    text_key = "document.wrong"

    def __init__(self, left: int) -> None:
        super().__init__("wrong code or birth date")
        self.left = left


# -- in the chat --------------------------------------------------------------------------------------------------------


async def delivery(deps: Deps, tx: Tx, reader: Conversation, case: Case, direct: Reply) -> Reply:
    """How the document goes to ``reader``: as ``direct`` has it attached, or as a link."""
    if not await _by_link(deps, tx, reader, case):
        return direct
    return await _offer(deps, tx, reader, case)


async def _by_link(deps: Deps, tx: Tx, reader: Conversation, case: Case) -> bool:
    if await _birth_date(deps, tx, case) is None:
        return False  # a form that asks for no identity has nobody to protect it from
    if reader.account.partition(":")[0] in deps.policy.document_link_channels:
        return True
    return case.citizen_id is None or await tx.trust(reader.id, case.citizen_id) is None


async def _birth_date(deps: Deps, tx: Tx, case: Case) -> date | None:
    """The applicant's: as proven, else as matched with the civil register at the beginning of the form."""
    if case.citizen_id is not None:
        return (await tx.citizen(case.citizen_id)).birth_date
    engine, draft = deps.form_of(await tx.conversation(case.conversation_id), case)
    said = engine.identity(draft).get("tanggal_lahir")
    return date.fromisoformat(said) if isinstance(said, str) else None


async def _offer(deps: Deps, tx: Tx, reader: Conversation, case: Case) -> Reply:
    now = deps.now()
    meta = {"service": case.service, "application": case.reference}
    if await tx.document_links_since(case.id, now - timedelta(days=1)) >= LINKS_PER_DAY:
        text = deps.say("document.too_many_links", reader, reference=case.reference or "")
        return Reply(text, Kind.STATUS, (person_button(deps, reader),), meta=meta)
    token = secrets.token_urlsafe(24)
    link = DocumentLink(deps.token_hash(token), case.id, reader.id, now, now + deps.policy.document_link)
    await tx.put_document_link(link)
    await tx.audit("loket", "document.link", str(case.id), {"conversation": str(reader.id)}, now)
    text = deps.say(
        "document.link",
        reader,
        service=deps.service_name(case.service, reader.language),
        reference=case.reference or "",
        url=f"{deps.document_url}/{token}",
        hours=int(deps.policy.document_link.total_seconds()) // 3600,
    )
    again = Button(deps.say("document.button.again", reader), command(f"{AGAIN}-{case.id}"))
    return Reply(text, Kind.STATUS, (again,), meta=meta)


async def another_link(turn: Turn, case_id: UUID) -> Effect:
    """ "Minta tautan baru" below a link that is over."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    mine = {case.id: case for case in await tx.cases_of(conversation)}
    case = mine.get(case_id)
    if case is None or case.document_blob is None:
        return Effect([plain(deps, conversation, "error.stale_button", Kind.ERROR)])
    return Effect([await _offer(deps, tx, conversation, case)])


# -- on the page --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """What the page of a link shows: in which language, whether a code was sent and can be sent, where it went."""

    language: str
    channel: str
    coded: bool
    sends: bool
    left: int


async def look(deps: Deps, token: str) -> Shown:
    """Looking uses nothing up: chat programs fetch links to preview them.

    :raises LinkClosed: no such link, or it is over.
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        link = await _alive(deps, tx, token, now)
        conversation = await tx.conversation(link.conversation_id)
    coded = link.code_expires_at is not None and now < link.code_expires_at
    channel = deps.channel_name(conversation.account, conversation.language)
    return Shown(conversation.language, channel, coded, link.sends_code(now), link.tries_left)


async def _alive(deps: Deps, tx: Tx, token: str, now: datetime, *, lock: bool = False) -> DocumentLink:
    link = await tx.document_link(deps.token_hash(token), lock=lock)
    if link is None or not link.alive(now):
        raise LinkClosed("no such link, or it is over")
    return link


async def send_code(deps: Deps, token: str) -> None:
    """A fresh code into the chat that the link was sent in; codes before it are void.

    :raises LinkClosed: no such link, or it is over.
    :raises NoMoreCodes: it has sent all it may.
    """
    async with deps.store.begin() as tx:
        link = await _alive(deps, tx, token, deps.now(), lock=True)
        await fresh_code(deps, tx, link, "document")
        await tx.put_document_link(link)


async def open_link(deps: Deps, token: str, code: str, born: date | None) -> tuple[FileRef, bytes]:
    """The document, for the right code and birth date. The code is used up; the link may be opened again with another one.

    :raises LinkClosed: no such link, it is over, or the document is gone.
    :raises WrongAnswer: with how many tries are left.
    """
    now, found = deps.now(), None
    async with deps.store.begin() as tx:
        link = await _alive(deps, tx, token, now, lock=True)
        case = await tx.case(link.case_id, lock=True)
        bare = linking.code_alone(code)
        fits = bare is not None and link.fits(deps.token_hash(bare), now)
        right = fits and born is not None and born == await _birth_date(deps, tx, case)
        if right:
            found = await tx.blob(case.document_blob) if case.document_blob is not None else None
            if found is None:
                raise LinkClosed("the document is gone")
            link.code_hash, link.code_expires_at, link.opened_at = None, None, now
            await tx.audit("loket", "document.opened", str(case.id), {"conversation": str(link.conversation_id)}, now)
            await finish(deps, tx, case, "diunduh")
        else:
            link.failures += 1
            if link.failures >= TRIES:
                await tx.audit("loket", "document.link_dead", str(case.id), {}, now)
        await tx.put_document_link(link)
    if found is None:
        raise WrongAnswer(link.tries_left)
    return found[0], found[1]
