"""The supervisor's page: who waits, who is there, what runs late; moving conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.domain.handoff import Agent, TicketConflict
from bot.domain.presence import Here, Presence
from bot.domain.service_levels import OfficeClock, Promise, Timer, promise
from bot.domain.staff import Right, rights_of
from bot.errors import NotFound
from bot.storage.supervision import Day, Open
from bot.usecases import handoff
from bot.usecases.handoff import To
from bot.usecases.handoff_outside import desks_of
from bot.web.staff import strings, times
from bot.web.staff.console_rows import desk_name
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, partial, see, sentences
from bot.web.staff.files import id_of
from bot.web.staff.rights import needs
from bot.web.staff.stream import stream

_EMPTY = Day("", 0, 0, 0, None, None, 0)
_MOST_MOVED = 100


@dataclass(frozen=True)
class Line:
    """One open conversation, as shown."""

    id: UUID
    number: str
    why: str
    topic: str
    where: str
    waited: str
    first: Promise
    end: Promise
    first_word: str
    end_word: str
    urgent: bool


@dataclass(frozen=True)
class Colleague:
    """One person of the office, as shown."""

    username: str
    name: str
    state: Here
    state_word: str
    since: str
    capacity: int
    day: Day
    first_answer: str
    rating: str


@needs(Right.SUPERVISE)
async def show(request: web.Request) -> web.Response:
    """Everything at a glance; htmx gets the living part only."""
    say, done = sentences(request), request.query.get("done", "")
    values = await _values(request)
    moved, left = request.query.get("n", ""), request.query.get("left", "")
    notice = ""
    if done == "moved" and moved.isdigit() and left.isdigit():
        notice = say("super_moved", n=moved) + (" " + say("super_left", n=left) if left != "0" else "")
    return page(request, "_supervise.html" if partial(request) else "supervise.html", done=notice, **values)


async def _values(request: web.Request) -> dict[str, Any]:
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    now, office = desk.deps.now(), desk.deps.catalogue().loci.get(account.locus)
    opened = await desk.supervision.open_now(account.locus)
    async with desk.deps.store.begin() as tx:
        presences = {one.username: one for one in await tx.presences(account.locus)}
        checks = await tx.pending_checks(account.locus)
        differ = 0
        if desk.policy.by_two(account.locus):
            said = await tx.verdicts([check.id for check in checks])
            differ = sum(len({one.accepted for one in verdicts}) == 2 for verdicts in said.values())
    people = await desk.accounts.people.of(account.locus)
    answering = [one for one in people if Right.ANSWER in rights_of(one.roles) and not one.disabled]
    names = {one.username: one.name for one in people}
    lines = [_line(request, one, names, now) for one in opened]
    lines.sort(key=lambda line: (not (line.first.timer is Timer.LATE or line.end.timer is Timer.LATE), line.first.due))
    days = await desk.supervision.day(account.locus, day_of(request, now))
    queued = [one for one in opened if one.state == "queued" and one.snoozed_until is None]
    colleagues = [
        _colleague(request, one.username, one.name, presences.get(one.username), days, now) for one in answering
    ]
    return {
        "lines": lines,
        "queued": len(queued),
        "held": sum(one.state == "claimed" for one in opened),
        "there": sum(one.state in (Here.ONLINE, Here.BUSY) for one in colleagues),
        "ready": sum(one.state is Here.ONLINE for one in colleagues),
        "oldest": times.how_long(now - queued[0].created_at, language(request)) if queued else "–",
        "oldest_timer": promise(
            queued[0].created_at, desk.policy.promise(account.locus)[0], None, now, clock_of(request)
        ).timer
        if queued
        else Timer.RUNS,
        "late": sum(line.first.timer is Timer.LATE or line.end.timer is Timer.LATE for line in lines),
        "colleagues": colleagues,
        "teams": [(one.id, one.called(language(request))) for one in (office.teams if office else ())],
        "desks": [(one.id, one.name) for one in (desks_of(desk.deps, office) if office else ())],
        "checks": len(checks),
        "differ": differ,
        "promised": tuple(times.how_long(one, language(request)) for one in desk.policy.promise(account.locus)),
        "at": say("super_at", time=local_time(request, now)),
    }


def clock_of(request: web.Request) -> OfficeClock | None:
    """What counts for the reader's office: its own hours, if they are known and the installation says so."""
    desk, locus = desk_of(request), request[ACCOUNT].locus
    office = desk.deps.catalogue().loci.get(locus)
    if not desk.policy.office_time or office is None or office.week is None:
        return None
    return OfficeClock(office.week, desk.zone(locus), desk.deps.holiday)


