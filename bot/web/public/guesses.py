"""Wrong numbers typed into public pages, counted in the database per network address: guessing is slow, whichever gateway is asked.

The count begins anew every five minutes: a building, or a mobile network, whose people share one address waits that long at most when
somebody in it guesses. A number has 40 random bits (:mod:`bot.domain.reference`); a few hundred guesses an hour find nothing.
"""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from bot.web.public.gateway import GATEWAY, origin_of

MOST_WRONG = 30
"""Of one address in one window."""
WINDOW_S = 300


def subject(request: web.Request, what: str, now: datetime) -> str:
    """Under which wrong numbers are counted. A private address stands for itself: better one too many slowed down than none."""
    address = origin_of(request, request.app[GATEWAY].settings.proxies) or request.remote or ""
    return f"{what}:{address}:{int(now.timestamp()) // WINDOW_S}"


def held(response: web.Response, now: datetime) -> web.Response:
    """The page that says so, with when to come again."""
    response.headers["Retry-After"] = str(WINDOW_S - int(now.timestamp()) % WINDOW_S)
    return response
