"""The survey of satisfaction, reckoned: against a fixture counted by hand, and by what must hold for any marks."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.figures_open import SMALL
from bot.domain.survey import (
    COUNT,
    PRINTED,
    Band,
    Low,
    Score,
    band,
    low,
    needed,
    next_unsur,
    published,
    rounded,
    score,
    shown,
)

# Four people; the third stopped after U4, the fourth passed over U8. Counted by hand:
#   U1 4 3 3 4 = 14/4   U2 3 3 2 4 = 12/4   U3 3 2 2 3 = 10/4   U4 4 4 4 4 = 16/4   U5 4 3 . 3 = 10/3
#   U6 4 3 . 4 = 11/3   U7 4 4 . 4 = 12/3   U8 3 3 . . = 6/2    U9 3 2 . 4 = 9/3
# Sum of the means: 3.5 + 3 + 2.5 + 4 + 3.3333 + 3.6667 + 4 + 3 + 3 = 30; exact 30/9 x 25 = 83.33 (B); printed 30 x 0.11 x 25 = 82.50 (B).
PEOPLE = [
    dict(enumerate((4, 3, 3, 4, 4, 4, 4, 3, 3), 1)),
    dict(enumerate((3, 3, 2, 4, 3, 3, 4, 3, 2), 1)),
    dict(enumerate((3, 2, 2, 4), 1)),
    {1: 4, 2: 4, 3: 3, 4: 4, 5: 3, 6: 4, 7: 4, 9: 4},
]
surveys = st.lists(st.dictionaries(st.integers(1, COUNT), st.integers(1, 4)), max_size=12)


def test_the_index_agrees_with_one_counted_by_hand() -> None:
    found = score(PEOPLE)
    assert found.people == 4
    assert [tally.n for tally in found.tallies] == [4, 4, 4, 4, 3, 3, 3, 2, 3]
    assert [shown(mean) for mean in found.means] == [
        "3.50",
        "3.00",
        "2.50",
        "4.00",
        "3.33",
        "3.67",
        "4.00",
        "3.00",
        "3.00",
    ]
    assert found.index() == Fraction(250, 3) and shown(found.index()) == "83.33"
    assert shown(found.index(PRINTED)) == "82.50"
    assert found.band is found.printed_band is Band.B and not found.disputed
    assert found.weakest == (3,)


def test_the_printed_weight_costs_a_point_and_may_cost_the_band() -> None:
    """The means of an office that published its sum (research/domain.md 4.4): 91.48 exactly, 90.56 with 0.11."""
    means = Fraction(3293, 100)
    assert shown(means * Fraction(25, 9)) == "91.47" and shown(means * PRINTED * 25) == "90.56"
    everybody = score([dict(enumerate((4, 3, 4, 3, 4, 3, 4, 4, 3), 1))])  # 32/9: 88.89 and 88.00
    assert (shown(everybody.index()), everybody.band) == ("88.89", Band.A)
    assert (shown(everybody.index(PRINTED)), everybody.printed_band) == ("88.00", Band.B)
    assert everybody.disputed


@pytest.mark.parametrize(
    ("index", "name"),
    [
        ("100", "A"),
        ("88.31", "A"),
        ("88.3049", "B"),
        ("76.61", "B"),
        ("76.60", "C"),
        ("65", "C"),
        ("64.99", "D"),
        ("25", "D"),
    ],
)
def test_the_bands_are_those_of_the_regulation(index: str, name: str) -> None:
    assert band(Fraction(index)) == name


def test_without_a_mark_for_every_unsur_there_is_no_index() -> None:
    assert score([{1: 4, 2: 4}]).index() is None and Score().band is None and shown(None) == "–"


@given(surveys)
def test_an_index_lies_between_25_and_100_and_the_printed_one_is_99_hundredths_of_it(
    given_: list[dict[int, int]],
) -> None:
    found = score(given_)
    index, printed = found.index(), found.index(PRINTED)
    if index is None or printed is None:
        assert any(tally.n == 0 for tally in found.tallies)
        return
    assert 25 <= index <= 100 and printed == index * Fraction(99, 100)


@given(surveys, surveys)
def test_two_offices_together_are_all_their_people(some: list[dict[int, int]], others: list[dict[int, int]]) -> None:
    assert score(some).and_(score(others)) == score([*some, *others])


@given(st.sets(st.integers(1, COUNT)))
def test_the_next_question_is_the_first_that_is_open(answered: set[int]) -> None:
    left = next_unsur(answered)
    assert (left is None) == (len(answered) == COUNT)
    assert left is None or (left not in answered and all(n in answered for n in range(1, left)))


@pytest.mark.parametrize(
    ("marks", "more", "why"),
    [
        ({1: 1}, {}, Low.UNSUR),
        ({1: 2, 2: 3}, {}, None),
        ({1: 2, 2: 3, 3: 2}, {}, Low.MEAN),
        ({1: 2, 2: 3}, {"finished": True}, Low.MEAN),
        ({1: 3, 2: 3, 3: 2}, {}, None),
        ({4: 3}, {"free": True}, Low.PAID),
        ({4: 3}, {}, None),
        ({}, {"finished": True}, None),
    ],
)
def test_low_marks_are_noticed(marks: dict[int, int], more: dict[str, bool], why: Low | None) -> None:
    assert low(marks, **more) is why


@pytest.mark.parametrize(
    ("population", "sample"),
    [(0, 0), (10, 10), (50, 44), (100, 80), (500, 217), (1000, 278), (10_000, 370), (75_000, 382), (1_000_000, 384)],
)
def test_the_sample_is_that_of_the_printed_table(population: int, sample: int) -> None:
    assert needed(population) == sample


@given(st.lists(st.integers(0, 40), max_size=8))
def test_nothing_small_is_published_nor_can_be_reckoned_from_the_total(people: list[int]) -> None:
    visible = published(people)
    hidden = [count for count, shown_ in zip(people, visible, strict=True) if not shown_]
    assert all(count == 0 or count >= SMALL for count, shown_ in zip(people, visible, strict=True) if shown_)
    only_one_group = sum(count > 0 for count in people) == 1
    assert (
        not hidden
        or only_one_group
        or (len(hidden) > 1 and sum(hidden) >= SMALL)
        or all(count == 0 for count, shown_ in zip(people, visible, strict=True) if shown_)
    )


def test_halves_are_rounded_up_as_people_do() -> None:
    assert rounded(Fraction("76.605")) == Decimal("76.61") and rounded(Fraction(1, 3), 1) == Decimal("0.3")
