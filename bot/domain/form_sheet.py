"""The draft laid over the form: which fields count now, what is known about each, what is still open. Pure
computation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from bot.domain.catalogue import Ending, Service
from bot.domain.fields import TYPES
from bot.domain.fields.base import Choice, Context, Parsed
from bot.domain.form_draft import Draft
from bot.domain.form_model import LISTED, MORE, QUIET, VARIANT, Field, Fill, Form, Section, record_key
from bot.domain.form_turn import CONFIRM, VARIANT_PATH
from bot.domain.texts import fill

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_WEAK = frozenset({"name", "place", "text", "address"})


class State(StrEnum):
    """What is known about a field."""

    OPEN = "open"
    OFFERED = "offered"
    """A value of the person's record waits for confirmation."""
    ANSWERED = "answered"
    SKIPPED = "skipped"
    FILLED = "filled"
    """Copied or usual: not asked, shown in the review."""


@dataclass(frozen=True)
class Item:
    """One field at one place of the form, e.g. the second witness's name."""

    path: str
    group: str
    """Path of the group it stands in, e.g. ``saksi.1``."""
    field: Field
    section: Section
    index: int | None
    state: State
    value: Any = None
    usual: bool = False
    """Filled with a usual value that nobody has said yet."""
    source: str | None = None
    """Path of the answer that this one follows."""

    @property
    def open(self) -> bool:
        """Whether it still has to be asked or confirmed."""
        return self.state in (State.OPEN, State.OFFERED)

    def words(self, text: Mapping[str, str], language: str) -> str:
        """A wording of the catalogue with this item's number in its group (``{n}``)."""
        return fill(text.get(language) or text["id"], n=(self.index or 0) + 1)


_Found = tuple[State, Any, bool, str | None]
"""The last four parts of an :class:`Item`: state, value, whether it is a usual one, source."""
_Place = tuple[str, str, Field, Section, int | None, State, Any, bool, str | None]
"""An :class:`Item` to be."""
_OPEN: _Found = (State.OPEN, None, False, None)


