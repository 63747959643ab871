"""Error rates of the engine on an operator's own pairs: what ``./loket face eval`` prints.

The pipeline, gates and thresholds are those of a real verification, with two differences: of a cell with several files
the usable ones are used, and the probes of a pair may stem from different days.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrations.face import scoring, templates, thresholds
from integrations.face.described import Described
from integrations.face.pool import EnginePool
from integrations.face.thresholds import Gates, Policy, Row

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_BATCH = 32
_OPEN_GATES = Gates(face_px=0, sharpness=-1, dark=-1, bright=256, spread=-1, other_face_area=float("inf"))
_FMRS = (1e-2, 1e-3, 1e-4)


@dataclass(frozen=True)
class Pair:
    """One comparison: enrolled files, probe files, whether they show the same person, and a group to report apart."""

    enrolled: tuple[Path, ...]
    probes: tuple[Path, ...]
    same: bool
    group: str = ""


@dataclass(frozen=True)
class _Result:
    """``score`` is None when a side has no usable picture; then ``problem`` says why."""

    pair: Pair
    score: float | None = None
    distance: float | None = None
    row: Row | None = None
    problem: str | None = None

    @property
    def outcome(self) -> str:
        return self.row.outcome(self.score) if self.row is not None and self.score is not None else "unusable"


async def evaluate(
    pairs: Sequence[Pair],
    cohort: Path | None = None,
    *,
    gates: bool = True,
    processes: int = 1,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any]:
    """Describe every picture once and report. ``cohort`` is a folder of other people's pictures; ``progress`` counts.

    :raises bot.errors.LoketError: the engine cannot start.
    """
    policy = thresholds.load()
    if not gates:
        policy = dataclasses.replace(policy, gates=_OPEN_GATES)
    strangers = _pictures(cohort) if cohort else None
    files = dict.fromkeys([*(file for pair in pairs for file in (*pair.enrolled, *pair.probes)), *(strangers or ())])
    described = await _describe(list(files), policy, processes, progress)
    return {**report(pairs, described, policy, strangers), "gates": gates}


def report(
    pairs: Sequence[Pair], described: Mapping[Path, Described], policy: Policy, strangers: Sequence[Path] | None = None
) -> dict[str, Any]:
    """The report, ready for JSON; its ``pairs`` hold every single comparison."""
    against, note = _cohort(strangers, described) if strangers is not None else (None, None)
    results = [_compare(pair, described, policy, against) for pair in pairs]
    compared = {file for pair in pairs for file in (*pair.enrolled, *pair.probes)}
    return {
        **_rates(results),
        "score": "distance" if against is None else "normalised",
        "model": policy.recognition.sha256[:16],
        "cohort": None
        if strangers is None
        else {
            "pictures": len(strangers),
            "usable": len(_embeddings(strangers, described)),
            "used": against is not None,
            "note": note,
        },
        "failures": _failures([described[file] for file in compared]),
        "modes": {
            mode: {"match": row.match, "officer": row.officer, **_rates([r for r in results if r.row == row])}
            for mode, row in sorted({r.row.mode: r.row for r in results if r.row}.items())
        },
        "groups": {
            group: _rates([r for r in results if r.pair.group == group])
            for group in sorted({r.pair.group for r in results} - {""})
        },
        "at_fmr": {f"{fmr:g}": _at_fmr(results, fmr) for fmr in _FMRS},
        "pairs": [_line(result) for result in results],
    }


def _failures(described: Sequence[Described]) -> dict[str, Any]:
    """How many pictures of the pairs could not be used, and why."""
    problems = Counter(one.problem for one in described if one.problem)
    return {
        "pictures": problems.total(),
        "of": len(described),
        "face_not_found": problems["face.none"],
        "by_problem": dict(sorted(problems.items())),
    }


def _pictures(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURES)


async def _describe(
    files: list[Path], policy: Policy, processes: int, progress: Callable[[int, int], None]
) -> dict[Path, Described]:
    """Each file once, in batches, so that not all pictures are in memory at a time."""
    pool = EnginePool(policy, processes)
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
    strangers: Sequence[Path], described: Mapping[Path, Described]
) -> tuple[NDArray[np.float32] | None, str | None]:
    """Embeddings to normalise with, or None and why not."""
    found = _embeddings(strangers, described)
    if len(found) < scoring.NEAREST:
        return None, f"{len(found)} usable pictures, {scoring.NEAREST} are needed: plain distances are reported"
    note = None if len(found) >= 150 else "the thresholds were measured with 150 people; fewer normalise less well"
    return np.stack(found), note


def _embeddings(files: Iterable[Path], described: Mapping[Path, Described]) -> list[NDArray[np.float32]]:
    usable = sorted((described[file] for file in files), key=lambda one: -one.sharpness)
    return [one.embedding for one in usable if one.embedding is not None]


def _compare(
    pair: Pair, described: Mapping[Path, Described], policy: Policy, cohort: NDArray[np.float32] | None
) -> _Result:
    enrolled, probes = _embeddings(pair.enrolled, described), _embeddings(pair.probes, described)
    if not enrolled or not probes:
        side = pair.probes if enrolled else pair.enrolled
        return _Result(pair, problem=described[side[0]].problem)
    left, right = templates.mean(enrolled), templates.mean(probes)
    distance = scoring.distance(left, right)
    score = distance if cohort is None else scoring.normalised(left, right, cohort)
    return _Result(pair, score, distance, policy.row(len(enrolled), len(probes), cohort is not None))


def _rates(results: Sequence[_Result]) -> dict[str, Any]:
    """FMR and FNMR over the pairs that could be compared; the others are counted in ``unusable``."""
    same = [r.outcome for r in results if r.pair.same and r.score is not None]
    different = [r.outcome for r in results if not r.pair.same and r.score is not None]
    false_match, false_officer = different.count("match"), different.count("match") + different.count("officer")
    missed, refused = len(same) - same.count("match"), same.count("no_match")
    return {
        "n": len(results),
        "n_same": sum(r.pair.same for r in results),
        "n_different": sum(not r.pair.same for r in results),
        "unusable": sum(r.score is None for r in results),
        "fmr": scoring.share(false_match, len(different)),
        "fmr_ci95": scoring.interval(false_match, len(different)),
        "fnmr": scoring.share(missed, len(same)),
        "fnmr_ci95": scoring.interval(missed, len(same)),
        "fmr_officer": scoring.share(false_officer, len(different)),
        "fnmr_officer": scoring.share(refused, len(same)),
        "officer_pairs": same.count("officer") + different.count("officer"),
    }


def _at_fmr(results: Sequence[_Result], fmr: float) -> dict[str, float] | None:
    """Only where one row was used: scores of different rows cannot be ordered."""
    if len({r.row for r in results if r.row}) != 1:
        return None
    scores = [(r.pair.same, r.score) for r in results if r.score is not None]
    return scoring.at_fmr([s for same, s in scores if same], [s for same, s in scores if not same], fmr)


def _line(result: _Result) -> dict[str, Any]:
    pair = result.pair
    return {
        "path_a": "|".join(map(str, pair.enrolled)),
        "path_b": "|".join(map(str, pair.probes)),
        "same": pair.same,
        "group": pair.group,
        "distance": result.distance,
        "score": result.score,
        "mode": result.row.mode if result.row else None,
        "outcome": result.outcome,
        "problem": result.problem,
    }
