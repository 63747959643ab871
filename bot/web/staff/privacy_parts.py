"""What the data officer's pages share: their navigation, and how clocks are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from bot.domain.data_rights import Time
from bot.web.staff.desk import desk_of, language, page, sentences
from bot.web.staff.times import how_long

PARTS = (
    ("/staff/privacy", "privacy_requests"),
    ("/staff/privacy/records", "privacy_records"),
    ("/staff/privacy/consents", "privacy_consents"),
    ("/staff/privacy/retention", "privacy_retention"),
    ("/staff/privacy/breaches", "privacy_breaches"),
    ("/staff/privacy/audit", "privacy_audit"),
)


def clock_words(request: web.Request, time: Time, due: datetime) -> str:
    """How a 3x24-hour clock stands, in hours as the law counts them."""
    say = sentences(request)
    if time not in (Time.FINE, Time.SOON):
        return say(f"privacy_time_{time.value}")
    left = due - desk_of(request).deps.now()
    hours = int(left.total_seconds()) // 3600
    words = say("privacy_hours", n=hours) if hours else how_long(left, language(request))
    return say(f"privacy_time_{time.value}", left=words)


def officers_page(request: web.Request, template: str, part: str, status: int = 200, **values: Any) -> web.Response:
    """One of the pages; ``part``: the one that is marked in the navigation."""
    return page(request, template, status, parts=PARTS, part=part, **values)
