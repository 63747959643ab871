"""A YAML file changed where it has to be and nowhere else: comments, order and every other line stay as they were written.

:func:`edited` is given a file and what it shall hold; it rewrites the scalars, entries and items that differ, in the style they
stand in. The result is read again before it is given back: it holds exactly what was wanted, or nothing is changed.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from typing import Any

from bot.domain.yaml_nodes import Node, compose
from bot.domain.yaml_path import name_of, same
from bot.domain.yaml_words import empty, flow, in_block, scalar
from bot.errors import ContentError


def parsed(text: str) -> Any:
    """What a file holds.

    :raises bot.errors.ContentError: it is no YAML, or a key stands twice.
    """
    root = compose(text)
    return None if root is None else root.value


def edited(text: str, wanted: Any) -> str:
    """The file with as few changes as it takes to hold ``wanted`` (mappings, lists, texts, numbers, booleans, None).

    :raises bot.errors.ContentError: the file is no YAML, or is written in a way that cannot be edited (tags).
    """
    source = _Source(text)
    if source.root is None:
        return text.rstrip("\n") + ("\n" if text.strip() else "") + in_block(wanted, -2, as_item=True) + "\n"
    if same(source.root.value, wanted):
        return text
    for flat in (False, True):
        made = source.rewritten(wanted, flat)
        if made is not None and _holds(made, wanted):
            return made
    raise ContentError("this file is written in a way that cannot be edited here; change it with an editor of your own")


def _holds(text: str, wanted: Any) -> bool:
    try:
        return same(parsed(text), wanted)
    except ContentError:
        return False


class _Source:
    """A file as nodes that know where they stand."""

    def __init__(self, text: str) -> None:
        self.root = compose(text)
        self._text = text
        self._flat = False
        self._anchored: dict[str, Any] = {}

    def rewritten(self, wanted: Any, flat: bool) -> str | None:
        """The whole text; ``flat``: what is new stands on one line. None: it cannot be done this way."""
        assert self.root is not None
        self._flat, self._anchored = flat, {}
        made = self._emit(self.root, wanted, 0, False)
        if made is None:
            return None
        return self._text[: self.root.start] + made + self._text[self._end(self.root) :]

    # -- where things stand -----------------------------------------------------------------------------------------------

    def _line_end(self, place: int) -> int:
        found = self._text.find("\n", place)
        return len(self._text) if found < 0 else found

    def _end(self, node: Node) -> int:
        """Where a node ends; of a block collection the end of its last line, with a comment that stands there."""
        if node.kind == "scalar" and node.style in ("|", ">"):
            written = self._text[node.start : node.end]
            kept = "+" in written.partition("\n")[0].partition("#")[0]
            return node.end if kept else node.start + len(re.sub(r"(?:\n[ \t]*)+\Z", "", written))
        if node.kind in ("scalar", "alias") or node.flow or not node.items:
            return node.end
        return self._line_end(self._end(node.items[-1]))

    def _source(self, node: Node) -> str:
        return self._text[node.start : self._end(node)]

    def _dash(self, parent: Node, item: Node) -> int:
        """Where the dash of an item stands."""
        column, place = parent.column, item.start
        if parent.anchor:  # the list begins at its anchor, the dashes below
            written = re.search(r"^( *)-(?=\s)", self._text[parent.start : item.start], re.MULTILINE)
            column = len(written[1]) if written else column
        while True:
            begin = self._text.rfind("\n", 0, place) + 1
            dash = begin + column
            follows = self._text[dash + 1 : dash + 2]
            if dash <= place and self._text[dash : dash + 1] == "-" and follows in ("", " ", "\n"):
                return dash
            if begin == 0:
                raise ContentError("a list that cannot be edited here")
            place = begin - 1

    # -- what becomes of a node ---------------------------------------------------------------------------------------------

    def _emit(self, node: Node, wanted: Any, column: int, in_flow: bool) -> str | None:
        """The new source of a node; ``column`` is that of the entries around it. None: it has to become another kind of node."""
        if node.kind == "alias":
            named = self._anchored.get(node.anchor, empty)
            return self._source(node) if named is not empty and same(named, wanted) else None
        if not node.aliased and same(node.value, wanted):
            self._anchored.update({one.anchor: one.value for one in node.named()})
            return self._source(node)
        made = self._changed(node, wanted, column, in_flow)
        if node.anchor and made is not None and node.kind != "scalar":
            self._anchored[node.anchor] = wanted
        return made

    def _changed(self, node: Node, wanted: Any, column: int, in_flow: bool) -> str | None:
        if node.kind == "map" and isinstance(wanted, dict) and node.items and wanted:
            return self._flow_map(node, wanted) if node.flow else self._block_map(node, wanted)
        if node.kind == "list" and isinstance(wanted, list) and node.items and wanted:
            return self._flow_list(node, wanted) if node.flow else self._block_list(node, wanted)
        if node.start == node.end:
            return None
        if node.kind == "scalar" and not isinstance(wanted, dict | list):
            style = node.style if isinstance(node.value, str) else None
            return scalar(wanted, style, in_flow or self._flat, column + 2)
        return flow(wanted) if in_flow or self._flat else None

    def _block_map(self, node: Node, wanted: dict[str, Any]) -> str:
        old = [(str(key.value), key, inner) for key, inner in node.entries]
        column = old[0][1].column
        slots: list[tuple[str, int]] = [(name, place) for place, (name, _, _) in enumerate(old)]
        known = {name for name, _ in slots}
        before: str | None = None
        for name in wanted:
            if name not in known:
                after = -1 if before is None else next(n for n, slot in enumerate(slots) if slot[0] == before)
                slots.insert(after + 1, (name, -1))
            before = name
        parts: list[tuple[int, str | None]] = []
        for name, place in slots:
            if place < 0:
                parts.append((-1, scalar(name, None, False, 0) + ":" + self._after(wanted[name], column)))
            elif name not in wanted:
                parts.append((place, None))
            else:
                parts.append((place, self._entry(old[place][1], old[place][2], wanted[name], column)))
        places = [(key.start, self._line_end(self._end(inner))) for _, key, inner in old]
        return self._text[node.start : places[0][0]] + self._joined(parts, places, column)

    def _entry(self, key: Node, inner: Node, wanted: Any, column: int) -> str:
        """One ``key: value`` to the end of its line."""
        end = self._end(inner)
        tail = self._text[end : self._line_end(end)]
        made = self._emit(inner, wanted, column, False)
        if made is not None:
            return self._text[key.start : inner.start] + made + tail
        after = self._after(wanted, column)
        first, newline, rest = after.partition("\n")
        comment = tail if inner.kind in ("scalar", "alias") or inner.flow else ""
        return self._text[key.start : key.end] + ":" + first + comment + newline + rest

    def _after(self, wanted: Any, column: int) -> str:
        """What stands after a key and its colon."""
        if self._flat:
            return " " + flow(wanted)
        made = in_block(wanted, column)
        return made if made.startswith("\n") else " " + made

    def _block_list(self, node: Node, wanted: list[Any]) -> str:
        places = [(self._dash(node, item), self._line_end(self._end(item))) for item in node.items]
        column = places[0][0] - self._text.rfind("\n", 0, places[0][0]) - 1
        parts: list[tuple[int, str | None]] = []
        for place, new in _paired(node.value, wanted):
            if new is empty:
                parts.append((place, None))
            elif place < 0:
                parts.append((-1, "- " + self._item(new, column)))
            else:
                parts.append((place, self._kept_item(node.items[place], places[place][0], new, column)))
        return self._text[node.start : places[0][0]] + self._joined(parts, places, column)

    def _kept_item(self, item: Node, dash: int, wanted: Any, column: int) -> str:
        end = self._end(item)
        made = self._emit(item, wanted, column, False)
        if made is not None:
            return self._text[dash : item.start] + made + self._text[end : self._line_end(end)]
        return "- " + self._item(wanted, column)

    def _item(self, wanted: Any, column: int) -> str:
        if self._flat:
            return flow(wanted)
        if isinstance(wanted, dict) and wanted:
            return in_block(wanted, column, as_item=True)
        return in_block(wanted, column).lstrip("\n ") if not isinstance(wanted, list) else flow(wanted)

    def _joined(self, parts: Sequence[tuple[int, str | None]], places: Sequence[tuple[int, int]], column: int) -> str:
        """Entries one below the other with what stood between them; comments before an entry that is gone stay."""
        margin = "\n" + " " * column
        out, carried = "", ""
        first = True
        for place, made in parts:
            gap = self._text[places[place - 1][1] : places[place][0]] if place > 0 else ""
            if made is None:
                carried += gap[: gap.rfind("\n")] if gap.strip() else ""
                continue
            lead = carried + (gap or margin) if place >= 0 else margin
            out += lead.lstrip() if first else lead
            out += made
            carried = carried if place < 0 else ""
            first = False
        return out + carried

    def _flow_map(self, node: Node, wanted: dict[str, Any]) -> str:
        old = {str(key.value): (place, key, inner) for place, (key, inner) in enumerate(node.entries)}
        parts: list[tuple[int, str]] = []
        for name in [name for name in old if name in wanted]:
            place, key, inner = old[name]
            made = self._emit(inner, wanted[name], 0, True)
            if made is None:
                parts.append((place, f"{scalar(name, None, True, 0)}: {flow(wanted[name])}"))
            else:
                parts.append((place, self._text[key.start : inner.start] + made))
        names = [name for name in old if name in wanted]
        before: str | None = None
        for name in wanted:
            if name not in old:
                after = -1 if before is None else names.index(before)
                names.insert(after + 1, name)
                parts.insert(after + 1, (-1, f"{scalar(name, None, True, 0)}: {flow(wanted[name])}"))
            before = name
        places = [(key.start, self._end(inner)) for key, inner in node.entries]
        return self._flowing(node, parts, places)

    def _flow_list(self, node: Node, wanted: list[Any]) -> str:
        parts: list[tuple[int, str]] = []
        for place, new in _paired(node.value, wanted):
            if new is not empty:
                made = None if place < 0 else self._emit(node.items[place], new, 0, True)
                parts.append((place, flow(new) if made is None else made))
        return self._flowing(node, parts, [(item.start, self._end(item)) for item in node.items])

    def _flowing(self, node: Node, parts: Sequence[tuple[int, str]], places: Sequence[tuple[int, int]]) -> str:
        """Entries within brackets; between two that were neighbours what stood there."""
        out, before = self._text[node.start : places[0][0]], -2
        for place, made in parts:
            if before != -2:
                neighbours = before >= 0 and place == before + 1
                out += self._text[places[before][1] : places[place][0]] if neighbours else ", "
            out += made
            before = place
        return out + self._text[places[-1][1] : node.end]


def _paired(old: list[Any], new: list[Any]) -> list[tuple[int, Any]]:
    """What becomes of the items of a list, in order: (place before, item); place -1: it is new; item ``empty``: it is gone."""
    one, other = ([json.dumps(item, sort_keys=True) for item in items] for items in (old, new))
    found: list[tuple[int, Any]] = []
    for what, i, j, k, m in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if what == "equal":
            found += [(i + n, new[k + n]) for n in range(j - i)]
            continue
        found += _replaced(old, new, range(i, j), range(k, m))
    return found


def _replaced(old: list[Any], new: list[Any], gone: range, come: range) -> list[tuple[int, Any]]:
    """A stretch in which items changed: those that keep their name are the same item, else those at the same place."""
    named = {name_of(old[place]): place for place in gone if name_of(old[place]) is not None}
    by_name = [named.get(name_of(new[place])) for place in come]
    if any(place is not None for place in by_name):
        known = [place for place in by_name if place is not None]
        if known == sorted(set(known)):
            return _in_order(new, gone, come, by_name)
    pairs: list[tuple[int, Any]] = [(i, new[k]) for i, k in zip(gone, come, strict=False)]
    pairs += [(-1, new[k]) for k in come[len(gone) :]]
    pairs += [(i, empty) for i in gone[len(come) :]]
    return pairs


def _in_order(new: list[Any], gone: range, come: range, places: Sequence[int | None]) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = []
    nearest = gone.start
    for k, place in zip(come, places, strict=True):
        if place is None:
            found.append((-1, new[k]))
            continue
        found += [(i, empty) for i in range(nearest, place)]
        found.append((place, new[k]))
        nearest = place + 1
    return found + [(i, empty) for i in range(nearest, gone.stop)]
