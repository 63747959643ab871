"""The studio's pages of training: what is wrong with the draft, progress, the report beside the live model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.domain.nlu_report import Change, Matrix
from bot.domain.release_gate import GateRules, lost_too_much
from bot.domain.staff import Right
from bot.errors import Conflict, ContentError, NotFound
from bot.ports_studio import DraftFault, Publishing, Training
from bot.usecases.store_training import Run
from bot.usecases.studio_release import Releasing
from bot.usecases.studio_report import DraftReport
from bot.web.hub import STAFF
from bot.web.staff import strings
from bot.web.staff.desk import ACCOUNT, desk_of, local_time, page, partial, see, sentences
from bot.web.staff.rights import needs
from bot.web.staff.stream import stream
from bot.web.staff.strings_studio_train import RAW
from bot.web.staff.studio import STUDIO, NoStudio, editor_of, studio_of, studio_page

HOME = "/staff/studio/train"
_GAP_S = 0.7
_RUNS = 12
_WORST = 12
_MOST_TEXTS = 300


def releasing_of(request: web.Request) -> Releasing:
    """The way to a release on this machine.

    :raises NoStudio: the content repository is on another one.
    """
    studio, deps = studio_of(request), desk_of(request).deps
    return Releasing(studio.history, deps.store, deps.clock, publishing_of(request))


def publishing_of(request: web.Request) -> Publishing:
    """:raises NoStudio: the content repository is on another machine."""
    found = request.config_dict[STUDIO].publishing
    if found is None:
        raise NoStudio
    return found


def _training(request: web.Request) -> Training:
    found = request.config_dict[STUDIO].training
    if found is None:
        raise NoStudio
    return found


# -- the draft ------------------------------------------------------------------------------------------------------------


@needs(Right.EDIT)
async def _overview(request: web.Request) -> web.Response:
    return await _shown(request)


async def _shown(request: web.Request, status: int = 200, sorry: str = "") -> web.Response:
    standing = await releasing_of(request).standing()
    async with desk_of(request).deps.store.begin() as tx:
        runs = await tx.runs(_RUNS)
    return studio_page(
        request,
        "studio_train.html",
        status,
        standing=standing,
        faults=faults_in_words(request, standing.faults),
        active=next((run for run in runs if run.active), None),
        runs=[(run, local_time(request, run.asked_at), _state(request, run)) for run in runs],
        sorry=sorry,
    )


@needs(Right.EDIT)
async def _start(request: web.Request) -> web.Response:
    form = await request.post()
    try:
        made = await _training(request).start(str(form.get("revision", "")), editor_of(request).username)
    except Conflict as error:
        return await _shown(request, 409, sentences(request)("train_busy", run=error.params.get("run", "")))
    except NotFound:
        return await _shown(request, 409, sentences(request)("release_moved"))
    except ContentError:
        return await _shown(request, 422, sentences(request)("train_faulty"))
    return see(f"{HOME}/{made.run}")


# -- one run --------------------------------------------------------------------------------------------------------------


@needs(Right.EDIT)
async def _run(request: web.Request) -> web.Response:
    run = await _found(request)
    releasing = releasing_of(request)
    report = await releasing.report(run.id) if run.state == "done" else None
    values: dict[str, Any] = {
        "run": run,
        "state": _state(request, run),
        "at": local_time(request, run.asked_at),
        "lines": [_line(request, line) for line in run.lines],
        "report": report,
    }
    if report is not None:
        standing = await releasing.standing()
        values |= shown_report(request, report, standing.rules)
        values |= {"current": standing.run is not None and standing.run.id == run.id, "stops": standing.stops}
    if partial(request):
        return page(request, "_studio_run.html", **values)
    return studio_page(request, "studio_train_run.html", **values)


@needs(Right.EDIT)
async def _events(request: web.Request) -> web.StreamResponse:
    number = (await _found(request)).id

    async def look() -> object:
        async with desk_of(request).deps.store.begin() as tx:
            run = await tx.run_of(number)
        return None if run is None else (run.state, len(run.lines), run.cancelled_by)

    return await stream(request, STAFF, _GAP_S, look)


@needs(Right.EDIT)
async def _cancel(request: web.Request) -> web.Response:
    run = await _found(request)
    await _training(request).cancel(run.id, editor_of(request).username)
    return see(f"{HOME}/{run.id}")


@needs(Right.EDIT)
async def _cell(request: web.Request) -> web.Response:
    """The messages behind one number of the matrix, with the way to where they are mended."""
    run = await _found(request)
    report = await releasing_of(request).report(run.id)
    if report is None:
        raise web.HTTPNotFound
    wanted, found = (request.query.get(name, "") for name in ("wanted", "found"))
    rows = report.labelled.cell(wanted, found) if found else [r for r in report.labelled.rows if r.wanted == wanted]
    return studio_page(
        request,
        "studio_train_cell.html",
        run=run,
        wanted=wanted,
        found=found,
        rows=rows[:_MOST_TEXTS],
        percent=_percent(request),
    )


async def _found(request: web.Request) -> Run:
    number = request.match_info["run"]
    async with desk_of(request).deps.store.begin() as tx:
        run = await tx.run_of(int(number))
    if run is None:
        raise web.HTTPNotFound
    return run


# -- words ----------------------------------------------------------------------------------------------------------------


def shown_report(request: web.Request, report: DraftReport, rules: GateRules) -> dict[str, Any]:
    """What the report's templates need."""
    labelled = report.labelled
    changes = labelled.changes(report.known_before)
    matrix = labelled.matrix()
    own = request[ACCOUNT].locus == report.locus
    return {
        "percent": _percent(request),
        "points": _points(request),
        "accuracy": labelled.accuracy(),
        "macro": labelled.macro(),
        "changes": [(one, lost_too_much(rules, one)) for one in changes],
        "matrix": matrix,
        "grid": _grid(matrix),
        "wrong": matrix.wrong()[:_WORST],
        "labelled_otherwise": labelled.otherwise(),
        "real": report.otherwise if own else (),
        "real_hidden": not own,
    }


