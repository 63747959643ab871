"""A form as the catalogue describes it: sections, fields, conditions, fills. Data only, no conversation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.fields.base import Choice
from bot.domain.texts import Words

VARIANT = "_variant"
"""Path under which conditions see the chosen variant of the service."""
OWN = "agency."
"""Before a key of ``Fill.known``: from the record of the service's own agency, not from the civil register."""
LISTED = "listed"
"""Option of a choice: the key of the record whose table gives the rows; with fewer than two rows it is not asked."""
QUIET = "quiet"
"""Option of a field that follows the record: counted in conditions, never shown."""
MORE = "lagi"
"""Last field of a repeated group whose number is asked: "one more?"."""


@dataclass(frozen=True)
class Test:
    """One comparison: ``op`` is ``equals``, ``in``, ``not``, ``exists`` or ``skipped``."""

    __test__ = False  # not a pytest class

    path: str
    op: str
    value: Any

    def holds(self, get: Callable[[str], Any], skipped: Collection[str], here: str) -> bool:
        """Whether it is true. A path starting with a dot is relative to the group ``here``."""
        path = here + self.path if self.path.startswith(".") else self.path
        if self.op == "skipped":
            return (path in skipped) is bool(self.value)
        found = get(path)
        if self.op == "exists":
            return (found is not None) is bool(self.value)
        if self.op == "in":
            return found in self.value
        if self.op == "not":
            return found not in self.value if isinstance(self.value, tuple) else found != self.value
        return bool(found == self.value)


@dataclass(frozen=True)
class Condition:
    """True when all ``tests`` hold and, if there are alternatives, one of ``any`` does."""

    tests: tuple[Test, ...] = ()
    any: tuple[Condition, ...] = ()

    def holds(self, get: Callable[[str], Any], skipped: Collection[str], here: str = "") -> bool:
        """Whether it is true for the values that ``get`` finds."""
        # Plain loops: this runs hundreds of times in a turn.
        for test in self.tests:
            if not test.holds(get, skipped, here):
                return False
        if not self.any:
            return True
        for alternative in self.any:
            if alternative.holds(get, skipped, here):
                return True
        return False


@dataclass(frozen=True)
class Fill:
    """Where a value may come from instead of being asked; the first rule whose condition holds counts.

    ``known``: from the person's record (``agency.x``: the service's own agency), shown for confirmation (silently when
    ``confirm`` is false). ``copy``: from
    another field, follows it.
    ``value``: a usual value, corrected in the review if it is wrong. ``by``: the record holds a table; the answer at this path
    names its row, and where nothing is said there the only row counts.
    """

    known: str | None = None
    copy: str | None = None
    value: Any = None
    when: Condition | None = None
    confirm: bool = True
    compute: str | None = None
    """With ``copy``: what is made of it; ``weekday`` gives the name of the day, ``village`` the village an address ends with."""
    by: str | None = None


def own_key(service: str, name: str) -> str:
    """Where a person's record keeps what the agency of ``service`` knows: another service must not be filled from it."""
    return f"{service}.{name}"


def record_key(service: str, known: str) -> str:
    """The key in a person's record that ``Fill.known`` means for ``service``."""
    return own_key(service, known.removeprefix(OWN)) if known.startswith(OWN) else known


@dataclass(frozen=True)
class Field:
    """One question of a form."""

    id: str
    type: str
    label: Words
    ask: Words
    help: Words | None = None
    optional: bool = False
    choices: tuple[Choice, ...] = ()
    when: Condition | None = None
    fill: tuple[Fill, ...] = ()
    locked: bool = False
    """A value from the person's record cannot be changed by typing."""
    check: str | None = None
    """Outside check on accepting: ``civil_register`` or ``face``."""
    skip_at: int | None = None
    """Not asked of a person whose assurance is at least this."""
    differs_from: tuple[str, ...] = ()
    """Paths whose values this one must not repeat."""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Repeat:
    """A group asked several times: exactly ``min`` times when ``max`` is equal, else asked "one more?" in between."""

    min: int
    max: int
    more: Words | None = None


@dataclass(frozen=True)
class Section:
    """Fields under one heading. ``internal`` ones (consent, identity) never reach the agency or the review."""

    id: str
    title: Words
    fields: tuple[Field, ...]
    when: Condition | None = None
    repeat: Repeat | None = None
    internal: bool = False


@dataclass(frozen=True)
class Form:
    """All sections in the order they are asked. ``code`` is the official form's, e.g. ``F-2.01``."""

    code: str
    sections: tuple[Section, ...]
