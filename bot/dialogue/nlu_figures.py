"""How much of labelled messages was understood, in numbers, and how true the confidence is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.nlu_report import Judged, scores

__all__ = ["Bin", "Judged", "calibration_error", "figures", "reliability"]

ELSEWHERE = "out_of_scope"
"""The wish for all that is not Loket's; its precision and recall are told apart."""

_BINS = 10
_CONFUSIONS = 15


@dataclass(frozen=True)
class Bin:
    """Messages understood with about equal confidence."""

    messages: int
    confidence: float
    right: float


def figures(judged: Sequence[Judged], with_services: bool = True) -> dict[str, Any]:
    """Shares of right answers; precision, recall and F1 of every wish; calibration error; what is taken for what."""
    per_intent = _per_intent(judged)
    elsewhere = per_intent.get(ELSEWHERE, {"precision": 0.0, "recall": 0.0})
    found: dict[str, Any] = {
        "messages": len(judged),
        "intent_accuracy": _share(one.wanted == one.found for one in judged),
        "macro_f1": sum(one["f1"] for one in per_intent.values()) / len(per_intent) if per_intent else 0.0,
        "out_of_scope_precision": elsewhere["precision"],
        "out_of_scope_recall": elsewhere["recall"],
        "calibration_error": calibration_error(judged),
    }
    if with_services:
        found |= _service_figures(judged)
    return {**found, "intents": per_intent, "confusions": _confusions(judged)}


def _service_figures(judged: Sequence[Judged]) -> dict[str, float]:
    right = [one.wanted_service == one.found_service for one in judged]
    named = [ok for one, ok in zip(judged, right, strict=True) if one.wanted_service]
    return {
        "service_accuracy": _share(right),
        "service_accuracy_where_named": _share(named),
        "both_accuracy": _share(ok and one.wanted == one.found for one, ok in zip(judged, right, strict=True)),
    }


def _per_intent(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    return {
        name: {"messages": one.support, "precision": one.precision, "recall": one.recall, "f1": one.f1}
        for name, one in scores(judged).items()
    }


def _confusions(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    counts = Counter((one.wanted, one.found) for one in judged if one.wanted != one.found)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_CONFUSIONS]
    return [{"wanted": wanted, "found": found, "messages": count} for (wanted, found), count in ordered]


def reliability(judged: Sequence[Judged]) -> list[Bin]:
    """Ten equal steps of confidence; steps without messages are left out."""
    steps: dict[int, list[Judged]] = {}
    for one in judged:
        steps.setdefault(min(int(one.confidence * _BINS), _BINS - 1), []).append(one)
    return [
        Bin(len(part), sum(one.confidence for one in part) / len(part), _share(one.wanted == one.found for one in part))
        for _, part in sorted(steps.items())
    ]


def calibration_error(judged: Sequence[Judged]) -> float:
    """Expected calibration error: how far confidence and share of right answers are apart, on average over messages."""
    return sum(abs(one.confidence - one.right) * one.messages for one in reliability(judged)) / max(len(judged), 1)


def _share(right: Iterable[bool]) -> float:
    answers = list(right)
    return sum(answers) / len(answers) if answers else 0.0
