"""Error rates of the engine on an operator's own pairs: what ``./loket face eval`` prints.

Pipeline, gates and thresholds are those of a real verification, with three differences: of a cell with several files the usable
ones are used, the probes of a pair may stem from different days, and a picture sent before is no replay.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from integrations.face import calibration, cohort, matching, thresholds
from integrations.face.described import Described
from integrations.face.matching import Comparison
from integrations.face.pool import EnginePool
from integrations.face.rates import at_rates, failures, rates, timing
from integrations.face.scoring import Strangers
from integrations.face.templates import Embedding
from integrations.face.thresholds import MOST, OPEN_GATES, Policy, Row

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
_BATCH = 32


@dataclass(frozen=True)
class Pair:
    """One comparison: enrolled files, probe files, whether they show the same person, and a group to report apart."""

    enrolled: tuple[Path, ...]
    probes: tuple[Path, ...]
    same: bool
    group: str = ""


@dataclass(frozen=True)
class Result:
    """``found`` is None when a side has no usable picture; then ``problem`` says why. ``asked``: the row the pair asked for."""

    pair: Pair
    asked: Row
    found: Comparison | None = None
    problem: str | None = None
    compare_ms: float = 0.0

    @property
    def outcome(self) -> str:
        """As a citizen would have got it."""
        return self.found.outcome if self.found is not None else "unusable"

    @property
    def score(self) -> float:
        """On the scale of the row asked for, also where fewer pictures were usable; infinite when not acquired."""
        if self.found is None:
            return math.inf
        used, asked = self.found.row, self.asked
        if used == asked or not math.isfinite(used.match) or not math.isfinite(asked.match):
            return self.found.score
        scale = (asked.officer - asked.match) / (used.officer - used.match)
        return asked.match + (self.found.score - used.match) * scale


async def evaluate(
    pairs: Sequence[Pair],
    strangers: Path | bytes | None = None,
    *,
    policy: Policy | None = None,
    gates: bool = True,
    processes: int = 1,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any]:
    """Describe every picture once and report. ``strangers``: a folder of other people's pictures, or a cohort's bytes.

    :raises bot.errors.LoketError: the engine cannot start, or the cohort's bytes cannot be used.
    """
    policy = policy or thresholds.load()
    if not gates:
        policy = dataclasses.replace(policy, gates=OPEN_GATES)
    built = cohort.unpack(strangers, policy) if isinstance(strangers, bytes) else None
    others = pictures(strangers) if isinstance(strangers, Path) else None
    files = dict.fromkeys([*(file for pair in pairs for file in (*pair.enrolled, *pair.probes)), *(others or ())])
    described = await describe(list(files), policy, processes, progress)
    return {**report(pairs, described, policy, others, built), "gates": gates}


def report(
    pairs: Sequence[Pair],
    described: Mapping[Path, Described],
    policy: Policy,
    others: Sequence[Path] | None = None,
    built: Strangers | None = None,
) -> dict[str, Any]:
    """The report, ready for JSON; its ``pairs`` hold every single comparison."""
    against, said = (built, _said(built)) if built is not None else _cohort(others, described, policy)
    results = [_compare(pair, described, policy, against) for pair in pairs]
    compared = {file for pair in pairs for file in (*pair.enrolled, *pair.probes)}
    groups = sorted({r.pair.group for r in results} - {""})
    return {
        **rates(results),
        "score": "distance" if against is None else "normalised",
        "engine": policy.engine,
        "model": policy.model,
        "cohort": said,
        "failures": failures([described[file] for file in compared]),
        "at_fmr": at_rates(results),
        "modes": _modes(results),
        "groups": {group: _group([r for r in results if r.pair.group == group]) for group in groups},
        "timing_ms": timing([described[file] for file in compared], [r.compare_ms for r in results]),
        "pairs": [_line(result) for result in results],
    }


def calibrate(report: Mapping[str, Any], policy: Policy, target: float) -> dict[str, Any]:
    """The calibration file's content from the pairs of a report.

    :raises bot.errors.SettingsError: too few comparisons for the target.
    """
    scores: dict[thresholds.Key, list[float]] = {}
    for line in report["pairs"]:
        if not line["same"]:
            found = math.inf if line["score"] is None or line["mode"] != line["asked"] else line["score"]
            scores.setdefault(_key(line["asked"]), []).append(found)
    rows = [calibration.row(key, impostor, target) for key, impostor in sorted(scores.items())]
    if not rows:
        raise calibration.CalibrationError("no pairs of different people")
    return calibration.document(policy, rows, target, report)


def _key(mode: str) -> thresholds.Key:
    numbers, plus, _ = mode.partition("+")
    enrolled, _, probes = numbers.partition("x")
    return int(enrolled), int(probes), bool(plus)


def _modes(results: Sequence[Result]) -> dict[str, Any]:
    """By the numbers of pictures given; where fewer were usable, their own row judged."""
    asked = {r.asked.mode: r.asked for r in results}
    return {
        mode: {
            "match": row.match if math.isfinite(row.match) else None,
            "officer": row.officer if math.isfinite(row.officer) else None,
            "fewer_usable": sum(r.found is not None and r.found.row != row for r in results if r.asked == row),
            **_group([r for r in results if r.asked == row]),
        }
        for mode, row in sorted(asked.items())
    }


def _group(results: Sequence[Result]) -> dict[str, Any]:
    return {**rates(results), "at_fmr": at_rates(results)}


def pictures(folder: Path) -> list[Path]:
    """Files of a folder and those below it that look like pictures."""
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURES)


async def describe(
    files: Sequence[Path], policy: Policy, processes: int, progress: Callable[[int, int], None]
) -> dict[Path, Described]:
    """Each file once, in batches, so that not all pictures are in memory at a time."""
    pool = EnginePool(policy, processes, waiting=_BATCH)
    described: dict[Path, Described] = {}
    try:
        for start in range(0, len(files), _BATCH):
            batch = files[start : start + _BATCH]
            described.update(zip(batch, await pool.describe([file.read_bytes() for file in batch]), strict=True))
            progress(len(described), len(files))
    finally:
        await pool.close()
    return described


def _cohort(
    others: Sequence[Path] | None, described: Mapping[Path, Described], policy: Policy
) -> tuple[Strangers | None, dict[str, Any] | None]:
    """The people to normalise with, or None, and what is to be said."""

    if others is None:
        return None, None
    usable = embeddings(others, described)
    found = cohort.people(usable)
    said = {"pictures": len(others), "usable": len(usable), "people": len(found)}
    if len(found) < policy.cohort.smallest:
        note = f"{len(found)} usable pictures, {policy.cohort.smallest} are needed: plain distances are reported"
        return None, {**said, "used": False, "note": note}
    return (strangers := np.stack(found)), {**said, **_said(strangers)}


def _said(strangers: Strangers) -> dict[str, Any]:
    note = (
        None
        if len(strangers) >= cohort.ENOUGH
        else "the thresholds were measured with 150 people; fewer normalise less well"
    )
    return {"people": len(strangers), "used": True, "note": note}


def embeddings(files: Sequence[Path], described: Mapping[Path, Described]) -> list[Embedding]:
    """Of the usable ones, sharpest first."""
    ordered = sorted((described[file] for file in files), key=lambda one: -one.sharpness)
    return [one.embedding for one in ordered if one.embedding is not None]


def _compare(pair: Pair, described: Mapping[Path, Described], policy: Policy, against: Strangers | None) -> Result:
    asked = policy.row(min(len(pair.enrolled), MOST), min(len(pair.probes), MOST), against is not None)
    began = time.perf_counter()
    sides = [
        matching.distinct(embeddings(files, described), policy.same_frame) for files in (pair.enrolled, pair.probes)
    ]
    if not all(sides):
        side = pair.probes if sides[0] else pair.enrolled
        return Result(pair, asked, problem=described[side[0]].problem)
    found = matching.compare(policy, sides[0], sides[1], against)
    return Result(pair, asked, found, compare_ms=(time.perf_counter() - began) * 1000)


def _line(result: Result) -> dict[str, Any]:
    pair, found = result.pair, result.found
    return {
        "path_a": "|".join(map(str, pair.enrolled)),
        "path_b": "|".join(map(str, pair.probes)),
        "same": pair.same,
        "group": pair.group,
        "distance": found.distance if found else None,
        "score": found.score if found else None,
        "mode": found.row.mode if found else None,
        "asked": result.asked.mode,
        "outcome": result.outcome,
        "problem": result.problem,
    }
