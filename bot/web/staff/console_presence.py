"""Who else looks at a conversation, and who is typing in it: told from console to console, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

GONE = timedelta(seconds=50)
"""A console tells every 20 seconds what it looks at."""
STOPPED = timedelta(seconds=6)
"""And every 3 seconds that somebody types."""
CITIZEN = "~"
"""Stands for the citizen among those who type: no username."""


@dataclass(frozen=True)
class Look:
    """One person at one conversation."""

    username: str
    seen_at: datetime
    typed_at: datetime | None = None

    def types(self, now: datetime) -> bool:
        """Whether they are typing."""
        return self.typed_at is not None and now - self.typed_at < STOPPED


def said(conversation: str, username: str, typing: bool) -> str:
    """What a console tells the others; read by :meth:`Presences.hear`."""
    return f"look:{conversation} {username} {int(typing)}"


class Presences:
    """What was told lately."""

    def __init__(self) -> None:
        self._looks: dict[str, Look] = {}
        """Username -> look; one looks at one conversation at a time."""
        self._where: dict[str, str] = {}

    def hear(self, told: Iterable[str], now: datetime) -> bool:
        """Take in what was told; whether anything changed for those who look on."""
        changed = False
        for line in told:
            conversation, _, rest = line.partition(" ")
            username, _, typing = rest.partition(" ")
            if username:
                changed = self._one(conversation, username, typing == "1", now) or changed
        return changed

    def _one(self, conversation: str, username: str, typing: bool, now: datetime) -> bool:
        key = f"{CITIZEN}{conversation}" if username == CITIZEN else username
        before, was_at = self._looks.get(key), self._where.get(key)
        self._looks[key] = Look(username, now, now if typing else None)
        self._where[key] = conversation
        if len(self._looks) > 1000:
            self._forget(now)
        return before is None or was_at != conversation or before.types(now) != typing or now - before.seen_at > GONE

    def _forget(self, now: datetime) -> None:
        for key in [key for key, look in self._looks.items() if now - look.seen_at > GONE]:
            del self._looks[key], self._where[key]

    def at(self, conversation: str, but: str, now: datetime) -> list[Look]:
        """Who is at a conversation now, but for the reader."""
        found = [
            look
            for key, look in self._looks.items()
            if self._where[key] == conversation and look.username != but and now - look.seen_at < GONE
        ]
        return sorted(found, key=lambda look: look.username)
