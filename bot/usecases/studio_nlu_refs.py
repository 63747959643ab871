"""What refers to an intent by its name, in all files of the content: found, renamed, taken out.

YAML is read for the places (line and column of a value), and edited as text at these places, so that everything else stays as it was
written. An intent is named in rules and stories, in the domain, as the wish of a frequent question, in the bot's sentences
(``say.<intent>``, ``wish.<intent>``, ``button.<intent>``), in buttons (``niat:<intent>``) and in the evaluation set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from bot.usecases.studio_nlu_files import FOLDER, Refused

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NAMING = frozenset({"intent", "intents", "not_intent", "ignored_intents", "ignore_intents", "wish", "wishes"})
"""Keys whose values are intents."""
_SENTENCES = ("say", "wish", "button")
_LISTS = ("rules", "stories")
_BLOCK = frozenset("|>")


@dataclass(frozen=True)
class Reference:
    """One place. ``kind``: rule, domain, faq, sentence, button, eval or other; ``shown`` says which one."""

    path: str
    line: int
    """From 1."""
    kind: str
    shown: str


@dataclass(frozen=True)
class _Hit:
    """A node that is the name; ``first`` and ``end`` are the lines of what goes with it (None: it cannot simply go)."""

    line: int
    column: int
    kind: str
    shown: str
    first: int | None = None
    end: int | None = None


def references(files: Mapping[str, str], name: str) -> list[Reference]:
    """Every place that names the intent, but for its own examples."""
    found = []
    for path, text in sorted(files.items()):
        if name not in text or path.startswith(f"{FOLDER}/"):
            continue
        found += [
            Reference(path, hit.line + 1, hit.kind, hit.shown) for hit in _hits(path, text, name) if hit.kind != "title"
        ]
    return found


def renamed(files: Mapping[str, str], name: str, new: str) -> dict[str, str]:
    """The files that named ``name``, naming ``new``; a rule that bore its name bears the new one."""
    made = {}
    for path, text in files.items():
        if name in text and not path.startswith(f"{FOLDER}/"):
            taken = re.search(rf"(?m)^ *- (?:rule|story): *{re.escape(new)} *$", text)
            hits = [hit for hit in _hits(path, text, name) if not (taken and hit.kind == "title")]
            made[path] = _replaced(text, hits, name, new)
    return made


def dropped(files: Mapping[str, str], name: str, instead: str | None = None) -> dict[str, str]:
    """The files without the intent: its rules, its sentences and its place in the domain go.

    :param instead: who takes over its messages of the evaluation set and the wishes of questions; None: they go, too.
    :raises Refused: something names it that cannot simply go.
    """
    made = {}
    for path, text in files.items():
        if name not in text or path.startswith(f"{FOLDER}/"):
            continue
        hits = [hit for hit in _hits(path, text, name) if hit.kind != "title"]
        follow = [hit for hit in hits if instead and hit.kind in ("faq", "eval", "button")]
        going = [hit for hit in hits if hit not in follow]
        stuck = next((hit for hit in going if hit.first is None), None)
        if stuck is not None:
            raise Refused("still_used", name=name, path=path, line=stuck.line + 1)
        text = _replaced(text, follow, name, instead) if instead else text
        made[path] = _without(text, [(hit.first or 0, hit.end or 0) for hit in going])
    return made


# -- finding ------------------------------------------------------------------------------------------------------------


def _hits(path: str, text: str, name: str) -> list[_Hit]:
    if path.endswith(".tsv"):
        return list(_rows(text, name))
    if not path.endswith((".yml", ".yaml")):
        return []
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Refused("unreadable", path=path, line=mark.line + 1 if mark else 1) from error
    lines = text.split("\n")
    found = list(_Walk(path, name, lines).walk(root, (), None)) if root is not None else []
    return found + list(_buttons(lines, name))


def _rows(text: str, name: str) -> Iterator[_Hit]:
    """Rows of a table whose column ``intent`` is the name."""
    lines = text.split("\n")
    head = lines[0].rstrip("\r").split("\t")
    if "intent" not in head:
        return
    at = head.index("intent")
    for line, row in enumerate(lines[1:], start=1):
        cells = row.rstrip("\r").split("\t")
        if len(cells) > at and cells[at] == name:
            column = sum(len(cell) + 1 for cell in cells[:at])
            yield _Hit(line, column, "eval", cells[head.index("text")] if "text" in head else row, line, line + 1)


def _buttons(lines: Sequence[str], name: str) -> Iterator[_Hit]:
    pattern = re.compile(rf"(?<![\w-])niat:({re.escape(name)})(?![\w-])")
    for at, line in enumerate(lines):
        for match in pattern.finditer(line):
            yield _Hit(at, match.start(1), "button", line.strip())


class _Walk:
    """Over the nodes of one file."""

    def __init__(self, path: str, name: str, lines: Sequence[str]) -> None:
        self._path, self._name, self._lines = path, name, lines

    def walk(self, node: yaml.Node, trail: tuple[str | int, ...], entry: yaml.Node | None) -> Iterator[_Hit]:
        """``trail``: keys and positions down to here; ``entry``: the rule or story this is in."""
        if isinstance(node, yaml.MappingNode):
            yield from self._mapping(node, trail, entry)
        elif isinstance(node, yaml.SequenceNode):
            for at, item in enumerate(node.value):
                listed = len(trail) == 1 and trail[0] in _LISTS
                if self._is(item) and _naming(trail):
                    yield self._item(item, node, trail, entry)
                else:
                    yield from self.walk(item, (*trail, at), item if listed else entry)

    def _mapping(self, node: yaml.MappingNode, trail: tuple[str | int, ...], entry: yaml.Node | None) -> Iterator[_Hit]:
        for key, value in node.value:
            down = (*trail, str(key.value))
            if self._is(key) and (trail in tuple((one,) for one in _SENTENCES) and self._path.startswith("messages/")):
                yield self._hit(key, "sentence", f"{trail[0]}.{self._name}", key.start_mark.line, self._last(value))
            elif self._is(key) and trail[:1] == ("intents",):
                yield self._hit(key, "domain", "intents", key.start_mark.line, self._last(value))
            if self._is(value) and key.value in ("rule", "story"):
                yield self._hit(value, "title", str(value.value))
            elif self._is(value) and _naming(down):
                yield self._value(key, value, node, down, entry)
            else:
                yield from self.walk(value, down, entry)

    def _value(
        self,
        key: yaml.Node,
        value: yaml.Node,
        parent: yaml.MappingNode,
        trail: tuple[str | int, ...],
        entry: yaml.Node | None,
    ) -> _Hit:
        if entry is not None:
            return self._entry(value, trail, entry)
        if self._path.startswith("faq/") and key.value == "wish":
            flow = parent.flow_style or parent.value[0][0] is key
            lines = (None, None) if flow else (key.start_mark.line, self._last(value))
            return self._hit(value, "faq", _title(parent), *lines)
        return self._hit(value, "domain" if self._path.startswith("domain/") else "other", _joined(trail))

    def _item(
        self, item: yaml.Node, parent: yaml.SequenceNode, trail: tuple[str | int, ...], entry: yaml.Node | None
    ) -> _Hit:
        if entry is not None:
            return self._entry(item, trail, entry)
        plain = trail == ("intents",) and not parent.flow_style
        lines = (item.start_mark.line, item.start_mark.line + 1) if plain else (None, None)
        return self._hit(item, "domain" if self._path.startswith("domain/") else "other", _joined(trail), *lines)

    def _entry(self, node: yaml.Node, trail: tuple[str | int, ...], entry: yaml.Node) -> _Hit:
        """Inside a rule, which goes as a whole; not where it is about other wishes as well."""
        lines = (None, None) if "or" in trail else (entry.start_mark.line, self._last(entry))
        return self._hit(node, "rule", _title(entry), *lines)

    def _hit(self, node: yaml.Node, kind: str, shown: str, first: int | None = None, end: int | None = None) -> _Hit:
        line, column = node.start_mark.line, node.start_mark.column
        if self._lines[line][column : column + 1] in ("'", '"'):
            column += 1
        return _Hit(line, column, kind, shown, first, end)

    def _is(self, node: yaml.Node) -> bool:
        return isinstance(node, yaml.ScalarNode) and node.value == self._name

    def _last(self, node: yaml.Node) -> int:
        return last_line(node, self._lines)


def last_line(node: yaml.Node, lines: Sequence[str]) -> int:
    """The line after the last one of a node (its end mark is often that of the next token)."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return last_line(node.value[-1][1], lines)
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return last_line(node.value[-1], lines)
    if isinstance(node, yaml.ScalarNode) and node.style in _BLOCK:
        end: int = node.end_mark.line
        while end > node.start_mark.line + 1 and not lines[end - 1].strip():
            end -= 1
        return end
    return int(node.end_mark.line) + 1


