"""YAML that remembers its lines, for messages that say where to look.

PyYAML's C parser keeps the marks, so this costs little more than a plain load. Only ``true`` and ``false`` are
booleans (YAML 1.2):
``yes`` and ``no`` are words that people use in code lists.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError


class LineMap(dict[str, Any]):
    """A mapping with the file and 1-based lines of its keys."""

    file: str = ""
    line: int = 1
    key_lines: dict[str, int]


class LineList(list[Any]):
    """A list with the 1-based lines of its items."""

    item_lines: list[int]


class _Loader(yaml.CSafeLoader):
    file = ""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge")
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _map(loader: _Loader, node: yaml.MappingNode) -> LineMap:
    found = LineMap()
    found.file, found.line, found.key_lines = loader.file, node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        line = key_node.start_mark.line + 1
        if key in found:
            raise ContentError(
                f"{loader.file}:{line}: '{key}' stands here twice (first in line {found.key_lines[key]}); keep one"
            )
        found[key] = loader.construct_object(value_node, deep=True)
        found.key_lines[key] = line
    return found


def _list(loader: _Loader, node: yaml.SequenceNode) -> LineList:
    found = LineList(loader.construct_object(child, deep=True) for child in node.value)
    found.item_lines = [child.start_mark.line + 1 for child in node.value]
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _map)
_Loader.add_constructor("tag:yaml.org,2002:seq", _list)


def load(path: Path, shown: str) -> LineMap:
    """The mapping in a file; ``shown`` is how messages name it.

    :raises ContentError: unreadable, no YAML, no mapping, or a key twice.
    """
    try:
        loader = _Loader(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{shown}:1: cannot be read as UTF-8 text; save it again as UTF-8") from error
    loader.file = shown
    try:
        data = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(
            f"{shown}:{line}: no valid YAML ({error.problem}); check indentation, quotes and colons"
        ) from error
    finally:
        loader.dispose()
    if not isinstance(data, LineMap):
        raise ContentError(f"{shown}:1: not a mapping; write `key: value` lines")
    return data


def line_of(root: LineMap, path: list[str | int]) -> int:
    """The line of what ``path`` leads to, or of the nearest thing above it."""
    node: Any = root
    line = root.line
    for step in path:
        if isinstance(node, LineMap) and step in node:
            line, node = node.key_lines[str(step)], node[str(step)]
        elif isinstance(node, LineList) and isinstance(step, int) and step < len(node):
            line, node = node.item_lines[step], node[step]
        else:
            break
    return line
