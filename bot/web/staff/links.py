"""An officer's way to undo a connection of conversations."""

from __future__ import annotations

import contextlib

from aiohttp import web

from bot.errors import Conflict
from bot.usecases import linking
from bot.web.staff.desk import ACCOUNT, desk_of, see
from bot.web.staff.tickets import own_ticket


async def unlink(request: web.Request) -> web.Response:
    """Take the ticket's conversation out of its connection; the page shown then says what is so, whoever was faster."""
    deps = desk_of(request).deps
    async with deps.store.begin() as tx:
        ticket = await own_ticket(request, tx)
    with contextlib.suppress(Conflict):  # it is not connected any more, which is what was wanted
        await linking.undo_for(deps, ticket.conversation_id, request[ACCOUNT].username)
    return see(f"/staff/tickets/{ticket.id}")