def _line(request: web.Request, one: Open, names: dict[str, str], now: datetime) -> Line:
    desk, say, tongue = desk_of(request), sentences(request), language(request)
    within, whole = desk.policy.promise(request[ACCOUNT].locus)
    clock = clock_of(request)
    first = promise(one.created_at, within, one.first_reply_at, now, clock)
    end = promise(one.created_at, whole, None, now, clock)
    if one.desk:
        where = say("super_outside", desk=desk_name(desk.deps, one.desk))
    elif one.state == "claimed":
        where = names.get(one.agent or "", one.agent or "")
    else:
        meant = names.get(one.assigned or "", one.assigned or "")
        where = say("super_for", name=meant) if meant else say("super_queue")
        if one.snoozed_until is not None and one.snoozed_until > now:
            where = say("super_snoozed", time=local_time(request, one.snoozed_until))
    key = f"trigger_{one.trigger}"
    return Line(
        one.id,
        one.number,
        say(key) if strings.known(key) else one.trigger,
        desk.deps.service_name(one.service, tongue) if one.service else say("no_topic"),
        where,
        times.how_long(now - one.created_at, tongue),
        first,
        end,
        _word(request, first, answered=one.first_reply_at is not None, now=now),
        _word(request, end, answered=False, now=now),
        one.priority > 0,
    )


def _word(request: web.Request, stands: Promise, *, answered: bool, now: datetime) -> str:
    """How a promise stands, in words: the colour alone says nothing."""
    say = sentences(request)
    if answered:
        return say("super_kept" if stands.timer is Timer.KEPT else "super_was_late")
    span = times.how_long(abs(stands.due - now), language(request))
    return say("super_over" if stands.timer is Timer.LATE else "super_in", span=span)


def _colleague(
    request: web.Request, username: str, name: str, presence: Presence | None, days: dict[str, Day], now: datetime
) -> Colleague:
    say, day = sentences(request), days.get(username, _EMPTY)
    state = presence.now(now) if presence else Here.OFFLINE
    word = say(f"here_{state}")
    if presence is not None and presence.reason and state in (Here.BUSY, Here.AWAY):
        word = f"{word} · {say(f'away_{presence.reason}')}"
    seconds = day.first_answer_s
    return Colleague(
        username,
        name,
        state,
        word,
        times.how_long(now - presence.at, language(request)) if presence and state is not Here.OFFLINE else "",
        presence.capacity if presence else 0,
        day,
        "–" if seconds is None else say("super_minutes", n=round(seconds / 60)),
        "–" if day.rating is None else f"{day.rating:.1f}".replace(".", "," if language(request) == "id" else "."),
    )


def day_of(request: web.Request, now: datetime) -> datetime:
    """When this day began at the office."""
    zone = desk_of(request).zone(request[ACCOUNT].locus)
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


@needs(Right.SUPERVISE)
async def events(request: web.Request) -> web.StreamResponse:
    """News of the office."""
    desk, locus = desk_of(request), request[ACCOUNT].locus

    async def fingerprint() -> object:
        async with desk.deps.store.begin() as tx:
            people = [(one.username, one.state, one.reason) for one in await tx.presences(locus)]
            checks = [check.id for check in await tx.pending_checks(locus)]
        return await desk.supervision.open_now(locus), people, checks

    return await stream(request, "staff", gap_s=1.0, fingerprint=fingerprint)


# -- acting -----------------------------------------------------------------------------------------------------------------


def _agent(request: web.Request) -> Agent:
    account = request[ACCOUNT]
    return Agent(account.username, account.name, account.locus, account.roles)


@needs(Right.SUPERVISE)
async def assign(request: web.Request) -> web.Response:
    """Several conversations to a colleague, a team or back into the queue, each for itself: one that ended meanwhile stops no
    other.
    """
    form = await request.post()
    ids = [_uuid(str(one)) for one in form.getall("ticket", [])]
    to = await _to(request, str(form.get("to", "")))
    if not ids or len(ids) > _MOST_MOVED:
        return see("/staff/supervise")
    moved = 0
    for ticket_id in ids:
        try:
            await handoff.assign(desk_of(request).deps, ticket_id, _agent(request), to)
            moved += 1
        except (TicketConflict, NotFound):
            continue
    return see(f"/staff/supervise?done=moved&n={moved}&left={len(ids) - moved}")


async def _to(request: web.Request, typed: str) -> To:
    """:raises aiohttp.web.HTTPBadRequest: nobody and nothing of this office."""
    desk, locus = desk_of(request), request[ACCOUNT].locus
    kind, _, name = typed.partition(":")
    if typed == "queue":
        return To()
    if kind == "agent":
        for one in await desk.accounts.people.of(locus):
            if one.username == name and not one.disabled and Right.ANSWER in rights_of(one.roles):
                return To(agent=name)
    office = desk.deps.catalogue().loci.get(locus)
    if kind == "team" and office is not None and name in {one.id for one in office.teams}:
        return To(team=name)
    if kind == "desk" and office is not None and name in {one.id for one in desks_of(desk.deps, office)}:
        return To(desk=name)
    raise web.HTTPBadRequest


def _uuid(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise web.HTTPBadRequest from error


@needs(Right.SUPERVISE)
async def take_over(request: web.Request) -> web.Response:
    """The supervisor answers now; the colleague reads so."""
    try:
        await handoff.take_over(desk_of(request).deps, id_of(request), _agent(request))
    except TicketConflict:
        return see("/staff/supervise")
    return see(f"/staff/tickets/{id_of(request)}")


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/supervise", show),
        web.get("/supervise/events", events),
        web.post("/supervise/assign", assign),
        web.post("/supervise/{id}/take", take_over),
    ]
