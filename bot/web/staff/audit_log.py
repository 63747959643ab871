"""The audit log, for auditors: who did and saw what, when, and whether the log is whole. Looking at it is itself on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from bot.domain.staff import Right
from bot.storage.audit_log import PAGE, Entry, Wanted
from bot.web.staff import strings
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, desk_of, local_time, page, see, sentences
from bot.web.staff.rights import needs
from bot.web.staff.times import day_typed

_LONGEST = 120


@dataclass(frozen=True)
class Line:
    """One entry as shown."""

    id: int
    at: str
    actor: str
    action: str
    object: str
    detail: str
    sound: bool


@needs(Right.AUDIT)
async def show(request: web.Request) -> web.Response:
    """One page of it."""
    desk, account = desk_of(request), request[ACCOUNT]
    wanted, typed = _wanted(request)
    entries = await desk.audit_log.read(account.locus, wanted, orphans=account.locus == desk.locus)
    chain = None
    if request.query.get("check") == "1":
        chain = await desk.audit_log.check()
    what: dict[str, Any] = {name: value for name, value in typed.items() if value}
    await audit_view(request, "audit", "audit", **what)
    more = entries[PAGE - 1].id if len(entries) > PAGE else None
    older = urlencode({**what, "before": more}) if more else ""
    return page(
        request,
        "audit.html",
        lines=[_line(request, one) for one in entries[:PAGE]],
        actors=await desk.audit_log.actors(account.locus),
        typed=typed,
        older=older,
        chain=chain,
        newest=wanted.before is None,
    )


def _line(request: web.Request, entry: Entry) -> Line:
    say, key = sentences(request), f"did_{entry.action}"
    detail = ", ".join(f"{name}: {_short(value)}" for name, value in sorted(entry.detail.items()) if name != "locus")
    return Line(
        entry.id,
        local_time(request, entry.at),
        entry.actor,
        say(key) if strings.known(key) else entry.action,
        entry.object,
        detail[:_LONGEST],
        entry.sound,
    )


def _short(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _wanted(request: web.Request) -> tuple[Wanted, dict[str, str]]:
    """What the form asks for; nonsense in it is left out."""
    query = {name: value.strip()[:_LONGEST] for name, value in request.query.items()}
    zone = desk_of(request).zone(request[ACCOUNT].locus)
    since, until = day_typed(query.get("since", "")), day_typed(query.get("until", ""))
    typed = {name: query.get(name, "") for name in ("actor", "object", "citizen")}
    typed |= {"since": since.isoformat() if since else "", "until": until.isoformat() if until else ""}
    before = query.get("before", "")
    wanted = Wanted(
        actor=typed["actor"],
        object=typed["object"],
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
        citizen=_uuid(typed["citizen"]),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
    )
    return wanted, typed


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        return None


@needs(Right.AUDIT)
async def about(request: web.Request) -> web.Response:
    """Who has seen one citizen's data: the NIK is sent as a form, so that it stands in no address, and becomes the citizen's id."""
    nik = "".join(letter for letter in str((await request.post()).get("nik", "")) if letter.isdigit())
    async with desk_of(request).deps.store.begin() as tx:
        citizen = await tx.citizen_by_nik(nik) if len(nik) == 16 else None
    if citizen is None:
        return see("/staff/audit?" + urlencode({"citizen": str(UUID(int=0))}))
    return see("/staff/audit?" + urlencode({"citizen": str(citizen.id)}))


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [web.get("/audit", show), web.post("/audit/person", about)]