def _naming(trail: tuple[str | int, ...]) -> bool:
    key = next((one for one in reversed(trail) if isinstance(one, str)), "")
    return key in _NAMING


def _title(node: yaml.Node) -> str:
    """What a rule, a story or a question is called."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((str(value.value) for key, value in pairs if key.value in ("rule", "story", "id")), "")


def _joined(trail: tuple[str | int, ...]) -> str:
    return " › ".join(str(one) for one in trail if isinstance(one, str))


# -- editing ------------------------------------------------------------------------------------------------------------


def _replaced(text: str, hits: Sequence[_Hit], name: str, new: str) -> str:
    lines = text.split("\n")
    for hit in sorted(hits, key=lambda one: (one.line, one.column), reverse=True):
        line = lines[hit.line]
        if line[hit.column : hit.column + len(name)] != name:
            raise AssertionError("a place that was found does not hold the name")
        lines[hit.line] = f"{line[: hit.column]}{new}{line[hit.column + len(name) :]}"
    return "\n".join(lines)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Without these lines; where two blank lines would meet, one goes."""
    lines = text.split("\n")
    for first, end in sorted(set(spans), reverse=True):
        before = first > 0 and not lines[first - 1].strip()
        after = end >= len(lines) or not lines[end].strip()
        del lines[first - 1 if before and after and end - first > 1 else first : end]
    return "\n".join(lines)
