"""The studio's pages of conversations: search, replay, mark, save as test."""

from __future__ import annotations

from aiohttp import web


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return []
