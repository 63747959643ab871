"""Whose data are meant, noting a request, withdrawing and erasing: what chat, page and data officer share."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from bot.domain.conversation import Case, Conversation
from bot.domain.data_rights import CLOCK, PROVEN, DataRequest, Kind, Sorted, State, Whose, papers_in, sort_out
from bot.domain.reference import new_reference
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import Grip
from bot.usecases.handoff_return import let_go
from bot.usecases.revoke import forget_face
from bot.usecases.store import Tx

PREFIX = "PDP"
"""Of a request's number."""
CITIZEN = "citizen"


async def whose(deps: Deps, tx: Tx, here: Conversation) -> Whose:
    """Everything of the person who speaks here. Connected conversations in which somebody else was proven stay out."""
    level = here.level(deps.now())
    proven = here.citizen_id is not None and level >= PROVEN
    found = {here.id: here}
    if here.person_id is not None:
        found |= {one.id: one for one in await tx.conversations_of(here.person_id) if one.id != here.id}
    if proven and here.citizen_id is not None:
        for channel in await tx.channels_of(here.citizen_id):
            if channel not in found:
                found[channel] = await tx.conversation(channel)
    known = {one.citizen_id for one in found.values()} - {None}
    mine = tuple(one for one in found.values() if one.citizen_id in (None, here.citizen_id))
    citizen_id = here.citizen_id if proven else None
    cases = await tx.all_cases([one.id for one in mine], citizen_id)
    named = bool(known) or any(case.citizen_id is not None for case in cases)
    return Whose(here, mine, tuple(cases), citizen_id, proven or not named)


def request_of(here: Conversation, kind: Kind, state: State, now: datetime, words: str = "") -> DataRequest:
    """A new request."""
    return DataRequest(
        id=uuid4(),
        number=new_reference(secrets.randbits, PREFIX),
        locus=here.locus,
        kind=kind,
        state=state,
        conversation_id=here.id,
        citizen_id=here.citizen_id,
        asked_at=now,
        due_at=now + CLOCK,
        words=words,
    )


async def note(deps: Deps, tx: Tx, here: Conversation, kind: Kind, **outcome: object) -> DataRequest:
    """A right that was given at once, on record."""
    now = deps.now()
    request = request_of(here, kind, State.DONE, now)
    request.settled_at, request.settled_by, request.outcome = now, "loket", dict(outcome)
    await tx.put_data_request(request)
    await tx.audit(CITIZEN, f"privacy.{kind.value}", request.number, {"conversation": str(here.id)}, now)
    return request


async def ask_a_person(deps: Deps, tx: Tx, here: Conversation, kind: Kind, words: str = "") -> DataRequest:
    """A request that the data officer settles within 3x24 hours; a second one of its kind is the first."""
    known = await tx.open_request(here.id, kind.value)
    if known is not None and not words:
        return known
    now = deps.now()
    request = request_of(here, kind, State.OPEN, now, words)
    await tx.put_data_request(request)
    detail = {"conversation": str(here.id), "locus": here.locus}
    await tx.audit(CITIZEN, f"privacy.{kind.value}_asked", request.number, detail, now)
    await tx.notify_staff()
    return request


async def question(deps: Deps, tx: Tx, here: Conversation, kind: Kind) -> None:
    """Remember that "really?" was asked, so that only a fresh "yes" counts."""
    await tx.drop_asked(here.id)
    await tx.put_data_request(request_of(here, kind, State.ASKED, deps.now()))


# -- withdrawing ----------------------------------------------------------------------------------------------------------


async def withdraw(deps: Deps, tx: Tx, all_of: Whose, actor: str) -> tuple[DataRequest, Sorted]:
    """What rests on consent ends: receipts, drafts, the face. The conversations are locked by the caller; ``here`` is saved by it."""
    now, here = deps.now(), all_of.here
    cases = sort_out(all_of.cases)
    drafts = [case for case in cases.goes if case.reference is None]
    receipts = await tx.withdraw_consents(all_of.ids, now)
    await tx.drop_cases([case.id for case in drafts], [file for case in drafts for file in papers_in(case.draft)])
    if all_of.citizen_id is not None:
        await forget_face(deps, tx, all_of.citizen_id, actor, besides=here.id)
    dropped = {case.id for case in drafts}
    for one in all_of.conversations:
        one.assurance, one.assured_until = min(one.assurance, 1), None
        if one.case_id in dropped:
            one.case_id, one.form_active, one.turn_mark = None, False, f"withdrawn.{now.timestamp()}"
        await _save(tx, one, here)
    await tx.drop_asked(here.id)
    request = await note(deps, tx, here, Kind.WITHDRAW, receipts=receipts, drafts=len(drafts), stays=len(cases.stays))
    return request, cases


async def _save(tx: Tx, one: Conversation, here: Conversation) -> None:
    if one.id != here.id:
        await tx.save_conversation(one)


# -- erasing --------------------------------------------------------------------------------------------------------------


async def erase(
    deps: Deps, tx: Tx, all_of: Whose, actor: str, request: DataRequest | None = None
) -> tuple[DataRequest, Sorted]:
    """All of it but what has to stay. The conversations are locked by the caller; ``here`` is changed, and saved by it.

    ``request``: the one that an officer settles by it; else a new one goes on record.
    """
    now, here = deps.now(), all_of.here
    cases = sort_out(all_of.cases)
    kept = await kept_files(tx, cases.stays)
    goes, stays = [case.id for case in cases.goes], [case.id for case in cases.stays]
    await tx.drop_asked(here.id)
    for one in all_of.conversations:
        waits = await tx.open_ticket(one.id, lock=True)
        if waits is not None:
            await let_go(Grip(deps, tx, one, waits, now), actor)
    taken = await tx.erase(all_of.ids, all_of.citizen_id, goes, stays, kept, now)
    for one in all_of.conversations:
        _empty(one, now)
        await _save(tx, one, here)
        await tx.put_erasure(one.id, now)
    done = request or request_of(here, Kind.ERASE, State.DONE, now)
    done.state, done.settled_at, done.settled_by, done.words = State.DONE, now, actor, ""
    done.citizen_id = None
    done.outcome = {"tables": taken, "stays": len(stays), "conversations": len(all_of.conversations)}
    await tx.put_data_request(done)
    detail = {"tables": sorted(taken), "rows": sum(taken.values()), "stays": len(stays), "locus": here.locus}
    await tx.audit(actor, "privacy.erased", done.number, detail, now)
    await tx.notify_staff()
    return done, cases


def _empty(one: Conversation, now: datetime) -> None:
    one.citizen_id, one.assurance, one.assured_until = None, min(one.assurance, 1), None
    one.case_id, one.form_active, one.topic, one.misses = None, False, None, 0
    one.memory, one.trail, one.turn_mark = {}, [], f"erased.{now.timestamp()}"


async def kept_files(tx: Tx, cases: tuple[Case, ...]) -> list[UUID]:
    """Papers that belong to what stays."""
    kept: list[UUID] = []
    for case in cases:
        kept += papers_in(case.draft)
        kept += [case.document_blob] if case.document_blob is not None else []
        kept += [file for word in await tx.words_of(case.id) for file in word.files]
    return kept
