"""Checking in: whose ticket a code is, and whether its owner may say already that they are there."""

from __future__ import annotations

import re
from datetime import date, timedelta

from integrations.antrean.book import ACTIVE, Book, Refused, Ticket

BEFORE = timedelta(hours=2)
"""Earlier nobody is there for this number: it would only keep it from being let go."""
_CODE = re.compile(
    r"(?:ANTREAN )?(?P<letter>[A-Z]) ?-? ?(?P<number>[0-9]{1,4})(?: (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}))?"
)
"""``ANTREAN A-012 2026-11-25`` as the ticket's QR says, or ``A-012``."""


def find(book: Book, code: str) -> Ticket | None:
    """By a booking's number, by what the QR of a ticket says, or by a number of today."""
    try:
        return book.by_ref(code.strip())
    except KeyError:
        pass
    said = _CODE.fullmatch(" ".join(code.upper().split()))
    if said is None:
        return None
    try:
        day = date.fromisoformat(said["day"]) if said["day"] else book.now.date()
    except ValueError:
        return None
    return book.by_number(said["letter"], day, int(said["number"]))


def arrive(book: Book, ticket: Ticket) -> Ticket:
    """Its owner says so at the building, again if they like.

    :raises Refused: ``over``: it holds no longer; ``early``: its time is more than :data:`BEFORE` ahead.
    """
    if ticket.state not in ACTIVE:
        raise Refused("over", "Nomor ini sudah dilayani, dilepas, atau dibatalkan")
    if book.now < book.office.starts(ticket.day, ticket.slot) - BEFORE:
        raise Refused("early", "Kehadiran dicatat mulai dua jam sebelum jadwal")
    return book.here(ticket.key)
