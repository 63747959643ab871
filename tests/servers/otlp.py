"""A collector on loopback: takes OTLP over HTTP, as an operator's would, and shows the spans."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aiohttp import web
from aiohttp.test_utils import unused_port
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATIENCE_S = 60.0
"""Only there to end a broken test."""
_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")


@dataclass(frozen=True)
class Told:
    """One span as the collector got it. ``parent`` is empty for the first of a trace; ``links`` are (trace, span)."""

    trace: str
    id: str
    parent: str
    process: str
    name: str
    kind: str
    began: int
    failed: bool
    attributes: dict[str, object]
    links: tuple[tuple[str, str], ...]


class Collector:
    """In a thread and event loop of its own. ``status`` is what it answers; ``slow_s`` how long it thinks first."""

    def __init__(self) -> None:
        self.port = unused_port()
        self.status = 200
        self.slow_s = 0.0
        self.bodies: list[bytes] = []
        """Of all exports: what is in no body was never told."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner: web.AppRunner | None = None
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def spans(self) -> list[Told]:
        """All that was told, in the order it began."""
        return sorted((span for body in self.bodies for span in _spans(body)), key=lambda span: span.began)

    def trace(self, of: Told) -> list[Told]:
        """The spans of the same trace."""
        return [span for span in self.spans() if span.trace == of.trace]

    def wait(self, right: Callable[[list[Told]], bool]) -> list[Told]:
        """The spans, once they are ``right``."""
        end = time.monotonic() + PATIENCE_S
        while not right(spans := self.spans()):
            assert time.monotonic() < end, f"never came; there are {sorted({s.name for s in spans})}"
            time.sleep(0.05)
        return spans

    async def _start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(self.slow_s)
        if self.status == 200:
            self.bodies.append(body)
        return web.Response(status=self.status, content_type="application/x-protobuf")

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


def _spans(body: bytes) -> Iterator[Told]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        about = {one.key: one.value.string_value for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Told(
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    process=about["service.name"],
                    name=span.name,
                    kind=_KINDS[span.kind],
                    began=span.start_time_unix_nano,
                    failed=span.status.code == 2,
                    attributes={
                        one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes
                    },
                    links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
                )
