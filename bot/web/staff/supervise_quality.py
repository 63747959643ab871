"""Marks for conversations that are over, and the export of an office's conversations."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta

from aiohttp import web
from sqlalchemy import Row

from bot.domain.staff import Right
from bot.storage.supervision import MOST_COMMENT, MOST_ROWS, SCORES
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, see, sentences
from bot.web.staff.files import id_of
from bot.web.staff.rights import needs
from bot.web.staff.supervise_sheet import Cell, to_csv, to_xlsx
from bot.web.staff.times import day_typed

DAYS = 7
"""So far back conversations are shown for marking."""
LONGEST = timedelta(days=366)
COLUMNS = (
    "number",
    "created_at",
    "trigger",
    "state",
    "channel",
    "language",
    "service",
    "priority",
    "team",
    "desk",
    "agent",
    "claimed_at",
    "first_reply_at",
    "closed_at",
    "first_answer_min",
    "whole_min",
    "rating",
    "lost",
)
"""Of the export. Numbers, times and codes: nothing that names a citizen or that they wrote."""


@needs(Right.SUPERVISE)
async def closed(request: web.Request) -> web.Response:
    """What ended in the last days, with its marks."""
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    names = await desk.accounts.names(account.locus)
    found = await desk.supervision.closed(account.locus, desk.deps.now() - timedelta(days=DAYS))
    rows = [
        {
            "one": one,
            "name": names.get(one.agent or "", one.agent or ""),
            "topic": desk.deps.service_name(one.service, language(request)) if one.service else say("no_topic"),
            "at": local_time(request, one.closed_at),
            "mine": next((mark for mark in one.marks if mark.by == account.username), None),
            "others": [mark for mark in one.marks if mark.by != account.username],
        }
        for one in found
    ]
    done = say("quality_saved") if request.query.get("done") == "marked" else ""
    return page(request, "quality.html", rows=rows, scores=SCORES, most=MOST_COMMENT, days=DAYS, done=done)


@needs(Right.SUPERVISE)
async def mark(request: web.Request) -> web.Response:
    """A mark with a word about why."""
    desk, account, form = desk_of(request), request[ACCOUNT], await request.post()
    score, comment = str(form.get("score", "")), str(form.get("comment", "")).strip()[:MOST_COMMENT]
    if score not in map(str, SCORES):
        raise web.HTTPBadRequest
    now = desk.deps.now()
    await desk.supervision.mark(account.locus, id_of(request), account.username, int(score), comment, now)
    return see("/staff/supervise/quality?done=marked")


@needs(Right.SUPERVISE)
async def export(request: web.Request) -> web.Response:
    """An office's conversations of some days, a row each."""
    desk, account = desk_of(request), request[ACCOUNT]
    kind = request.query.get("as", "csv")
    since, until = _day(request, "since"), _day(request, "until")
    if kind not in ("csv", "xlsx") or not timedelta() <= until - since <= LONGEST:
        raise web.HTTPBadRequest
    zone = desk.zone(account.locus)
    begin, end = datetime.combine(since, time(), zone), datetime.combine(until + timedelta(days=1), time(), zone)
    rows = [_cells(row, zone) async for row in desk.supervision.rows(account.locus, begin, end)]
    await audit_view(
        request, "tickets", "export", since=since.isoformat(), until=until.isoformat(), rows=len(rows), kind=kind
    )
    say = sentences(request)
    head = [say(f"column_{name}") for name in COLUMNS]
    name = f"loket-{account.locus}-{since:%Y%m%d}-{until:%Y%m%d}.{kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Loket-Truncated": "1" if len(rows) >= MOST_ROWS else "0",
    }
    # Beside the loop, which has messages to take in: a large office's year takes seconds to write.
    if kind == "csv":
        body = await asyncio.to_thread(to_csv, head, rows)
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)
    type_ = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    body = await asyncio.to_thread(to_xlsx, name, head, rows)
    return web.Response(body=body, content_type=type_, headers=headers)


def _cells(row: Row[tuple[object, ...]], zone: object) -> list[Cell]:
    def local(at: datetime | None) -> datetime | None:
        return at.astimezone(zone).replace(microsecond=0) if at is not None else None  # type: ignore[arg-type]

    def minutes(at: datetime | None) -> float | None:
        return round((at - row.created_at).total_seconds() / 60, 1) if at is not None else None

    own: dict[str, Cell] = {
        "channel": row.account.partition(":")[0],
        "first_answer_min": minutes(row.first_reply_at),
        "whole_min": minutes(row.closed_at),
    }
    values = {name: own[name] if name in own else getattr(row, name) for name in COLUMNS}
    return [local(value) if isinstance(value, datetime) else value for value in values.values()]


def _day(request: web.Request, name: str) -> date:
    """:raises aiohttp.web.HTTPBadRequest: no date."""
    found = day_typed(request.query.get(name, ""))
    if found is None:
        raise web.HTTPBadRequest
    return found


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/supervise/quality", closed),
        web.post("/supervise/quality/{id}", mark),
        web.get("/supervise/export", export),
    ]
