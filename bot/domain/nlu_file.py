"""Rasa's example files, edited line by line: what is not touched stays as it was written, comments and order included.

A file is a list of sections below ``nlu:``, each ``- intent: <name>`` (or ``synonym``, ``lookup``, ``regex``) with ``examples: |`` and one
example a line. Other forms Rasa knows (examples with metadata) are kept and shown, but not edited. An edit gives a new
:class:`NluFile`; the text differs in the lines that were edited, and in no other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import ContentError

KINDS = ("intent", "synonym", "lookup", "regex")
MOST_CHARACTERS = 500

_HEADER = re.compile(r"(?P<indent> *)- (?P<kind>intent|synonym|lookup|regex): *(?P<name>[^#\s][^#]*?) *(?P<rest>#.*)?")
_EXAMPLES = re.compile(r"(?P<indent> +)examples: *\|[+-]? *(#.*)?")
_EXAMPLE = re.compile(r"(?P<indent> +)- ?(?P<text>.*)")
_INTENT = re.compile(r"[a-z][a-z0-9_]{1,63}")
# What YAML 1.1 takes for the end of a line, and what nobody sees.
_NOT_YAML = "\ufeff\ufffe\uffff"
_BREAKS = re.compile("[\r\n\t\x0b\x0c\x85\u2028\u2029]+")


@dataclass(frozen=True)
class Section:
    """One wish, or the words for one thing. ``start`` and ``end`` are lines of the file (``end`` is not part of it)."""

    kind: str
    name: str
    start: int
    end: int
    examples: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    """Of each example."""
    indent: str = ""
    """Before the dash of an example; empty: the section is in a form that is not edited."""


def check_intent(name: str) -> str:
    """The name, if it may be one of a wish.

    :raises ContentError: anything but small letters, digits and ``_`` (it becomes part of files and of Rasa's grammar).
    """
    if not _INTENT.fullmatch(name):
        raise ContentError(
            f"{name[:64]!r} is no name for an intent; use small letters, digits and _, beginning with a letter"
        )
    return name


def check_example(text: str) -> str:
    """The example on one line, without blanks around it.

    :raises ContentError: empty, or too long.
    """
    plain = unicodedata.normalize("NFC", _BREAKS.sub(" ", text))
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cc", "Cs") and c not in _NOT_YAML).strip()
    if not plain:
        raise ContentError("an example needs words")
    if len(plain) > MOST_CHARACTERS:
        raise ContentError(f"an example has at most {MOST_CHARACTERS} characters; this one has {len(plain)}")
    return plain


class NluFile:
    """One file; never changed, every edit gives another one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = text.split("\n")
        self.sections: tuple[Section, ...] = tuple(_sections(self._lines))

    def section(self, name: str, kind: str = "intent") -> Section:
        """:raises ContentError: there is none."""
        for section in self.sections:
            if (section.kind, section.name) == (kind, name):
                return section
        raise ContentError(f"there is no {kind} {name} in this file")

    # -- edits ----------------------------------------------------------------------------------------------------------

    def add(self, name: str, texts: Sequence[str], kind: str = "intent") -> NluFile:
        """Examples at the end of a section; those that stand there already are left out."""
        section = self._editable(name, kind)
        known = set(section.examples)
        fresh = [text for text in dict.fromkeys(map(check_example, texts)) if text not in known]
        place = section.lines[-1] + 1 if section.lines else _after_header(self._lines, section)
        return self._with(place, place, [f"{section.indent}- {text}" for text in fresh])

    def change(self, name: str, old: str, new: str, kind: str = "intent") -> NluFile:
        """Other words for one example; if they stand there already, the old ones go."""
        section = self._editable(name, kind)
        at = self._line_of(section, old)
        plain = check_example(new)
        if plain == old:
            return self
        if plain in section.examples:
            return self.remove(name, [old], kind)
        return self._with(at, at + 1, [f"{section.indent}- {plain}"])

    def remove(self, name: str, texts: Sequence[str], kind: str = "intent") -> NluFile:
        """Take examples out. The last one stays: Rasa refuses a wish without any.

        :raises ContentError: one is not there, or none would be left.
        """
        section = self._editable(name, kind)
        gone = {self._line_of(section, text) for text in texts}
        if len(gone) >= len(section.examples):
            raise ContentError(f"{name} would be left without examples; delete the {kind} instead")
        return NluFile("\n".join(line for at, line in enumerate(self._lines) if at not in gone))

    def rename(self, name: str, new: str, kind: str = "intent") -> NluFile:
        """Another name for a section."""
        section = self.section(name, kind)
        if kind == "intent":
            check_intent(new)
        line = self._lines[section.start]
        head, _, tail = line.partition(f"{kind}:")
        return self._with(section.start, section.start + 1, [f"{head}{kind}:{tail.replace(name, new, 1)}"])

    def drop(self, name: str, kind: str = "intent") -> NluFile:
        """Take a whole section out; the comments above it stay."""
        section = self.section(name, kind)
        return self._with(section.start, section.end, [])

    # -- helpers --------------------------------------------------------------------------------------------------------

    def _editable(self, name: str, kind: str) -> Section:
        section = self.section(name, kind)
        if not section.indent:
            raise ContentError(f"{name} is written in a form that is only edited in the file itself")
        return section

    def _line_of(self, section: Section, text: str) -> int:
        for example, line in zip(section.examples, section.lines, strict=True):
            if example == text:
                return line
        raise ContentError(f"{section.name} has no such example (any more)")

    def _with(self, start: int, end: int, lines: Sequence[str]) -> NluFile:
        return NluFile("\n".join([*self._lines[:start], *lines, *self._lines[end:]])) if lines or start != end else self


def new_file(name: str, texts: Sequence[str]) -> NluFile:
    """A file of its own for a new wish."""
    lines = [f"      - {text}" for text in dict.fromkeys(map(check_example, texts))]
    if not lines:
        raise ContentError("a new intent needs at least one example")
    head = ['version: "3.1"', "", "nlu:", f"  - intent: {check_intent(name)}", "    examples: |"]
    return NluFile("\n".join([*head, *lines, ""]))


def _sections(lines: Sequence[str]) -> list[Section]:
    found: list[Section] = []
    at = 0
    while at < len(lines):
        header = _HEADER.fullmatch(lines[at])
        if header is None:
            at += 1
            continue
        section, at = _section(lines, at, header)
        found.append(section)
    return found


def _section(lines: Sequence[str], start: int, header: re.Match[str]) -> tuple[Section, int]:
    """The section that begins at ``start``, and where the search goes on."""
    depth = len(header["indent"])
    name = header["name"].strip("\"'")
    at = start + 1
    while at < len(lines) and not lines[at].strip():
        at += 1
    opening = _EXAMPLES.fullmatch(lines[at]) if at < len(lines) else None
    if opening is None or len(opening["indent"]) <= depth:
        end = _end(lines, start + 1, depth)
        return Section(header["kind"], name, start, end), max(end, start + 1)
    examples: list[str] = []
    places: list[int] = []
    indent = ""
    end = at + 1
    for place in range(at + 1, len(lines)):
        line = lines[place]
        if line.strip() and len(line) - len(line.lstrip(" ")) <= len(opening["indent"]):
            break
        example = _EXAMPLE.fullmatch(line)
        if example is not None and example["text"].strip():
            indent = indent or example["indent"]
            examples.append(example["text"].strip())
            places.append(place)
            end = place + 1
    indent = indent or f"{opening['indent']}  "
    return Section(header["kind"], name, start, end, tuple(examples), tuple(places), indent), end


def _end(lines: Sequence[str], at: int, depth: int) -> int:
    """Where what is indented deeper than ``depth`` ends."""
    end = at
    for place in range(at, len(lines)):
        if lines[place].strip():
            if len(lines[place]) - len(lines[place].lstrip(" ")) <= depth:
                break
            end = place + 1
    return end


def _after_header(lines: Sequence[str], section: Section) -> int:
    return next(at for at in range(section.start, len(lines)) if _EXAMPLES.fullmatch(lines[at])) + 1