class Sheet:
    """All fields that count for a draft, in the order they are asked."""

    def __init__(self, service: Service, draft: Draft) -> None:
        if service.form is None:
            raise ValueError(f"{service.slug} has no form")
        self.service = service
        self.draft = draft
        self._sections = _with_variant(service, service.form)
        self._booking = service.variant(draft.variant).ends is Ending.BOOKING
        self._read: dict[tuple[str, str], Any] = {}
        self.items: tuple[Item, ...] = self._settle()

    @cached_property
    def by_path(self) -> dict[str, Item]:
        """Items by path."""
        return {item.path: item for item in self.items}

    @cached_property
    def first_open(self) -> Item | None:
        """What has to be asked next, or None when nothing is missing."""
        return next((item for item in self.items if item.open), None)

    def offered(self, group: str) -> list[Item]:
        """The values of one group that are confirmed together."""
        return [i for i in self.items if i.group == group and i.state is State.OFFERED]

    @cached_property
    def reviewed(self) -> list[Item]:
        """What the review shows, in its numbering."""
        return [
            i
            for i in self.items
            if not i.open
            and i.field.id != MORE
            and QUIET not in i.field.options
            and (not i.section.internal or i.path == VARIANT_PATH)
        ]

    def open_steps(self) -> int:
        """How many questions are still to come, as things stand; a group confirmed at once is one."""
        single = sum(i.state is State.OPEN for i in self.items)
        return single + len({i.group for i in self.items if i.state is State.OFFERED})

    def counts(self, step: str) -> bool:
        """Whether a step of the history still stands: its field is there and has its value."""
        if step.endswith("." + CONFIRM):
            group = step[: -len(CONFIRM) - 1]
            return any(i.group == group and i.state is State.ANSWERED for i in self.items)
        item = self.by_path.get(step)
        return item is not None and item.state in (State.ANSWERED, State.SKIPPED)

    def _settle(self) -> tuple[Item, ...]:
        # Conditions may look at copied values and copies at answers that a condition takes away: repeat until
        # nothing changes.
        values = dict(self.draft.answers)
        for _ in range(8):
            places = list(self._pass(values))
            # Path, state and value of each place.
            found = {p[0]: p[6] for p in places if p[6] is not None and p[5] is not State.OFFERED}
            if found == values:
                break
            values = found
        return tuple(Item(*place) for place in places)

    def _pass(self, values: Mapping[str, Any]) -> Iterator[_Place]:
        values = {**values, VARIANT: self.draft.variant or self.service.variants[0].id}
        for section in self._sections:
            if section.repeat is None:
                yield from self._group(section, section.id, None, values)
                continue
            for index in range(section.repeat.max):
                group = f"{section.id}.{index}"
                if index >= section.repeat.min and not values.get(f"{section.id}.{index - 1}.{MORE}"):
                    break
                yield from self._group(section, group, index, values)

    def _group(self, section: Section, group: str, index: int | None, values: Mapping[str, Any]) -> Iterator[_Place]:
        if section.when is not None and not section.when.holds(values.get, self.draft.skipped, group):
            return
        for field in _asked_fields(section, index):
            path = VARIANT_PATH if field.id == VARIANT_PATH else f"{group}.{field.id}"
            if field.skip_at is not None and self.draft.assurance >= field.skip_at:
                continue
            if field.check == "face" and self._booking:
                # The office sees the person; and whoever books a first identity card has no enrolled face yet.
                continue
            if field.when is not None and not field.when.holds(values.get, self.draft.skipped, group):
                continue
            if LISTED in field.options:
                field = self._listed(field)
                if len(field.choices) < 2:
                    continue
            found = self._variant if path == VARIANT_PATH else self._found(path, group, field, values)
            yield path, group, field, section, index, *found

    def _listed(self, field: Field) -> Field:
        """The field with the rows of the person's own record as its choices."""
        known = self.draft.known.get(record_key(self.draft.service, str(field.options[LISTED])))
        table = known if isinstance(known, Mapping) else {}
        # "Klinik Sehat (446/012)" is also called by what stands before the bracket.
        rows = ((str(code), str(label), str(label).partition(" (")[0]) for code, label in table.items())
        return replace(field, choices=tuple(Choice(code, {"id": label}, (short,)) for code, label, short in rows))

    @property
    def _variant(self) -> _Found:
        chosen = self.draft.variant
        return _OPEN if chosen is None else (State.ANSWERED, chosen, False, None)

    def _found(self, path: str, group: str, field: Field, values: Mapping[str, Any]) -> _Found:
        """What is known about a field."""
        draft = self.draft
        if path in draft.answers:
            return State.ANSWERED, draft.answers[path], False, None
        if path in draft.skipped:
            return State.SKIPPED, None, False, None
        if not field.fill or path in draft.declined or path in draft.repair:
            return _OPEN
        for rule in field.fill:
            if rule.when is not None and not rule.when.holds(values.get, draft.skipped, group):
                continue
            if rule.known is not None:
                value = self._known_value(path, field, rule, group, values)
                if value is not None:
                    # Without a verified face only what the person has typed is known: nothing to confirm.
                    offered = rule.confirm and draft.assurance >= 3
                    return State.OFFERED if offered else State.FILLED, value, False, None
            elif rule.copy is not None:
                source = group + rule.copy if rule.copy.startswith(".") else rule.copy
                value = _computed(rule.compute, values.get(source), field)
                if value is not None:
                    return State.FILLED, value, False, source
            else:
                return State.FILLED, rule.value, True, None
        return _OPEN

    def _known_value(self, path: str, field: Field, rule: Fill, group: str, values: Mapping[str, Any]) -> Any:
        """:func:`known_value`, once for all passes."""
        key = record_key(self.draft.service, str(rule.known))
        value = self.draft.known.get(key)
        if rule.by is not None and isinstance(value, Mapping):
            row = values.get(group + rule.by if rule.by.startswith(".") else rule.by)
            chosen = str(row) if row is not None else next(iter(value)) if len(value) == 1 else ""
            key, value = f"{key}/{chosen}", value.get(chosen)
        if (path, key) not in self._read:
            self._read[path, key] = known_value(field, value, self.draft)
        return self._read[path, key]


def known_value(field: Field, value: Any, draft: Draft) -> Any:
    """A value of the person's record in the field's own form, or None when it does not fit (then it is asked)."""
    if value is None or value == "":
        return None
    if field.type in _WEAK:
        # The register's word is taken as it stands: our rules for typed names do not apply to it.
        return str(value)
    if field.choices and any(c.code == value for c in field.choices):
        return value
    parsed: Parsed = TYPES[field.type].parse(str(value), field, Context(draft.started_at))
    return parsed.value if parsed.ok else None


def _computed(how: str | None, value: Any, field: Field) -> Any:
    if how is None or value is None:
        return value
    if how == "village":
        return village_of(str(value), field)
    return WEEKDAYS[date.fromisoformat(value).weekday()]


def village_of(address: str, field: Field) -> str | None:
    """Code of the village that an address ends with ("…, Procot, Slawi"), if it is spelled right and only one is meant."""
    parts = [part for part in address.split(",") if part.strip()]
    if len(parts) < 2:
        return None
    for ending in (",".join(parts[-2:]), parts[-1]):
        found = field.options["regions"].find_village(ending)
        if len(found.sure) == 1 and found.spelled:
            return str(found.sure[0].code)
    return None


def _asked_fields(section: Section, index: int | None) -> tuple[Field, ...]:
    repeat = section.repeat
    if repeat is None or repeat.more is None or index is None or not repeat.min <= index + 1 < repeat.max:
        return section.fields
    return (*section.fields, Field(MORE, "yes_no", repeat.more, repeat.more))


def _with_variant(service: Service, form: Form) -> tuple[Section, ...]:
    if len(service.variants) < 2:
        return form.sections
    choices = tuple(Choice(v.id, v.name, v.synonyms) for v in service.variants)
    asked = Field(VARIANT_PATH, "choice", service.name, service.which_variant or service.name, choices=choices)
    return (Section(VARIANT_PATH, service.name, (asked,), internal=True), *form.sections)
