"""Prometheus metrics of this process and of the queues, on the internal listener."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from bot.storage.store import PgStore

_QUEUES = text("""
select 'inbox' as queue, state, count(*) from inbox where state <> 'done' group by state
union all select 'outbox', state, count(*) from outbox where state in ('created', 'sending', 'failed') group by state
union all select 'errands', state, count(*) from submission where state <> 'done' group by state
union all select 'tickets', state, count(*) from ticket where state <> 'closed' group by state
union all select 'selfies', 'pending', count(*) from identity_check where outcome = 'officer' and decision is null
""")


def metrics_app(store: PgStore) -> web.Application:
    """``GET /`` in Prometheus' text format."""

    async def metrics(_: web.Request) -> web.Response:
        async with store.begin() as tx:
            rows = (await tx.run(_QUEUES)).all()
        lines = ["# TYPE loket_queue_rows gauge"]
        lines += [f'loket_queue_rows{{queue="{queue}",state="{state}"}} {count}' for queue, state, count in rows]
        body = generate_latest() + ("\n".join(lines) + "\n").encode()
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("", metrics)
    return app
