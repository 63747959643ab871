"""Who of an office is there, and what they may be given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SILENT = timedelta(minutes=2)
"""A page gives a sign of life every 20 seconds; whose pages are silent for so long has closed them or lost the network."""
DEFAULT_CAPACITY = 5
MOST_CAPACITY = 20
REASONS = ("break", "prayer", "meeting", "counter", "training", "other")
"""Why somebody is away or busy."""


class Here(StrEnum):
    """What somebody says of themselves."""

    ONLINE = "online"  # takes conversations
    BUSY = "busy"  # is there, takes no new ones
    AWAY = "away"  # comes back
    OFFLINE = "offline"


@dataclass(frozen=True)
class Presence:
    """One person at one office. ``skills``: slugs, empty means everything; ``languages`` likewise means Indonesian."""

    username: str
    locus: str
    state: Here
    at: datetime
    seen_at: datetime
    reason: str = ""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    capacity: int = DEFAULT_CAPACITY

    def now(self, at: datetime) -> Here:
        """What is so at ``at``: silence is absence."""
        return Here.OFFLINE if at - self.seen_at > SILENT else self.state

    def takes(self, at: datetime) -> bool:
        """Whether a new conversation may be given to them."""
        return self.now(at) is Here.ONLINE

    def knows(self, slug: str | None) -> bool:
        """Whether a matter is one of theirs."""
        return not self.skills or slug is None or slug in self.skills

    def speaks(self, language: str) -> bool:
        """Whether they answer in a language."""
        return language in (self.languages or ("id",))


def present(people: Iterable[Presence], at: datetime) -> list[Presence]:
    """Those who are there now, busy ones included."""
    return [one for one in people if one.now(at) in (Here.ONLINE, Here.BUSY)]