def _grid(matrix: Matrix) -> list[tuple[str, list[tuple[str, int]]]]:
    return [
        (wanted, [(found, matrix.counts.get((wanted, found), 0)) for found in matrix.names]) for wanted in matrix.names
    ]


def _percent(request: web.Request) -> Any:
    """``94,5`` or ``94.5`` of a share."""
    comma = sentences(request)("decimal_comma")

    def percent(share: float | None) -> str:
        return "–" if share is None else f"{share * 100:.1f}".replace(".", comma)

    return percent


def _points(request: web.Request) -> Any:
    """``+1,5`` or ``−2,0`` of a change."""
    comma = sentences(request)("decimal_comma")

    def points(change: Change) -> str:
        if change.before is None:
            return sentences(request)("train_new")
        if change.after is None:
            return sentences(request)("train_gone")
        shown = f"{abs(change.points):.1f}"
        sign = "" if shown == "0.0" else "−" if change.points < 0 else "+"
        return sign + shown.replace(".", comma)

    return points


def fault_sentence(request: web.Request, fault: DraftFault) -> str:
    """A fault in words an editor understands."""
    say, values = sentences(request), fault.params
    if fault.kind != "other":
        return say(f"fault_{fault.kind}", **values) if values else say(f"fault_{fault.kind}")
    raw = "; ".join(part for part in (values.get("message", ""), values.get("remedy", "")) if part)
    return raw_sentence(raw) if say("decimal_comma") == "," else raw


def raw_sentence(text: str) -> str:
    """What the catalogue's reader says in English, in Indonesian where we know how."""
    for pattern, instead in RAW:
        text = re.sub(pattern, instead, text)
    return text


def _state(request: web.Request, run: Run) -> str:
    return sentences(request)(f"run_{run.state}")


def _line(request: web.Request, line: str) -> tuple[str, str]:
    """A line of a run in words, and what it quotes."""
    say = sentences(request)
    key, _, value = line.partition(" ")
    if key == "component":
        known = f"train_part_{value}"
        return say(known) if strings.known(known) else say("train_line_component", name=value), ""
    if key == "failed":
        return say("train_line_failed"), value
    return say(f"train_line_{key}", value=value) if value else say(f"train_line_{key}"), ""


def faults_in_words(request: web.Request, faults: Sequence[DraftFault]) -> list[tuple[DraftFault, str]]:
    """Each with its sentence."""
    return [(one, fault_sentence(request, one)) for one in faults]


def stop_sentence(request: web.Request, kind: str, values: Mapping[str, Any]) -> str:
    """Why the gate is closed."""
    say = sentences(request)
    if kind == "loss":
        comma = say("decimal_comma")
        numbers = {name: f"{values[name]:.1f}".replace(".", comma) for name in ("points", "most")}
        return say("stop_loss", intent=values["intent"], support=values["support"], **numbers)
    return say(f"stop_{kind}", **values) if values else say(f"stop_{kind}")


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/train", _overview),
        web.post("/studio/train", _start),
        web.get(r"/studio/train/{run:\d{1,9}}", _run),
        web.get(r"/studio/train/{run:\d{1,9}}/events", _events),
        web.post(r"/studio/train/{run:\d{1,9}}/cancel", _cancel),
        web.get(r"/studio/train/{run:\d{1,9}}/cell", _cell),
    ]
