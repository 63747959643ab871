"""Citizens' attachments, for the staff who hold their ticket's office; every download is on record."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from bot.errors import NotFound
from bot.web.saved_as import saved_as
from bot.web.staff.desk import ACCOUNT, desk_of, sorry


def id_of(request: web.Request) -> UUID:
    """The id in the address.

    :raises bot.errors.NotFound: it is none.
    """
    try:
        return UUID(request.match_info["id"])
    except ValueError as error:
        raise NotFound("no such id") from error


async def download(request: web.Request) -> web.Response:
    """One file, to be saved: never opened inside these pages."""
    desk, account = desk_of(request), request[ACCOUNT]
    try:
        blob_id = id_of(request)
        number = await desk.accounts.ticket_of_file(account, blob_id)
        async with desk.deps.store.begin() as tx:
            found = await tx.blob(blob_id)
            if found is None:
                raise NotFound("file")
            await tx.audit(account.username, "file.viewed", str(blob_id), {"ticket": number}, desk.deps.now())
    except NotFound:
        return sorry(request, 404, "file_gone")
    file, data, _ = found
    headers = {
        "Content-Disposition": saved_as(file.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(body=data, content_type=file.type, headers=headers)
