"""Two people who changed the same file from the same beginning: what both did, and where they disagree. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.yaml_path import name_of, same


class _Gone:
    """Nothing stands there."""

    def __repr__(self) -> str:
        return ""


GONE: Final = _Gone()


@dataclass(frozen=True)
class Disagreement:
    """Both changed what stands at ``path``, and differently. ``GONE``: one of them took it out."""

    path: tuple[str, ...]
    mine: Any
    theirs: Any


def merged(base: Any, mine: Any, theirs: Any) -> tuple[Any, list[Disagreement]]:
    """What a file shall hold after both, and what has to be settled by hand (there it holds ``theirs``).

    Mappings are taken key by key, lists of things that have an ``id`` or ``code`` thing by thing; other lists as a whole.
    """
    found: list[Disagreement] = []
    result = _merged(base, mine, theirs, (), found)
    return result, found


def _alike(one: Any, other: Any) -> bool:
    if one is GONE or other is GONE:
        return one is other
    return same(one, other)


def _merged(base: Any, mine: Any, theirs: Any, path: tuple[str, ...], found: list[Disagreement]) -> Any:
    if _alike(mine, base) or _alike(mine, theirs):
        return theirs
    if _alike(theirs, base):
        return mine
    if all(isinstance(one, dict) for one in (base, mine, theirs)):
        return _entries(base, mine, theirs, path, found)
    keyed = [named for one in (base, mine, theirs) if (named := _keyed(one)) is not None]
    if len(keyed) == 3:
        return list(_entries(keyed[0], keyed[1], keyed[2], path, found).values())
    found.append(Disagreement(path, mine, theirs))
    return theirs


def _entries(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], path: tuple[str, ...], found: list[Disagreement]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name in _order(list(base), list(mine), list(theirs)):
        one = _merged(base.get(name, GONE), mine.get(name, GONE), theirs.get(name, GONE), (*path, name), found)
        if one is not GONE:
            result[name] = one
    return result


def _order(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Whoever moved things has their order; what the other added stands after what it stood after."""
    first, second = (mine, theirs) if list(theirs) == list(base) else (theirs, mine)
    order = list(first)
    before: str | None = None
    for name in second:
        if name not in order:
            order.insert(0 if before is None else order.index(before) + 1, name)
        before = name
    return order


def _keyed(items: Any) -> dict[str, Any] | None:
    """A list as a mapping by the names of its things; None: it has things without a name, or two of one name."""
    if not isinstance(items, list):
        return None
    found: dict[str, Any] = {}
    for item in items:
        name = name_of(item)
        if name is None or name in found:
            return None
        found[name] = item
    return found
