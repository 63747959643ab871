"""Satisfaction on the dashboard: IKM by service, channel, counter, office and period, and what has to be followed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.domain.figures import MARKS_SETTLED
from bot.domain.figures_open import SMALL
from bot.domain.figures_period import month_of
from bot.domain.staff import Right
from bot.domain.survey import PRINTED, Score, needed
from bot.domain.survey import shown as written
from bot.storage.figures_marks import Marks
from bot.usecases.deps import LICENCE
from bot.usecases.store_survey import Kind, Remark, Span
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, Desk, desk_of, language, local_time, see, sentences
from bot.web.staff.figures import shown as dashboard
from bot.web.staff.figures import view_of
from bot.web.staff.figures_view import View
from bot.web.staff.files import id_of
from bot.web.staff.masks import mask_text
from bot.web.staff.rights import needs
from bot.web.staff.satisfaction_view import DIMENSIONS, Row, bars, head, lines, rows
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


def _span(view: View, narrowed: Mapping[str, str]) -> Span:
    """The surveys meant; ``view`` has the offices and the period. Of several offices the first one's midnight cuts the days."""
    since, until = view.period.bounds(ZoneInfo(view.offices[sorted(view.offices)[0]]))
    return Span(sorted(view.offices), since, until, **narrowed)


def _names(request: web.Request, dimension: str, keys: Mapping[str, Score]) -> dict[str, str]:
    """What the groups of a dimension are called."""
    desk, say, tongue = desk_of(request), sentences(request), language(request)
    if dimension == "service":
        return {key: desk.deps.service_name(key, tongue) if key else say("sat_no_service") for key in keys}
    if dimension == "channel":
        return {key: desk.deps.channel_name(key, tongue) if key else say("sat_no_service") for key in keys}
    if dimension == "kind":
        return {key: say(f"sat_kind_{key}") for key in keys if key in set(Kind)}
    if dimension == "locus":
        return {key: desk.office_name(key, tongue) for key in keys}
    return {key: key or say("sat_no_counter") for key in keys}


def _breakdowns(request: web.Request, marks: Marks, view: View, *, public: bool = False) -> list[tuple[str, list[Row]]]:
    """Every dimension that has more than one group (the MPPs only for who sees several)."""
    found = []
    for dimension in DIMENSIONS:
        scores = marks.by(dimension)
        if (dimension == "locus" and len(view.offices) < 2) or (dimension == "counter" and not any(scores)):
            continue
        found.append((dimension, rows(scores, _names(request, dimension, scores), public=public)))
    return found


def _choices(request: web.Request, marks: Marks, chosen: Mapping[str, str]) -> dict[str, list[Choice]]:
    """What can be chosen: what occurs in the period, whatever is chosen now."""
    found = {}
    for name in _FILTERS:
        scores = marks.by(name)
        names, now = _names(request, name, scores), chosen.get(name, "")
        options = [Choice(key, names.get(key, key), key == now) for key in sorted(scores) if key]
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
    span, marks = _span(view, chosen), desk.figures.marks
    whole = await marks.read(view.offices, view.period)
    found = await marks.read(view.offices, view.period, chosen) if chosen else whole
    score, asked = found.score, found.asked
    earlier = (await marks.read(view.offices, view.period.before(), chosen)).score
    async with desk.deps.store.begin() as tx:
        low = await tx.low_surveys(span.loci, _MOST_LOW)
        remarks = await tx.remarks(span, _MOST_REMARKS) if reads else []
    if remarks or (reads and any(one.text for one in low)):
        await audit_view(request, "survey", "remarks", n=len(remarks))
    response = dashboard(
        request,
        "figures_satisfaction.html",
        view,
        choices=_choices(request, whole, chosen),
        score=score,
        index=written(score.index()),
        printed=written(score.index(PRINTED)),
        earlier=written(earlier.index()),
        bars=bars(score, say),
        asked=asked,
        sample=needed(asked),
        breakdowns=_breakdowns(request, found, view),
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
    score, found = marks.score, _breakdowns(request, marks, view, public=public)
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
