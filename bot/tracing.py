"""Traces: what became of one message, from the provider's webhook to the agency, as spans of one trace.

Off unless :func:`exporting` was entered with an address: then nothing of OpenTelemetry is imported, and a call here costs a look
at one variable (about 0.1 µs; docs/adr/0021-traces.md). Everything else in Loket speaks of traces only through this module; the SDK is in
:mod:`bot.tracing_sdk`, imported when it is needed.

Attributes are ids, names and codes of ours, never what a person wrote or is: their names are listed in :data:`NAMES`, and a text that
could be anything else is put down as ``?``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self
from uuid import UUID

if TYPE_CHECKING:
    from bot.tracing_sdk import Live

Kind = Literal["internal", "server", "client", "producer", "consumer"]

HEADER = "traceparent"
"""W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header"""

NAMES: Mapping[str, str] = {
    # OpenTelemetry semantic conventions, https://opentelemetry.io/docs/specs/semconv/
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "scheme": "url.scheme",
    "template": "url.template",
    "host": "server.address",
    "port": "server.port",
    "error": "error.type",
    "system": "messaging.system",
    "queue": "messaging.destination.name",
    "operation": "messaging.operation.name",
    "operation_type": "messaging.operation.type",
    "message": "messaging.message.id",
    "conversation": "messaging.message.conversation_id",
    # ours
    "action": "loket.action",
    "agency": "loket.agency",
    "attempt": "loket.attempt",
    "case": "loket.case",
    "channel": "loket.channel",
    "check": "loket.check",
    "inbox": "loket.inbox",
    "outcome": "loket.outcome",
    "part": "loket.part",
    "service": "loket.service",
    "state": "loket.state",
    "verb": "loket.verb",
}
"""What a span may say: the name in our code, and the name in the trace."""

_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAFE = re.compile(r"[A-Za-z0-9_.:/{}\[\]*-]{1,100}")
_MANY_DIGITS = re.compile(r"\d{7}")
"""A phone number or a NIK, perhaps a part of one."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Span(Protocol):
    """One piece of work, for the time of a ``with`` block. An exception that leaves it is named by its code or class, never quoted."""

    def put(self, **attributes: object) -> None:
        """Say more about it (:data:`NAMES`)."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Nothing:
    """No span: traces are off."""

    __slots__ = ()

    def put(self, **attributes: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


_NOTHING = _Nothing()
_live: Live | None = None


# -- spans --------------------------------------------------------------------------------------------------------------


def span(name: str, kind: Kind = "internal", after: str | None = None, **attributes: object) -> Span:
    """A span below the current one. ``after``: below (and linked to) what this ``traceparent`` names, which a row or a header brought."""
    if _live is None:
        return _NOTHING
    return _live.span(name, kind, after, attributes)


def send(queue: str, **attributes: object) -> Span:
    """A row is put into a queue of ours; what is current inside is what :func:`carry` gives the row."""
    if _live is None:
        return _NOTHING
    return _live.span(f"send {queue}", "producer", None, _of_queue(queue, "send", attributes))


def process(queue: str, trace: str | None, **attributes: object) -> Span:
    """A row of a queue is worked on; ``trace`` is what it carries."""
    if _live is None:
        return _NOTHING
    return _live.span(f"process {queue}", "consumer", trace, _of_queue(queue, "process", attributes))


def _of_queue(queue: str, operation: str, more: dict[str, object]) -> dict[str, object]:
    return {"system": "loket", "queue": queue, "operation": operation, "operation_type": operation, **more}


def joined(traceparent: str | None) -> Span:
    """What happens inside is part of that trace; one that is none is ignored."""
    if _live is None or traceparent is None:
        return _NOTHING
    return _live.joined(traceparent)


def link(traceparent: str | None) -> None:
    """The current span has to do with that one, too."""
    if _live is not None and traceparent is not None:
        _live.link(traceparent)


# -- passing on -----------------------------------------------------------------------------------------------------------


def carry() -> str | None:
    """The ``traceparent`` of the current span, to travel in a row or a header."""
    if _live is None:
        return None
    return _live.carry()


def stamped(body: dict[str, Any]) -> dict[str, Any]:
    """A row's JSON with what :func:`carry` gives, under ``trace``."""
    if _live is None or (trace := _live.carry()) is None:
        return body
    return {**body, "trace": trace}


def passed(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Headers of a request of ours with what :func:`carry` gives."""
    if _live is None or (trace := _live.carry()) is None:
        return headers
    return {**headers, HEADER: trace}


def current_id() -> str | None:
    """The trace id of the current span, for log lines."""
    if _live is None:
        return None
    trace = _live.carry()
    return trace and trace[3:35]


def is_on() -> bool:
    """Whether traces are exported."""
    return _live is not None


# -- on and off -----------------------------------------------------------------------------------------------------------


@contextmanager
def exporting(url: str, share: float = 1.0, component: str = "loket") -> Iterator[None]:
    """Export the spans of this process to ``url`` (OTLP over HTTP); an empty one leaves traces off.

    ``share`` (0 to 1) of the traces that begin here are kept, whole ones. On leaving, what is still waiting gets three seconds.
    """
    global _live
    if not url:
        yield
        return
    from bot.tracing_sdk import Live

    _live = live = Live(url, share, component)
    try:
        yield
    finally:
        _live = None
        live.stop()


# -- what may be said -------------------------------------------------------------------------------------------------------


def parsed(traceparent: str) -> tuple[int, int, int] | None:
    """Trace id, span id and flags; None: it is no ``traceparent``. A version after ours may have more behind its flags."""
    found = _PARENT.fullmatch(traceparent[:200])
    if found is None or found[1] == "ff" or (found[1] == "00" and found[5]):
        return None
    trace, parent = int(found[2], 16), int(found[3], 16)
    return (trace, parent, int(found[4], 16)) if trace and parent else None


def presentable(attributes: Mapping[str, object]) -> dict[str, str | int | float | bool]:
    """The attributes by their names in the trace, without what is None or not in :data:`NAMES`."""
    return {NAMES[name]: _told(value) for name, value in attributes.items() if value is not None and name in NAMES}


def _told(value: object) -> str | int | float | bool:
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    if isinstance(value, UUID) or _UUID.fullmatch(text):
        return text
    return text if _SAFE.fullmatch(text) and not _MANY_DIGITS.search(text) else "?"
