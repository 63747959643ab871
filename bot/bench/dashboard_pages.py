"""Every page that a manager may open, taken from the program itself: the routes of the staff pages that a manager's right opens, every
section over every span, every list behind a number (its first page and one deep in the year), and every kind of link that those
pages show. A new page cannot be forgotten: a route that nothing here opened ends the bench.
"""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from bot.bench.report import percentile
from bot.domain.staff import MANAGER
from bot.storage.accounts import Account
from bot.storage.crypto import KeyRing, new_key
from bot.storage.figures_rows import PARTS
from bot.web.staff.app import staff_app
from bot.web.staff.figures_works import SECTIONS
from bot.web.staff.rights import allowed, is_before, is_open

FIGURES = "/staff/figures"
_NOT_A_MANAGERS = {"/staff/errands", "/staff/language/{language}"}
"""Open to every account, and no page of theirs: the first answers 404, the second sets a cookie."""
_PLACES = ("from", "to", "span", "before", "month", "office")
"""Of an address: where and when, which does not make it another kind of page."""
LINK = "link_"
"""Before the names of what was found as a link."""
_OF_ONE = 2
"""Links of one kind that are opened: the first and the last that the pages show."""
_NO_REF = UUID(int=2**128 - 1)

Open = Callable[[str], Awaitable[tuple[float, str]]]
"""Opens an address: milliseconds until all of it was there, and the page."""


def routes_of_managers() -> dict[str, re.Pattern[str]]:
    """Every address of the staff pages that a manager may ask for -> what matches it."""
    nothing = cast(Any, None)  # the pages are named, not opened
    app = staff_app(nothing, nothing, KeyRing(new_key("k1")), nothing, "", secure=False)
    manager = Account("maya", "Maya", frozenset({MANAGER}), "")
    found = {}
    for route in app.router.routes():
        resource = route.resource
        if route.method != "GET" or resource is None or is_open(route.handler) or is_before(route.handler):
            continue
        path = f"/staff{resource.canonical}"
        if allowed(route.handler, manager) and path not in _NOT_A_MANAGERS:
            info = resource.get_info()
            pattern = info["pattern"].pattern if "pattern" in info else re.escape(resource.canonical)
            found[path] = re.compile(f"/staff{pattern}")
    return found


def spans(today: date) -> dict[str, str]:
    """The periods that pages are opened for: of a day, of days, of weeks, of months, and one long past."""
    then = today - timedelta(days=200)

    def own(since: date, until: date) -> str:
        return f"span=own&from={since}&to={until}"

    return {
        "day": "span=today",
        "month": own(today - timedelta(days=30), today),
        "half": own(today - timedelta(days=182), today),
        "year": own(today - timedelta(days=364), today),
        "old": own(then - timedelta(days=30), then),
    }


def pages(today: date) -> dict[str, str]:
    """Name -> address of every page that can be named beforehand."""
    periods = spans(today)
    found = {"meanings": f"{FIGURES}/meanings", "open_data": f"{FIGURES}/open", "today": f"{FIGURES}/today"}
    for span, query in periods.items():
        for section in ("", *SECTIONS, "satisfaction"):
            found[f"{section or 'overview'}_{span}"] = f"{FIGURES}{'/' if section else ''}{section}?{query}"
    deep = urlencode({"before": f"{_moment(today - timedelta(days=200)).isoformat()}~{_NO_REF}"})
    for figure in PARTS:
        found[f"list_{figure}"] = f"{FIGURES}/list?{periods['year']}&figure={figure}"
        found[f"deep_{figure}"] = f"{FIGURES}/list?{periods['year']}&figure={figure}&{deep}"
    return found


def _moment(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone()


@dataclass
class Crawl:
    """Opens pages, and collects the links they show by kind."""

    open: Open
    instead: Mapping[str, str] = field(default_factory=dict)
    """Kind of link -> the one address that is opened for it."""
    times: dict[str, list[float]] = field(default_factory=dict)
    kinds: dict[str, list[str]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    """Addresses without their query."""
    _routes: Mapping[str, re.Pattern[str]] = field(default_factory=lambda: routes_of_managers())

    async def page(self, name: str, address: str, rounds: int) -> None:
        """Open a page so many times."""
        for _ in range(rounds):
            took, text = await self.open(address)
            self.times.setdefault(name, []).append(took)
        self.opened.add(urlsplit(address).path)
        for link in re.findall(r'href="(/staff/[^"#]+)"', text):
            self._keep(html.unescape(link))

    def _keep(self, link: str) -> None:
        if not any(pattern.fullmatch(urlsplit(link).path) for pattern in self._routes.values()):
            return
        kind = kind_of(link)
        known = self.kinds.setdefault(kind, [])
        link = self.instead.get(kind, link)
        if link not in known:
            known[1:] = [link]

    async def links(self, rounds: int) -> None:
        """Open the first and the last link of every kind, and what they lead to in turn."""
        done: set[str] = set()
        while todo := [kind for kind in self.kinds if kind not in done]:
            for kind in todo:
                done.add(kind)
                for address in self.kinds[kind][:_OF_ONE]:
                    await self.page(f"{LINK}{kind}", address, rounds)

    def p95(self) -> dict[str, float]:
        """Milliseconds by name."""
        return {name: percentile(times, 0.95) for name, times in self.times.items()}

    def forgotten(self) -> list[str]:
        """Routes of managers that nothing opened."""
        return sorted(name for name, pattern in self._routes.items() if not any(map(pattern.fullmatch, self.opened)))


def kind_of(link: str) -> str:
    """What kind of page a link leads to: its path without ids, the figure, the classes, the form of the file."""
    address = urlsplit(link)
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "one", address.path.removeprefix("/staff/"))
    query = dict(parse_qsl(address.query))
    words = [path.replace("/", "_").replace("-", "_").strip("_") or "home"]
    words += [query[name] for name in ("figure", "table", "data", "as") if name in query]
    words += sorted(name for name in query if name not in (*_PLACES, "figure", "table", "data", "as"))
    return "_".join(word.replace("-", "_") for word in words)
