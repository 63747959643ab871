"""What the lists of the console are: which ticket stands in which, in what order, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.handoff import Priority, Ticket, TicketState, Waits
from bot.usecases.store_notes import Entry

RESOLVED_FOR = timedelta(days=2)
"""So long a closed ticket stands in the list; older ones are found by searching, and beside the person's newest one."""


class View(StrEnum):
    """A list of the console."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"
    WAITING = "waiting"
    """Held by the reader; the citizen owes an answer."""
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Place:
    """Where a ticket stands: in the lists ``everybody``, and in those of ``owner``."""

    everybody: frozenset[View]
    owner: str | None = None
    own: frozenset[View] = frozenset()

    def views(self, reader: str) -> frozenset[View]:
        """The lists of ``reader`` it stands in."""
        return self.everybody | self.own if self.owner == reader else self.everybody


_MINE = frozenset({View.MINE})


def place(ticket: Ticket, now: datetime) -> Place:
    """Where a ticket stands now."""
    if ticket.state == TicketState.CLOSED:
        return Place(frozenset({View.RESOLVED}))
    if ticket.snoozed(now):
        return Place(frozenset({View.SNOOZED}))
    everybody = frozenset({View.ALL})
    if ticket.state == TicketState.CLAIMED:
        own = _MINE | {View.WAITING} if ticket.waiting_for == Waits.CITIZEN else _MINE
        return Place(everybody, ticket.agent, own)
    if ticket.assigned is not None:
        return Place(everybody, ticket.assigned, _MINE)
    return Place(everybody if ticket.desk else everybody | {View.UNASSIGNED})


def waiting_since(ticket: Ticket) -> datetime:
    """Since when somebody waits: the citizen for us, or we for the citizen."""
    if ticket.state == TicketState.CLOSED:
        return ticket.closed_at or ticket.created_at
    if ticket.state == TicketState.QUEUED:
        return ticket.created_at
    begun = ticket.claimed_at or ticket.created_at
    if ticket.waiting_for == Waits.CITIZEN:
        return ticket.last_reply_at or begun
    if ticket.last_citizen_at is None or ticket.last_reply_at is None:
        return ticket.created_at if ticket.last_reply_at is None else begun
    return ticket.last_citizen_at


def order(ticket: Ticket, view: View) -> str:
    """A key that sorts a list: what is urgent, then who has waited longest; what waits for the citizen stands below."""
    if view is View.RESOLVED:
        return f"{10**11 - _seconds(ticket.closed_at or ticket.created_at):012d}"
    if view is View.SNOOZED:
        return f"{_seconds(ticket.snoozed_until or ticket.created_at):012d}"
    theirs = ticket.state == TicketState.CLAIMED and ticket.waiting_for == Waits.CITIZEN
    urgency = max(Priority) - ticket.priority
    return f"{int(theirs)}{urgency}{_seconds(waiting_since(ticket)):012d}"


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


@dataclass(frozen=True)
class Counts:
    """How many tickets stand in each list."""

    everybody: Mapping[View, int]
    own: Mapping[str, Mapping[View, int]]

    def of(self, reader: str) -> dict[str, int]:
        """For one reader, every list named."""
        mine = self.own.get(reader, {})
        return {view.value: self.everybody.get(view, 0) + mine.get(view, 0) for view in View}


def count(entries: Iterable[Entry], now: datetime) -> Counts:
    """Count them all at once, for every reader."""
    everybody: Counter[View] = Counter()
    own: dict[str, Counter[View]] = {}
    for entry in entries:
        stands = place(entry.ticket, now)
        everybody.update(stands.everybody)
        if stands.owner is not None:
            own.setdefault(stands.owner, Counter()).update(stands.own)
    return Counts(everybody, own)


def listed(entries: Iterable[Entry], view: View, reader: str, now: datetime, label: str = "") -> list[Entry]:
    """One list, in its order; ``label``: only those that carry it."""
    found = [
        entry
        for entry in entries
        if view in place(entry.ticket, now).views(reader) and (not label or label in entry.labels)
    ]
    return sorted(found, key=lambda entry: (order(entry.ticket, view), entry.ticket.number))
