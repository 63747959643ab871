"""Tables for the public: small counts are left out, and so many others that nobody can work them out from the totals.

A table with its totals is a system of sums. Seen as a graph (rows and columns are points, hidden cells are edges) a hidden cell can
be computed exactly when its edge is a bridge; so cells are hidden until no bridge is left. The cells added are the smallest
that are not small themselves, so that a sum of hidden cells says little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SMALL = 5
"""Counts from 1 to below this are not told."""

Cell = tuple[int, int]


@dataclass(frozen=True)
class Open:
    """A table with a row and a column of totals at the end; None: not told."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]


def opened(counts: Mapping[tuple[str, str], int], rows: Sequence[str], columns: Sequence[str]) -> Open:
    """The table of ``counts`` by (row, column), safe to be given away."""
    grid = [[counts.get((row, column), 0) for column in columns] for row in rows]
    whole = [[*line, sum(line)] for line in grid]
    whole.append([sum(line[at] for line in whole) for at in range(len(columns) + 1)])
    hidden = suppressed(whole)
    cells = tuple(
        tuple(None if (r, c) in hidden else value for c, value in enumerate(line)) for r, line in enumerate(whole)
    )
    return Open((*rows, ""), (*columns, ""), cells)


def suppressed(grid: Sequence[Sequence[int]]) -> frozenset[Cell]:
    """The cells to hide of a table that has its totals in the last row and the last column."""
    cells = [(r, c) for r in range(len(grid)) for c in range(len(grid[0]))]
    hidden = {(r, c) for r, c in cells if 0 < grid[r][c] < SMALL}
    while bridge := _bridge(hidden):
        side = _reached(hidden - {bridge}, bridge[0])
        # An edge from the one side of the bridge to the other closes a circle through it.
        across = [
            (r, c)
            for r, c in cells
            if (r, c) not in hidden and ((("r", r) in side) != (("c", c) in side))
        ]  # fmt: skip
        hidden.add(min(across, key=lambda cell: (grid[cell[0]][cell[1]] < SMALL, grid[cell[0]][cell[1]], cell)))
    return frozenset(hidden)


def _bridge(hidden: Iterable[Cell]) -> Cell | None:
    """A hidden cell that can be computed."""
    known = set(hidden)
    return next((cell for cell in sorted(known) if ("c", cell[1]) not in _reached(known - {cell}, cell[0])), None)


def _reached(hidden: set[Cell], row: int) -> set[tuple[str, int]]:
    """Rows and columns that hang together with a row by hidden cells."""
    found, todo = {("r", row)}, [("r", row)]
    while todo:
        kind, at = todo.pop()
        for r, c in hidden:
            other = ("c", c) if kind == "r" and r == at else ("r", r) if kind == "c" and c == at else None
            if other is not None and other not in found:
                found.add(other)
                todo.append(other)
    return found
