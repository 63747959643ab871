"""Places in what a YAML file holds: look at them, put something there, take it out. Pure."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

Path = tuple[str | int, ...]
"""Keys of mappings and places in lists; a text in a list means the item with that ``id`` or ``code``."""

NAMES = ("id", "code")
"""Keys by which an item of a list is known."""


def at(value: Any, path: Path) -> Any:
    """What stands at a path.

    :raises KeyError: nothing.
    """
    for step in path:
        value = value[_place(value, step)]
    return value


def put(value: Any, path: Path, new: Any) -> Any:
    """A copy in which ``new`` stands at a path; the step after the last item of a list adds one.

    :raises KeyError: there is nothing to put it into.
    """
    found = deepcopy(value)
    if not path:
        return deepcopy(new)
    holder = at(found, path[:-1])
    last = path[-1]
    if isinstance(holder, list) and last == len(holder):
        holder.append(deepcopy(new))
    else:
        holder[last if isinstance(holder, dict) else _place(holder, last)] = deepcopy(new)
    return found


def drop(value: Any, path: Path) -> Any:
    """A copy without what stands at a path.

    :raises KeyError: nothing stands there.
    """
    found = deepcopy(value)
    holder = at(found, path[:-1])
    del holder[_place(holder, path[-1])]
    return found


def same(one: Any, other: Any) -> bool:
    """Equal, and of equal kinds (1 is not true)."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def name_of(item: Any) -> str | None:
    """By which an item of a list is known."""
    if not isinstance(item, dict):
        return None
    return next((str(item[key]) for key in NAMES if isinstance(item.get(key), str)), None)


def _place(holder: Any, step: str | int) -> str | int:
    if isinstance(holder, dict) and step in holder:
        return step
    if isinstance(holder, list):
        if isinstance(step, int) and 0 <= step < len(holder):
            return step
        for place, item in enumerate(holder):
            if name_of(item) == step:
                return place
    raise KeyError(step)
