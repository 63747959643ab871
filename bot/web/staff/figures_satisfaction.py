"""Satisfaction on the dashboard: IKM by service, channel, counter, office and period, and what has to be followed up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.domain.figures import MARKS_SETTLED
from bot.domain.figures_open import SMALL
from bot.domain.figures_period import month_of
from bot.domain.staff import Right
from bot.domain.survey import PRINTED, needed
from bot.domain.survey import shown as written
from bot.storage.figures_sums import zones
from bot.usecases.deps import LICENCE
from bot.usecases.store_survey import Remark, Span
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, Desk, desk_of, language, local_time, see, sentences
from bot.web.staff.figures import shown as dashboard
from bot.web.staff.figures import view_of
from bot.web.staff.figures_view import View
from bot.web.staff.files import id_of
from bot.web.staff.masks import mask_text
from bot.web.staff.rights import needs
from bot.web.staff.satisfaction_section import breakdowns, names_of
from bot.web.staff.satisfaction_view import bars, head, lines
from bot.web.staff.supervise_sheet import to_csv, to_xlsx

PATH = "/staff/figures/satisfaction"
_FILTERS = ("service", "channel", "counter", "kind")
_MOST_REMARKS, _MOST_LOW, _MOST_TEXT = 50, 50, 120


@dataclass(frozen=True)
class Choice:
    """One option of a filter."""

    value: str
    name: str
    chosen: bool


def _narrowed(request: web.Request) -> dict[str, str]:
    """What was chosen of the filters."""
    return {name: value for name in _FILTERS if (value := request.query.get(name, "")[:_MOST_TEXT])}


def _spans(view: View, narrowed: Mapping[str, str]) -> list[Span]:
    """The surveys meant, by time zone; ``view`` has the offices and the period."""
    cut = [(loci, view.period.at(zone).bounds(ZoneInfo(zone))) for zone, loci in zones(view.offices)]
    return [Span(loci, since, until, **narrowed) for loci, (since, until) in cut]


async def _written(view: View, narrowed: Mapping[str, str], *, reads: bool) -> tuple[list[Remark], list[Remark]]:
    """Low marks that nobody saw to yet, and what people wrote, the newest first, for those who may read it."""
    remarks: list[Remark] = []
    async with view.desk.deps.store.begin() as tx:
        low = await tx.low_surveys(sorted(view.offices), _MOST_LOW)
        for span in _spans(view, narrowed) if reads else ():
            remarks += await tx.remarks(span, _MOST_REMARKS)
    return low, sorted(remarks, key=lambda one: one.at, reverse=True)[:_MOST_REMARKS]


def _choices(
    request: web.Request, classes: Mapping[str, Iterable[str]], chosen: Mapping[str, str]
) -> dict[str, list[Choice]]:
    """What can be chosen: what occurs in the period, whatever is chosen now."""
    found = {}
    for name in _FILTERS:
        keys = sorted(classes[name])
        names, now = names_of(desk_of(request), language(request), name, keys), chosen.get(name, "")
        options = [Choice(key, names.get(key, key), key == now) for key in keys if key]
        if name == "service" and sum(one.value.startswith(f"{LICENCE}-") for one in options) > 1:
            options.append(
                Choice(LICENCE, desk_of(request).deps.service_name(LICENCE, language(request)), now == LICENCE)
            )
        found[name] = options
    return found


@needs(Right.FIGURES)
async def show(request: web.Request) -> web.Response:
    """The whole page."""
    return await _page(request)


async def _page(request: web.Request, status: int = 200, problem: str = "") -> web.Response:
    desk, say, reads = desk_of(request), sentences(request), request[ACCOUNT].can(Right.SUPERVISE)
    view, chosen = view_of(request), _narrowed(request)
    marks, offices, period = desk.figures.marks, view.offices, view.period
    found, earlier, (low, remarks), classes = await asyncio.gather(
        marks.read(offices, period, chosen),
        marks.score(offices, period.before(), chosen),
        _written(view, chosen, reads=reads),
        marks.classes(offices, period) if chosen else _nothing(),
    )
    score, asked = found.score, found.asked
    if remarks or (reads and any(one.text for one in low)):
        await audit_view(request, "survey", "remarks", n=len(remarks))
    response = dashboard(
        request,
        "figures_satisfaction.html",
        view,
        choices=_choices(request, classes or found.classes(), chosen),
        score=score,
        index=written(score.index()),
        printed=written(score.index(PRINTED)),
        earlier=written(earlier.index()),
        bars=bars(score, say),
        asked=asked,
        sample=needed(asked),
        breakdowns=breakdowns(found, view),
        written=written,
        printed_weight=PRINTED,
        low=[_told(request, one, reads) for one in low],
        remarks=[_told(request, one, reads) for one in remarks],
        reads=reads,
        small=SMALL,
        chosen=chosen,
        problem=problem,
        done=say("sat_handled") if request.query.get("done") else "",
    )
    response.set_status(status)
    return response


async def _nothing() -> dict[str, set[str]]:
    return {}


def _told(request: web.Request, one: Remark, reads: bool) -> dict[str, object]:
    """One survey as a card; words only for those who may read them, numbers that look personal covered."""
    desk, survey = desk_of(request), one.survey
    return {
        "id": survey.id,
        "why": survey.low,
        "case": survey.case_id,
        "service": _named(desk, request, survey.service),
        "counter": survey.counter,
        "kind": survey.kind,
        "at": local_time(request, one.at),
        "marks": ", ".join(f"U{unsur} {mark}" for unsur, mark in sorted(one.marks.items())),
        "text": mask_text(one.text) if reads else "",
    }


def _named(desk: Desk, request: web.Request, slug: str | None) -> str:
    return desk.deps.service_name(slug, language(request)) if slug else sentences(request)("sat_no_service")


def _public(request: web.Request, view: View) -> View:
    """One month whose surveys cannot change any more, of one office: of two exports that overlap the difference would tell of a few.

    :raises aiohttp.web.HTTPNotFound: of several offices there is none.
    """
    if len(view.offices) > 1:
        raise web.HTTPNotFound
    closed = ((view.now - MARKS_SETTLED).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    month = min(closed, view.period.since.replace(day=1))
    return view_of(request, month_of(f"{month:%Y-%m}", view.now.date()))


@needs(Right.FIGURES)
async def export(request: web.Request) -> web.Response:
    """The same numbers as a table; for the public without small groups."""
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    kind, public = request.query.get("as", "csv"), request.query.get("public") == "1"
    if kind not in ("csv", "xlsx"):
        raise web.HTTPBadRequest
    view, chosen = view_of(request), _narrowed(request)
    if public:
        view, chosen = _public(request, view), {}
    period, marks = view.period, await desk.figures.marks.read(view.offices, view.period, chosen)
    score, found = marks.score, breakdowns(marks, view, public=public)
    await audit_view(
        request, "survey", "export", since=period.since.isoformat(), until=period.until.isoformat(), kind=kind
    )
    table = lines(score, [(say(f"sat_by_{name}"), group) for name, group in found], say, public=public)
    name = f"skm-{account.locus.strip('*') or 'semua'}-{period.since:%Y%m%d}-{period.until:%Y%m%d}{'-umum' if public else ''}.{kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if kind == "csv":
        return web.Response(body=to_csv(head(say), table), content_type="text/csv", charset="utf-8", headers=headers)
    type_ = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return web.Response(body=to_xlsx(name, head(say), table), content_type=type_, headers=headers)


@needs(Right.FIGURES)
async def handled(request: web.Request) -> web.Response:
    """Somebody saw to a low mark."""
    desk, account = desk_of(request), request[ACCOUNT]
    now, survey_id = desk.deps.now(), id_of(request)
    async with desk.deps.store.begin() as tx:
        survey = await tx.survey(survey_id)
        at = survey.locus if survey is not None and survey.locus in view_of(request).offices else account.locus
        done = await tx.handle_low(survey_id, at, account.username, now)
        if done:
            await tx.audit(account.username, "survey.handled", str(survey_id), {}, now)
    if not done:
        return await _page(request, 409, sentences(request)("sat_low_gone"))
    return see(f"{PATH}?done=1")


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/figures/satisfaction", show),
        web.get("/figures/satisfaction/export", export),
        web.post("/figures/satisfaction/{id}/handled", handled),
    ]
