"""When an agency may be called, where its interface keeps office hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


@dataclass(frozen=True)
class WorkingHours:
    """Open on ``days`` (Monday is 0) from ``start`` up to, not including, ``end`` minutes after midnight in ``zone``."""

    days: frozenset[int]
    start: int
    end: int
    zone: ZoneInfo

    def open(self, at: datetime) -> bool:
        """Whether a call may be made at that moment."""
        local = at.astimezone(self.zone)
        return local.weekday() in self.days and self.start <= local.hour * 60 + local.minute < self.end

    def opens(self, at: datetime) -> datetime:
        """The first moment from ``at`` on at which calls may be made; ``at`` itself while it is open."""
        if self.open(at):
            return at
        today = at.astimezone(self.zone).date()
        start = time(self.start // 60, self.start % 60)
        # The eighth day is today's weekday again, when today's hours are over.
        for days in range(8):
            moment = datetime.combine(today + timedelta(days=days), start, self.zone)
            if moment.weekday() in self.days and moment > at:
                return moment.astimezone(at.tzinfo)
        raise AssertionError("there is at least one day")

    def time_open(self, start: datetime, end: datetime) -> timedelta:
        """How long it was open between two moments."""
        total, day = timedelta(), start.astimezone(self.zone).date()
        while day <= end.astimezone(self.zone).date():
            if day.weekday() in self.days:
                midnight = datetime.combine(day, time(), self.zone)
                opened = max(start, midnight + timedelta(minutes=self.start))
                total += max(timedelta(), min(end, midnight + timedelta(minutes=self.end)) - opened)
            day += timedelta(days=1)
        return total


def working_hours(raw: Mapping[str, Any]) -> WorkingHours:
    """From ``{days: [mon, ...], from: "08:00", to: "15:30", zone: Asia/Jakarta}``.

    :raises ValueError: what is wrong with it.
    """
    if set(raw) != {"days", "from", "to", "zone"}:
        raise ValueError("hours are days, from, to and zone")
    days = raw["days"]
    if not isinstance(days, list) or not days or not set(days) <= set(DAYS):
        raise ValueError(f"days are some of {', '.join(DAYS)}")
    start, end = _minutes(raw["from"]), _minutes(raw["to"])
    if start >= end:
        raise ValueError("`from` must be earlier than `to`, on the same day")
    try:
        zone = ZoneInfo(str(raw["zone"]))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("zone is a name such as Asia/Jakarta") from error
    return WorkingHours(frozenset(map(DAYS.index, days)), start, end, zone)


def _minutes(text: Any) -> int:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise ValueError('`from` and `to` are times such as "08:00" (in quotes)')
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
