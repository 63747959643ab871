"""Times and spans as staff read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

Clock = Callable[[datetime], str]
"""Says a time at the office, short."""

_MONTHS = {
    "id": "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des".split(),
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
}
_UNITS = {"id": ("menit", "jam", "hari", "baru saja"), "en": ("min", "h", "d", "just now")}


def day_typed(typed: str) -> date | None:
    """A day of our time as a form or an address gives it; None: nobody means that."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def clock_time(at: datetime, now: datetime, language: str) -> str:
    """``14.32`` today, ``21 Nov 14.32`` on other days; both are local times of the office."""
    clock = at.strftime("%H.%M" if language == "id" else "%H:%M")
    return clock if at.date() == now.date() else f"{at.day} {_MONTHS[language][at.month - 1]} {clock}"


def how_long(span: timedelta, language: str) -> str:
    """``5 menit``, ``2 jam 10 menit``, ``3 hari``."""
    minute, hour, day, just_now = _UNITS[language]
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return just_now
    if minutes < 60:
        return f"{minutes} {minute}"
    if minutes < 24 * 60:
        rest = f" {minutes % 60} {minute}" if minutes % 60 else ""
        return f"{minutes // 60} {hour}{rest}"
    return f"{minutes // (24 * 60)} {day}"
