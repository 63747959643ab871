"""What the queue's own agency is asked before the steps of a turn: free times, a booking, another time, the place in the line.

The findings go into the turn's plan: a repeated turn asks nothing twice. Every call is safe to repeat: keys and our number come of the case
itself, so that even a crash between the agency's "yes" and our record of it makes no second ticket.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from bot.domain.conversation import Case, Conversation
from bot.domain.form import Action, Engine, Judgement
from bot.domain.form_commands import Command
from bot.domain.form_draft import Draft
from bot.domain.reference import new_reference
from bot.domain.slot_choice import answer, buttons_of, first_offers
from bot.domain.wished_time import WishedTime
from bot.errors import AgencyError, LoketError
from bot.ports import Slot, Submission
from bot.usecases.deps import Deps
from bot.usecases.life import integration
from bot.usecases.plan import Plan, judgement_of
from bot.usecases.queue_words import ACTIVE, CHANGE, FOR, QUEUE, SLOT, Booked, served_for

log = logging.getLogger(__name__)

CHECK = "slot"
"""``check`` of a field, and kind of the finding."""
BOOKING, MOVED = "booking", "moved"
"""Kinds of findings: a ticket asked for, another time taken."""
KINDS = frozenset({CHECK, BOOKING, MOVED})
SLOTS, TOLD = "slots", "queue"
"""Keys of ``Plan.params``: texts of the times to offer (None: the agency is away), and tickets as they stand by case id."""
PLACE = "mpp"
_AHEAD = timedelta(days=31)
_CONFLICT = 409
_ABOUT_QUEUE = r"\b(?:antre\w*|antri\w*|ngantri\w*|giliran\w*)\b"
_ASKS_PLACE = re.compile(
    rf"{_ABOUT_QUEUE}.*\b(?:berapa|brp|pira|pinten|sampai|sampe|tekan|dugi|mana|masih lama|kapan)\b"
    rf"|\b(?:berapa|brp|pira|pinten|masih lama|kapan|sampai mana)\b.*{_ABOUT_QUEUE}"
    r"|\b(?:sekarang|saiki|sakniki|skrg|skrng)\b.*\b(?:nomor|nomer|no)\b.*\b(?:berapa|brp|pira|pinten)\b"
    r"|\bnomor\w* (?:antre\w* )?(?:saya|ku|kulo|nyong)\b.*\b(?:berapa|brp)\b|\bmy (?:queue )?number\b",
    re.IGNORECASE,
)
_ASKS_CHANGE = re.compile(
    rf"\b(?:ganti|pindah\w*|geser|ubah|undur\w*|mundur\w*|maju\w*|reschedule|gantos)\b.*(?:{_ABOUT_QUEUE}|\bjadwal\w*\b)",
    re.IGNORECASE,
)
_ASKS_CANCEL = re.compile(rf"\b(?:batal\w*|cancel|gak jadi|tidak jadi|ora sida)\b.*{_ABOUT_QUEUE}", re.IGNORECASE)


# -- free times ---------------------------------------------------------------------------------------------------------


async def prepare(deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, plan: Plan) -> None:
    """Fresh times for the question that this turn will end with, where it is one about a time."""
    if not any(field.type == CHECK for section in _sections(engine) for field in section.fields):
        return
    upcoming = _upcoming(engine, draft, plan)
    question = engine.question(upcoming) if upcoming is not None else None
    if question is None or question.field_type != CHECK or upcoming is None or upcoming.offered.get(question.path):
        return
    plan.params = {**plan.params, SLOTS: await _first(deps, conversation, _wanted(engine, upcoming))}


def _sections(engine: Engine) -> Sequence[Any]:
    return engine.service.form.sections if engine.service.form is not None else ()


def _upcoming(engine: Engine, draft: Draft, plan: Plan) -> Draft | None:
    """The draft as it will be when the turn asks; None: the answer itself is about a time, and is settled on its own."""
    if plan.outside is not None:
        return draft if plan.outside["kind"] not in KINDS else None
    if plan.local == "command":
        return engine.command(draft, Command(str(plan.params["command"])), plan.text)[0]
    judgement = judgement_of(plan.judgement) if plan.judgement else None
    if judgement is not None and judgement.ok:
        return engine.accept(draft, judgement)
    return draft


async def times_for(deps: Deps, conversation: Conversation, ticket: Case) -> list[str] | None:
    """Times to offer in place of a ticket's; None: the agency is away."""
    return await _first(deps, conversation, served_for(ticket))


