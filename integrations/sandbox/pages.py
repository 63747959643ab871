"""What all pages share: templates, security headers, who may post."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from aiohttp import web

from integrations.sandbox.faults import Handler

HERE = Path(__file__).parent
WIB = timezone(timedelta(hours=7), "WIB")
_MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()

_SPELLED = {
    "nik": "NIK",
    "kk": "KK",
    "no": "nomor",
    "hp": "HP",
    "rt": "RT",
    "rw": "RW",
    "ktp": "KTP",
    "email": "e-mail",
}

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def day(value: date) -> str:
    """``17 Agustus 1985``."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """``22 November 2025 pukul 08.30 WIB``."""
    local = value.astimezone(WIB)
    return f"{day(local)} pukul {local:%H.%M} WIB"


def label(path: str) -> str:
    """A field path as an officer reads it: ``saksi.0.nama`` is ``Saksi 1: nama``."""
    words = [str(int(part) + 1) if part.isdigit() else _words(part) for part in path.split(".")]
    heading, last = " ".join(words[:-1]), words[-1]
    return f"{heading[:1].upper()}{heading[1:]}: {last}" if heading else last[:1].upper() + last[1:]


def _words(name: str) -> str:
    return " ".join(_SPELLED.get(word, word) for word in name.split("_"))


class Pages:
    """Renders the templates."""

    def __init__(self, home_url: str) -> None:
        self._jinja = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters.update(day=day, moment=moment, label=label)
        self._jinja.globals.update(home_url=home_url)

    def show(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """A page."""
        html = self._jinja.get_template(template).render(values)
        return web.Response(text=html, content_type="text/html", status=status)


def missing(pages: Pages) -> Any:
    """Middleware: a page that is not there says so in words, marked like all others."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            if "text/html" not in request.headers.get("Accept", ""):
                raise
            return pages.show("missing.html", status=404)

    return middleware


def guard(hosts: frozenset[str]) -> Any:
    """Middleware: only our own host names (no DNS rebinding), and only our own pages may post."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if urlsplit(f"//{request.host}").hostname not in hosts:
            return web.Response(text="Host tidak dikenal", status=421)
        origin = request.headers.get("Origin")
        if request.method not in ("GET", "HEAD") and origin is not None and urlsplit(origin).netloc != request.host:
            return web.Response(text="Permintaan dari situs lain ditolak", status=403)
        return await handler(request)

    return middleware


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: the security headers."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def see(path: str) -> web.HTTPSeeOther:
    """Redirect after a post."""
    return web.HTTPSeeOther(path)
