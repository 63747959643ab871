"""The survey of satisfaction (SKM) that every public service holds: nine points (*unsur*), each marked 1 to 4.

Permenpan RB 14/2017 (research/domain.md 4.4). ``NRR`` is the mean of one unsur over everybody who marked it; the index (``IKM``)
is the weighted sum of all nine, times 25. The regulation prints the weight 1/9 as 0.11, which costs a point: both are reckoned,
and where they fall into different bands that is said. All of it is exact until it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from bot.domain.figures_open import SMALL

UNSUR = (
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "sarana",
    "pengaduan",
)
"""U1 to U9."""
COUNT = len(UNSUR)
MARKS = (1, 2, 3, 4)
FEE = 4
"""U4. Its best mark is "it was free"."""
EXACT, PRINTED = Fraction(1, COUNT), Fraction(11, 100)
"""The weight of an unsur, and the same as the regulation prints it."""
_SCALE = 25
_TELLING = 3
"""Marks from which on their mean says something about a survey that is not finished."""


class Band(StrEnum):
    """The quality of a service (*mutu pelayanan*)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


# From which index on (the regulation's table of bands has two decimals).
_BANDS = ((Decimal("88.31"), Band.A), (Decimal("76.61"), Band.B), (Decimal("65.00"), Band.C))


def shown(value: Fraction | None, places: int = 2) -> str:
    """As people write it, rounded half up: ``82.14``; a dash when there is nothing to show."""
    return "–" if value is None else str(rounded(value, places))


def rounded(value: Fraction, places: int = 2) -> Decimal:
    """Rounded half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def band(index: Fraction) -> Band:
    """The band of an index, as it is shown."""
    written = rounded(index)
    return next((name for least, name in _BANDS if written >= least), Band.D)


def low_mean(mean: Fraction) -> bool:
    """Whether a mean of marks lies below band C."""
    return band(mean * _SCALE) is Band.D


# -- one survey ---------------------------------------------------------------------------------------------------------


def next_unsur(answered: Iterable[int]) -> int | None:
    """The first unsur (1 to 9) that was neither marked nor passed over; None: all were."""
    known = set(answered)
    return next((n for n in range(1, COUNT + 1) if n not in known), None)


class Low(StrEnum):
    """Why somebody should look at one survey."""

    UNSUR = "unsur"
    """An unsur was given the lowest mark."""
    MEAN = "mean"
    """All in all it lies below band C."""
    PAID = "paid"
    """Money was paid for a service that is free."""


def low(marks: Mapping[int, int], *, free: bool = False, finished: bool = False) -> Low | None:
    """Why a supervisor should look at a survey with these marks (unsur -> mark); None: nobody need.

    ``free``: the service costs nothing, so that anything but "it was free" means that money was asked for.
    """
    if free and marks.get(FEE, 4) < 4:
        return Low.PAID
    if 1 in marks.values():
        return Low.UNSUR
    enough = len(marks) >= _TELLING or (finished and marks)
    return Low.MEAN if enough and low_mean(Fraction(sum(marks.values()), len(marks))) else None


# -- many surveys -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """How often each mark was given to one unsur: ``counts[0]`` is of mark 1."""

    counts: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def n(self) -> int:
        """Marks."""
        return sum(self.counts)

    @property
    def mean(self) -> Fraction | None:
        """NRR; None: nobody marked it."""
        return (
            Fraction(sum(mark * count for mark, count in zip(MARKS, self.counts, strict=True)), self.n)
            if self.n
            else None
        )

    def plus(self, mark: int, times: int = 1) -> Tally:
        """With so many marks more."""
        counts = list(self.counts)
        counts[mark - 1] += times
        return Tally((counts[0], counts[1], counts[2], counts[3]))

    def and_(self, other: Tally) -> Tally:
        """Both together."""
        a, b = self.counts, other.counts
        return Tally((a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]))


@dataclass(frozen=True)
class Score:
    """What a set of surveys says. ``people``: surveys with at least one mark; a half-filled one counts where it was filled."""

    tallies: tuple[Tally, ...] = field(default_factory=lambda: (Tally(),) * COUNT)
    people: int = 0

    @cached_property
    def means(self) -> tuple[Fraction | None, ...]:
        """NRR of U1 to U9."""
        return tuple(tally.mean for tally in self.tallies)

    @cached_property
    def _sum(self) -> Fraction | None:
        """Of all NRR; None as long as an unsur has no mark at all."""
        total = Fraction(0)
        for mean in self.means:
            if mean is None:
                return None
            total += mean
        return total

    def index(self, weight: Fraction = EXACT) -> Fraction | None:
        """IKM; None as long as an unsur has no mark at all."""
        return self._sum * weight * _SCALE if self._sum is not None else None

    @property
    def band(self) -> Band | None:
        """By the exact weight."""
        index = self.index()
        return band(index) if index is not None else None

    @property
    def printed_band(self) -> Band | None:
        """By the weight as printed."""
        index = self.index(PRINTED)
        return band(index) if index is not None else None

    @property
    def disputed(self) -> bool:
        """Whether the two weights give different bands."""
        return self.band is not self.printed_band

    @property
    def weakest(self) -> tuple[int, ...]:
        """Up to three unsur with the lowest means, the lowest first; of many that are alike none is singled out."""
        known = sorted((mean, n) for n, mean in enumerate(self.means, 1) if mean is not None)
        if len(known) <= 3:
            return ()
        below = [n for mean, n in known if mean < known[3][0]]
        return tuple(below[:3])

    def and_(self, other: Score) -> Score:
        """Both together."""
        tallies = tuple(a.and_(b) for a, b in zip(self.tallies, other.tallies, strict=True))
        return Score(tallies, self.people + other.people)


def score(surveys: Iterable[Mapping[int, int]]) -> Score:
    """Of single surveys (unsur -> mark)."""
    tallies, people = [Tally()] * COUNT, 0
    for marks in surveys:
        people += bool(marks)
        for unsur, mark in marks.items():
            tallies[unsur - 1] = tallies[unsur - 1].plus(mark)
    return Score(tuple(tallies), people)


def needed(population: int) -> int:
    """How many people of a population have to answer for the figure to stand for all (95 % sure, 5 % off).

    Krejcie and Morgan, "Determining Sample Size for Research Activities" (1970): X2 = 3.841, P = 0.5, d = 0.05. Permenpan 14/2017
    asks for a sample by their table.
    """
    if population <= 0:
        return 0
    spread = 3.841 * 0.25
    return min(population, math.floor(spread * population / (0.0025 * (population - 1) + spread) + 0.5))


# -- what may be published ----------------------------------------------------------------------------------------------


def published(people: Sequence[int], least: int = SMALL) -> tuple[bool, ...]:
    """Which groups of a breakdown may be shown beside their total.

    If just one had to be hidden it could be reckoned from the total, so the next smallest is hidden with it.
    """
    hide = {n for n, count in enumerate(people) if 0 < count < least}
    if len(hide) == 1 or (hide and sum(people[n] for n in hide) < least):
        others = sorted((count, n) for n, count in enumerate(people) if n not in hide and count > 0)
        hide |= {others[0][1]} if others else set()
    return tuple(n not in hide for n in range(len(people)))
