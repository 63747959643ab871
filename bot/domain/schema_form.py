"""Forms made from a JSON schema, for people who edit content: what to ask for a value, and the value that was meant. Pure.

Only what our schemas (``bot/schemas``) use. A value that is not touched comes back as it was, even where a form could not
express it (a wording of one language stays a plain text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.yaml_edit import parsed
from bot.domain.yaml_words import flow
from bot.errors import ContentError

LANGUAGES = ("id", "en", "jv")
LINKED = frozenset({"variant", "section", "field", "referral", "entry"})
"""Definitions that get a page of their own."""
_PLACE = re.compile(r"{(\w*)}")

Schema = Mapping[str, Any]


class _Nothing:
    """No value: the key is left out."""


NOTHING: Final = _Nothing()


@dataclass(frozen=True)
class Input:
    """One thing to fill in. ``name`` is what it is sent under; ``key`` names its label."""

    kind: str
    """``words``, ``line``, ``date``, ``choice``, ``number``, ``lines``, ``yaml``, ``group``, ``rows`` or ``links``."""
    name: str
    key: str
    value: Any = ""
    """As text (``words``: by language; ``links``: names and titles)."""
    required: bool = False
    options: tuple[str, ...] = ()
    parts: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Slip:
    """Something that was typed and cannot be: ``name`` of the input, and why (``required``, ``words_id``, ``params``, ``number``,
    ``yaml``, ``pattern``, ``few``).
    """

    name: str
    why: str


class SchemaForm:
    """Forms for one schema."""

    def __init__(self, root: Schema) -> None:
        self._root = root

    def at(self, path: Sequence[str | int]) -> tuple[str, Schema]:
        """Name of the definition (or empty) and schema of what stands at a path of keys and places.

        :raises KeyError: the schema knows no such path.
        """
        name, schema = "", self._root
        for step in path:
            name, schema = self._below(schema, step)
        return name, schema

    def _below(self, schema: Schema, step: str | int) -> tuple[str, Schema]:
        if "array" in _types(schema):
            return self._solved(schema["items"])
        properties = schema.get("properties", {})
        if step in properties:
            return self._solved(properties[step])
        if isinstance(schema.get("additionalProperties"), Mapping):
            return self._solved(schema["additionalProperties"])
        raise KeyError(step)

    def _solved(self, schema: Schema) -> tuple[str, Schema]:
        if "$ref" not in schema:
            return "", schema
        name = schema["$ref"].rpartition("/")[2]
        return name, self._root["$defs"][name]

    # -- asking -------------------------------------------------------------------------------------------------------------

    def inputs(self, schema: Schema, value: Any, name: str = "v", key: str = "", required: bool = True) -> Input:
        """What to fill in for a value (:data:`NOTHING`: a new one)."""
        definition, schema = self._solved(schema)
        kind = self._kind(definition, schema)
        ask = getattr(self, f"_ask_{kind}", None)
        if ask is not None:
            found: Input = ask(schema, value, name, key, required)
            return found
        options = tuple(_text(one) for one in schema.get("enum", ("true", "false") if kind == "choice" else ()))
        text = "" if value is NOTHING or value is None else flow(value) if kind == "yaml" else _text(value)
        return Input(kind, name, key, text, required, options)

    def _kind(self, definition: str, schema: Schema) -> str:
        kinds = _types(schema)
        if definition in ("words", "day"):
            return {"day": "date"}.get(definition, definition)
        if "enum" in schema or kinds == {"boolean"}:
            return "choice"
        if kinds == {"string"}:
            return "line"
        if kinds <= {"integer", "number"} and kinds:
            return "number"
        if kinds == {"array"}:
            return self._list_kind(schema)
        if schema.get("properties") and "object" in kinds:
            return "words" if set(schema["properties"]) == set(LANGUAGES) else "group"
        if "object" in kinds and isinstance(schema.get("additionalProperties"), Mapping):
            inner = self._solved(schema["additionalProperties"])[1]
            return "links" if _types(inner) == {"array"} else "yaml"
        return "yaml"

    def _list_kind(self, schema: Schema) -> str:
        definition, inner = self._solved(schema["items"])
        if definition in LINKED:
            return "links"
        if _types(inner) == {"string"} or "enum" in inner:
            return "lines"
        return "rows" if inner.get("properties") else "yaml"

    def _ask_words(self, schema: Schema, value: Any, name: str, key: str, required: bool) -> Input:
        return Input("words", name, key, _words(value), required, LANGUAGES)

    def _ask_lines(self, schema: Schema, value: Any, name: str, key: str, required: bool) -> Input:
        return Input("lines", name, key, "" if not isinstance(value, list) else "\n".join(value), required)

    def _ask_links(self, schema: Schema, value: Any, name: str, key: str, required: bool) -> Input:
        return Input("links", name, key, tuple(_links(value)), required)

    def _ask_group(self, schema: Schema, value: Any, name: str, key: str, required: bool) -> Input:
        held = value if isinstance(value, Mapping) else {}
        needed = schema.get("required", ())
        parts = tuple(
            self.inputs(inner, held.get(one, NOTHING), f"{name}.{one}", one, one in needed)
            for one, inner in schema["properties"].items()
        )
        return Input("group", name, key, "", required, (), parts)

    def _ask_rows(self, schema: Schema, value: Any, name: str, key: str, required: bool) -> Input:
        items = value if isinstance(value, list) else []
        rows = [*items, NOTHING]  # one more, to add one
        parts = tuple(self.inputs(schema["items"], item, f"{name}.{n}", key) for n, item in enumerate(rows))
        return Input("rows", name, key, str(len(items)), required, (), parts)

    # -- reading ------------------------------------------------------------------------------------------------------------

    def read(
        self, schema: Schema, posted: Mapping[str, str], old: Any, name: str = "v", required: bool = True
    ) -> tuple[Any, list[Slip]]:
        """The value that was meant, or :data:`NOTHING`, and what was wrong with it. ``old``: what the form showed."""
        slips: list[Slip] = []
        return self._read(schema, posted, old, name, required, slips), slips

    def _read(
        self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, required: bool, slips: list[Slip]
    ) -> Any:
        definition, schema = self._solved(schema)
        kind = self._kind(definition, schema)
        if kind == "links" or not any(one == name or one.startswith(f"{name}.") for one in posted):
            return old
        read = getattr(self, f"_read_{kind}")
        found = read(schema, posted, old, name, slips)
        if found is NOTHING and isinstance(old, str | list | dict) and not old:
            return old  # an empty list stays one
        if found is NOTHING and required and kind not in ("group", "rows"):
            slips.append(Slip(name, "required"))
        return found

    def _read_words(self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, slips: list[Slip]) -> Any:
        texts = {one: _typed(posted, f"{name}.{one}") for one in LANGUAGES}
        said = {one: text for one, text in texts.items() if text}
        if not said:
            return NOTHING
        if "id" not in said:
            slips.append(Slip(f"{name}.id", "words_id"))
        places = set(_PLACE.findall(said.get("id", "")))
        slips += [Slip(f"{name}.{one}", "params") for one, text in said.items() if set(_PLACE.findall(text)) - places]
        if set(said) == {"id"} and (isinstance(old, str) or "string" in _types(schema) and old is NOTHING):
            return said["id"]
        return said

    def _read_line(self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, slips: list[Slip]) -> Any:
        text = _typed(posted, name)
        if text and "pattern" in schema and not re.search(schema["pattern"], text):
            slips.append(Slip(name, "pattern"))
        return text or NOTHING

    _read_date = _read_line

    def _read_choice(self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, slips: list[Slip]) -> Any:
        text = _typed(posted, name)
        return next((one for one in schema.get("enum", (True, False)) if _text(one) == text), NOTHING)

    def _read_number(self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, slips: list[Slip]) -> Any:
        text = _typed(posted, name)
        if not text:
            return NOTHING
        try:
            value = int(text)
        except ValueError:
            slips.append(Slip(name, "number"))
            return NOTHING
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            slips.append(Slip(name, "number"))
        return value

    def _read_lines(self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, slips: list[Slip]) -> Any:
        found = [line.strip() for line in _typed(posted, name).split("\n") if line.strip()]
        pattern = self._solved(schema["items"])[1].get("pattern")
        if pattern and not all(re.search(pattern, line) for line in found):
            slips.append(Slip(name, "pattern"))
        if found and len(found) < schema.get("minItems", 0):
            slips.append(Slip(name, "few"))
        return found or NOTHING

    def _read_yaml(self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, slips: list[Slip]) -> Any:
        text = _typed(posted, name)
        try:
            return parsed(text) if text else NOTHING
        except ContentError:
            slips.append(Slip(name, "yaml"))
            return NOTHING

    def _read_group(self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, slips: list[Slip]) -> Any:
        held = old if isinstance(old, Mapping) else {}
        needed = schema.get("required", ())
        found: dict[str, Any] = {}
        inner: list[Slip] = []
        for one, part in schema["properties"].items():
            value = self._read(part, posted, held.get(one, NOTHING), f"{name}.{one}", one in needed, inner)
            if value is not NOTHING:
                found[one] = value
        if self._says_nothing(schema, found):
            # Nothing was filled in but what had to be chosen: there is no such thing.
            return None if "null" in _types(schema) else NOTHING
        slips += inner
        return found

    def _says_nothing(self, schema: Schema, found: Mapping[str, Any]) -> bool:
        return all(self._kind(*self._solved(schema["properties"][one])) == "choice" for one in found)

    def _read_rows(self, schema: Schema, posted: Mapping[str, str], old: Any, name: str, slips: list[Slip]) -> Any:
        items = old if isinstance(old, list) else []
        found: list[tuple[float, int, Any]] = []
        for n in _numbers(posted, name):
            if posted.get(f"{name}.{n}._drop"):
                continue
            before = items[n] if n < len(items) else NOTHING
            value = self._read(schema["items"], posted, before, f"{name}.{n}", False, slips)
            if value is not NOTHING and not (value is None and before is NOTHING):
                found.append((_order(posted, f"{name}.{n}._at", n), n, value))
        return [value for _, _, value in sorted(found, key=lambda one: one[:2])] or NOTHING


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type", "object" if "properties" in schema else ())
    return {kind} if isinstance(kind, str) else set(kind)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else flow(value)


def _typed(posted: Mapping[str, str], name: str) -> str:
    return posted.get(name, "").replace("\r\n", "\n").strip()


def _words(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {one: str(value.get(one, "")) for one in LANGUAGES}
    return {one: value if one == "id" and isinstance(value, str) else "" for one in LANGUAGES}


def _links(value: Any) -> Iterator[tuple[str, str]]:
    """Step of the path, and what it is called."""
    if isinstance(value, Mapping):
        yield from ((str(one), str(one)) for one in value)
    for n, item in enumerate(value if isinstance(value, list) else ()):
        step = item.get("id") or item.get("code") or str(n)
        title = next((item[one] for one in ("name", "title", "label", "wish", "use") if one in item), step)
        yield str(step), str(title.get("id", step)) if isinstance(title, Mapping) else str(title)


def _numbers(posted: Mapping[str, str], name: str) -> list[int]:
    head = f"{name}."
    found = {one[len(head) :].partition(".")[0] for one in posted if one.startswith(head)}
    return sorted(int(one) for one in found if one.isdecimal() and len(one) < 5)


def _order(posted: Mapping[str, str], name: str, now: int) -> float:
    """Where an item goes that stands at ``now`` (from 0) and shall stand at the place that was typed (from 1)."""
    text = posted.get(name, "").strip()
    if not text.isdecimal() or len(text) > 4 or int(text) - 1 == now:
        return now
    wanted = int(text) - 1
    return wanted - 0.5 if wanted < now else wanted + 0.5
