"""The records of processing as data: activities, and how long each class of rows is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

BASES = ("consent", "law", "interest")


@dataclass(frozen=True)
class Activity:
    """One line of the register. Words are by language."""

    id: str
    name: Mapping[str, str]
    purpose: Mapping[str, str]
    data: Mapping[str, str]
    basis: str
    recipients: Mapping[str, str]
    keep: Mapping[str, str]
    sealed: Mapping[str, tuple[str, ...]]
    """Table -> its sealed columns."""
    classes: Mapping[str, int]
    """Class of :mod:`bot.storage.retention` -> days."""
    specific: Mapping[str, str] = field(default_factory=dict)
    """Why the data are specific (ps 4), where they are."""


@dataclass(frozen=True)
class Records:
    """All of them."""

    controller: Mapping[str, str]
    activities: tuple[Activity, ...]

    def keeps(self, class_: str) -> timedelta:
        """How long rows of a class are kept.

        :raises KeyError: no activity names it.
        """
        for activity in self.activities:
            if class_ in activity.classes:
                return timedelta(days=activity.classes[class_])
        raise KeyError(class_)

    def covers(self, table: str, column: str) -> bool:
        """Whether an activity names that column."""
        return any(column in activity.sealed.get(table, ()) for activity in self.activities)


def records_of(loaded: Mapping[str, Any]) -> Records:
    """Out of ``pemrosesan.yml``.

    :raises ValueError: something is missing, or said twice.
    """
    activities = tuple(_activity(one) for one in loaded["activities"])
    named = [name for one in activities for name in one.classes]
    columns = [(table, column) for one in activities for table, found in one.sealed.items() for column in found]
    twice = {name for name in named if named.count(name) > 1} | {c for c in columns if columns.count(c) > 1}
    if twice:
        raise ValueError(f"said twice: {sorted(map(str, twice))}")
    return Records(dict(loaded["controller"]), activities)


def _activity(one: Mapping[str, Any]) -> Activity:
    if one["basis"] not in BASES:
        raise ValueError(f"{one['id']}: basis must be one of {BASES}")
    keep = {language: words for language, words in one["keep"].items() if language != "days"}
    return Activity(
        id=one["id"],
        name=one["name"],
        purpose=one["purpose"],
        data=one["data"],
        basis=one["basis"],
        recipients=one["recipients"],
        keep=keep,
        sealed={table: tuple(columns) for table, columns in one["sealed"].items()},
        classes=dict(one["classes"]),
        specific=one.get("specific", {}),
    )
