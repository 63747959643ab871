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


def can(old: State, new: State) -> bool:
    """Whether an application may go from ``old`` to ``new``. Staying is no transition."""
    return new in TRANSITIONS[old]


def citizen_can_cancel(state: State) -> bool:
    """Whether the applicant may still withdraw: until the document is issued or the case is closed."""
    return can(state, _S.DIBATALKAN)


def clock_runs(state: State) -> bool:
    """Whether the office's time counts; it stops while the applicant has to repair something."""
    return state in _OPEN


def promise(
    submitted: datetime,
    working_days: int,
    holidays: Callable[[date], bool],
    tz: tzinfo,
    *,
    paused: timedelta = timedelta(),
) -> date:
    """The date by which the result is promised.

    Counts ``working_days`` days that are neither weekend nor ``holidays``, beginning the day after submission as the
    office's calendar (``tz``) sees it. ``paused`` is the time the clock stood still.
    """
    day = (submitted + paused).astimezone(tz).date()
    left = working_days
    while left > 0 or not _works(day, holidays):
        day += timedelta(days=1)
        if _works(day, holidays):
            left -= 1
    return day


def _works(day: date, holidays: Callable[[date], bool]) -> bool:
    return day.weekday() < 5 and not holidays(day)


def working_days_between(start: date, end: date, holidays: Callable[[date], bool]) -> int:
    """Working days after ``start`` up to and including ``end``; 0 when ``end`` is not later."""
    days = 0
    while start < end:
        start += timedelta(days=1)
        days += _works(start, holidays)
    return days
