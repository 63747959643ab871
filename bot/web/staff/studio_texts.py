"""The studio's pages of answers, frequent questions and bot texts."""

from __future__ import annotations

from aiohttp import web


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return []
