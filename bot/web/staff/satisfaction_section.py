"""Satisfaction as a section of the monthly report, and the groups that the page and the report share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from bot.domain.survey import COUNT, PRINTED, Band, Score, needed, shown
from bot.storage.figures_marks import Marks
from bot.usecases.store_survey import Kind
from bot.web.staff import strings
from bot.web.staff.desk import Desk
from bot.web.staff.figures_view import Cell, Chart, Row, Section, Table, Tile, View
from bot.web.staff.satisfaction_view import DIMENSIONS, bars, number, rows
from bot.web.staff.satisfaction_view import Row as Group


def names_of(desk: Desk, tongue: str, dimension: str, keys: Iterable[str]) -> dict[str, str]:
    """What the groups of a dimension are called."""
    say = strings.say_in(tongue)
    if dimension == "service":
        return {key: desk.deps.service_name(key, tongue) if key else say("sat_no_service") for key in keys}
    if dimension == "channel":
        return {key: desk.deps.channel_name(key, tongue) if key else say("sat_no_service") for key in keys}
    if dimension == "kind":
        return {key: say(f"sat_kind_{key}") for key in keys if key in set(Kind)}
    if dimension == "locus":
        return {key: desk.office_name(key, tongue) for key in keys}
    return {key: key or say("sat_no_counter") for key in keys}


def breakdowns(marks: Marks, view: View, *, public: bool = False) -> list[tuple[str, list[Group]]]:
    """Every dimension that has more than one group (the MPPs only for who sees several)."""
    found = []
    for dimension in DIMENSIONS:
        scores = marks.by(dimension)
        if (dimension == "locus" and len(view.offices) < 2) or (dimension == "counter" and not any(scores)):
            continue
        found.append((dimension, rows(scores, names_of(view.desk, view.language, dimension, scores), public=public)))
    return found


async def satisfaction(view: View) -> Section:
    """IKM with both weights, its sample, the nine unsur, and every group that gave marks."""
    marks = await view.desk.figures.marks.read(view.offices, view.period, {})
    say, score = view.say, marks.score
    tables = [_unsur(view, score), *(_groups(view, name, group) for name, group in breakdowns(marks, view))]
    return Section("satisfaction", say("sat_title"), _tiles(view, marks), tuple(tables))


def _tiles(view: View, marks: Marks) -> tuple[Tile, ...]:
    say, score, least = view.say, marks.score, needed(marks.asked)
    people = str(score.people)
    sample = (
        say("sat_few", n=people, asked=marks.asked, needed=least)
        if score.people < least
        else say("sat_enough", needed=least)
    )
    ikm, disputed = say("sat_ikm"), ""
    if score.disputed:
        disputed = say("sat_disputed", exact=score.band, printed=score.printed_band)
    elif score.people and score.band is None:
        disputed = say("sat_incomplete")
    return (
        Tile("ikm", f"{ikm}, {say('sat_exact')}", _cell(score.index()), disputed, _band(view, score.band)),
        Tile(
            "ikm_printed",
            f"{ikm}, {say('sat_printed')}",
            _cell(score.index(PRINTED)),
            "",
            _band(view, score.printed_band),
        ),
        Tile("people", say("sat_people"), Cell(people, score.people), sample, say("sat_asked", asked=marks.asked)),
    )


def _unsur(view: View, score: Score) -> Table:
    say = view.say
    head = (say("sat_unsur"), say("sat_nrr"), say("sat_n"), *(say("sat_mark", n=n) for n in range(1, 5)))
    lines = []
    for bar in bars(score, say):
        low = f" ({say('sat_weakest')})" if bar.weakest else ""
        cells = (_text(bar.value), *(Cell(str(count), count) for count in (bar.n, *bar.counts)))
        lines.append(Row(f"U{bar.number} {bar.name}{low}", cells))
    return Table("unsur", say("sat_chart"), head, tuple(lines), (), Chart.BARS)


def _groups(view: View, dimension: str, groups: Sequence[Group]) -> Table:
    say = view.say
    ikm, band = say("sat_ikm"), say("sat_band", band="").strip()
    head = (say(f"sat_{dimension}"), f"{ikm} (1/{COUNT})", band, f"{ikm} (0,11)", band, say("sat_people"))
    lines = tuple(Row(one.name, _group(one.score)) for one in groups)
    return Table(dimension, say(f"sat_by_{dimension}"), head, lines, (), Chart.BARS)


def _group(score: Score) -> tuple[Cell, ...]:
    return (
        _cell(score.index()),
        Cell(str(score.band or "–")),
        _cell(score.index(PRINTED)),
        Cell(str(score.printed_band or "–")),
        Cell(str(score.people), score.people),
    )


def _band(view: View, band: Band | None) -> str:
    return f"{view.say('sat_band', band=band)}: {view.say(f'sat_band_{band}')}" if band else ""


def _cell(value: Fraction | None) -> Cell:
    return _text(shown(value))


def _text(written: str) -> Cell:
    return Cell(written, number(written))
