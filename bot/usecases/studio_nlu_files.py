"""The example files of one state of the content, taken together; and why an edit of them is refused.

Rasa lets a wish stand in several files, and a file hold several wishes; an editor thinks of wishes. :class:`NluState` is what is there,
:class:`Working` a copy that is edited: every edit touches the lines it means and no others (:mod:`bot.domain.nlu_file`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.domain.nlu_file import MOST_CHARACTERS, NluFile, Section, check_example, check_intent
from bot.errors import ContentError, LoketError
from bot.usecases.studio import Draft
from bot.usecases.wishes import INTENTS

FOLDER = "nlu"
LONGEST_NAME = 30
"""Characters of a new intent's name: with the longest service it has to fit into a button (:data:`bot.domain.payloads.MAX_BYTES`)."""
PROTECTED = INTENTS | {"answer"}
"""What the program itself knows by name (design 4)."""
# Words that YAML or Rasa take for something else (Rasa 3.6: rasa/shared/core/constants.py, DEFAULT_INTENTS).
_TAKEN = frozenset(
    {"yes", "no", "on", "off", "true", "false", "null", "restart", "back", "session_start", "nlu_fallback"}
)
# Rasa reads [word](entity) and [word]{json} as an annotation; a broken one makes the whole file unreadable.
_ANNOTATION = re.compile(r"\[[^\]]*\]\s*[({]")
# Rasa turns \u0041 of a file without other letters than ASCII into a letter (rasa/shared/utils/io.py, read_yaml).
_ESCAPE = re.compile(r"\\[uUxN]")
_PERSONAL = re.compile(r"(?<!\d)(?:\d[ .\-]?){8,}\d|(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.-]+")


class Refused(LoketError):
    """An edit that is not done; ``key`` names the sentence that says why (``nlu_no_<key>`` of the pages)."""

    code = "studio_refused"

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key, **params)
        self.key = key


def new_name(name: str, taken: Iterable[str]) -> str:
    """The name, if a new intent may have it.

    :raises Refused: it may not.
    """
    try:
        check_intent(name)
    except ContentError as error:
        raise Refused("name", name=name[:64]) from error
    if len(name) > LONGEST_NAME:
        raise Refused("name_long", most=LONGEST_NAME)
    if name in _TAKEN:
        raise Refused("name_reserved", name=name)
    if name in set(taken) | PROTECTED:
        raise Refused("name_taken", name=name)
    return name


def own(name: str) -> str:
    """The name, if editors may rename, merge or delete it.

    :raises Refused: the program relies on it.
    """
    if name in PROTECTED:
        raise Refused("protected", name=name)
    return name


def plain_example(text: str) -> str:
    """A new example on one line.

    :raises Refused: empty, too long, something that Rasa would read as markup, or a number that may be somebody's.
    """
    try:
        plain = check_example(text)
    except ContentError as error:
        raise Refused("example_long" if text.strip() else "example_empty", most=MOST_CHARACTERS) from error
    if _ANNOTATION.search(plain) or _ESCAPE.search(plain):
        raise Refused("example_markup", text=plain[:80])
    if _PERSONAL.search(plain):
        raise Refused("example_personal", text=plain[:80])
    return plain


def plain_examples(texts: Iterable[str]) -> list[str]:
    """The same of several, empty ones and repetitions left out.

    :raises Refused: one may not be, or none is left.
    """
    plain = list(dict.fromkeys(plain_example(text) for text in texts if text.strip()))
    if not plain:
        raise Refused("example_empty", most=MOST_CHARACTERS)
    return plain


def short(text: str) -> str:
    """An example as a commit's message or a refusal quotes it."""
    return text if len(text) <= 60 else f"{text[:59]}…"


@dataclass(frozen=True)
class Spot:
    """Where a section is."""

    path: str
    section: Section


@dataclass(frozen=True)
class NluState:
    """All example files of a revision, read."""

    draft: Draft
    files: Mapping[str, NluFile]

    @cached_property
    def _spots(self) -> Mapping[tuple[str, str], tuple[Spot, ...]]:
        found: dict[tuple[str, str], list[Spot]] = {}
        for path, file in self.files.items():
            for section in file.sections:
                found.setdefault((section.kind, section.name), []).append(Spot(path, section))
        return {key: tuple(spots) for key, spots in found.items()}

    def names(self, kind: str = "intent") -> list[str]:
        """In alphabetical order."""
        return sorted(name for of, name in self._spots if of == kind)

    def spots(self, name: str, kind: str = "intent") -> tuple[Spot, ...]:
        """:raises Refused: there is none."""
        found = self._spots.get((kind, name))
        if not found:
            raise Refused("unknown", name=name[:64])
        return found

    def has(self, name: str, kind: str = "intent") -> bool:
        """Whether there is one."""
        return (kind, name) in self._spots

    def examples(self, name: str, kind: str = "intent") -> list[str]:
        """In the order of the files; empty: no such section, or one in a form that is not edited."""
        return [text for spot in self._spots.get((kind, name), ()) for text in spot.section.examples]

    def owner(self, text: str) -> str | None:
        """The intent that has exactly this example, whatever the case of its letters."""
        return self._owners.get(text.casefold())

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        pairs = (
            (text.casefold(), name)
            for (kind, name), spots in self._spots.items()
            if kind == "intent"
            for spot in spots
            for text in spot.section.examples
        )
        return dict(pairs)


