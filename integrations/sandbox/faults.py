"""Faults on demand: what a real agency does on a bad day. Switched on at ``/faults`` or ``/api/faults/<agency>``."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MODES = {
    "none": "Tidak ada gangguan",
    "down": "Mati: setiap panggilan dijawab 503",
    "error": "Galat: setiap panggilan dijawab 500",
    "slow": "Lambat: jawaban ditahan beberapa detik",
    "lost": "Jawaban hilang: permintaan diterima, lalu sambungan diputus",
    "half": "Jawaban separuh: sambungan diputus di tengah jawaban",
    "html": "Halaman HTML dengan status 200, bukan data",
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
    duplicate_callbacks: bool = False
    """Every push is delivered twice."""
    reorder_callbacks: bool = False
    """Pushes of a case wait for the next one and go out newest first; switching it off lets the last one go."""

    @classmethod
    def from_json(cls, raw: Any) -> Faults:
        """Faults from outside.

        :raises ValueError: unknown names or values out of range.
        """
        if not isinstance(raw, dict) or not set(raw) <= set(cls.__dataclass_fields__):
            raise ValueError(f"known names are {', '.join(cls.__dataclass_fields__)}")
        faults = replace(cls(), **raw)
        numbers = (faults.seconds, faults.rate, 0 if faults.remaining is None else faults.remaining)
        if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
            raise ValueError("seconds, rate and remaining are numbers")
        if faults.mode not in MODES or not 0 <= faults.seconds <= 3600 or not 0 <= faults.rate <= 1 or numbers[2] < 0:
            raise ValueError(f"mode is one of {', '.join(MODES)}; seconds 0 to 3600; rate 0 to 1; remaining 0 or more")
        return faults

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


class FaultPanel:
    """The faults of every agency, and the middleware that makes them happen."""

    def __init__(self, agencies: list[str]) -> None:
        self._faults = {agency: Faults() for agency in agencies}
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

    def draw(self, agency: str) -> Faults:
        """The faults for one call; counts ``remaining`` down."""
        faults = self._faults.get(agency, Faults())
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
    if faults.mode == "slow":
        await asyncio.sleep(faults.seconds)
    response = await handler(request)
    if faults.mode == "lost":
        _hang_up(request)
    elif faults.mode == "half" and isinstance(response, web.Response):
        return await _half(request, response)
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
