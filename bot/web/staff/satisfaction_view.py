"""What the satisfaction page and its export show of a score: numbers as people write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.survey import COUNT, PRINTED, Score, published, shown
from bot.web.staff.strings import Say
from bot.web.staff.supervise_sheet import Cell

DIMENSIONS = ("service", "channel", "counter", "kind", "locus")


@dataclass(frozen=True)
class Row:
    """One group of a breakdown. ``hidden``: too few people for the public."""

    key: str
    name: str
    score: Score
    hidden: bool = False


@dataclass(frozen=True)
class Bar:
    """One unsur in the chart; ``width`` of 300, where 4 is all of it."""

    number: int
    name: str
    value: str
    width: float
    weakest: bool
    counts: tuple[int, int, int, int]
    n: int


def bars(score: Score, say: Say) -> list[Bar]:
    """U1 to U9. The three weakest are marked in words, for those who see no colour."""
    weak = score.weakest
    return [
        Bar(
            n,
            say(f"unsur_{n}"),
            shown(tally.mean),
            round(float(tally.mean or 0) * 75, 1),
            n in weak,
            tally.counts,
            tally.n,
        )
        for n, tally in enumerate(score.tallies, 1)
    ]


def rows(scores: Mapping[str, Score], names: Mapping[str, str], *, public: bool = False) -> list[Row]:
    """A breakdown, the largest group first."""
    found = sorted(scores.items(), key=lambda one: (-one[1].people, names.get(one[0], one[0])))
    visible = published([score.people for _, score in found]) if public else (True,) * len(found)
    return [Row(key, names.get(key, key), score, not open_) for (key, score), open_ in zip(found, visible, strict=True)]


def cells(row: Row) -> list[Cell]:
    """A line of the export; a hidden group keeps its name only."""
    if row.hidden:
        return [row.name, "<5", *[None] * (4 + COUNT)]
    score = row.score
    return [
        row.name,
        score.people,
        number(shown(score.index())),
        str(score.band) if score.band is not None else None,
        number(shown(score.index(PRINTED))),
        str(score.printed_band) if score.printed_band is not None else None,
        *(number(shown(mean)) for mean in score.means),
    ]


def number(written: str) -> float | None:
    """For spreadsheets; None where there is nothing."""
    return None if written == "–" else float(written)


def head(say: Say) -> list[str]:
    """The first line of the export."""
    fixed = [say("sat_group"), say("sat_people"), f"{say('sat_ikm')}, {say('sat_exact')}", say("sat_band", band="")]
    printed = [f"{say('sat_ikm')}, {say('sat_printed')}", f"{say('sat_band', band='')} (0.11)"]
    return [*fixed, *printed, *(f"U{n} {say(f'unsur_{n}')}" for n in range(1, COUNT + 1))]


def lines(total: Score, breakdowns: Sequence[tuple[str, Sequence[Row]]], say: Say, *, public: bool) -> list[list[Cell]]:
    """All of the export: the total, then each breakdown under its name."""
    whole = Row("", say("sat_all"), total, hidden=public and not published([total.people])[0])
    found = [cells(whole)]
    for title, group in breakdowns:
        found.append([title, *[None] * (5 + COUNT)])
        found += [cells(row) for row in group]
    return found
