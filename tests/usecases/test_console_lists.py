"""Which list a ticket stands in, and in what order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.handoff import Priority, Ticket, TicketState, Waits
from bot.usecases.console import View, count, listed, order, place
from bot.usecases.store_notes import Entry

NOW = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)


def ticket(minutes: int = 0, **more: Any) -> Ticket:
    at = NOW - timedelta(minutes=minutes)
    return Ticket(
        uuid4(), f"TKT-{minutes:04d}", uuid4(), "33.28", "talk_to_human", more.pop("state", "queued"), at, **more
    )


def entry(one: Ticket, *labels: str) -> Entry:
    return Entry(one, "web", "id", None, "", 0, labels, None)


tickets = st.builds(
    ticket,
    st.integers(0, 5000),
    state=st.sampled_from([state.value for state in TicketState]),
    agent=st.sampled_from([None, "wati", "budi"]),
    assigned=st.sampled_from([None, "wati", "budi"]),
    desk=st.sampled_from([None, None, "chatwoot"]),
    priority=st.sampled_from([int(one) for one in Priority]),
    waiting_for=st.sampled_from([one.value for one in Waits]),
    snoozed_until=st.sampled_from([None, NOW - timedelta(hours=1), NOW + timedelta(hours=1)]),
    last_citizen_at=st.sampled_from([None, NOW - timedelta(minutes=3)]),
    last_reply_at=st.sampled_from([None, NOW - timedelta(minutes=2)]),
    closed_at=st.sampled_from([None, NOW - timedelta(minutes=1)]),
)


@given(tickets)
def test_every_ticket_stands_in_exactly_one_of_open_asleep_and_resolved(one: Ticket) -> None:
    for reader in ("wati", "budi", "siti"):
        views = place(one, NOW).views(reader)
        assert len(views & {View.ALL, View.SNOOZED, View.RESOLVED}) == 1
        assert View.WAITING not in views or View.MINE in views
        assert not {View.MINE, View.UNASSIGNED} <= views
    assert View.MINE not in place(one, NOW).views("siti")


@given(st.lists(tickets, max_size=12))
def test_counts_are_what_the_lists_hold(many: list[Ticket]) -> None:
    entries = [entry(one) for one in many]
    for reader in ("wati", "siti"):
        counted = count(entries, NOW).of(reader)
        assert counted == {view.value: len(listed(entries, view, reader, NOW)) for view in View}


def test_urgency_comes_before_age_and_what_waits_for_the_citizen_stands_below() -> None:
    old, young = ticket(60), ticket(1)
    urgent = ticket(0, priority=int(Priority.EMERGENCY))
    theirs = ticket(
        500, state="claimed", agent="wati", waiting_for="citizen", last_reply_at=NOW - timedelta(minutes=400)
    )
    ranked = sorted([old, young, urgent, theirs], key=lambda one: order(one, View.ALL))
    assert ranked == [urgent, old, young, theirs]


def test_the_last_resolved_and_the_next_to_wake_come_first() -> None:
    early, late = (ticket(0, state="closed", closed_at=NOW - timedelta(hours=h)) for h in (5, 1))
    assert order(late, View.RESOLVED) < order(early, View.RESOLVED)
    soon, later = (ticket(0, snoozed_until=NOW + timedelta(hours=h)) for h in (1, 9))
    assert order(soon, View.SNOOZED) < order(later, View.SNOOZED)


def test_a_label_narrows_a_list() -> None:
    one, other = entry(ticket(2), "ktp"), entry(ticket(1), "kk")
    assert listed([one, other], View.ALL, "wati", NOW, "kk") == [other]
