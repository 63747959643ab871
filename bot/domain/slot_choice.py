"""Which free times are offered for a wish: few at a time, over several days, those of the day that was named first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from bot.domain.wished_time import LATER, WishedTime

MOST = 5
"""Times offered at once; with "another time" they are six, which can be read at a glance and pressed on every channel."""
_MIDDAY = time(12)


@dataclass(frozen=True)
class Answer:
    """What a wish leads to: a time that is free, or others to choose from and why."""

    taken: datetime | None = None
    offers: tuple[datetime, ...] = ()
    why: str = ""
    """``full`` (that time), ``day`` (nothing on those days), ``none`` (nothing at all); empty: these fit the wish."""


def answer(wish: WishedTime, free: Sequence[datetime], offered: Sequence[str] = ()) -> Answer:
    """What to say to a wish. ``free``: times with a place, in order; ``offered``: what was offered before."""
    if not free:
        return Answer(why="none")
    if wish.later:
        return Answer(offers=_after(free, offered))
    fitting = [one for one in free if wish.fits(one)]
    if wish.at is not None:
        return Answer(taken=wish.at) if fitting else _near(wish.at, free)
    if fitting:
        return Answer(offers=_shown(fitting))
    return Answer(offers=_from(free, wish.first_day), why="day")


def first_offers(free: Sequence[datetime]) -> tuple[datetime, ...]:
    """What is offered before anything was wished: the earliest of each morning and each afternoon."""
    halves = groupby(free, key=lambda one: (one.date(), one.time() >= _MIDDAY))
    return tuple(next(times) for _, times in halves)[:MOST]


def buttons_of(offers: Sequence[datetime]) -> tuple[str, ...]:
    """The texts that stand for the offers, "another time" last."""
    return (*(WishedTime(at=one).to_json() for one in offers), *([LATER] if offers else []))


def _near(at: datetime, free: Sequence[datetime]) -> Answer:
    """The time itself is taken: those nearest to it on the same day, else the next days."""
    same = sorted((one for one in free if one.date() == at.date()), key=lambda one: abs(one - at))[:MOST]
    if same:
        return Answer(offers=tuple(sorted(same)), why="full")
    return Answer(offers=_from(free, at.date()), why="day")


def _shown(fitting: Sequence[datetime]) -> tuple[datetime, ...]:
    """Of one day its times; of several days the first of each half."""
    return tuple(fitting[:MOST]) if len({one.date() for one in fitting}) == 1 else first_offers(fitting)


def _from(free: Sequence[datetime], day: date | None) -> tuple[datetime, ...]:
    later = [one for one in free if day is None or one.date() >= day]
    return first_offers(later or free)


def _after(free: Sequence[datetime], offered: Sequence[str]) -> tuple[datetime, ...]:
    """Those behind the last one offered; from the beginning again when there are no more."""
    known = [WishedTime.from_json(one).at for one in offered if one != LATER]
    last = max((one for one in known if one is not None), default=None)
    rest = [one for one in free if last is None or one > last]
    days = {one.date() for one in known if one is not None}
    if last is not None and len(days) == 1 and any(one.date() in days for one in rest):
        return tuple(one for one in rest if one.date() in days)[:MOST]
    return first_offers(rest or free)
