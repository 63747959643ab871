"""Where something stands in JSON: ``data.items[0].nomor``, ``$`` or nothing for the whole."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]{1,6})\]")


class Missing:
    """The type of :data:`MISSING`."""

    def __bool__(self) -> bool:
        return False


MISSING = Missing()
"""Nothing stands there; None is something."""


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[str | int, ...]:
    """The path in steps.

    :raises ValueError: it is no path.
    """
    rest = path.removeprefix("$")
    found: list[str | int] = []
    at = 0
    while at < len(rest):
        step = _STEP.match(rest, at)
        if step is None:
            raise ValueError("no path: write names with dots between them, and [0] for a place in a list")
        found.append(step[1] if step[1] is not None else int(step[2]))
        at = step.end()
    return tuple(found)


def get(value: Any, path: str) -> Any:
    """What stands there, or :data:`MISSING`."""
    for step in steps(path):
        if isinstance(value, dict):
            value = value.get(str(step), MISSING)
        elif isinstance(value, list) and str(step).isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def text(value: Any, path: str) -> str:
    """The text or number that stands there, as a text; empty where there is none."""
    found = get(value, path)
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""
