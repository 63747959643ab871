"""Logs: readable in a terminal, one JSON object a line elsewhere, and nothing personal in either.

Messages are constant sentences; what varies travels in ``extra``. Scrubbing hangs on the root handlers, not on a
logger, because a logger's filters do not see the records of other libraries (python-telegram-bot, for one, has the bot's
token in its URLs).
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from types import TracebackType
from typing import Any, TextIO

from bot import tracing
from bot.log_shipping import Shipper, shipper
from bot.settings import Settings

# What a LogRecord has of its own: all other attributes came in through ``extra``.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "component"}

# Order matters: a NIK goes before phone numbers, which would leave a part of it.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=:-]{6,}"), r"\1 [token]"),
    (
        re.compile(r"(?<![0-9A-Za-z])(bot)?\d{6,12}:[\w-]{30,}"),
        r"\1[token]",
    ),  # Telegram, also in https://…/bot<token>/…
    (
        re.compile(r"(?i)\b(token|secret|password|sandi|api_?key|signature)([\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+"),
        r"\1\2[token]",
    ),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "://[token]@"),  # a password in an address
    (re.compile(r"(?m)(^|[ \t])DETAIL:[^\n]*"), r"\1DETAIL:  [row]"),  # PostgreSQL quotes the row that it did not take
    (re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(\.[\w-]+)+"), "[email]"),
    (re.compile(r"(?<![0-9A-Za-z])\d(?:[ .-]?\d){15,}(?![0-9A-Za-z])"), "[nik]"),  # NIK, family card, and longer runs
    (re.compile(r"(?<![0-9A-Za-z])\+\d(?:[ .-]?\d){7,14}(?![0-9A-Za-z])"), "[phone]"),
    (re.compile(r"(?<![0-9A-Za-z])(?:62[ .-]?|0)8\d(?:[ .-]?\d){6,11}(?![0-9A-Za-z])"), "[phone]"),
)


def scrub(value: str) -> str:
    """``value`` with 16-digit numbers, phone numbers, e-mail addresses and tokens replaced by what they were."""
    for pattern, placeholder in _PATTERNS:
        value = pattern.sub(placeholder, value)
    return value


class Scrubber(logging.Filter):
    """Scrubs the message, the traceback and every extra field of each record that passes. Never drops one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(_message(record)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = scrub(record.exc_text)
        if record.stack_info:
            record.stack_info = scrub(record.stack_info)
        for name in vars(record).keys() - _OWN:
            setattr(record, name, _clean(getattr(record, name)))
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a wrong placeholder must not cost the line, nor be reported with its arguments unscrubbed
        return str(record.msg)


def _clean(value: Any) -> Any:
    """A value that JSON can hold, scrubbed all the way down."""
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        return value if scrub(str(value)) == str(value) else scrub(str(value))
    if isinstance(value, dict):
        return {scrub(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return scrub(str(value))


class _Formatter(logging.Formatter):
    def __init__(self, component: str) -> None:
        super().__init__()
        self._component = component

    def component(self, record: logging.LogRecord) -> str:
        """The process that speaks: this one, or the one whose output it passes on."""
        return str(getattr(record, "component", self._component))

    @staticmethod
    def fields(record: logging.LogRecord) -> dict[str, Any]:
        found = {name: value for name, value in vars(record).items() if name not in _OWN}
        trace = tracing.current_id()
        return found if trace is None else {**found, "trace_id": trace}


class TextFormatter(_Formatter):
    """``12:34:56 gateway  turn done  ms=31``; the level only when it is not INFO."""

    def format(self, record: logging.LogRecord) -> str:
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        level = "" if record.levelno == logging.INFO else f"{record.levelname} "
        pairs = "".join(f"  {name}={value}" for name, value in self.fields(record).items())
        trace = f"\n{record.exc_text}" if record.exc_text else ""
        return f"{clock} {self.component(record):<8} {level}{record.getMessage()}{pairs}{trace}"


class JsonFormatter(_Formatter):
    """One object a line: ``at, level, component, logger, message``, the extra fields, ``trace`` for an exception."""

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        line: dict[str, Any] = dict(self.fields(record))
        if record.exc_text:
            line["trace"] = record.exc_text
        head = {"at": at, "level": record.levelname.lower(), "component": self.component(record), "logger": record.name}
        return json.dumps(
            {**head, "message": record.getMessage(), **{k: v for k, v in line.items() if k not in head}},
            ensure_ascii=False,
            default=str,
        )


def is_json(settings: Settings, stream: TextIO) -> bool:
    """Whether log lines are JSON: as the setting says; else when nobody reads along in a terminal."""
    return settings.log_format == "json" or (settings.log_format == "auto" and not stream.isatty())


def configure(settings: Settings, component: str, stream: TextIO | None = None) -> None:
    """Set up the logs of this process, once, at its start. ``component`` names it in each line."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.addFilter(Scrubber())
    handler.setFormatter(JsonFormatter(component) if is_json(settings, out) else TextFormatter(component))
    root = logging.getLogger()
    for old in root.handlers:
        if isinstance(old, Shipper):
            old.close()
    root.handlers[:] = [handler]
    shipping = shipper(settings.logs_to, component, settings.logs_ca)
    if shipping is not None:
        shipping.addFilter(Scrubber())
        shipping.setFormatter(JsonFormatter(component))
        root.addHandler(shipping)
    root.setLevel(settings.log_level.upper())
    logging.getLogger("bot").setLevel(settings.log_level.upper())
    # httpx and httpcore tell addresses, and in Telegram's is the bot's token.
    chatty_ones = "aiohttp.access alembic asyncio httpcore httpx procrastinate rasa_sdk telegram sanic"
    for chatty in chatty_ones.split():
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    sys.excepthook = _last_words


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error nobody caught goes through the scrubber, too."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("bot").critical("unhandled error, the process ends", exc_info=(kind, error, trace))
