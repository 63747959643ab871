"""The first page: the lists of conversations, none of them open."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.web.staff import console_page
from bot.web.staff.console_page import filter_of, list_values
from bot.web.staff.desk import ACCOUNT, desk_of, page, partial, sentences

_DONE = {
    "closed": "done_closed",
    "decided": "done_decided",
    "released": "done_released",
    "transferred": "done_transferred",
    "snoozed": "done_snoozed",
    "empty": "done_empty",
    "full": "done_full",
}


async def queue(request: web.Request) -> web.Response:
    """The list asked for, oldest first."""
    values: dict[str, Any] = {"done": _done(request)}
    if not partial(request):
        return await console_page.show_page(request, {**values, "ticket": None}, pane="list")
    names = await desk_of(request).accounts.names(request[ACCOUNT].locus)
    return page(request, "_list.html", ticket=None, **values, **await list_values(request, filter_of(request), names))


def _done(request: web.Request) -> str:
    """What was just done, as the page before this one says in the address."""
    done, number = request.query.get("done", ""), request.query.get("number", "")[:20]
    return sentences(request)(_DONE[done], number=number) if done in _DONE else ""
