"""From the plain mappings of ``data/loci`` and ``data/alih`` to what the desk of an office works by. Pure, like
:mod:`bot.domain.catalogue_build`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from bot.domain.catalogue import Team
from bot.domain.escalation import Escalation, Mood, Rule, Signal
from bot.domain.hours import Week
from bot.domain.texts import Words

Node = Mapping[str, Any]
DAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")


def week(hours: Node | None, closed: Iterable[date] = ()) -> Week | None:
    """The hours to reckon with (``hours.week`` of a locus), ``closed`` on these days besides; None: they are not known."""
    if hours is None or "week" not in hours:
        return None
    days = {DAYS.index(day): tuple(_span(span) for span in spans) for day, spans in hours["week"].items()}
    shut = frozenset((*_days(hours.get("closed", ())), *closed))
    return Week(days, shut, frozenset(_days(hours.get("opened", ()))))


def _span(said: str) -> tuple[time, time]:
    begin, end = (_clock(part) for part in said.split("-"))
    return begin, end


def _clock(said: str) -> time:
    hour, minute = said.strip().replace(":", ".").split(".")
    return time(int(hour), int(minute))


def _days(said: Iterable[object]) -> Iterable[date]:
    return (date.fromisoformat(str(day)) for day in said)


def teams(nodes: Iterable[Node]) -> tuple[Team, ...]:
    """The teams of a locus."""
    return tuple(
        Team(node["id"], _words(node["name"]), tuple(node.get("agencies", ())), tuple(node.get("services", ())))
        for node in nodes
    )


def escalation_of(words: Iterable[Node], rules: Iterable[Node]) -> Escalation:
    """When a person is called."""
    signals = tuple(
        Signal(node["id"], Mood(node["mood"]), tuple(node["phrases"]), tuple(node.get("unless", ())), node.get("say"))
        for node in words
    )
    return Escalation(
        signals,
        tuple(Rule(node.get("intent"), node.get("service"), node.get("say"), node.get("team")) for node in rules),
    )


def _words(node: str | Node) -> Words:
    return {"id": node} if isinstance(node, str) else dict(node)
