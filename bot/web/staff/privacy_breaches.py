"""The breach register: entries, their clock, drafts of the notices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiohttp import web

from bot.domain.breach_notices import to_authority, to_people
from bot.domain.data_rights import Breach
from bot.domain.staff import Right
from bot.errors import Conflict, NotFound
from bot.usecases import privacy_desk
from bot.usecases.privacy_desk import PARTS
from bot.usecases.submit import spoken_date
from bot.web.staff.desk import ACCOUNT, desk_of, local_time, see, sentences
from bot.web.staff.privacy_parts import clock_words, officers_page
from bot.web.staff.rights import needs

_HERE = "/staff/privacy/breaches"
_PEOPLE = re.compile("[0-9]{1,9}")
_EMPTY = dict.fromkeys((*PARTS, "found", "happened", "people"), "")


@dataclass(frozen=True)
class Entry:
    """One entry, ready to be shown."""

    id: UUID
    number: str
    time: str
    clock: str
    what: str
    body: dict[str, str]
    found: str
    told: list[str]
    next: list[str]


@needs(Right.PRIVACY)
async def show(request: web.Request) -> web.Response:
    """All of the office, and the form for a new one."""
    return await _page(request)


async def _page(
    request: web.Request, status: int = 200, typed: dict[str, str] | None = None, problem: str = ""
) -> web.Response:
    async with desk_of(request).deps.store.begin() as tx:
        entries = [_entry(request, one) for one in await tx.breaches(request[ACCOUNT].locus)]
    said = sentences(request)(problem) if problem else ""
    filled = {**_EMPTY, **(typed or {})}
    return officers_page(request, "privacy_breaches.html", _HERE, status, entries=entries, typed=filled, problem=said)


def _entry(request: web.Request, one: Breach) -> Entry:
    say, time = sentences(request), one.time(desk_of(request).deps.now())
    stamps = (("people_told", one.people_told_at), ("authority_told", one.authority_told_at), ("closed", one.closed_at))
    told = [say(f"breach_{name}", at=local_time(request, at)) for name, at in stamps if at is not None]
    both = one.people_told_at is not None and one.authority_told_at is not None
    following = [
        *(["people"] if one.people_told_at is None else []),
        *(["authority"] if one.authority_told_at is None else []),
        *(["closed"] if both and one.closed_at is None else []),
    ]
    clock = clock_words(request, time, one.due_at)
    number = str(one.id)[:8].upper()
    what = one.body.get("what", "")
    return Entry(
        one.id, number, time.value, clock, what[:200], one.body, local_time(request, one.found_at), told, following
    )


@needs(Right.PRIVACY)
async def note(request: web.Request) -> web.Response:
    """A new entry."""
    form, account, desk = await request.post(), request[ACCOUNT], desk_of(request)
    typed = {name: str(form.get(name, "")) for name in _EMPTY}
    zone = desk.zone(account.locus)
    found = _moment(typed["found"])
    happened = _moment(typed["happened"])
    if not typed["what"].strip() or found is None:
        return await _page(request, 422, typed, "breach_missing")
    people = int(typed["people"]) if _PEOPLE.fullmatch(typed["people"]) else None
    happened = happened.replace(tzinfo=zone) if happened is not None else None
    body = {name: typed[name] for name in PARTS}
    entry = await privacy_desk.put_breach(
        desk.deps, account.locus, account.username, body, found.replace(tzinfo=zone), happened, people
    )
    return see(f"{_HERE}/{entry.id}")


def _moment(typed: str) -> datetime | None:
    """As a page's field gives it: local, without a zone."""
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo is None and 2000 <= found.year <= 2100 else None


@needs(Right.PRIVACY)
async def one(request: web.Request) -> web.Response:
    """An entry with the drafts."""
    return await _one(request)


async def _one(request: web.Request, status: int = 200, problem: str = "") -> web.Response:
    desk, account = desk_of(request), request[ACCOUNT]
    async with desk.deps.store.begin() as tx:
        entry = await tx.breach(_id(request))
    if entry.locus != account.locus:
        raise NotFound("breach")
    zone = desk.zone(account.locus)
    found = spoken_date(entry.found_at.astimezone(zone).date(), "id")
    happened = spoken_date(entry.happened_at.astimezone(zone).date(), "id") if entry.happened_at else ""
    office = desk.office_name(account.locus, "id")
    return officers_page(
        request,
        "privacy_breach.html",
        _HERE,
        status,
        one=_entry(request, entry),
        to_people=to_people(entry, office, found, happened),
        to_authority=to_authority(entry, office, found, happened),
        problem=sentences(request)(problem) if problem else "",
    )


def _id(request: web.Request) -> UUID:
    """:raises NotFound: no entry could be called that."""
    try:
        return UUID(request.match_info["id"])
    except ValueError as error:
        raise NotFound("breach") from error


@needs(Right.PRIVACY)
async def mark(request: web.Request) -> web.Response:
    """Somebody was told, or it is closed."""
    what, account = str((await request.post()).get("what", "")), request[ACCOUNT]
    if what not in ("people", "authority", "closed"):
        raise web.HTTPBadRequest
    try:
        await privacy_desk.mark_breach(desk_of(request).deps, _id(request), account.locus, account.username, what)
    except Conflict:
        return await _one(request, 409, "breach_moved")
    return see(f"{_HERE}/{_id(request)}")


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/privacy/breaches", show),
        web.post("/privacy/breaches", note),
        web.get("/privacy/breaches/{id}", one),
        web.post("/privacy/breaches/{id}", mark),
    ]
