"""What a benchmark gives: one JSON object (design 6), or a table for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.bench.machine import description


@dataclass(frozen=True)
class Result:
    """Flat numbers with their unit in the name; ``baseline`` has the same names, measured in the same run."""

    name: str
    figures: dict[str, float]
    baseline: dict[str, float] | None = None

    def json(self) -> str:
        """One line: ``name, figures, baseline, machine``."""
        return json.dumps(
            {"name": self.name, "figures": self.figures, "baseline": self.baseline, "machine": description()}
        )

    def table(self) -> str:
        """For a terminal."""
        head = f"{self.name:<28}{'Loket':>12}" + (f"{'stock':>12}{'ratio':>8}" if self.baseline else "")
        return "\n".join([head, *(self._row(key) for key in self.figures)])

    def _row(self, key: str) -> str:
        mine = self.figures[key]
        row = f"{key:<28}{mine:>12}"
        if self.baseline is None:
            return row
        theirs = self.baseline[key]
        ratio = f"{mine / theirs:>8.2f}" if theirs else f"{'':>8}"
        return f"{row}{theirs:>12}{ratio}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all are not above (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]
