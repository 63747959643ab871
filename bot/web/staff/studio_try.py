"""The studio's message box: what a model makes of a text, and a chat with the draft beside the live one."""

from __future__ import annotations

from aiohttp import web


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return []