async def _first(deps: Deps, conversation: Conversation, service: str) -> list[str] | None:
    try:
        return list(buttons_of(first_offers([at for at, _ in await _free(deps, conversation, service)])))
    except LoketError as error:
        log.warning("free times could not be asked for", extra={"code": error.code})
        return None


def _wanted(engine: Engine, draft: Draft) -> str:
    """The service that a time is wanted for."""
    item = engine.sheet(draft).by_path.get(FOR)
    return str(item.value if item is not None else draft.known.get("layanan", ""))


async def _free(deps: Deps, conversation: Conversation, service: str) -> list[tuple[datetime, Slot]]:
    """Free times by the office's clock."""
    today, zone = deps.today(conversation), deps.zone(conversation)
    slots = await _agency(deps, conversation).slots(service, PLACE, today, today + _AHEAD)
    open_ones = (slot for slot in slots if slot.free > 0)
    return [(slot.starts_at.astimezone(zone).replace(tzinfo=None), slot) for slot in open_ones]


def _agency(deps: Deps, conversation: Conversation) -> Any:
    """The agency with the capabilities ``slots`` and ``tickets`` (the registry has seen to it)."""
    return deps.agency_of(conversation, QUEUE)


# -- an answer ----------------------------------------------------------------------------------------------------------


async def slot_check(
    deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, judgement: Judgement
) -> dict[str, Any]:
    """A wished time against the times that are free now. Where it changes a ticket, the change is made at once."""
    wish = WishedTime.from_json(str(judgement.value))
    try:
        free = await _free(deps, conversation, _wanted(engine, draft))
        found = answer(wish, [at for at, _ in free], draft.offered.get(judgement.path, ()))
        if found.taken is None:
            return _others(found.offers, found.why)
        if case.service != CHANGE:
            return {"kind": CHECK, "ok": True, "value": WishedTime(at=found.taken).to_json()}
        slot = next(slot for at, slot in free if at == found.taken)
        return await _move(deps, conversation, case, draft, slot)
    except LoketError as error:
        log.warning("a wished time could not be checked", extra={"case": str(case.id), "code": error.code})
        return {"kind": CHECK, "ok": False, "away": True}


def _others(offers: Sequence[datetime], why: str) -> dict[str, Any]:
    return {"kind": CHECK, "ok": False, "offers": list(buttons_of(offers)), "why": why}


async def _move(deps: Deps, conversation: Conversation, case: Case, draft: Draft, slot: Slot) -> dict[str, Any]:
    async with deps.store.begin() as tx:
        ticket = await tx.case(UUID(str(draft.known[f"{CHANGE}.tiket"])))
    agency, ref = _agency(deps, conversation), ticket.agency_ref or ""
    try:
        await agency.move(ref, slot.id, f"{case.id}:{slot.id}")
    except AgencyError as refused:
        if refused.params.get("status") != _CONFLICT:
            raise
        free = await _free(deps, conversation, served_for(ticket))
        at = slot.starts_at.astimezone(deps.zone(conversation)).replace(tzinfo=None)
        found = answer(WishedTime(at=at), [one for one, _ in free])
        return {**_others(found.offers, "full"), "closed": found.taken is not None}
    return {"kind": MOVED, "ok": True, "tiket": str(ticket.id), "ticket": await _ticket(deps, conversation, ref)}


async def _ticket(deps: Deps, conversation: Conversation, ref: str) -> dict[str, Any] | None:
    """The ticket as the agency has it; None: it did not say (the errand asks again)."""
    try:
        return Booked.of(await _agency(deps, conversation).ticket(ref)).to_json()
    except LoketError:
        return None


# -- "kirim" ------------------------------------------------------------------------------------------------------------


def reference_of(case: Case) -> str:
    """Our number of a ticket: the same however often it is made, and as hard to guess as the case's id."""
    digest = int.from_bytes(sha256(case.id.bytes).digest())
    return new_reference(lambda bits: digest & ((1 << bits) - 1))


