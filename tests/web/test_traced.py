"""Requests begin traces of our own: strangers choose neither the trace nor what is told of them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import tracing
from bot.web.traced import traced
from tests.servers.otlp import Collector
from tests.web.test_webhooks import Provider, provider

__all__ = ["provider"]

STRANGERS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


@pytest.fixture
def exporting(collector: Collector) -> Iterator[None]:
    with tracing.exporting(collector.url):
        yield


async def test_a_request_that_brings_something_is_a_trace_without_its_path(collector: Collector) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=503 if request.query else 200)

    app = web.Application(middlewares=[traced])
    app.router.add_route("*", "/webhooks/{channel}/{key}", handler)
    with tracing.exporting(collector.url):
        async with TestClient(TestServer(app)) as client:
            for path in (
                "/webhooks/telegram/secret-key",
                "/webhooks/telegram/secret-key?again=1",
                "/nowhere/secret-key",
            ):
                await client.post(path, headers={tracing.HEADER: STRANGERS})
            await client.get("/webhooks/telegram/secret-key")
    good, bad, lost = collector.spans()
    assert good.name == bad.name == "POST /webhooks/{channel}/{key}" and good.kind == "server" and good.parent == ""
    assert good.attributes == {
        "http.request.method": "POST",
        "http.route": "/webhooks/{channel}/{key}",
        "url.scheme": "http",
        "http.response.status_code": 200,
    }
    assert bad.attributes["error.type"] == "503" and lost.name == "POST" and lost.failed is True
    assert len({good.trace, bad.trace, lost.trace, STRANGERS[3:35]}) == 4
    assert b"secret-key" not in b"".join(collector.bodies)


async def test_a_webhook_that_waited_on_the_disk_goes_on_in_its_own_trace(
    exporting: None, provider: Provider, collector: Collector
) -> None:
    provider.store.problem = psycopg.OperationalError()
    await provider.post({"id": "m1", "from": "citizen-1", "text": "halo"}, traceparent=STRANGERS)
    assert provider.spool.waiting == 1
    provider.store.problem = None
    assert await provider.gateway.intake.flush() == 1
    (row,) = await provider.world.queue.claim(1, provider.world.clock.now())
    spans = collector.wait(lambda spans: any(span.name == "send inbox" for span in spans))
    request, sent = (
        next(span for span in spans if span.name == name) for name in ("POST /webhooks/{channel}/{key}", "send inbox")
    )
    assert sent.parent == request.id and sent.trace == request.trace != STRANGERS[3:35]
    assert row.body["trace"][3:52] == f"{sent.trace}-{sent.id}"
