"""A borderline face at the officers' desk: the verdicts given, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

ACCEPTS = ("same_face", "same_marks", "same_despite")
REFUSES = ("other_person", "not_sure", "copied", "covered", "several", "poor", "other")
"""Why; a verdict names one. ``copied``: a picture of a picture or a screen."""
WORDLY = "other"
"""This one says nothing without words."""
MOST_WORDS = 500


@dataclass(frozen=True)
class OfficersVerdict:
    """What one officer found. ``final``: a supervisor's, after two had differed."""

    officer: str
    accepted: bool
    reason: str
    at: datetime
    words: str = ""
    final: bool = False


class Stand(StrEnum):
    """Where a check stands."""

    OPEN = "open"
    SECOND = "second"  # one verdict; another officer looks too
    DIFFER = "differ"  # two verdicts that differ: a supervisor decides
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def over(self) -> bool:
        """Whether it is decided."""
        return self in (Stand.ACCEPTED, Stand.REJECTED)


def stand(verdicts: Sequence[OfficersVerdict], by_two: bool) -> Stand:
    """What these verdicts amount to, in whatever order they came."""
    final = next((one for one in verdicts if one.final), None)
    if final is not None:
        return _result(final.accepted)
    if not verdicts:
        return Stand.OPEN
    says = {one.accepted for one in verdicts}
    if not by_two and len(verdicts) == 1:
        return _result(verdicts[0].accepted)
    if len(verdicts) == 1:
        return Stand.SECOND
    return Stand.DIFFER if len(says) == 2 else _result(verdicts[0].accepted)


def _result(accepted: bool) -> Stand:
    return Stand.ACCEPTED if accepted else Stand.REJECTED


def reason_fits(accepted: bool, reason: str, words: str) -> bool:
    """Whether a verdict says why."""
    return reason in (ACCEPTS if accepted else REFUSES) and (reason != WORDLY or bool(words.strip()))


def turn_of(
    verdicts: Sequence[OfficersVerdict], by_two: bool, who: str, *, officer: bool, supervisor: bool
) -> Literal["", "own", "supervisor", "officer"]:
    """Why ``who`` may not decide now; empty: they may. ``own``: they have said what they think already."""
    if any(one.officer == who for one in verdicts):
        return "own"
    if stand(verdicts, by_two) is Stand.DIFFER:
        return "" if supervisor else "supervisor"
    return "" if officer else "officer"
