"""By which name and over which protocol a request came in, before anything else looks at it.

Staff pages and citizens' pages may have host names of their own (``LOKET_STAFF_URL``): to a browser they are then different origins,
and nothing of one can read, script or set cookies for the other. And who comes over plain http where https is spoken is led there
only with a page: a program that sent something in the clear has to hear of it, or nobody ever finds out.
"""

from __future__ import annotations

import ipaddress

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.domain.hosts import authority_of
from bot.errors import LoketError
from bot.settings import Settings
from bot.web.public.limits import Handler

_STAFF = "/staff"
_PROBES = "/healthz"
"""Asked for by machines, by address and without a proxy."""
_FOR_PEOPLE = ("/staff", "/cek", "/data-saya", "/swafoto", "/dokumen", "/kios", "/antrean")
"""First parts of the paths that people open in a browser (and the front page); everything else is for programs."""


class HttpsOnly(LoketError):
    """A program spoke plain http."""

    code = "https_only"
    text_key = "error.https_only"
    status = 403


def doorkeeper(settings: Settings) -> Middleware:
    """The middleware for an installation."""
    staff = authority_of(settings.staff_url)
    https = settings.public_url.startswith("https://")

    @web.middleware
    async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _under(request.path, _PROBES):
            return await handler(request)
        at_staff = bool(staff) and request.host.lower() == staff
        if https and _plain(request, settings):
            return _led_to_https(request, settings.staff_url if at_staff else settings.public_url)
        if staff and at_staff is not _under(request.path, _STAFF):
            if at_staff and request.path == "/" and request.method in ("GET", "HEAD"):
                raise web.HTTPFound(f"{_STAFF}/")
            raise web.HTTPNotFound
        return await handler(request)

    return door


def _under(path: str, first: str) -> bool:
    return path == first or path.startswith(f"{first}/")


def _plain(request: web.Request, settings: Settings) -> bool:
    """Whether somebody came over http who should not: our own proxies say so, or there is none and TLS is spoken here. This machine
    itself (probes, tools) is served.
    """
    if request.secure:
        return False
    if settings.proxies:
        return _came_by(request, settings.proxies) == "http"
    return settings.tls_cert is not None and not _of_this_machine(request.remote or "")


def _of_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _came_by(request: web.Request, proxies: int) -> str:
    """What the outermost of our own proxies says the client spoke; each may have added a word, counted from the right."""
    said = ",".join(request.headers.getall("X-Forwarded-Proto", [])).lower().split(",")
    words = [word.strip() for word in said if word.strip()]
    return words[max(0, len(words) - proxies)] if words else ""


def _led_to_https(request: web.Request, base: str) -> web.Response:
    """:raises HttpsOnly: whoever asks is a program, or sends something."""
    streams = request.headers.get("Accept", "") == "text/event-stream"
    page = request.path == "/" or any(_under(request.path, first) for first in _FOR_PEOPLE)
    if not page or streams or request.method not in ("GET", "HEAD"):
        raise HttpsOnly
    # The rest of the address as it was sent: it was taken for a path of ours, and stays behind our own name.
    return web.Response(status=308, headers={"Location": base.rstrip("/") + request.rel_url.raw_path_qs})
