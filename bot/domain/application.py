"""The life of a submitted application, and the date it is promised for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum


class State(StrEnum):
    """States of an application, in the words of the offices."""

    DRAFT = "draft"
    DIAJUKAN = "diajukan"
    VERIFIKASI_BERKAS = "verifikasi_berkas"
    PERLU_PERBAIKAN = "perlu_perbaikan"
    DIPROSES = "diproses"
    MENUNGGU_TTE = "menunggu_tte"
    TERBIT = "terbit"
    SELESAI = "selesai"
    DITOLAK = "ditolak"
    DIBATALKAN = "dibatalkan"
    KEDALUWARSA = "kedaluwarsa"


_S = State

TERMINAL = frozenset({_S.SELESAI, _S.DITOLAK, _S.DIBATALKAN, _S.KEDALUWARSA})
"""Nothing follows. ``terbit`` is not among them: the document still has to be fetched (or, of a complaint, the citizen has to agree)."""

ISSUED = frozenset({_S.TERBIT, _S.SELESAI})
"""There is a finished document."""

# An agency with a coarse system may leave steps out (diajukan -> terbit), but never go backwards except into a repair.
_FORWARD = (_S.DIAJUKAN, _S.VERIFIKASI_BERKAS, _S.DIPROSES, _S.MENUNGGU_TTE, _S.TERBIT)
_OPEN = frozenset({_S.DIAJUKAN, _S.VERIFIKASI_BERKAS, _S.DIPROSES, _S.MENUNGGU_TTE})


def _transitions() -> dict[State, frozenset[State]]:
    table: dict[State, set[State]] = {state: set() for state in State}
    table[_S.DRAFT] = {_S.DIAJUKAN, _S.DIBATALKAN, _S.KEDALUWARSA}
    for position, state in enumerate(_FORWARD[:-1]):
        table[state] = {*_FORWARD[position + 1 :], _S.PERLU_PERBAIKAN, _S.DITOLAK, _S.DIBATALKAN}
    # A repair goes back to the officer's desk; a coarse agency may take it on from there at once.
    table[_S.PERLU_PERBAIKAN] = {*_FORWARD, _S.DITOLAK, _S.DIBATALKAN, _S.KEDALUWARSA}
    table[_S.TERBIT] = {_S.SELESAI}
    return {state: frozenset(following) for state, following in table.items()}


TRANSITIONS = _transitions()


REOPENED = {_S.TERBIT: frozenset({_S.DIPROSES}), _S.SELESAI: frozenset({_S.DIPROSES})}
"""What may follow besides, in a matter that its citizen may call unsettled (a complaint): the office takes it up again."""


def can(old: State, new: State, *, reopens: bool = False) -> bool:
    """Whether an application may go from ``old`` to ``new``. Staying is no transition.

    ``reopens``: somebody may say so of this matter, and said so now (:data:`REOPENED`).
    """
    return new in TRANSITIONS[old] or (reopens and new in REOPENED.get(old, ()))


def citizen_can_cancel(state: State) -> bool:
    """Whether the applicant may still withdraw: until the document is issued or the case is closed."""
    return can(state, _S.DIBATALKAN)


def clock_runs(state: State) -> bool:
    """Whether the office's time counts; it stops while the applicant has to repair something."""
    return state in _OPEN


def promise(submitted: datetime, working_days: int, holidays: Callable[[date], bool], tz: tzinfo) -> date:
    """The date by which the result is promised.

    Counts ``working_days`` days that are neither weekend nor ``holidays``, beginning the day after submission as the
    office's calendar (``tz``) sees it.
    """
    return add_working_days(submitted.astimezone(tz).date(), working_days, holidays)


def add_working_days(day: date, working_days: int, holidays: Callable[[date], bool]) -> date:
    """The working day so many working days after ``day``; with 0 the day itself, or the next one that works."""
    left = working_days
    while left > 0 or not _works(day, holidays):
        day += timedelta(days=1)
        if _works(day, holidays):
            left -= 1
    return day


def postponed(promised: date, paused: date, resumed: date, holidays: Callable[[date], bool]) -> tuple[date, int]:
    """The promise after the clock stood still from one day to another, and the working days it lost by that.

    A day on which the office could still work (repaired on the very day it was asked for) is not lost.
    """
    lost = working_days_between(paused, resumed, holidays)
    return (add_working_days(promised, lost, holidays) if lost else promised), lost


def _works(day: date, holidays: Callable[[date], bool]) -> bool:
    return day.weekday() < 5 and not holidays(day)


def working_days_between(start: date, end: date, holidays: Callable[[date], bool]) -> int:
    """Working days after ``start`` up to and including ``end``; 0 when ``end`` is not later."""
    days = 0
    while start < end:
        start += timedelta(days=1)
        days += _works(start, holidays)
    return days


# -- what the watch over open cases says, and when --------------------------------------------------------------------------

APOLOGISE_EVERY = 3
"""Working days between two apologies for one promise."""
MOST_APOLOGIES = 3
"""After so many, only the office is reminded: an apology that comes without end is none."""
REPAIR_REMINDERS = (14, 7, 2)
"""Days before the end of a repair's time."""


def apology(promised: date, today: date, holidays: Callable[[date], bool]) -> int:
    """Which apology is due for a promise that was not kept: 1, 2, 3; 0: none (it is not late, or all were made)."""
    late = working_days_between(promised, today, holidays)
    number = (late + APOLOGISE_EVERY - 1) // APOLOGISE_EVERY
    return number if number <= MOST_APOLOGIES else 0


def repair_reminder(ends: date, today: date, asked: date) -> int:
    """Days left that a reminder of an open repair is due for, the nearest only; 0: none. One that would come on the day of the
    request itself, or before it, is left out."""
    left = (ends - today).days
    due = [days for days in REPAIR_REMINDERS if left <= days and (ends - timedelta(days=days)) > asked]
    return min(due) if due and left > 0 else 0
