"""Values written as YAML: plain where they may be, quoted where they must be, texts of several lines as a block."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import yaml

from bot.errors import ContentError

MARGIN = 100
"""Short mappings and lists stand on one line up to this column."""
_FIRST = "-?:,[]{}#&*!|>'\"%@`=<~"
_PRINTABLE = re.compile("^[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*$")
_RESOLVER: Any = yaml.SafeLoader("")


class _Empty:
    """No value at all."""


empty: Final = _Empty()


def scalar(value: Any, style: str | None, flat: bool, column: int) -> str:
    """A scalar as it is written.

    :param style: that of the scalar it replaces: ``"``, ``'``, ``|``, ``>`` or None.
    :param flat: on one line.
    :param column: where the lines of a block begin.
    """
    if not isinstance(value, str):
        return json.dumps(value)
    if style in ("|", ">") or (style is None and "\n" in value):
        block = None if flat else _block(value, column)
        return block if block is not None else _double(value)
    if style == '"':
        return _double(value)
    if style == "'" and _PRINTABLE.match(value):
        return "'" + value.replace("'", "''") + "'"
    return value if _plain(value, flat) else _double(value)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k, None, True, 0)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, None, True, 0)


def in_block(value: Any, column: int, *, as_item: bool = False) -> str:
    """A value below or beside its key, whose column is given; begins with a line break when it stands below. ``as_item``: a
    mapping after a dash at that column.
    """
    if isinstance(value, dict | list) and value:
        if not as_item and _short(value) and len(line := flow(value)) + column < MARGIN:
            return line
        inner = column + 2
        margin = "\n" + " " * inner
        if isinstance(value, list):
            return "".join(f"{margin}- {_item(item, inner)}" for item in value)
        entries = [f"{scalar(key, None, False, 0)}:{_beside(inner_value, inner)}" for key, inner_value in value.items()]
        return margin.join(entries) if as_item else margin + margin.join(entries)
    return flow(value) if isinstance(value, dict | list) else scalar(value, None, False, column + 2)


def _beside(value: Any, column: int) -> str:
    made = in_block(value, column)
    return made if made.startswith("\n") else " " + made


def _item(value: Any, column: int) -> str:
    if isinstance(value, dict) and value:
        return in_block(value, column, as_item=True)
    return flow(value) if isinstance(value, list) else in_block(value, column)


def _short(value: dict[str, Any] | list[Any]) -> bool:
    inner = value.values() if isinstance(value, dict) else value
    return not any(isinstance(one, dict | list) or (isinstance(one, str) and "\n" in one) for one in inner)


def _plain(value: str, flat: bool) -> bool:
    """Whether a text may stand without quotes."""
    if not value or value != value.strip() or value[0] in _FIRST or not _PRINTABLE.match(value):
        return False
    if ": " in value or " #" in value or value.endswith(":") or value.startswith(("...", "---")):
        return False
    if flat and re.search(r"[,\[\]{}]|:(?![A-Za-z0-9/])", value):
        return False
    return bool(_RESOLVER.resolve(yaml.ScalarNode, value, (True, False)) == "tag:yaml.org,2002:str")


def _double(value: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ContentError("a text holds a character that is none; type it again")
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(c if _PRINTABLE.match(c) else f"\\u{ord(c):04x}" for c in quoted)


def _block(value: str, column: int) -> str | None:
    """A text of several lines as it is; None: it would not stay as it is."""
    body = value[:-1] if value.endswith("\n") else value
    lines = body.split("\n")
    if not body or not lines[0] or not lines[-1] or lines[0][0] == " ":
        return None
    if any(line != line.rstrip() or not _PRINTABLE.match(line) for line in lines):
        return None
    margin = " " * column
    chomp = "" if value.endswith("\n") else "-"
    return "\n".join([f"|{chomp}", *(margin + line if line else "" for line in lines)])
