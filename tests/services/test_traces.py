"""One trace from a message to the agency: chat, use cases, PostgreSQL, errand, HTTP, the agency, its push. (With webhook, Rasa and a
provider: tests/e2e/test_traces.py.)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot import tracing
from bot.ports import AgencyStatus
from bot.storage.errands import ErrandQueue
from bot.storage.inbox import InboxQueue
from bot.usecases.track import apply_status
from bot.workers.errands import do_errands
from bot.workers.inbox import InboxWorker
from tests.servers.otlp import Collector, Told
from tests.services.applicant import NIK, service_of
from tests.services.chat import Chat
from tests.services.conftest import Office


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def ancestors(span: Told, spans: list[Told]) -> list[str]:
    """Names from the first span of the trace down to this one."""
    known, way = {one.id: one for one in spans}, [span.name]
    while span.parent:
        span = known[span.parent]
        way.insert(0, span.name)
    return way


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_handed_in_is_one_trace_to_the_agency_and_back_without_a_word_of_the_citizens(
    office: Office, shared_database: str, collector: Collector
) -> None:
    world = replace(office.world)
    worker = InboxWorker(world.deps, InboxQueue(world.store, 30), shared_database, 4, 30)

    async def work() -> int:
        rows = await world.queue.claim(16, world.clock.now())
        for row in rows:
            await worker._turn(row)
        return len(rows)

    world.work = work  # type: ignore[method-assign]  # as a worker does, in place of the bare use case
    with tracing.exporting(collector.url, 1.0, "test"):
        chat = Chat(replace(office, world=world), service_of("kia"), service_of("kia").variants[0].id)
        await chat.run()
        number = str(chat.last[-1]["meta"]["application"])
        assert await do_errands(world.deps, ErrandQueue(world.store)) == 1
        async with world.store.begin() as tx:
            case = await tx.case_by_reference(number)
            assert case is not None and case.agency_ref is not None
        # Days later, and the agency sends no context: a trace of its own, linked.
        world.clock.at += timedelta(days=3)
        status = AgencyStatus(case.agency_ref, "verifikasi_berkas", world.clock.now(), "k1", reference=number)
        with tracing.span("POST /callbacks/{agency}", "server"):
            assert await apply_status(world.deps, "dukcapil", status)

    spans = collector.spans()
    (errand,) = [one for one in spans if one.name == "process errands"]
    trace = collector.trace(errand)
    (sent,) = [one for one in trace if one.parent == errand.id and one.kind == "client"]
    assert ancestors(sent, trace)[0] == "send inbox" and ancestors(sent, trace)[-2:] == ["process errands", "POST"]
    assert [one.name for one in trace][:3] == ["send inbox", "process inbox", "plan"]
    assert sent.attributes["http.response.status_code"] == 201 and sent.kind == "client"
    assert errand.attributes["loket.agency"] == "dukcapil" and errand.attributes["loket.case"] == str(case.id)
    assert errand.attributes["loket.outcome"] == "done" and errand.links == ((errand.trace, errand.parent),)

    # The civil register was asked during another turn, which knows neither the NIK nor the address of the call.
    looked = next(one for one in spans if one.kind == "client")
    assert ancestors(looked, collector.trace(looked))[-3:-1] == ["plan", "outside check"]
    assert set(looked.attributes) == {
        "http.request.method",
        "server.address",
        "server.port",
        "http.response.status_code",
    }

    (pushed,) = [one for one in spans if one.name == "POST /callbacks/{agency}"]
    assert pushed.trace != sent.trace and {trace for trace, _ in pushed.links} == {sent.trace}

    told = b"".join(collector.bodies)
    for secret in (
        NIK,
        *(str(answer.typed) for answer in chat.answers.values() if answer.typed and len(answer.typed) > 5),
    ):
        assert secret.encode() not in told, "a word of the citizen's is in a trace"
    assert number.encode() not in told


@pytest.mark.asyncio(loop_scope="module")
async def test_the_agency_gets_the_context_that_it_may_bring_back(office: Office, collector: Collector) -> None:
    async with office.world.store.begin() as tx:
        rows = (await tx.run(text("select trace from submission where trace is not null"))).scalars().all()
    assert len(rows) == 1 and tracing.parsed(rows[0]) is not None
    with sqlite3.connect(office.folder / "dukcapil.sqlite") as db:
        ((came,),) = db.execute("select traceparent from traces").fetchall()
    assert came[3:35] == rows[0][3:35] and came != rows[0]
