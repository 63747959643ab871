"""What an office has to say besides its weekly hours: days on which it is closed, and notices while they hold. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.domain.fields.dates import shown_date
from bot.domain.texts import Say, Words, word

AHEAD = timedelta(days=14)
"""So long before a closure the hours are told with it."""
LONGEST = timedelta(days=366)
"""A closure that is longer is a slip of the pen."""


@dataclass(frozen=True)
class Closure:
    """Whole days on which the office is closed, the last one included."""

    begin: date
    end: date
    why: Words

    def days(self) -> Iterator[date]:
        """Each of them."""
        day = self.begin
        while day <= self.end:
            yield day
            day += timedelta(days=1)


@dataclass(frozen=True)
class Notice:
    """Said while it holds: from ``begin`` up to, not including, ``end``, in the office's own time."""

    begin: datetime
    end: datetime
    text: Words
    urgent: bool = False


def closures_of(nodes: Iterable[Mapping[str, Any]]) -> tuple[Closure, ...]:
    """From the plain mappings of an office's file.

    :raises ValueError: a day that no calendar has, or an end before the beginning.
    """
    found = []
    for node in nodes:
        begin = date.fromisoformat(node["from"])
        end = date.fromisoformat(node.get("until", node["from"]))
        if not timedelta() <= end - begin <= LONGEST:
            raise ValueError(f"a closure from {begin} until {end}")
        found.append(Closure(begin, end, _words(node["text"])))
    return tuple(found)


def notices_of(nodes: Iterable[Mapping[str, Any]]) -> tuple[Notice, ...]:
    """The same for notices; an end without a time is the end of that day."""
    found = []
    for node in nodes:
        begin, _ = _moment(node["from"])
        end, timed = _moment(node["until"])
        end = end if timed else end + timedelta(days=1)
        if end <= begin:
            raise ValueError(f"a notice from {node['from']} until {node['until']}")
        found.append(Notice(begin, end, _words(node["text"]), node.get("urgent", False)))
    return tuple(found)


def news(
    closures: Sequence[Closure],
    notices: Sequence[Notice],
    here: datetime,
    language: str,
    texts: Say,
    *,
    closing: bool = True,
) -> list[str]:
    """What has to be told now, the urgent first. ``here``: the time at the office; ``closing``: with the days it is closed."""
    now = here.replace(tzinfo=None)
    told = sorted((one for one in notices if one.begin <= now < one.end), key=lambda one: not one.urgent)
    said = [
        texts.say("office.urgent" if one.urgent else "office.notice", language, text=word(one.text, language))
        for one in told
    ]
    today = now.date()
    near = [one for one in closures if one.end >= today and one.begin <= today + AHEAD] if closing else []
    return said + [_closed(one, today, language, texts) for one in sorted(near, key=lambda one: one.begin)]


def _closed(closure: Closure, today: date, language: str, texts: Say) -> str:
    key = "office.closed_now" if closure.begin <= today else "office.closes"
    key += "" if closure.begin < closure.end else "_one_day"
    days = {"begin": shown_date(closure.begin, language), "end": shown_date(closure.end, language)}
    return texts.say(key, language, why=word(closure.why, language), **days)


def _moment(said: str) -> tuple[datetime, bool]:
    day, _, clock = said.partition(" ")
    at = time.fromisoformat(clock.replace(".", ":")) if clock else time()
    return datetime.combine(date.fromisoformat(day), at), bool(clock)


def _words(node: str | Words) -> Words:
    return {"id": node.strip()} if isinstance(node, str) else {one: text.strip() for one, text in node.items()}
