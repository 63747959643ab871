"""The fault panel as a page and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from integrations.sandbox.faults import MODES, FaultPanel, Faults
from integrations.sandbox.officers import Desk
from integrations.sandbox.pages import Pages, see

_NUMBERS = ("seconds", "rate", "remaining", "lasts_s")
CALLBACKS = {
    "duplicate_callbacks": "Setiap kabar dikirim dua kali",
    "reorder_callbacks": "Urutan kabar dibalik: kabar ditahan sampai ada kabar berikutnya, lalu yang terbaru dikirim dulu",
    "forged_callbacks": "Sebelum setiap kabar datang kabar palsu dengan tanda tangan salah",
    "odd_callbacks": "Sebelum setiap kabar datang kabar dengan status yang tidak dikenal",
}


class FaultPages:
    """``/faults`` and ``/api/faults/<agency>``."""

    def __init__(self, panel: FaultPanel, desks: Mapping[str, Desk], pages: Pages) -> None:
        self._panel = panel
        self._desks = desks
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """Page and calls."""
        call = "/api/faults/{agency}"
        return [
            web.get("/faults", self.show),
            web.post("/faults/{agency}", self.save),
            web.get(call, self.read),
            web.put(call, self.write),
            web.delete(call, self.clear),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Every agency's faults."""
        return self._page()

    async def save(self, request: web.Request) -> web.Response:
        """The page's form."""
        agency = self._agency(request)
        form = await request.post()
        texts = {name: str(form.get(name, "")).strip().replace(",", ".") for name in _NUMBERS}
        try:
            faults = Faults.from_json(
                {
                    "mode": str(form.get("mode", "")),
                    "seconds": float(texts["seconds"] or 0),
                    "rate": float(texts["rate"] or 0) / 100,
                    "remaining": int(texts["remaining"]) if texts["remaining"] else None,
                    "lasts_s": float(texts["lasts_s"]) if texts["lasts_s"] else None,
                    **{name: name in form for name in CALLBACKS},
                }
            )
        except ValueError:
            return self._page(
                "Isi detik dengan 0 sampai 3600, bagian dengan 0 sampai 100 persen, lama dan jumlah panggilan dengan angka.",
                422,
            )
        self._set(agency, faults)
        raise see("/faults")

    async def read(self, request: web.Request) -> web.Response:
        """What is set."""
        return web.json_response(self._panel.of(self._agency(request)).to_json())

    async def write(self, request: web.Request) -> web.Response:
        """Replace what is set; names left out take their default."""
        agency = self._agency(request)
        # A foreign page cannot send this type without asking first (CORS).
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            faults = Faults.from_json(json.loads(await request.read()))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=422)
        self._set(agency, faults)
        return web.json_response(faults.to_json())

    async def clear(self, request: web.Request) -> web.Response:
        """No faults."""
        self._set(self._agency(request), Faults())
        return web.json_response(Faults().to_json())

    def _set(self, agency: str, faults: Faults) -> None:
        self._panel.set(agency, faults)
        self._desks[agency].sender.wake()

    def _agency(self, request: web.Request) -> str:
        agency = request.match_info["agency"]
        if agency not in self._desks:
            raise web.HTTPNotFound
        return agency

    def _page(self, error: str = "", status: int = 200) -> web.Response:
        rows = [(desk.stand_in, self._panel.of(agency)) for agency, desk in self._desks.items()]
        return self._pages.show("faults.html", status=status, rows=rows, modes=MODES, callbacks=CALLBACKS, error=error)
