"""Prometheus metrics of the processes of this machine and of the queues, on the internal listener.

Gateway and workers are several processes: each writes its figures to a file below ``PROMETHEUS_MULTIPROC_DIR`` (a variable of
prometheus-client, set by ``./loket run``), and whoever is asked adds them up. Where it is not set, a process shows its own.
"""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import text

from bot.settings import environment
from bot.storage.store import PgStore

ACTION_SECONDS = Histogram(
    "loket_action_seconds",
    "A call of one of our actions by Rasa: Loket's part of the time that a turn waits for Rasa",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
CALLBACKS = Counter("loket_callbacks_total", "Pushes of agencies by what became of them", ["agency", "outcome"])
DESK_WEBHOOKS = Counter(
    "loket_desk_webhooks_total", "Webhooks of outside desks by what became of them", ["desk", "outcome"]
)

_QUEUES = text("""
select 'inbox' as queue, state, count(*) from inbox where state not in ('done', 'joined') group by state
union all select 'outbox', state, count(*) from outbox where state in ('created', 'sending', 'failed') group by state
union all select 'errands', state, count(*) from submission where state <> 'done' group by state
union all select 'tickets', state, count(*) from ticket where state <> 'closed' group by state
union all select 'desks', state, count(*) from outside_due where state in ('due', 'failed') group by state
union all select 'alarms', kind, count(*) from alarm where handled_at is null group by kind
union all select 'breakers', 'open', count(*) from breaker where opened_at is not null
union all select 'selfies', 'pending', count(*) from identity_check where outcome = 'officer' and decision is null
""")


def metrics_app(store: PgStore) -> web.Application:
    """``GET /`` in Prometheus' text format."""

    async def metrics(_: web.Request) -> web.Response:
        async with store.begin() as tx:
            rows = (await tx.run(_QUEUES)).all()
        lines = ["# TYPE loket_queue_rows gauge"]
        lines += [f'loket_queue_rows{{queue="{queue}",state="{state}"}} {count}' for queue, state, count in rows]
        body = generate_latest(_registry()) + ("\n".join(lines) + "\n").encode()
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("", metrics)
    return app


def _registry() -> CollectorRegistry:
    folder = environment().get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return registry
