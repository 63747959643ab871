"""The page about one's own data: it opens with a code from the chat its link was sent in, stays open in that browser until the link
is over, and can see, download, withdraw, object and erase.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.domain import linking
from bot.domain.conversation import Conversation
from bot.domain.data_rights import Kind, Sorted, Whose, sort_out
from bot.domain.document_link import DataLink
from bot.domain.messages import Kind as Said
from bot.domain.messages import Reply
from bot.usecases import my_data_export, privacy
from bot.usecases import privacy_core as core
from bot.usecases.coded_link import fresh_code
from bot.usecases.deps import Deps
from bot.usecases.documents import LinkClosed, WrongAnswer
from bot.usecases.store import Tx
from bot.usecases.store_privacy import ConsentReceipt

LONGEST = 2000
"""Characters of an objection."""


class NotProven(LinkClosed):
    """The proof of identity is over since the link was sent."""


@dataclass(frozen=True)
class Shown:
    """What the page shows before the code: in which language, whether a code was sent and can be sent, where it went."""

    language: str
    channel: str
    coded: bool
    sends: bool
    open: bool
    """Whether this browser has the key."""


@dataclass(frozen=True)
class Mine:
    """What the page shows after it."""

    language: str
    held: dict[str, int]
    cases: Sorted
    consents: list[ConsentReceipt]
    goes: str
    stays: str
    name: str
    here: Conversation


async def look(deps: Deps, token: str, key: str) -> Shown:
    """Looking uses nothing up: chat programs fetch links to preview them.

    :raises LinkClosed: no such link, or it is over.
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        link = await _alive(deps, tx, token, now)
        here = await tx.conversation(link.conversation_id)
    coded = link.code_expires_at is not None and now < link.code_expires_at
    channel = deps.channel_name(here.account, here.language)
    return Shown(here.language, channel, coded, link.sends_code(now), _has_key(deps, link, key))


def _has_key(deps: Deps, link: DataLink, key: str) -> bool:
    return bool(key) and link.key_hash is not None and secrets.compare_digest(link.key_hash, deps.token_hash(key))


async def _alive(deps: Deps, tx: Tx, token: str, now: datetime, *, lock: bool = False) -> DataLink:
    link = await tx.data_link(deps.token_hash(token), lock=lock)
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
        await fresh_code(deps, tx, link, "data")
        await tx.put_data_link(link)


async def open_(deps: Deps, token: str, code: str) -> str:
    """The key for this browser, for the right code, which is used up.

    :raises LinkClosed: no such link, or it is over.
    :raises WrongAnswer: with how many tries are left.
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        link = await _alive(deps, tx, token, now, lock=True)
        bare = linking.code_alone(code)
        key = secrets.token_urlsafe(24) if bare is not None and link.fits(deps.token_hash(bare), now) else ""
        if key:
            link.key_hash, link.opened_at = deps.token_hash(key), now
            link.code_hash, link.code_expires_at = None, None
            await tx.audit(core.CITIZEN, "privacy.opened", str(link.conversation_id), {}, now)
        else:
            link.failures += 1
        await tx.put_data_link(link)
    if not key:
        raise WrongAnswer(link.tries_left)
    return key


# -- with the key ---------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _opened(deps: Deps, token: str, key: str, *, lock: bool = False) -> AsyncIterator[tuple[Tx, Whose]]:
    """:raises LinkClosed: the link is over, or the key is another one; ``NotProven``: the identity no longer is."""
    async with deps.store.begin() as tx:
        link = await _alive(deps, tx, token, deps.now())
        if not _has_key(deps, link, key):
            raise LinkClosed("not this browser")
        here = await tx.conversation(link.conversation_id)
        if lock:
            ids = [here.id, *(await tx.channels_of(here.citizen_id) if here.citizen_id is not None else [])]
            locked = await tx.lock_people(ids)
            here = next(one for one in locked if one.id == here.id)
        all_of = await core.whose(deps, tx, here)
        if not all_of.proven:
            raise NotProven("the identity is no longer proven")
        yield tx, all_of


async def view(deps: Deps, token: str, key: str) -> Mine:
    """What is stored, in numbers and names of services.

    :raises LinkClosed: see :func:`_opened`.
    """
    async with _opened(deps, token, key) as (tx, all_of):
        held = await tx.holdings(all_of.ids, all_of.citizen_id)
        consents = await tx.consents_of(all_of.ids)
        name = (await tx.citizen(all_of.citizen_id)).name if all_of.citizen_id is not None else ""
        here, cases = all_of.here, sort_out(all_of.cases)
        goes, stays = privacy.goes(deps, all_of), privacy.stays(deps, here, cases)
        return Mine(here.language, held, cases, consents, goes, stays, name, here)


async def download(deps: Deps, token: str, key: str, format_: str) -> my_data_export.Export:
    """Everything, as ``json``, ``pdf`` or ``zip``.

    :raises LinkClosed: see :func:`_opened`.
    """
    async with _opened(deps, token, key) as (tx, all_of):
        made = await my_data_export.export(deps, tx, all_of, format_)
        await core.note(deps, tx, all_of.here, Kind.EXPORT, format=format_, bytes=len(made.content))
        return made


async def withdraw(deps: Deps, token: str, key: str) -> str:
    """Every consent; said in the chat, too. The person's language.

    :raises LinkClosed: see :func:`_opened`.
    """
    async with _opened(deps, token, key, lock=True) as (tx, all_of):
        _, cases = await core.withdraw(deps, tx, all_of, core.CITIZEN)
        await _tell(deps, tx, all_of.here, privacy.withdrawn(deps, all_of.here, cases))
        return all_of.here.language


async def erase(deps: Deps, token: str, key: str) -> str:
    """Everything but what has to stay; said in the chat, too. The link is over then. The person's language.

    :raises LinkClosed: see :func:`_opened`.
    """
    async with _opened(deps, token, key, lock=True) as (tx, all_of):
        _, cases = await core.erase(deps, tx, all_of, core.CITIZEN)
        link = await _alive(deps, tx, token, deps.now(), lock=True)
        link.expires_at = deps.now()
        await tx.put_data_link(link)
        await _tell(deps, tx, all_of.here, privacy.erased(deps, all_of.here, cases))
        return all_of.here.language


async def object_(deps: Deps, token: str, key: str, words: str) -> str:
    """An objection with the person's own words; its number.

    :raises LinkClosed: see :func:`_opened`.
    """
    async with _opened(deps, token, key, lock=True) as (tx, all_of):
        request = await core.ask_a_person(deps, tx, all_of.here, Kind.OBJECT, words.strip()[:LONGEST])
        text = deps.say("privacy.asked.object", all_of.here, number=request.number)
        await _tell(deps, tx, all_of.here, Reply(text, Said.NOTICE))
        return request.number


async def _tell(deps: Deps, tx: Tx, here: Conversation, said: Reply) -> None:
    await tx.save_conversation(here)
    await tx.say(here.id, [said], deps.now(), notice=True)
