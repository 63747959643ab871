"""Traces with the OpenTelemetry SDK; only :mod:`bot.tracing` imports this, and only where traces are exported.

Exporting never disturbs the service: spans wait in a bounded queue, a thread sends them, and what finds no room or cannot be sent is
dropped and counted (``loket_spans_dropped_total``).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from contextvars import Token
from types import TracebackType
from typing import Self
from uuid import uuid4

from opentelemetry import trace as api
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from prometheus_client import Counter

from bot import tracing

log = logging.getLogger(__name__)

DROPPED = Counter("loket_spans_dropped_total", "Spans that were not exported: no room, or the collector", ["reason"])

QUEUE = 4096
"""Spans that may wait or be on their way; about 2 kB each."""
_BATCH = 512
_EVERY_MS = 2000
_EXPORT_S = 5.0
_STOP_S = 3.0
_FLAGS = 0b11
"""Sampled, and random trace id: https://www.w3.org/TR/trace-context-2/#trace-flags"""
_PATH = "/v1/traces"
"""Of the OTLP/HTTP specification, behind the address of a collector."""
_NO_FAULT = frozenset({"ActionExecutionRejection", "Fenced", "CancelledError", "NoPlan"})
"""Ways to end that belong to the work: an interrupt of the form, another worker that was quicker, the stop of the process."""
_KINDS: Mapping[str, api.SpanKind] = {kind.name.lower(): kind for kind in api.SpanKind}


class Live:
    """Traces of this process. ``share``: of those that begin here; others are kept as whoever began them decided."""

    def __init__(self, url: str, share: float, component: str) -> None:
        # The exporter's own words would repeat themselves every few seconds; the edges are told below.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        resource = Resource.create(
            {"service.name": f"loket-{component}", "service.namespace": "loket", "service.instance.id": str(uuid4())}
        )
        self._provider = TracerProvider(ParentBased(TraceIdRatioBased(share)), resource, shutdown_on_exit=False)
        self._provider.add_span_processor(_Bounded(OTLPSpanExporter(endpoint=_endpoint(url), timeout=_EXPORT_S)))
        self._tracer = self._provider.get_tracer("loket")

    def span(self, name: str, kind: str, after: str | None, attributes: Mapping[str, object]) -> _Span:
        # What was sent through a queue is linked, as the conventions for messaging ask; and as every row of ours is worked on by
        # itself, its sender is the parent, too, which they allow then: one message is one trace, not a chain of them.
        # https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#trace-structure
        sender = _context(after)
        span = self._tracer.start_span(
            name,
            None if sender is None else _below(sender),
            _KINDS[kind],
            tracing.presentable(attributes),
            [api.Link(sender)] if sender is not None and kind == "consumer" else None,
            record_exception=False,
            set_status_on_exception=False,
        )
        return _Span(span)

    def joined(self, traceparent: str) -> _Joined:
        sender = _context(traceparent)
        return _Joined(None if sender is None else _below(sender))

    def link(self, traceparent: str) -> None:
        other = _context(traceparent)
        if other is not None:
            api.get_current_span().add_link(other)

    def carry(self) -> str | None:
        context = api.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def stop(self, limit_s: float = _STOP_S) -> None:
        """Send what waits, for so long at most: the SDK itself would wait for half a minute."""
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(limit_s)


class _Joined:
    """Another place in a trace is current inside; the same one still, where there is none."""

    def __init__(self, context: Context | None) -> None:
        self._context = context
        self._token: Token[Context] | None = None

    def put(self, **attributes: object) -> None:
        pass

    def __enter__(self) -> Self:
        if self._context is not None:
            self._token = attach(self._context)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            detach(self._token)


class _Span(_Joined):
    """See :class:`bot.tracing.Span`."""

    def __init__(self, span: api.Span) -> None:
        super().__init__(api.set_span_in_context(span))
        self._span = span

    def put(self, **attributes: object) -> None:
        self._span.set_attributes(tracing.presentable(attributes))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if error is not None:
            # The class or our code only: messages of exceptions may quote a person.
            self.put(error=getattr(error, "code", None) or type(error).__name__)
            if type(error).__name__ not in _NO_FAULT:
                self._span.set_status(api.StatusCode.ERROR)
        self._span.end()


def _context(traceparent: str | None) -> api.SpanContext | None:
    found = tracing.parsed(traceparent) if traceparent else None
    if found is None:
        return None
    return api.SpanContext(found[0], found[1], is_remote=True, trace_flags=api.TraceFlags(found[2] & _FLAGS))


def _below(sender: api.SpanContext) -> Context:
    return api.set_span_in_context(api.NonRecordingSpan(sender))


def _endpoint(url: str) -> str:
    return url if url.rstrip("/").endswith(_PATH) else url.rstrip("/") + _PATH


# -- exporting ------------------------------------------------------------------------------------------------------------


class _Room:
    """How many more spans may wait."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            if self._free == 0:
                return False
            self._free -= 1
            return True

    def give(self, n: int) -> None:
        with self._lock:
            self._free += n


class _Counting(SpanExporter):
    """Counts what the real exporter cannot send, and says so once."""

    def __init__(self, exporter: SpanExporter, room: _Room) -> None:
        self._exporter = exporter
        self._room = room
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        except Exception:  # noqa: BLE001 - whatever it is, it is the spans that are lost and nothing else
            result = SpanExportResult.FAILURE
        self._room.give(len(spans))
        failing = result is not SpanExportResult.SUCCESS
        if failing:
            DROPPED.labels("export").inc(len(spans))
        if failing is not self._failing:
            self._failing = failing
            if failing:
                log.warning("traces cannot be exported, spans are dropped")
            else:
                log.info("traces are exported again")
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class _Bounded(BatchSpanProcessor):
    """Drops and counts what finds no room, where the SDK would drop the oldest and log each one."""

    def __init__(self, exporter: SpanExporter, most: int = QUEUE) -> None:
        self._room = _Room(most)
        super().__init__(
            _Counting(exporter, self._room),
            max_queue_size=most,
            schedule_delay_millis=_EVERY_MS,
            max_export_batch_size=min(_BATCH, most),
        )

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is None or not span.context.trace_flags.sampled:
            return
        if self._room.take():
            super().on_end(span)
        else:
            DROPPED.labels("queue").inc()
