"""How well labelled messages were understood, intent by intent, and what another model would answer otherwise. Figures only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Judged:
    """One labelled message and what was understood of it. Services are None where none is named, or none was asked."""

    text: str
    wanted: str
    found: str
    confidence: float
    wanted_service: str | None = None
    found_service: str | None = None


@dataclass(frozen=True)
class Score:
    """Of one intent, in shares of 1. ``support``: labelled messages that want it."""

    support: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Change:
    """One intent under two models; a score is None where the model has or the messages want nothing of it."""

    name: str
    before: Score | None
    after: Score | None

    @property
    def points(self) -> float:
        """How many points of 100 its F1 gained (negative: lost); 0 for what is new or gone."""
        if self.before is None or self.after is None:
            return 0.0
        return (self.after.f1 - self.before.f1) * 100


@dataclass(frozen=True)
class Row:
    """One labelled message under the draft's model and, where there is one, the live model."""

    text: str
    wanted: str
    now: str
    confidence: float
    was: str = ""
    """Empty: there was no live model to ask."""
    wanted_service: str | None = None
    now_service: str | None = None
    was_service: str | None = None


def scores(judged: Sequence[Judged]) -> dict[str, Score]:
    """Of every intent that a message wants, by name. Nothing found right gives an F1 of 0."""
    wanted = Counter(one.wanted for one in judged)
    given = Counter(one.found for one in judged)
    right = Counter(one.wanted for one in judged if one.wanted == one.found)
    found = {}
    for name in sorted(wanted):
        precision = right[name] / given[name] if given[name] else 0.0
        recall = right[name] / wanted[name]
        f1 = 2 * precision * recall / (precision + recall) if right[name] else 0.0
        found[name] = Score(wanted[name], precision, recall, f1)
    return found


def macro_f1(found: Mapping[str, Score]) -> float:
    """The mean over intents, each counting the same."""
    return sum(one.f1 for one in found.values()) / len(found) if found else 0.0


@dataclass(frozen=True)
class Report:
    """The labelled messages under the draft's model beside the live one."""

    rows: tuple[Row, ...]

    def judged(self) -> list[Judged]:
        """Under the draft's model."""
        return [Judged(r.text, r.wanted, r.now, r.confidence, r.wanted_service, r.now_service) for r in self.rows]

    def judged_before(self) -> list[Judged]:
        """Under the live model."""
        return [Judged(r.text, r.wanted, r.was, 0.0, r.wanted_service, r.was_service) for r in self.rows if r.was]

    def changes(self, known_before: frozenset[str] | None = None) -> list[Change]:
        """Every intent, the greatest loss first. ``known_before``: the intents the live model had; None: it is not known."""
        after, before = scores(self.judged()), scores(self.judged_before())
        if known_before is not None:  # a new intent had no score, not a bad one
            before = {name: one for name, one in before.items() if name in known_before}
        both = [Change(name, before.get(name), after.get(name)) for name in sorted({*after, *before})]
        return sorted(both, key=lambda one: (one.points, one.name))

    def accuracy(self) -> tuple[float | None, float]:
        """Share of right intents: before (None: no live model) and now."""
        before, now = self.judged_before(), self.judged()
        return (_right(before) if before else None), _right(now)

    def macro(self) -> tuple[float | None, float]:
        """Mean F1 over intents: before and now."""
        before = scores(self.judged_before())
        return (macro_f1(before) if before else None), macro_f1(scores(self.judged()))

    def otherwise(self) -> list[Row]:
        """Messages that the draft understands otherwise than the live model: what got worse first, then what got better."""
        changed = [r for r in self.rows if r.was and (r.was, r.was_service) != (r.now, r.now_service)]
        return sorted(changed, key=lambda r: (r.now == r.wanted, r.was != r.wanted, r.wanted, r.text))

    def matrix(self) -> Matrix:
        """What is taken for what under the draft's model."""
        return Matrix.of(self.rows)

    def cell(self, wanted: str, found: str) -> list[Row]:
        """The messages behind one number of the matrix."""
        return [r for r in self.rows if (r.wanted, r.now) == (wanted, found)]

    def to_json(self) -> list[list[Any]]:
        """For storing."""
        return [list(vars(row).values()) for row in self.rows]

    @classmethod
    def of_json(cls, rows: Sequence[Sequence[Any]]) -> Report:
        """What :meth:`to_json` gave."""
        return cls(tuple(Row(*row) for row in rows))


@dataclass(frozen=True)
class Matrix:
    """Counts by wanted (rows) and found (columns) intent; only intents that occur."""

    names: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Matrix:
        """Of these messages."""
        names = sorted({r.wanted for r in rows} | {r.now for r in rows})
        return cls(tuple(names), Counter((r.wanted, r.now) for r in rows))

    def wrong(self) -> list[tuple[str, str, int]]:
        """Wanted, found, how often; most often first, without what is right."""
        found = [(wanted, got, count) for (wanted, got), count in self.counts.items() if wanted != got]
        return sorted(found, key=lambda one: (-one[2], one[0], one[1]))


def _right(judged: Sequence[Judged]) -> float:
    return sum(one.wanted == one.found for one in judged) / len(judged) if judged else 0.0
