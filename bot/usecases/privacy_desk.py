"""The data officer settles requests and keeps the breach register. Everything done is audited, and told to the citizen in their chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from bot.domain.conversation import Citizen
from bot.domain.data_rights import Breach, DataRequest, Kind, State, Whose, may_speak_for
from bot.domain.messages import Kind as Said
from bot.domain.messages import Reply
from bot.errors import Conflict, NotFound
from bot.usecases import privacy_core as core
from bot.usecases.deps import Deps
from bot.usecases.store import Tx

LONGEST = 1000
"""Characters of an answer to a citizen."""
LONGEST_BREACH = 4000


@dataclass(frozen=True)
class ChildFound:
    """What the data model knows about a child that a guardian speaks for."""

    citizen: Citizen | None
    on_the_card: bool
    """A minor on the guardian's own family card: nobody has to look at papers."""


async def settle(deps: Deps, request_id: UUID, locus: str, by: str, words: str, *, refused: bool) -> DataRequest:
    """Close a request with an answer that the citizen reads.

    :raises NotFound: the office has no such request.
    :raises Conflict: it is settled.
    """
    async with deps.store.begin() as tx:
        request = await _open(tx, request_id, locus)
        now = deps.now()
        request.state = State.REFUSED if refused else State.DONE
        request.settled_at, request.settled_by = now, by
        await tx.put_data_request(request)
        await tx.audit(by, f"privacy.{request.state.value}", request.number, {"locus": locus}, now)
        await _tell(deps, tx, request, "privacy.settled", words)
    return request


async def _open(tx: Tx, request_id: UUID, locus: str) -> DataRequest:
    request = await tx.data_request(request_id, lock=True)
    if request.locus != locus:
        raise NotFound("data request")
    if request.settled_at is not None or request.state is not State.OPEN:
        raise Conflict("settled")
    return request


async def _tell(deps: Deps, tx: Tx, request: DataRequest, key: str, words: str) -> None:
    if request.conversation_id is None:
        return
    here = await tx.conversation(request.conversation_id)
    text = deps.say(key, here, number=request.number, words=words.strip()[:LONGEST])
    await tx.say(here.id, [Reply(text, Said.NOTICE)], deps.now(), notice=True)


async def erase(deps: Deps, request_id: UUID, locus: str, by: str, words: str, *, seen: bool) -> DataRequest:
    """Erase what the request's conversation holds, and settle the request. ``seen``: the officer has seen that it is the person whose
    NIK was named there, so that what is stored under the NIK goes, too.

    :raises NotFound: the office has no such request.
    :raises Conflict: it is settled, or it is about something else.
    """
    async with deps.store.begin() as tx:
        request = await _open(tx, request_id, locus)
        if request.kind is not Kind.ERASE or request.conversation_id is None:
            raise Conflict("not an erasure")
        here = await tx.conversation(request.conversation_id)
        locked = await tx.lock_people([here.id, *await _proven(tx, here.citizen_id)])
        here = next(one for one in locked if one.id == here.id)
        found = await core.whose(deps, tx, here)
        citizen_id = here.citizen_id if seen else None
        cases = tuple(await tx.all_cases(found.ids, citizen_id))
        done, _ = await core.erase(deps, tx, Whose(here, found.conversations, cases, citizen_id, True), by, request)
        await tx.save_conversation(here)
        await _tell(deps, tx, done, "privacy.settled_erased", words)
    return done


async def _proven(tx: Tx, citizen_id: UUID | None) -> list[UUID]:
    return await tx.channels_of(citizen_id) if citizen_id is not None else []


# -- children -------------------------------------------------------------------------------------------------------------


async def find_child(deps: Deps, request_id: UUID, locus: str, nik: str) -> ChildFound:
    """Whether the child is known here, and whether the register's copies put it on the guardian's family card.

    :raises NotFound: the office has no such request.
    """
    async with deps.store.begin() as tx:
        request = await tx.data_request(request_id)
        if request.locus != locus or request.kind is not Kind.CHILD:
            raise NotFound("data request")
        child = await tx.citizen_by_nik(nik)
        guardian = await _guardian(tx, request)
        today = await _today(deps, tx, request)
        ours = child is not None and guardian is not None and may_speak_for(guardian, child, today)
        return ChildFound(child, ours)


