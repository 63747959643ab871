"""The studio's pages of publishing: approval, publication, history, going back."""

from __future__ import annotations

from aiohttp import web


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return []
