"""Periods, the definitions, and what is safe to publish."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.figures import FIGURES
from bot.domain.figures_open import SMALL, opened, suppressed
from bot.domain.figures_period import LONGEST, Bucket, Period, Span, month_of, period_of

TODAY = date(2026, 3, 20)  # a Friday


def test_every_figure_says_in_both_languages_what_it_counts() -> None:
    assert all(set(one.name) == set(one.means) == {"id", "en"} for one in FIGURES.values())
    assert all(len(text) > 20 for one in FIGURES.values() for text in one.means.values())
    assert len({one.name["id"] for one in FIGURES.values()}) == len(FIGURES)


@pytest.mark.parametrize(
    ("span", "since"),
    [
        ("today", date(2026, 3, 20)),
        ("week", date(2026, 3, 16)),
        ("month", date(2026, 3, 1)),
        ("quarter", date(2026, 1, 1)),
        ("year", date(2026, 1, 1)),
    ],
)
def test_a_span_ends_today(span: str, since: date) -> None:
    period = period_of({"span": span}, TODAY)
    assert (period.since, period.until, period.problem, period.query()) == (since, TODAY, "", {"span": span})


def test_where_it_is_not_the_same_day_everywhere_each_time_zones_own_counts() -> None:
    days = {"Asia/Jakarta": date(2026, 3, 31), "Asia/Jayapura": date(2026, 4, 1)}
    today = period_of({"span": "today"}, date(2026, 3, 31), days)
    assert {zone: (today.at(zone).since, today.at(zone).until) for zone in days} == {
        zone: (day, day) for zone, day in days.items()
    }
    assert (today.days, today.buckets(), today.query()) == (1, [date(2026, 3, 31)], {"span": "today"})
    assert {zone: today.before().at(zone).until for zone in days} == {
        "Asia/Jakarta": date(2026, 3, 30),
        "Asia/Jayapura": date(2026, 3, 31),
    }
    # The other spans begin where the reader is and go on to the latest day.
    month = period_of({"span": "month"}, date(2026, 3, 31), days)
    assert (month.since, month.until, month.at("Asia/Jakarta")) == (date(2026, 3, 1), date(2026, 4, 1), month)
    own = period_of({"from": "2026-03-30", "to": "2026-04-09"}, date(2026, 3, 31), days)
    assert (own.since, own.until, own.own) == (date(2026, 3, 30), date(2026, 4, 1), ())
    same = dict.fromkeys(days, TODAY)
    assert period_of({"span": "today"}, TODAY, same) == period_of({"span": "today"}, TODAY)


@pytest.mark.parametrize(
    ("wanted", "since", "until", "problem"),
    [
        ({"from": "2026-02-01", "to": "2026-02-10"}, date(2026, 2, 1), date(2026, 2, 10), ""),
        ({"from": "2026-02-10", "to": "2026-02-01"}, date(2026, 2, 1), date(2026, 2, 10), ""),
        ({"from": "2026-03-10", "to": "2026-12-31"}, date(2026, 3, 10), TODAY, ""),
        ({"from": "2026-04-01", "to": "2026-04-02"}, date(2026, 3, 1), TODAY, "period_future"),
        ({"from": "1998-04-01", "to": "1998-05-02"}, date(2026, 3, 1), TODAY, "period_unknown"),
        ({"from": "31/12", "to": ""}, date(2026, 3, 1), TODAY, "period_unknown"),
        ({"span": "decade"}, date(2026, 3, 1), TODAY, "period_unknown"),
        ({"from": "2020-01-01", "to": "2026-03-20"}, date(2024, 3, 20), TODAY, "period_long"),
    ],
)
def test_a_period_of_ones_own_is_made_to_fit(wanted: dict[str, str], since: date, until: date, problem: str) -> None:
    period = period_of(wanted, TODAY)
    assert (period.since, period.until, period.problem) == (since, until, problem)
    assert period.days <= LONGEST


def test_days_are_cut_at_each_offices_midnight() -> None:
    day = Period(Span.OWN, date(2026, 3, 10), date(2026, 3, 10))
    assert day.bounds(ZoneInfo("Asia/Jakarta")) == (
        datetime(2026, 3, 9, 17, tzinfo=UTC),
        datetime(2026, 3, 10, 17, tzinfo=UTC),
    )
    assert day.bounds(ZoneInfo("Asia/Jayapura"))[0] == datetime(2026, 3, 9, 15, tzinfo=UTC)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, LONGEST - 1))
def test_every_day_of_a_period_falls_into_one_of_its_columns(since: date, days: int) -> None:
    until = date.fromordinal(since.toordinal() + days)
    period = Period(Span.OWN, since, until)
    columns = period.buckets()
    assert columns == sorted(set(columns)) and len(columns) <= 47
    assert columns[0] <= since and columns[-1] <= until
    assert period.bucket is not Bucket.DAY or len(columns) == period.days
    before = period.before()
    assert (before.days, (since - before.until).days) == (period.days, 1)


@pytest.mark.parametrize(
    ("wanted", "since", "until"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-03", date(2026, 3, 1), TODAY),
        ("2026-04", date(2026, 2, 1), date(2026, 2, 28)),
        ("", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-13", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_a_report_is_of_a_whole_month_or_of_this_one_so_far(wanted: str, since: date, until: date) -> None:
    period = month_of(wanted, TODAY)
    assert (period.since, period.until) == (since, until)


# -- open data ---------------------------------------------------------------------------------------------------------------

TABLES = st.integers(1, 5).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 40), min_size=columns, max_size=columns), min_size=1, max_size=6)
)


@given(TABLES)
def test_no_small_count_is_told_and_none_can_be_worked_out_from_the_totals(counts: list[list[int]]) -> None:
    grid = [[*row, sum(row)] for row in counts]
    grid.append([sum(row[at] for row in grid) for at in range(len(grid[0]))])
    hidden = suppressed(grid)
    assert all((r, c) in hidden for r, row in enumerate(grid) for c, n in enumerate(row) if 0 < n < SMALL)
    assert not [cell for cell in hidden if computable(grid, hidden, cell)]


def computable(grid: list[list[int]], hidden: frozenset[tuple[int, int]], cell: tuple[int, int]) -> bool:
    """Whether the sums of rows and columns give a hidden cell: its unit vector lies in the span of the equations."""
    names = sorted(hidden)
    last_row, last_column = len(grid) - 1, len(grid[0]) - 1
    equations = []
    for r in range(len(grid)):
        equations.append([_sign(c == last_column) if at == r else 0 for at, c in names])
    for c in range(len(grid[0])):
        equations.append([_sign(r == last_row) if at == c else 0 for r, at in names])
    unit = [1 if name == cell else 0 for name in names]
    return rank(equations) == rank([*equations, unit])


def _sign(total: bool) -> int:
    return -1 if total else 1


def rank(rows: list[list[int]]) -> int:
    matrix = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(matrix[0]) if matrix else 0):
        pivot = next((at for at in range(found, len(matrix)) if matrix[at][column]), None)
        if pivot is None:
            continue
        matrix[found], matrix[pivot] = matrix[pivot], matrix[found]
        for at in range(len(matrix)):
            if at != found and matrix[at][column]:
                factor = matrix[at][column] / matrix[found][column]
                matrix[at] = [one - factor * other for one, other in zip(matrix[at], matrix[found], strict=True)]
        found += 1
    return found


def test_a_published_table_has_its_totals_and_says_what_is_left_out() -> None:
    counts = Counter({("ktp", "web"): 30, ("ktp", "telegram"): 2, ("kk", "web"): 12, ("kk", "telegram"): 9})
    table = opened(counts, ["kk", "ktp"], ["telegram", "web"])
    assert (table.rows, table.columns) == (("kk", "ktp", ""), ("telegram", "web", ""))
    assert table.cells == ((None, None, 21), (None, None, 32), (11, 42, 53))
    assert opened({}, [], []).cells == ((0,),)
