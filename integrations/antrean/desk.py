"""The officers' pages of the queue: the board of the counters, and the visits by village."""

from __future__ import annotations

from datetime import date, time
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from aiohttp import web

from integrations.antrean.book import CALLED, MISSED, SERVED, SOON, WAITING, Refused
from integrations.antrean.paper import DAYS
from integrations.sandbox import states
from integrations.sandbox.case import Case
from integrations.sandbox.pages import HERE, day, moment, see
from integrations.sandbox.standin import flatten

if TYPE_CHECKING:
    from integrations.antrean.sandbox import Antrean

_BOARD, _VISITS = "/petugas/antrean/loket", "/petugas/antrean/kunjungan"


class DeskPages:
    """``/petugas/antrean/loket`` and ``/petugas/antrean/kunjungan``."""

    def __init__(self, desk: Antrean) -> None:
        self._desk = desk
        self._jinja = jinja2.Environment(
            loader=jinja2.FileSystemLoader([Path(__file__).parent / "templates", HERE / "templates"]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters.update(day=day, moment=moment, label=str)
        self._jinja.globals.update(home_url="")

    def routes(self) -> list[web.RouteDef]:
        """All pages."""
        return [
            web.get(_BOARD, self.board),
            web.post(f"{_BOARD}/{{letter}}/{{action}}", self.call),
            web.post(f"{_BOARD}/hadir", self.here),
            web.get(_VISITS, self.visits),
            web.post(_VISITS, self.plan),
        ]

    async def board(self, request: web.Request) -> web.Response:
        """Every counter: who is called, who waits. ``?hari=`` plays another day, for trying out on an evening or a Sunday."""
        return self._board(self._played(request.query.get("hari", "")))

    def _played(self, raw: str) -> date:
        try:
            return max(date.fromisoformat(raw), self._desk.book.now.date())
        except ValueError:
            return self._desk.book.now.date()

    async def call(self, request: web.Request) -> web.Response:
        """``panggil`` the next one, give a number to a ``datang`` (walk-in), a called one is done (``selesai``) or not there."""
        letter, action = request.match_info["letter"], request.match_info["action"]
        desk, form = self._desk, await request.post()
        on = self._played(str(form.get("hari", "")))
        desk.settle()
        try:
            if action == "panggil":
                ticket = desk.book.call_next(letter, on)
                if ticket is not None:
                    desk.tell(ticket, states.DIPROSES)
            elif action == "datang":
                given = desk.book.walk_in(letter)
                return self._board(desk.book.now.date(), good=f"Nomor untuk yang datang langsung: {given.written}")
            elif action in ("selesai", "tidak-hadir"):
                self._finish(str(form.get("key", "")), served=action == "selesai")
            else:
                raise web.HTTPNotFound
        except Refused as refused:
            return self._board(on, error=refused.message, status=409)
        desk.settle()
        raise see(_BOARD if on == desk.book.now.date() else f"{_BOARD}?hari={on}")

    def _finish(self, key: str, *, served: bool) -> None:
        ticket = self._desk.book.settle(key, SERVED if served else MISSED)
        if ticket is not None:
            note = "" if served else "Nomor dilepas karena tidak hadir."
            self._desk.tell(ticket, states.TERBIT if served else states.DIBATALKAN, note)

    async def here(self, request: web.Request) -> web.Response:
        """Somebody shows a number."""
        form = await request.post()
        on = self._played(str(form.get("hari", "")))
        ticket = self._desk.book.check_in(str(form.get("nomor", ""))[:20], on)
        self._desk.settle()
        if ticket is None:
            return self._board(on, error="Nomor ini tidak ada di antrean hari itu.", status=404)
        return self._board(on, good=f"{ticket.written} sudah hadir.")

    def _board(self, on: date, status: int = 200, error: str = "", good: str = "") -> web.Response:
        self._desk.settle()
        book = self._desk.book
        counters = [
            {
                "letter": counter.letter,
                "name": counter.name,
                "serving": book.serving(counter.letter, on) or "-",
                "called": [t for t in book.day(on, counter.letter) if t.state == CALLED],
                "waiting": [t for t in book.day(on, counter.letter) if t.state in (WAITING, SOON)],
            }
            for counter in book.office.counters
        ]
        said = f"{DAYS[on.weekday()]}, {day(on)}"
        today = on == book.now.date()
        values = {
            "counters": counters,
            "said": said,
            "on": on.isoformat(),
            "today": today,
            "error": error,
            "good": good,
        }
        return self._show("loket.html", status, **values, starts=self._starts)

    def _starts(self, slot: int) -> str:
        return f"{self._desk.book.office.begins[slot]:%H.%M}"

    # -- visits -------------------------------------------------------------------------------------------------------

    async def visits(self, request: web.Request) -> web.Response:
        """Requests by village, and the visits that are planned."""
        return self._visits()

    async def plan(self, request: web.Request) -> web.Response:
        """A day for a village: everybody there who asked is told."""
        form = await request.post()
        village = str(form.get("desa", ""))
        try:
            on = date.fromisoformat(str(form.get("tanggal", "")))
            begins, ends = (time.fromisoformat(str(form.get(name, ""))) for name in ("mulai", "selesai"))
        except ValueError:
            return self._visits(error="Tulis tanggal dan jamnya dulu.", status=422)
        waiting = self._waiting().get(village, [])
        if on <= self._desk.book.now.date() or begins >= ends or not waiting:
            return self._visits(error="Pilih hari sesudah hari ini, dan jam selesai sesudah jam mulai.", status=422)
        self._desk.book.plan_visit(village, on, f"{begins:%H:%M}", f"{ends:%H:%M}")
        note = f"Petugas datang {DAYS[on.weekday()]}, {day(on)}, antara pukul {begins:%H.%M} dan {ends:%H.%M}."
        for case in waiting:
            self._desk.cases.act(case.ref, states.ACTIONS["jadwalkan"], note, (), None)
        self._desk.sender.wake()
        raise see(_VISITS)

    def _waiting(self) -> dict[str, list[Case]]:
        """Requests without a day, by the code of their village."""
        open_ones = [
            case
            for case in self._desk.cases.queue()
            if case.service == "jemput-bola" and case.state in (states.DIAJUKAN, states.VERIFIKASI)
        ]
        by_village = sorted(open_ones, key=_village)
        return {village: list(cases) for village, cases in groupby(by_village, key=_village)}

    def _visits(self, status: int = 200, error: str = "") -> web.Response:
        today = self._desk.book.now.date()
        rows = [
            {
                **dict(row),
                "on": f"{DAYS[date.fromisoformat(row['day']).weekday()]}, {day(date.fromisoformat(row['day']))}",
            }
            for row in self._desk.book.visits("", today, date.max)
        ]
        return self._show("kunjungan.html", status, villages=self._waiting(), planned=rows, error=error)

    def _show(self, template: str, status: int, **values: Any) -> web.Response:
        html = self._jinja.get_template(template).render(values)
        return web.Response(text=html, content_type="text/html", status=status)


def _village(case: Case) -> str:
    return str(flatten(case.data).get("lokasi.desa", ""))
