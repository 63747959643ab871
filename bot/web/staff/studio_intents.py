"""The studio's pages of intents and their examples."""

from __future__ import annotations

from aiohttp import web


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return []
