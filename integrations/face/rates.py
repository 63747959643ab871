"""What a list of comparisons says: rates with their intervals, failures to acquire, time per stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from integrations.face import scoring
from integrations.face.described import Described

FMRS = (1e-2, 1e-3, 1e-4)


class _Pair(Protocol):
    @property
    def same(self) -> bool: ...


class Judged(Protocol):
    """One comparison."""

    @property
    def pair(self) -> _Pair:
        """Who was compared."""
        ...

    @property
    def outcome(self) -> str:
        """``match``, ``officer``, ``no_match`` or ``unusable``."""
        ...

    @property
    def score(self) -> float:
        """Infinite when a side could not be acquired."""
        ...


def rates(results: Sequence[Judged]) -> dict[str, Any]:
    """At the operating point. FMR: different people accepted. FNMR: the right person not accepted, borderline and failures to
    acquire among them. ``_officer``: as if the officers accepted every borderline case."""
    same = Counter(r.outcome for r in results if r.pair.same)
    different = Counter(r.outcome for r in results if not r.pair.same)
    counts = {
        "fmr": (different["match"], different.total()),
        "fnmr": (same.total() - same["match"], same.total()),
        "fmr_officer": (different["match"] + different["officer"], different.total()),
        "fnmr_officer": (same["no_match"] + same["unusable"], same.total()),
        "failure_to_acquire": (same["unusable"] + different["unusable"], len(results)),
        "failure_to_acquire_same": (same["unusable"], same.total()),
        "officer_share": (same["officer"] + different["officer"], len(results)),
    }
    shown: dict[str, Any] = {
        "n": len(results),
        "n_same": same.total(),
        "n_different": different.total(),
        "unusable": same["unusable"] + different["unusable"],
        "officer_pairs": same["officer"] + different["officer"],
        "false_matches": different["match"],
    }
    for name, (count, of) in counts.items():
        shown[name] = scoring.share(count, of)
        shown[f"{name}_ci95"] = scoring.interval(count, of)
    return shown


def at_rates(results: Sequence[Judged]) -> dict[str, Any]:
    """FNMR at fixed false match rates, found from the scores; None where there are too few pairs to tell."""
    same = [r.score for r in results if r.pair.same]
    different = [r.score for r in results if not r.pair.same]
    return {f"{fmr:g}": scoring.at_fmr(same, different, fmr) for fmr in FMRS}


def failures(described: Sequence[Described]) -> dict[str, Any]:
    """How many pictures of the pairs could not be used, and why."""
    problems = Counter(one.problem for one in described if one.problem)
    return {
        "pictures": problems.total(),
        "of": len(described),
        "share": scoring.share(problems.total(), len(described)),
        "share_ci95": scoring.interval(problems.total(), len(described)),
        "face_not_found": problems["face.none"],
        "by_problem": dict(sorted(problems.items())),
    }


def timing(described: Sequence[Described], compare_ms: Sequence[float]) -> dict[str, Any]:
    """Median and 95th percentile of each stage, of a whole picture, and of a comparison."""
    stages: dict[str, list[float]] = {"decode": [], "detect": [], "align": [], "embed": [], "picture": []}
    for one in described:
        for name, spent in one.stages.items():
            stages[name].append(spent)
        if "embed" in one.stages:
            stages["picture"].append(sum(one.stages.values()))
    stages["compare"] = list(compare_ms)
    return {
        name: {"p50": round(float(np.percentile(spent, 50)), 3), "p95": round(float(np.percentile(spent, 95)), 3)}
        for name, spent in stages.items()
        if spent
    }
