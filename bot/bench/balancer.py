"""A small load balancer in front of several gateways, as a proxy of a real installation: round robin, the next one when one is away.

It also measures how soon each request was answered.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from time import perf_counter

import aiohttp
from aiohttp import web

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host", "content-length"})
_LIMIT_S = 15.0
_MOST_BYTES = 32 * 1024 * 1024


class Balancer:
    """Listens on loopback; ``targets`` may be set once the gateways are up."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.targets: Sequence[str] = ()
        self.answered: dict[str, list[float]] = {}
        """Seconds until a request with a 2xx answer was answered, by the first part of its path."""
        self.refused = 0
        """Answers of 5xx, our own 502 included."""
        self._port = port
        self._turn = itertools.count()
        self._http: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> Balancer:
        """Begin to listen."""
        timeout = aiohttp.ClientTimeout(total=_LIMIT_S, connect=1.0)
        connector = aiohttp.TCPConnector(limit=0)
        self._http = aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False)
        app = web.Application(client_max_size=_MOST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        return self

    def forget(self) -> None:
        """Count from here on."""
        self.answered, self.refused = {}, 0

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._http is not None:
            await self._http.close()

    async def _pass_on(self, request: web.Request) -> web.Response:
        began = perf_counter()
        response = await self._asked(request, await request.read())
        if response.status < 300:
            self.answered.setdefault(request.path.split("/")[1], []).append(perf_counter() - began)
        elif response.status >= 500:
            self.refused += 1
        return response

    async def _asked(self, request: web.Request, body: bytes) -> web.Response:
        assert self._http is not None, "not started"
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        first = next(self._turn)
        for target in [self.targets[(first + i) % len(self.targets)] for i in range(len(self.targets))]:
            try:
                async with self._http.request(
                    request.method, f"{target}{request.rel_url}", data=body, headers=headers, allow_redirects=False
                ) as answer:
                    kept = {n: v for n, v in answer.headers.items() if n.lower() not in _HOP_BY_HOP}
                    return web.Response(status=answer.status, body=await answer.read(), headers=kept)
            except (TimeoutError, aiohttp.ClientConnectionError):
                continue  # killed, or killed in the middle: every request here may be repeated
        return web.Response(status=502)
