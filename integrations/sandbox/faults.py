"""Faults on demand: what a real agency does on a bad day. Switched on at ``/faults`` or ``/api/faults/<agency>``."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.ports import Clock
from integrations.sandbox import distort

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MODES = {
    "none": "Tidak ada gangguan",
    "down": "Mati: setiap panggilan dijawab 503",
    "error": "Galat: setiap panggilan dijawab 500",
    "slow": "Lambat: jawaban ditahan beberapa detik",
    "cut": "Terputus: sambungan diputus sebelum permintaan diterima",
    "lost": "Jawaban hilang: permintaan diterima, lalu sambungan diputus",
    "half": "Jawaban separuh: sambungan diputus di tengah jawaban",
    "html": "Halaman HTML dengan status 200, bukan data",
    "body": "Status 200 dengan isi galat, permintaan tidak diterima",
    "types": "Jawaban salah bentuk: angka di tempat teks",
    "state": "Jawaban dengan status yang tidak dikenal",
    "stranger": "Jawaban dengan data orang lain",
    "huge": "Jawaban raksasa: 40 MB",
}


@dataclass(frozen=True)
class Faults:
    """Faults of one agency. Lost on a restart of the sandbox, on purpose: a restart mends."""

    mode: str = "none"
    seconds: float = 30.0
    """Delay of ``slow``."""
    rate: float = 1.0
    """Share of the calls hit, 0 to 1."""
    remaining: int | None = None
    """Calls still to be hit; None: until switched off."""
    lasts_s: float | None = None
    """How long calls are hit from when it was set, by the sandbox's clock; None: until switched off."""
    duplicate_callbacks: bool = False
    """Every push is delivered twice."""
    reorder_callbacks: bool = False
    """Pushes of a case wait for the next one and go out newest first; switching it off lets the last one go."""
    forged_callbacks: bool = False
    """Before each push comes one with a wrong signature, which says the case is refused."""
    odd_callbacks: bool = False
    """Before each push comes one, rightly signed, with a state that nobody knows."""

    @classmethod
    def from_json(cls, raw: Any) -> Faults:
        """Faults from outside.

        :raises ValueError: unknown names or values out of range.
        """
        if not isinstance(raw, dict) or not set(raw) <= set(cls.__dataclass_fields__):
            raise ValueError(f"known names are {', '.join(cls.__dataclass_fields__)}")
        faults = replace(cls(), **raw)
        optional = (faults.remaining, faults.lasts_s)
        numbers = (faults.seconds, faults.rate, *(n for n in optional if n is not None))
        if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
            raise ValueError("seconds, rate, remaining and lasts_s are numbers")
        switches = (value for name, value in raw.items() if name.endswith("_callbacks"))
        if not all(isinstance(value, bool) for value in switches):
            raise ValueError("what happens to callbacks is true or false")
        if not isinstance(faults.mode, str) or faults.mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        if not 0 <= faults.seconds <= 3600 or not 0 <= faults.rate <= 1 or not all(0 <= n < 1e9 for n in numbers):
            raise ValueError("seconds 0 to 3600; rate 0 to 1; remaining and lasts_s 0 or more")
        return faults

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


class FaultPanel:
    """The faults of every agency, and the middleware that makes them happen."""

    def __init__(self, agencies: list[str], clock: Clock) -> None:
        self._faults = {agency: Faults() for agency in agencies}
        self._clock = clock
        self._ends: dict[str, datetime] = {}
        self._random = random.Random()  # noqa: S311 (no secret depends on it)

    def of(self, agency: str) -> Faults:
        """What is set now.

        :raises KeyError: no such agency.
        """
        return self._faults[agency]

    def set(self, agency: str, faults: Faults) -> None:
        """Replace what is set.

        :raises KeyError: no such agency.
        """
        self._faults[agency]  # refuses an unknown name
        self._faults[agency] = faults
        self._ends.pop(agency, None)
        if faults.lasts_s is not None:
            self._ends[agency] = self._clock.now() + timedelta(seconds=faults.lasts_s)

    def draw(self, agency: str) -> Faults:
        """The faults for one call; counts ``remaining`` down."""
        faults = self._faults.get(agency, Faults())
        if agency in self._ends and self._clock.now() >= self._ends[agency]:
            # Mended, as far as calls go; what happens to callbacks stays until it is switched off.
            del self._ends[agency]
            self._faults[agency] = replace(faults, mode="none", lasts_s=None)
            return Faults()
        if faults.mode == "none" or faults.remaining == 0 or self._random.random() >= faults.rate:
            return Faults()
        if faults.remaining is not None:
            self._faults[agency] = replace(faults, remaining=faults.remaining - 1)
        return faults

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Hits the agencies' calls; officers' pages and this panel always work."""
        agency = request.path.split("/")[1]
        if agency not in self._faults:
            return await handler(request)
        return await _suffer(self.draw(agency), request, handler)


async def _suffer(faults: Faults, request: web.Request, handler: Handler) -> web.StreamResponse:
    if faults.mode == "down":
        return web.json_response({"RESPONSE_CODE": "503", "RESPON": "Layanan sedang dipelihara"}, status=503)
    if faults.mode == "error":
        return web.json_response({"RESPONSE_CODE": "500", "RESPON": "Galat di dalam sistem"}, status=500)
    if faults.mode == "html":
        return web.Response(text="<html><body>Selamat datang</body></html>", content_type="text/html")
    if faults.mode == "body":
        return web.json_response({"RESPONSE_CODE": "99", "RESPON": "Galat di dalam sistem", "content": []})
    if faults.mode == "cut":
        _hang_up(request)
        return web.Response(status=503)  # nobody reads it
    if faults.mode == "slow":
        await asyncio.sleep(faults.seconds)
    return await _served(faults.mode, request, await handler(request))


async def _served(mode: str, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """What becomes of the answer to a call that was served."""
    if mode == "lost":
        _hang_up(request)
    elif mode == "half" and isinstance(response, web.Response):
        return await _half(request, response)
    elif mode in distort.MODES and isinstance(response, web.Response):
        return await distort.distorted(mode, request, response)
    return response


async def _half(request: web.Request, whole: web.Response) -> web.StreamResponse:
    body = whole.body if isinstance(whole.body, bytes) else b""
    half = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.headers.get("Content-Type", "")})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    _hang_up(request, gently=True)
    return half


def _hang_up(request: web.Request, gently: bool = False) -> None:
    if request.transport is None:
        return
    if gently:  # what was written still leaves
        request.transport.close()
    else:
        request.transport.abort()
