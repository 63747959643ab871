"""A YAML text as nodes that know where they stand, aliases included (which PyYAML's own nodes do not)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.errors import ContentError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads as :mod:`bot.yaml_lines` does: dates and words such as ``yes`` are texts."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass
class Node:
    """A scalar, a list, a mapping, or an alias; ``start`` and ``end`` are places in the text."""

    kind: str
    start: int
    end: int
    line: int
    column: int
    style: str | None = None
    flow: bool = False
    anchor: str = ""
    """Of an alias: what it points to."""
    value: Any = None
    items: list[Node] = field(default_factory=list)
    """Of a mapping: its values."""
    keys: list[Node] = field(default_factory=list)
    aliased: bool = False
    """Whether there is an alias in it."""

    @property
    def entries(self) -> list[tuple[Node, Node]]:
        """Of a mapping."""
        return list(zip(self.keys, self.items, strict=True))

    def named(self) -> Iterator[Node]:
        """Itself and what is in it, as far as it has an anchor."""
        if self.anchor and self.kind != "alias":
            yield self
        for item in self.items:
            yield from item.named()


def compose(text: str) -> Node | None:
    """The document of a text; None: there is none.

    :raises bot.errors.ContentError: it is no YAML, has more than one document, or a key twice.
    """
    reader = _Reader(_Loader(text))
    try:
        return reader.document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ContentError(
            f"line {mark.line + 1 if mark else 1}: no valid YAML; check indentation, quotes and colons"
        ) from error
    finally:
        reader.loader.dispose()


class _Reader:
    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self._anchors: dict[str, Node] = {}
        self._scalars = yaml.constructor.SafeConstructor()

    def document(self) -> Node | None:
        self.loader.get_event()
        found: Node | None = None
        if not self.loader.check_event(yaml.StreamEndEvent):
            self.loader.get_event()
            found = self._node()
            self.loader.get_event()
        if not self.loader.check_event(yaml.StreamEndEvent):
            raise ContentError(
                f"line {self.loader.peek_event().start_mark.line + 1}: a second document begins; keep one"
            )
        return found

    def _node(self) -> Node:
        event = self.loader.get_event()
        kinds = {yaml.AliasEvent: "alias", yaml.ScalarEvent: "scalar", yaml.SequenceStartEvent: "list"}
        begin, end = event.start_mark, event.end_mark
        node = Node(kinds.get(type(event), "map"), begin.index, end.index, begin.line + 1, begin.column)
        node.anchor = event.anchor or ""
        if node.kind == "alias":
            if node.anchor not in self._anchors:
                raise ContentError(f"line {node.line}: there is no '{node.anchor}' above")
            node.value, node.aliased = self._anchors[node.anchor].value, True
            return node
        if node.kind == "scalar":
            node.style, node.value = event.style or None, self._scalar(event)
        else:
            node.flow = bool(event.flow_style)
            self._fill(node)
        if node.anchor:
            self._anchors[node.anchor] = node
        return node

    def _fill(self, node: Node) -> None:
        ends = yaml.SequenceEndEvent if node.kind == "list" else yaml.MappingEndEvent
        while not self.loader.check_event(ends):
            if node.kind == "map":
                node.keys.append(self._node())
            node.items.append(self._node())
        node.end = self.loader.get_event().end_mark.index
        node.aliased = any(item.aliased for item in node.items)
        if node.kind == "list":
            node.value = [item.value for item in node.items]
            return
        node.value = {}
        for key, item in node.entries:
            if str(key.value) in node.value:
                raise ContentError(f"line {key.line}: '{key.value}' stands there twice; keep one")
            node.value[str(key.value)] = item.value

    def _scalar(self, event: Any) -> Any:
        tag = event.tag or self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        try:
            return self._scalars.construct_object(
                yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark, event.style)
            )
        except (yaml.YAMLError, ValueError) as error:
            raise ContentError(f"line {event.start_mark.line + 1}: this value cannot be read") from error
