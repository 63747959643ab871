"""Headers of every answer of the public listener. Staff pages have stricter ones of their own (:mod:`bot.web.staff.app`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

CSP = (
    "default-src 'self'; img-src 'self' data: blob: {extra}; media-src 'self' blob:; connect-src 'self'; "
    "style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'"
)
"""Of pages with the chat. ``extra``: an origin they may show pictures from."""
CSP_DATA = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""Of what is no page."""

_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The chat takes selfies and photos of papers; nothing here listens, or asks where somebody is.
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
_HSTS = "max-age=31536000"
_KEPT = frozenset({"/", "/openapi.yaml"})
"""Nothing personal, but never an old version of it."""

Hook = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


def secure(image_source: str, https: bool, *, subdomains: bool = False) -> Hook:
    """To be called for each answer. ``https``: citizens come that way only; ``subdomains``: so does who goes to a name below ours."""
    csp = CSP.format(extra=image_source)
    hsts = f"{_HSTS}; includeSubDomains" if subdomains else _HSTS

    async def hook(request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        headers["Server"] = "Loket"  # and not which release of what
        if https:
            headers.setdefault("Strict-Transport-Security", hsts)
        if len(request.match_info.apps) > 1:
            return  # a mounted application says the rest itself, and stricter
        for name, value in _ALL.items():
            headers.setdefault(name, value)
        page = response.content_type == "text/html"
        headers.setdefault("Content-Security-Policy", csp if page else CSP_DATA)
        if request.path.startswith("/static/"):
            # Module scripts are loaded with CORS wherever the widget is embedded.
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            headers.setdefault("Cache-Control", "public, max-age=300" if response.status < 400 else "no-store")
            return
        if not request.path.startswith("/chat/"):  # the chat's own CORS says who may read
            headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Cache-Control", "no-cache" if request.path in _KEPT else "no-store")

    return hook
