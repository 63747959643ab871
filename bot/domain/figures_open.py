"""Tables for the public: small counts are left out, and so many others that nobody can work them out from the totals.

A table with its totals is a system of sums. Seen as a graph (rows and columns are points, hidden cells are edges) a hidden cell can
be computed exactly when its edge is a bridge; so cells are hidden until no bridge is left. The cells added are the smallest
that are not small themselves, so that a sum of hidden cells says little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

SMALL = 5
"""Counts from 1 to below this are not told."""

Cell = tuple[int, int]
Point = tuple[str, int]


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
    # The least that may be added comes first: large counts say little by their absence, small ones are told least of all.
    cheapest = sorted(cells, key=lambda cell: (grid[cell[0]][cell[1]] < SMALL, grid[cell[0]][cell[1]], cell))
    hidden = {(r, c) for r, c in cells if 0 < grid[r][c] < SMALL}
    while (bridge := _bridge(hidden)) is not None:
        side = _reached(hidden - {bridge}, ("r", bridge[0]))
        # An edge from the one side of the bridge to the other closes a circle through it.
        across = (
            cell for cell in cheapest if cell not in hidden and (("r", cell[0]) in side) != (("c", cell[1]) in side)
        )
        hidden.add(next(across))
    return frozenset(hidden)


def _graph(hidden: Iterable[Cell]) -> dict[Point, list[Point]]:
    found = defaultdict[Point, list[Point]](list)
    for r, c in sorted(hidden):
        found["r", r].append(("c", c))
        found["c", c].append(("r", r))
    return found


def _bridge(hidden: set[Cell]) -> Cell | None:
    """A hidden cell that can be computed: an edge without which its ends hang together no more (Tarjan: nothing below it leads back
    above it).
    """
    graph = _graph(hidden)
    order: dict[Point, int] = {}
    low: dict[Point, int] = {}
    for root in graph:
        if root in order:
            continue
        order[root] = low[root] = len(order)
        way: list[tuple[Point, Point | None, Iterator[Point]]] = [(root, None, iter(graph[root]))]
        while way:
            here, above, following = way[-1]
            there = next((one for one in following if one != above), None)
            if there is None:
                way.pop()
                if above is not None:
                    low[above] = min(low[above], low[here])
                    if low[here] > order[above]:
                        return _cell(above, here)
            elif there in order:
                low[here] = min(low[here], order[there])
            else:
                order[there] = low[there] = len(order)
                way.append((there, here, iter(graph[there])))
    return None


def _cell(one: Point, other: Point) -> Cell:
    return (one[1], other[1]) if one[0] == "r" else (other[1], one[1])


def _reached(hidden: set[Cell], start: Point) -> set[Point]:
    """Rows and columns that hang together by hidden cells."""
    graph, found, todo = _graph(hidden), {start}, [start]
    while todo:
        for point in graph.get(todo.pop(), ()):
            if point not in found:
                found.add(point)
                todo.append(point)
    return found
