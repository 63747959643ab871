"""Fills a template of a description with values: our fields into theirs, and a person of theirs into ours.

A mapping with ``from`` or ``each`` is an instruction; ``{object: …}`` keeps one whose own field has such a name. Anything else
stands for itself. What is not there is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.errors import AgencyError
from integrations.generic_rest.paths import MISSING, get, steps

LEAF = frozenset({"from", "codes", "default", "required", "date", "read_date", "number", "join"})
EACH = frozenset({"each", "item"})


@dataclass(frozen=True)
class Scope:
    """What a template can name."""

    values: Mapping[str, Any]
    secrets: Mapping[str, str]
    item: Any = MISSING
    """Of the list that ``each`` goes through; named with a dot before it."""

    def find(self, path: str) -> Any:
        """The value, or MISSING."""
        return get(self.item, path[1:]) if path.startswith(".") else get(self.values, path)


def render(node: Any, scope: Scope) -> Any:
    """The template, filled; :data:`MISSING` where nothing stands.

    :raises AgencyError: a value is required and missing, has no code, or is no date or number. Nothing was sent.
    """
    if isinstance(node, Mapping):
        if set(node) == {"secret"}:
            return scope.secrets[node["secret"]]
        if "from" in node:
            return _leaf(node, scope)
        if "each" in node:
            return _each(node, scope)
        fields = node["object"] if set(node) == {"object"} else node
        filled = {str(key): render(child, scope) for key, child in fields.items()}
        kept = {key: value for key, value in filled.items() if value is not MISSING}
        return kept if kept or not filled else MISSING
    if isinstance(node, list):
        return [value for child in node if (value := render(child, scope)) is not MISSING]
    return node


def _each(node: Mapping[str, Any], scope: Scope) -> Any:
    rows = scope.find(node["each"])
    if rows is MISSING or rows is None:
        return MISSING
    if not isinstance(rows, list):
        raise AgencyError("what should be a list is none", field=node["each"])
    filled = [render(node["item"], Scope(scope.values, scope.secrets, row)) for row in rows]
    return [value for value in filled if value is not MISSING]


def _leaf(node: Mapping[str, Any], scope: Scope) -> Any:
    value = scope.find(node["from"])
    if value is MISSING or value is None or value == "":
        if node.get("required"):
            raise AgencyError("a field that the agency requires is missing", field=node["from"])
        return node.get("default", MISSING)
    return _converted(node, value)


def _converted(node: Mapping[str, Any], value: Any) -> Any:
    where = node["from"]
    try:
        if "codes" in node:
            return node["codes"][_word(value)]
        if "date" in node:
            return _day(value).strftime(node["date"])
        if "read_date" in node:
            return datetime.strptime(str(value), node["read_date"]).date().isoformat()
        if node.get("number"):
            return _number(value)
        if "join" in node:
            return node["join"].join(map(str, value if isinstance(value, list) else [value]))
    except KeyError as error:
        raise AgencyError("a value has no code at the agency", field=where) from error
    except (ValueError, TypeError) as error:
        raise AgencyError("a value is no date or number", field=where) from error
    return value


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value)[:10])


def _number(value: Any) -> int | float:
    text = str(value).strip()
    return int(text) if text.lstrip("-").isdigit() else float(text)


def faults(node: Any, known: frozenset[str], where: tuple[str | int, ...], item: bool = False) -> Iterator[Any]:
    """``(place, message, remedy)`` of each mistake of a template. ``known``: first names that a path may begin with."""
    if isinstance(node, Mapping):
        if set(node) == {"secret"}:
            if not re.fullmatch(r"LOKET_X_[A-Z0-9_]+", str(node["secret"])):
                yield (*where, "secret"), "no name of a setting", "its name begins with LOKET_X_"
            return
        if "from" in node or "each" in node:
            yield from _instruction_faults(node, known, where, item)
            return
        fields, base = (node["object"], (*where, "object")) if set(node) == {"object"} else (node, where)
        for key, child in fields.items() if isinstance(fields, Mapping) else ():
            yield from faults(child, known, (*base, str(key)), item)
    elif isinstance(node, list):
        for n, child in enumerate(node):
            yield from faults(child, known, (*where, n), item)


def _instruction_faults(
    node: Mapping[str, Any], known: frozenset[str], where: tuple[str | int, ...], item: bool
) -> Iterator[Any]:
    name, allowed = ("from", LEAF) if "from" in node else ("each", EACH)
    for stranger in sorted(set(node) - allowed):
        yield (
            (*where, stranger),
            f"'{stranger}' means nothing beside `{name}`",
            f"possible: {', '.join(sorted(allowed))}",
        )
    yield from path_faults(node[name], known, (*where, name), item)
    if name == "each":
        if "item" not in node:
            yield where, "`each` without `item`", "say what each entry looks like"
        else:
            yield from faults(node["item"], known, (*where, "item"), True)
    if not isinstance(node.get("codes", {}), Mapping):
        yield (*where, "codes"), "codes are no table", "write `our word: their word` lines"


def path_faults(path: Any, known: frozenset[str], where: tuple[str | int, ...], item: bool = False) -> Iterator[Any]:
    """What is wrong with one path of ours."""
    if not isinstance(path, str):
        yield where, "no path", "write a text such as data.pemohon.nama"
        return
    if path.startswith("."):
        if not item:
            yield where, "a path that begins with a dot names an entry of a list", "use it below `each` only"
        path = path[1:]
        known = frozenset()
    try:
        first = steps(path)[:1]
    except ValueError as error:
        yield where, "no path", str(error).removeprefix("no path: ")
        return
    if known and (not first or str(first[0]) not in known):
        yield where, f"'{path}' is not there", f"a path begins with one of: {', '.join(sorted(known))}"
