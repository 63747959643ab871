"""The counters' status of today: entered by staff in two taps, told by the bot."""

from __future__ import annotations

from aiohttp import web


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return []
