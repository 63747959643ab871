"""What cannot be text is refused at the door: PostgreSQL takes no NUL, nothing takes half a character, and no page has to expect either."""

from __future__ import annotations

import codecs
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.web.public.limits import pattern_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_BY_THEMSELVES = ("/chat/", "/webhooks/", "/callbacks/", "/desks/")
"""These read bodies of programs, and judge them by themselves."""
_FORM = "application/x-www-form-urlencoded"


UNREADABLE = (HttpProcessingError, web.RequestPayloadError)
"""A body that breaks off, or whose parts are none."""


def writable(*texts: str) -> bool:
    """Whether texts can be stored and sent."""
    for text in texts:
        if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            return False
    return True


@web.middleware
async def wellformed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """400 for an address or a form that is no text, 415 for a character set nobody knows."""
    pattern = pattern_of(request)
    staff = pattern.startswith("/staff")
    # What stands in the path of a public page is only ever compared; each of them has one answer to everything that is unknown.
    if not writable(*request.query, *request.query.values(), *([request.path] if staff else [])):
        raise web.HTTPBadRequest
    try:
        codecs.lookup(request.charset or "utf-8")
    except (LookupError, ValueError) as error:
        raise web.HTTPUnsupportedMediaType from error
    if request.method == "POST" and not pattern.startswith(_BY_THEMSELVES):
        await _form_fits(request, staff=staff)
    return await handler(request)


async def _form_fits(request: web.Request, *, staff: bool) -> None:
    """Reads the form, which is kept for the handler. Files of staff are read by their pages.

    :raises aiohttp.web.HTTPBadRequest: it is none.
    :raises aiohttp.web.HTTPUnsupportedMediaType: no page for citizens takes a form in parts.
    """
    if request.content_type != _FORM:
        if not staff and request.content_type.startswith("multipart/"):
            raise web.HTTPUnsupportedMediaType
        return
    try:
        form = await request.post()
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest from error
    if not writable(*form, *(str(value) for value in form.values())):
        raise web.HTTPBadRequest
