"""One place decides how a message leaves: as free text, as an approved template, elsewhere, later, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from bot.domain.messages import Standing, Template

MOST_TRIES = 12
"""Failures after which a message is given up."""
MOST_WAIT = timedelta(hours=24)
"""A message that fails this long after it was written is given up, when it had a fair chance."""
_FAIR = 3
# The first retry comes at once (Notify, celery/provider_tasks.py: most stumbles are over in a moment), then ever later.
_PAUSES_S = (0, 5, 30, 120, 300, 900, 1800, 3600, 7200, 14400)
TOO_OLD = timedelta(days=30)
"""News held longer than this is no news any more."""
MISCONFIGURED_PAUSE = timedelta(minutes=5)
"""Between tries while an operator has to mend something."""


def quiet_hours(text: str) -> tuple[int, int]:
    """First and last hour of ``21-7``.

    :raises ValueError: it is something else.
    """
    start, end = (int(part) for part in text.split("-"))
    if not (0 <= start <= 23 and 0 <= end <= 23):
        raise ValueError("two hours from 0 to 23, as in 21-7")
    return start, end


class Way(StrEnum):
    """How a message leaves."""

    TEXT = "text"
    TEMPLATE = "template"
    ELSEWHERE = "elsewhere"
    HOLD = "hold"
    DROP = "drop"


class Held(StrEnum):
    """Why a message waits (``outbox.via``)."""

    QUIET = "held:quiet"
    WINDOW = "held:window"
    """Until the person writes."""


@dataclass(frozen=True)
class Elsewhere:
    """Another conversation that is proven to be the same person's."""

    conversation: UUID
    standing: Standing
    pull: bool
    """The person fetches there: nothing is sent."""
    open: bool
    """Free text may be sent there now."""


@dataclass(frozen=True)
class Quiet:
    """No notices from ``start`` to ``end`` o'clock, office time; equal hours: never quiet."""

    start: int
    end: int
    zone: tzinfo

    def until(self, now: datetime) -> datetime | None:
        """When the quiet that reigns at ``now`` ends; None: it does not."""
        local = now.astimezone(self.zone)
        hour, over = local.hour, self.start > self.end
        if not (hour >= self.start or hour < self.end if over else self.start <= hour < self.end):
            return None
        day = local.date() + timedelta(days=1 if over and hour >= self.start else 0)
        return datetime.combine(day, time(self.end), self.zone).astimezone(now.tzinfo)


@dataclass(frozen=True)
class Situation:
    """What the decision depends on."""

    now: datetime
    notice: bool
    """Not an answer to what the person wrote."""
    standing: Standing = Standing.OPEN
    written_at: datetime | None = None
    """When the message was written."""
    window_hours: int = 0
    last_inbound_at: datetime | None = None
    refused: bool = False
    """The provider said that the window is closed, whatever our own count says."""
    template: Template | None = None
    """Approved on this account for this message."""
    complete: bool = False
    """The template says all of it; else it only asks the person to write."""
    nudged: bool = False
    """The person was already asked to write, and has not yet."""
    others: Sequence[Elsewhere] = ()
    """Where the message has not been yet, the last used first."""
    quiet: Quiet | None = None


@dataclass(frozen=True)
class Decision:
    """What to do. ``then``: after sending the template, hold the message itself until the person writes."""

    way: Way
    reason: str = ""
    template: Template | None = None
    then: bool = False
    conversation: UUID | None = None
    until: datetime | None = None


def decide(s: Situation) -> Decision:
    """How the message leaves now. Answers are never held for the night, and go to somebody who asked for silence: they wrote."""
    if s.standing is Standing.BLOCKED or (s.standing is Standing.STOPPED and s.notice):
        return elsewhere(s, s.standing.value)
    if s.notice and s.written_at is not None and s.now - s.written_at > TOO_OLD:
        return Decision(Way.DROP, "too_old")
    quiet = s.quiet.until(s.now) if s.notice and s.quiet is not None else None
    if quiet is not None:
        return Decision(Way.HOLD, Held.QUIET, until=quiet)
    if not s.refused and window_open(s.window_hours, s.last_inbound_at, s.now):
        return Decision(Way.TEXT)
    return _past_the_window(s)


def _past_the_window(s: Situation) -> Decision:
    if s.template is not None and s.complete:
        return Decision(Way.TEMPLATE, template=s.template)
    other = _other(s) if s.notice else None
    if other is not None:
        return Decision(Way.ELSEWHERE, "window_closed", conversation=other)
    if s.template is not None and not s.nudged:
        return Decision(Way.TEMPLATE, Held.WINDOW, template=s.template, then=True)
    return Decision(Way.HOLD, Held.WINDOW)


def elsewhere(s: Situation, reason: str) -> Decision:
    """Nothing can be sent here any more: a notice goes to another conversation, if there is one."""
    other = _other(s) if s.notice else None
    return Decision(Way.DROP, reason) if other is None else Decision(Way.ELSEWHERE, reason, conversation=other)


def _other(s: Situation) -> UUID | None:
    """A channel that rings comes before a web thread that nobody may be looking at."""
    fit = [o for o in s.others if o.standing is Standing.OPEN and o.open]
    return next((o.conversation for pull in (False, True) for o in fit if o.pull is pull), None)


def window_open(hours: int, last_inbound_at: datetime | None, now: datetime) -> bool:
    """Whether free text may be sent; ``hours`` 0: always. A minute is left for the way."""
    if hours == 0:
        return True
    return last_inbound_at is not None and now < last_inbound_at + timedelta(hours=hours, minutes=-1)


def retry_in(failures: int, age: timedelta) -> timedelta | None:
    """The pause after the so-manieth failure of a message of that age; None: give up."""
    if failures >= MOST_TRIES or (age > MOST_WAIT and failures >= _FAIR):
        return None
    return timedelta(seconds=_PAUSES_S[min(failures, len(_PAUSES_S)) - 1])


# Exact short texts only: "berhenti di tengah jalan" inside a form is an answer. The English ones are those of Twilio
# (twilio.com/docs, "Twilio support for opt-out keywords"), but for END, CANCEL and YES, which mean something in a form.
_STOP = frozenset(
    {
        "stop",
        "stopall",
        "unsubscribe",
        "berhenti",
        "stop kirim",
        "berhenti kirim",
        "berhenti kirim pesan",
        "jangan kirim lagi",
    }
    | {"stop notifikasi", "berhenti notifikasi", "hentikan notifikasi", "matikan notifikasi", "stop pesan", "setop"}
    | {"hentikan pesan", "berhenti berlangganan", "ora usah dikirimi", "mandheg", "stop notifications"}
)
_START = frozenset(
    {"start", "unstop", "mulai", "mulai notifikasi", "mulai lagi", "aktifkan notifikasi", "nyalakan notifikasi"}
    | {"kirim lagi", "start notifications", "mulai kirim"}
)
_COURTESY = re.compile(r"^(?:tolong|mohon|please)\s+|\s+(?:ya|dong|aja|saja|kak|min|pak|bu|please|nggih)$")


def stop_word(text: str) -> Standing | None:
    """What a text that is nothing but an opt-out or opt-in word asks for; None: it is something else."""
    if len(text) > 40:
        return None
    said = " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())
    bare = _COURTESY.sub("", _COURTESY.sub("", said))
    for words in (said, bare):
        if words in _STOP:
            return Standing.STOPPED
        if words in _START:
            return Standing.OPEN
    return None