async def _guardian(tx: Tx, request: DataRequest) -> Citizen | None:
    """Only where they were proven by face when they asked, and still are."""
    if request.conversation_id is None or request.citizen_id is None:
        return None
    trusted = await tx.trust(request.conversation_id, request.citizen_id)
    return await tx.citizen(request.citizen_id) if trusted is not None else None


async def _today(deps: Deps, tx: Tx, request: DataRequest) -> date:
    if request.conversation_id is None:
        return deps.now().date()
    return deps.today(await tx.conversation(request.conversation_id))


async def erase_child(
    deps: Deps, request_id: UUID, locus: str, by: str, nik: str, words: str, *, seen: bool
) -> DataRequest:
    """Erase what is stored under the child's NIK. ``seen``: the officer has looked at the papers of a guardian whom the register's
    copies do not show.

    :raises NotFound: no such request, or nothing is stored under that NIK.
    :raises Conflict: it is settled, or nobody has seen that they may speak for the child.
    """
    found = await find_child(deps, request_id, locus, nik)
    if found.citizen is None:
        raise NotFound("citizen")
    if not (found.on_the_card or seen):
        raise Conflict("guardian")
    child = found.citizen
    async with deps.store.begin() as tx:
        request = await _open(tx, request_id, locus)
        channels = await tx.lock_people(await tx.channels_of(child.id))
        mine = tuple(one for one in channels if one.citizen_id in (None, child.id))
        cases = tuple(await tx.all_cases([one.id for one in mine], child.id))
        guardian = await tx.conversation(request.conversation_id) if request.conversation_id is not None else None
        here = mine[0] if mine else guardian
        if here is None:
            raise Conflict("nobody to tell")
        whole = Whose(here, mine, cases, child.id, True)
        done, _ = await core.erase(deps, tx, whole, by, request)
        if mine:
            await tx.save_conversation(here)
        await tx.audit(by, "privacy.child", done.number, {"locus": locus, "card": found.on_the_card}, deps.now())
        await _tell(deps, tx, done, "privacy.settled_erased", words)
    return done


# -- breaches -------------------------------------------------------------------------------------------------------------

PARTS = ("what", "data", "how", "done")
"""Of an entry's body: what the law wants told (ps 46): which data, when and how, what is done about it."""


async def put_breach(
    deps: Deps,
    locus: str,
    by: str,
    body: dict[str, str],
    found_at: datetime,
    happened_at: datetime | None,
    people: int | None,
) -> Breach:
    """A new entry; its clock runs from the discovery."""
    now = deps.now()
    cut = {part: body.get(part, "").strip()[:LONGEST_BREACH] for part in PARTS}
    entry = Breach(uuid4(), locus, by, cut, min(found_at, now), now, people, happened_at)
    async with deps.store.begin() as tx:
        await tx.put_breach(entry)
        await tx.audit(by, "breach.noted", str(entry.id), {"locus": locus}, now)
    return entry


async def mark_breach(deps: Deps, breach_id: UUID, locus: str, by: str, what: str) -> Breach:
    """``what``: ``people``, ``authority`` (told), ``closed``.

    :raises NotFound: the office has no such entry.
    :raises Conflict: it was noted already, or it is to be closed before both are told.
    """
    async with deps.store.begin() as tx:
        entry = await tx.breach(breach_id, lock=True)
        if entry.locus != locus:
            raise NotFound("breach")
        name = {"people": "people_told_at", "authority": "authority_told_at", "closed": "closed_at"}[what]
        untold = entry.people_told_at is None or entry.authority_told_at is None
        if getattr(entry, name) is not None or (what == "closed" and untold):
            raise Conflict("breach")
        setattr(entry, name, deps.now())
        await tx.put_breach(entry)
        await tx.audit(by, f"breach.{what}", str(entry.id), {"locus": locus}, deps.now())
    return entry
