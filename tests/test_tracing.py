"""Traces: free when they are off, whole when they are on, and never in the way."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from bot import log, tracing
from bot.settings import ROOT, Settings
from tests.servers.otlp import Collector

PARENT = f"00-{'0af7651916cd43dd8448eb211c80319c'}-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def dropped(reason: str) -> float:
    return REGISTRY.get_sample_value("loket_spans_dropped_total", {"reason": reason}) or 0.0


# -- off ----------------------------------------------------------------------------------------------------------------


def test_without_a_setting_nothing_of_the_sdk_is_imported_by_a_worker() -> None:
    program = (
        "import sys, bot.launch.commands, bot.workers.inbox, bot.workers.outbox, bot.workers.errands, integrations.common.http\n"
        "from bot import tracing\n"
        "from bot.settings import Settings\n"
        "settings = Settings.from_env({})\n"
        "with tracing.exporting(settings.traces_url, settings.traces_share, 'worker'), tracing.span('turn', inbox=1):\n"
        "    pass\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_while_traces_are_off_every_span_is_the_same_nothing() -> None:
    with tracing.span("turn", inbox=1) as span, tracing.joined(PARENT), tracing.send("inbox") as sent:
        span.put(outcome="ok")
        tracing.link(PARENT)
        body = {"text": "halo"}
        headers = {"A": "b"}
        assert tracing.carry() is None and tracing.current_id() is None and not tracing.is_on()
        assert tracing.stamped(body) is body and tracing.passed(headers) is headers
    assert span is sent is tracing.process("inbox", PARENT)


# -- what may be said -----------------------------------------------------------------------------------------------------


def test_every_span_in_the_code_says_only_what_is_listed() -> None:
    said = set()
    for folder in ("bot", "integrations"):
        for file in (ROOT / folder).rglob("*.py"):
            text = file.read_text("utf-8")
            if "tracing." in text:
                calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
                said |= {
                    keyword.arg
                    for call in calls
                    if isinstance(call.func, ast.Attribute)
                    and ast.unparse(call.func) in ("tracing.span", "tracing.send", "tracing.process", "span.put")
                    for keyword in call.keywords
                }
    assert said - {None, "after"} <= set(tracing.NAMES)
    assert {"inbox", "agency", "channel"} <= said


@given(st.text() | st.from_regex(r"3328990101900001|\+62\d{9,12}|0812 3456 7890", fullmatch=True))
def test_a_text_is_told_only_when_it_can_be_nothing_personal(text: str) -> None:
    (told,) = tracing.presentable({"outcome": text}).values()
    assert told in ("?", text)
    assert told == "?" or (" " not in text and sum(letter.isdigit() for letter in text) < 40)
    assert tracing.presentable({"agency": "x", "secret": text, "case": None}) == {"loket.agency": "x"}


@pytest.mark.parametrize(
    "said", ["3328990101900001", "+628000000001", "Siti Aminah", "siti@contoh.id", "mau buat KTP", ""]
)
def test_words_numbers_and_addresses_become_a_question_mark(said: str) -> None:
    assert tracing.presentable({"outcome": said}) == {"loket.outcome": "?"}


def test_ids_and_codes_are_told_as_they_are() -> None:
    one = uuid4()
    found = tracing.presentable(
        {"case": one, "conversation": str(one), "status": 200, "route": "/webhooks/{channel}/{key}"}
    )
    assert list(found.values()) == [str(one), str(one), 200, "/webhooks/{channel}/{key}"]


@given(st.text())
def test_a_traceparent_that_is_none_is_refused(text: str) -> None:
    assert tracing.parsed(text) is None


@pytest.mark.parametrize(
    ("given", "good"),
    [
        (PARENT, True),
        (PARENT.replace("00-", "cc-", 1) + "-what-comes-later", True),
        (PARENT + "-more", False),
        (PARENT.replace("00-", "ff-", 1), False),
        (PARENT.upper(), False),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", False),
        (f"00-{'a' * 32}-{'0' * 16}-01", False),
    ],
)
def test_a_traceparent_is_read_as_the_w3c_says(given: str, good: bool) -> None:
    assert (tracing.parsed(given) is not None) is good


# -- on -----------------------------------------------------------------------------------------------------------------


def test_a_trace_goes_on_where_a_row_is_taken_up(collector: Collector) -> None:
    with tracing.exporting(collector.url, 1.0, "gateway"):
        with tracing.span("POST /x", "server", method="POST"), tracing.send("inbox", channel="telegram"):
            row = tracing.stamped({"text": "halo"})
            assert tracing.passed({})["traceparent"] == row["trace"]
        assert tracing.carry() is None
        with tracing.process("inbox", row["trace"], inbox=7) as turn:
            with tracing.joined("nonsense"), tracing.span("plan"):
                assert tracing.current_id() == row["trace"][3:35]
            tracing.link(PARENT)
            turn.put(outcome="done")
    assert not tracing.is_on()
    request, sent, turn_, plan = collector.spans()
    assert [one.name for one in (request, sent, turn_, plan)] == ["POST /x", "send inbox", "process inbox", "plan"]
    assert {one.trace for one in (request, sent, turn_, plan)} == {row["trace"][3:35]}
    assert [request.parent, sent.parent, turn_.parent, plan.parent] == ["", request.id, sent.id, turn_.id]
    assert [request.kind, sent.kind, turn_.kind, plan.kind] == ["server", "producer", "consumer", "internal"]
    assert turn_.links == ((sent.trace, sent.id), (PARENT[3:35], PARENT[36:52]))
    assert turn_.attributes == {
        "messaging.system": "loket",
        "messaging.destination.name": "inbox",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "loket.inbox": 7,
        "loket.outcome": "done",
    }
    assert request.process == "loket-gateway"


def test_an_exception_is_named_and_never_quoted(collector: Collector) -> None:
    with tracing.exporting(collector.url), pytest.raises(ValueError), tracing.span("turn"):
        raise ValueError("NIK 3328990101900001 of Siti")
    (span,) = collector.spans()
    assert span.failed and span.attributes == {"error.type": "ValueError"}
    assert b"3328990101900001" not in b"".join(collector.bodies) and b"Siti" not in b"".join(collector.bodies)


def test_who_began_a_trace_decides_whether_it_is_kept(collector: Collector) -> None:
    with tracing.exporting(collector.url, 0.0):
        with tracing.span("dropped"):
            away = tracing.carry()
        with tracing.span("kept", after=PARENT):
            pass
    assert away is not None and not int(away[-2:], 16) & 1
    assert [span.name for span in collector.spans()] == ["kept"]


def test_log_lines_carry_the_trace(collector: Collector) -> None:
    out = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level, sys.excepthook
    try:
        log.configure(Settings.from_env({"LOKET_LOG_FORMAT": "json"}), "worker", out)
        with tracing.exporting(collector.url):
            with tracing.span("turn"):
                trace = tracing.current_id()
                logging.getLogger("bot.x").info("inside")
            logging.getLogger("bot.x").info("outside")
    finally:
        logging.getLogger().handlers[:], sys.excepthook = before[0], before[2]
        logging.getLogger().setLevel(before[1])
    inside, outside = (json.loads(line) for line in out.getvalue().splitlines())
    assert inside["trace_id"] == trace and "trace_id" not in outside


@pytest.mark.parametrize("how", ["away", "refusing"])
def test_what_cannot_be_exported_is_counted_and_disturbs_nobody(collector: Collector, how: str) -> None:
    if how == "away":
        collector.close()
    collector.status = 400
    before = dropped("export")
    start = time.monotonic()
    with tracing.exporting(collector.url):
        for number in range(3):
            with tracing.span("turn", inbox=number):
                pass
    assert time.monotonic() - start < 30  # only there to end a broken test: the stop itself waits for three seconds
    assert collector.bodies == []
    if how == "refusing":
        assert dropped("export") == before + 3


def test_a_full_queue_drops_and_counts_what_finds_no_room() -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from bot.tracing_sdk import _Bounded

    kept, before = InMemorySpanExporter(), dropped("queue")
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(_Bounded(kept, most=1))
    tracer = provider.get_tracer("x")
    spans = [tracer.start_span(str(number)) for number in range(200)]
    for span in spans:
        span.end()
    provider.shutdown()
    lost = dropped("queue") - before
    assert lost + len(kept.get_finished_spans()) == len(spans) and lost > 0
