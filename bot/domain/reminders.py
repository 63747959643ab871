"""When the holder of a licence is reminded of its end, and when not any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.domain.application import State

DAYS = (180, 90, 30)
"""Before the end. A renewal is best begun three to six months before it (data/services/_sip.yml)."""
HOUR = time(9)
"""Office time."""
RENEWAL, WITHDRAWAL = "perpanjangan", "pencabutan"
"""Variants that make a reminder needless."""
LATE = timedelta(days=30)
"""This long after the end it is still worth a word."""
_FAILED = frozenset({State.DRAFT, State.DITOLAK, State.DIBATALKAN, State.KEDALUWARSA})


@dataclass(frozen=True)
class Later:
    """A later application of the same person for the same licence."""

    variant: str | None
    state: str
    answers: Mapping[str, Any]


def schedule(until: date, now: datetime, zone: tzinfo) -> Iterator[tuple[str, datetime]]:
    """(kind, time) of every reminder that is still to come."""
    for days in DAYS:
        due = datetime.combine(until - timedelta(days=days), HOUR, zone)
        if due > now:
            yield f"sip-{days}", due


def needless(until: date, later: Iterable[Later]) -> bool:
    """Whether the licence that ends then is renewed or given back already, or that is under way.

    A person may hold three licences for three places: a renewal that names another end is another one's.
    """
    for one in later:
        if one.state in _FAILED or one.variant not in (RENEWAL, WITHDRAWAL):
            continue
        named = one.answers.get("sip_lama.sampai")
        if not named or str(named) == until.isoformat():
            return True
    return False
