"""Phones to play with: a page that is a citizen's WhatsApp or Telegram, on the channels' stand-ins beside it.

The stand-ins are mounted below ``/telegram`` and ``/whatsapp`` by whoever starts the sandbox; the page talks to their phone API.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from integrations.sandbox.pages import Pages

_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
NAMES: Mapping[str, str] = {"telegram": "Telegram", "whatsapp": "WhatsApp"}


def routes(pages: Pages, channels: Mapping[str, str]) -> list[web.RouteDef]:
    """``channels``: id of a stand-in that is there, and the bot's name or number as people see it."""

    async def phones(request: web.Request) -> web.Response:
        known = [{"id": id_, "name": NAMES.get(id_, id_), "address": address} for id_, address in channels.items()]
        response = pages.show("phones.html", channels=known)
        response.headers["Content-Security-Policy"] = _CSP
        return response

    return [web.get("/phones", phones)]
