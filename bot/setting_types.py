"""How a setting is declared and read; the settings themselves are in :mod:`bot.settings`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


def setting(
    read: Callable[[str], T],
    default: T | None,
    doc: str,
    *,
    derive: Callable[[Any], T] | None = None,
    shown: str = "",
    secret: bool = False,
) -> T:
    """One setting. ``derive`` gives the value when none is set; ``shown`` is the default as the documentation words it.

    A ``secret`` never appears in ``repr`` nor in an error message.
    """
    meta = {"read": read, "doc": doc, "derive": derive, "shown": shown, "secret": secret}
    result: T = field(default=default, repr=not secret, metadata=meta)  # type: ignore[assignment]
    return result


def as_text(raw: str) -> str:
    """Any text, without the blanks around it."""
    return raw.strip()


def as_path(raw: str) -> Path:
    """A path; a relative one counts from the directory the command was called in."""
    return Path(raw.strip()).expanduser().absolute()


def as_switch(raw: str) -> bool:
    """1, true, yes, ya, on or 0, false, no, tidak, off."""
    value = raw.strip().lower()
    if value in ("1", "true", "yes", "ya", "on"):
        return True
    if value in ("0", "false", "no", "tidak", "off"):
        return False
    raise ValueError("1 or 0")


def as_port(raw: str) -> int:
    """A TCP port; 0 means: not configured."""
    return _whole(raw, 0, 65535, "a port from 0 to 65535")


def as_count(raw: str) -> int:
    """A whole number above 0."""
    return _whole(raw, 1, sys.maxsize, "a whole number above 0")


def as_seconds(raw: str) -> float:
    """A number above 0."""
    try:
        value = float(raw)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError("a number above 0")
    return value


def _whole(raw: str, least: int, most: int, wanted: str) -> int:
    try:
        value = int(raw)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise ValueError(wanted)
    return value


def as_share(raw: str) -> float:
    """A number from 0 to 1."""
    value = float(raw)
    if not 0 <= value <= 1:
        raise ValueError("a number from 0 to 1")
    return value


def as_words(raw: str) -> tuple[str, ...]:
    """Values between commas."""
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def as_amount(raw: str) -> int:
    """A whole number from 0 on."""
    return _whole(raw, 0, sys.maxsize, "a whole number from 0 on")


def host_and_port(address: str, scheme: str, port: int) -> tuple[str, int] | None:
    """Of an address like ``tls://logs.example.go.id:6514``; ``port`` where it names none. None: it is no such address."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or port
    except ValueError:
        return None
    return (host, port) if host and parts.scheme == scheme and not parts.path.strip("/") else None


def one_of(*choices: str) -> Callable[[str], str]:
    """One of some words."""

    def read(raw: str) -> str:
        value = raw.strip().lower()
        if value not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return value

    return read