async def booking(
    deps: Deps, conversation: Conversation, case: Case, engine: Engine, draft: Draft, judgement: Judgement
) -> dict[str, Any] | None:
    """Ask for the ticket while the person waits. None: this is no ticket to be asked for.

    ``ref`` None: the agency is away; the wish is kept and handed in by an errand under the same key.
    """
    if case.service != QUEUE or judgement.action is not Action.SUBMIT or case.agency_ref is not None:
        return None
    async with deps.store.begin() as tx:
        rounds = sum(event.key.startswith("diperbaiki") for event in await tx.events(case.id)) + 1
    verb = "submit" if case.reference is None else f"repair-{rounds}"
    found: dict[str, Any] = {"kind": BOOKING, "ok": True, "verb": verb, "reference": reference_of(case), "ref": None}
    variant = engine.variant(draft)
    submission = Submission(
        key=f"{case.id}:{verb}",
        reference=found["reference"],
        service=case.service,
        data=engine.payload(draft),
        variant=variant.id,
        ending=variant.ends.value,
        callback_url=f"{deps.callback_url}/{integration(deps, case)}",
    )
    try:
        ref = await _agency(deps, conversation).submit(submission)
    except AgencyError as refused:
        return await _not_booked(deps, conversation, engine, draft, refused)
    except LoketError as error:
        log.warning("a ticket could not be asked for", extra={"case": str(case.id), "code": error.code})
        return found
    return {**found, "ref": ref, "ticket": await _ticket(deps, conversation, ref)}


async def _not_booked(
    deps: Deps, conversation: Conversation, engine: Engine, draft: Draft, refused: AgencyError
) -> dict[str, Any]:
    reasons = refused.params.get("reasons", ())
    fields = [str(one.get("field", "")) for one in reasons]
    found: dict[str, Any] = {"kind": BOOKING, "ok": False, "fields": fields}
    if SLOT not in fields:
        return found
    item = engine.sheet(draft).by_path.get(SLOT)
    wish = WishedTime.from_json(str(item.value)) if item is not None and item.value else WishedTime(later=True)
    try:
        free = [at for at, _ in await _free(deps, conversation, _wanted(engine, draft)) if at != wish.at]
    except LoketError:
        return found
    return {**found, "offers": list(buttons_of(answer(wish, free).offers))}


# -- one's own ticket ---------------------------------------------------------------------------------------------------


def wish_about_ticket(text: str) -> str:
    """``giliran``, ``jadwal`` or ``lepas``: what a text wants of a ticket one has; empty: nothing."""
    if len(text) > 200:
        return ""
    if _ASKS_CHANGE.search(text):
        return "jadwal"
    if _ASKS_CANCEL.search(text):
        return "lepas"
    return "giliran" if _ASKS_PLACE.search(text) else ""


async def own_tickets(deps: Deps, conversation: Conversation) -> list[Case]:
    """The active tickets of the person, newest first."""
    async with deps.store.begin() as tx:
        return [case for case in await tx.cases_of(conversation) if case.service == QUEUE and case.state in ACTIVE]


async def looked_up(deps: Deps, conversation: Conversation, verb: str, tickets: Sequence[Case]) -> Mapping[str, Any]:
    """What a wish about tickets needs of the agency, for the plan's params."""
    if verb == "giliran":
        return {TOLD: {str(case.id): await _place(deps, conversation, case) for case in tickets[:3]}}
    if verb == "jadwal" and len(tickets) == 1:
        return {SLOTS: await times_for(deps, conversation, tickets[0])}
    return {}


async def _place(deps: Deps, conversation: Conversation, case: Case) -> dict[str, Any] | None:
    if case.agency_ref is None:
        return None
    try:
        place = await _agency(deps, conversation).ticket(case.agency_ref)
    except LoketError as error:
        log.warning("a ticket could not be looked up", extra={"case": str(case.id), "code": error.code})
        return None
    expected = place.expected_at.isoformat() if place.expected_at is not None else None
    return {**vars(place), "starts_at": place.starts_at.isoformat(), "expected_at": expected}
