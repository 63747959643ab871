"""What the data officer's pages share: their navigation."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.web.staff.desk import page

PARTS = (
    ("/staff/privacy", "privacy_requests"),
    ("/staff/privacy/records", "privacy_records"),
    ("/staff/privacy/consents", "privacy_consents"),
    ("/staff/privacy/retention", "privacy_retention"),
    ("/staff/privacy/breaches", "privacy_breaches"),
    ("/staff/privacy/audit", "privacy_audit"),
)


def officers_page(request: web.Request, template: str, part: str, status: int = 200, **values: Any) -> web.Response:
    """One of the pages; ``part``: the one that is marked in the navigation."""
    return page(request, template, status, parts=PARTS, part=part, **values)