@dataclass
class Working:
    """A copy of a state that is being edited. ``others``: text of files besides the example files; only where they are needed."""

    state: NluState
    others: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files: dict[str, NluFile] = dict(self.state.files)
        self._before = dict(self.others)

    @property
    def now(self) -> NluState:
        """As edited so far."""
        return NluState(self.state.draft, self.files)

    def changed(self) -> dict[str, str | None]:
        """Files that are other than before; None: it is gone."""
        old: dict[str, str] = {path: file.text for path, file in self.state.files.items()} | self._before
        new: dict[str, str] = {path: file.text for path, file in self.files.items()} | self.others
        return {path: new.get(path) for path in sorted({*old, *new}) if old.get(path) != new.get(path)}

    def add(self, name: str, texts: Sequence[str], kind: str = "intent") -> int:
        """Examples at the end; returns how many were not there yet.

        :raises Refused: no such section, or none that can be edited.
        """
        known = set(self.now.examples(name, kind))
        fresh = [text for text in texts if text not in known]
        spot = self._editable(name, kind)
        if fresh:
            self.files[spot.path] = self.files[spot.path].add(name, fresh, kind)
        return len(fresh)

    def remove(self, name: str, texts: Sequence[str], kind: str = "intent") -> list[str]:
        """Take examples out; returns those that were there.

        :raises Refused: nothing would be left.
        """
        wanted, there = dict.fromkeys(texts), self.now.examples(name, kind)
        gone = [text for text in there if text in wanted]
        if gone and len(gone) == len(there):
            raise Refused("last", name=name)
        for spot in self.now.spots(name, kind):
            mine = [text for text in spot.section.examples if text in wanted]
            if not mine:
                continue
            file, whole = self.files[spot.path], len(mine) == len(spot.section.examples)
            try:
                self._put(spot.path, file.drop(name, kind) if whole else file.remove(name, mine, kind))
            except ContentError as error:
                raise Refused("form", name=name) from error
        return gone

    def change(self, name: str, old: str, new: str, kind: str = "intent") -> None:
        """Other words for one example.

        :raises Refused: it is in a form that is not edited.
        """
        for spot in self.now.spots(name, kind):
            if old in spot.section.examples:
                try:
                    self.files[spot.path] = self.files[spot.path].change(name, old, new, kind)
                except ContentError as error:
                    raise Refused("form", name=name) from error
                return

    def rename(self, name: str, new: str) -> None:
        """Another name in all files; a file of its own is renamed with it."""
        for path in list(self.files):
            file = self.files[path]
            while any((one.kind, one.name) == ("intent", name) for one in file.sections):
                file = file.rename(name, new)
            if file is self.files[path]:
                continue
            target = _beside(path, f"{new}.yml")
            alone = len(file.sections) == 1 and path.endswith(f"/{name}.yml") and target not in self.state.draft.files
            if alone:
                del self.files[path]
            self.files[target if alone else path] = file

    def drop(self, name: str) -> None:
        """Take an intent out of all files."""
        for path in list(self.files):
            file = self.files[path]
            while any((one.kind, one.name) == ("intent", name) for one in file.sections):
                file = file.drop(name)
            if file is not self.files[path]:
                self._put(path, file)

    def _put(self, path: str, file: NluFile) -> None:
        """A file that holds nothing any more goes away: Rasa refuses an empty list."""
        if file.sections:
            self.files[path] = file
        else:
            del self.files[path]

    def _editable(self, name: str, kind: str) -> Spot:
        """Where new examples go: the file that bears the name, else the first."""
        spots = [spot for spot in self.now.spots(name, kind) if spot.section.indent]
        if not spots:
            raise Refused("form", name=name)
        return next((spot for spot in spots if spot.path.endswith(f"/{name}.yml")), spots[0])


def _beside(path: str, name: str) -> str:
    return f"{path.rpartition('/')[0]}/{name}"
