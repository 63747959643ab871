"""What supervisors see: an office's conversations, its people's day, quality marks, and the rows of an export.

Every figure of a person's day is defined in :data:`_DAY` and nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.errors import NotFound
from bot.storage.store import PgStore
from bot.storage.tables import conversation
from bot.storage.tables_console import ticket
from bot.storage.tables_staff import quality_mark

SCORES = range(1, 6)
MOST_COMMENT = 500
MOST_OPEN = 300
MOST_CLOSED = 100
MOST_ROWS = 100_000
_CHUNK = 2000

# holding: open conversations that they hold now. answered: conversations whose first answer they gave since the day began.
# closed: those of theirs that ended since then. first_answer_s: median seconds from the citizen's wish to that first answer.
# rating: mean of what citizens gave since then. lost: leases of theirs that ran out, of conversations claimed since then.
_DAY = text("""
select agent as username,
  count(*) filter (where state = 'claimed') as holding,
  count(*) filter (where first_reply_at >= :day) as answered,
  count(*) filter (where closed_at >= :day) as closed,
  percentile_cont(0.5) within group (order by extract(epoch from first_reply_at - created_at))
    filter (where first_reply_at >= :day) as first_answer_s,
  avg(rating) filter (where rated_at >= :day) as rating,
  coalesce(sum(lost) filter (where claimed_at >= :day), 0) as lost
from ticket where locus = :locus and agent is not null
  and (state = 'claimed' or first_reply_at >= :day or closed_at >= :day or rated_at >= :day or claimed_at >= :day)
group by agent order by agent
""")


@dataclass(frozen=True)
class Open:
    """One open conversation."""

    id: UUID
    number: str
    state: str
    trigger: str
    priority: int
    language: str
    service: str | None
    agent: str | None
    assigned: str | None
    team: str | None
    desk: str | None
    waiting_for: str
    created_at: datetime
    first_reply_at: datetime | None
    snoozed_until: datetime | None


@dataclass(frozen=True)
class Day:
    """One person's day; see the comment at ``_DAY``."""

    username: str
    holding: int
    answered: int
    closed: int
    first_answer_s: float | None
    rating: float | None
    lost: int


@dataclass(frozen=True)
class Mark:
    """What a supervisor thought of a closed conversation: 1 (poor) to 5 (very good)."""

    by: str
    score: int
    comment: str
    at: datetime


@dataclass(frozen=True)
class Closed:
    """One conversation that is over."""

    id: UUID
    number: str
    agent: str | None
    service: str | None
    closed_at: datetime
    rating: int | None
    marks: tuple[Mark, ...]


class Supervision:
    """Read side, and the marks."""

    def __init__(self, store: PgStore) -> None:
        self._store = store

    async def open_now(self, locus: str) -> list[Open]:
        """Everything open at an office, the oldest first."""
        names = tuple(Open.__dataclass_fields__)
        query = (
            select(*(ticket.c[name] for name in names))
            .where(ticket.c.locus == locus, ticket.c.state != "closed")
            .order_by(ticket.c.created_at)
            .limit(MOST_OPEN)
        )
        async with self._store.begin() as tx:
            return [Open(*row) for row in await tx.run(query)]

    async def day(self, locus: str, since: datetime) -> dict[str, Day]:
        """Username -> figures of the day that began at ``since``."""
        async with self._store.begin() as tx:
            rows = await tx.run(_DAY, {"locus": locus, "day": since})
            return {row.username: Day(**row._mapping) for row in rows}

    # -- quality ----------------------------------------------------------------------------------------------------------

    async def closed(self, locus: str, since: datetime) -> list[Closed]:
        """What ended since then, the newest first, with its marks."""
        c = ticket.c
        query = (
            select(c.id, c.number, c.agent, c.service, c.closed_at, c.rating)
            .where(c.locus == locus, c.state == "closed", c.closed_at >= since, c.agent.is_not(None))
            .order_by(c.closed_at.desc())
            .limit(MOST_CLOSED)
        )
        async with self._store.begin() as tx:
            rows = (await tx.run(query)).all()
            marks: dict[UUID, list[Mark]] = {}
            wanted = select(quality_mark).where(quality_mark.c.ticket_id.in_([row.id for row in rows]))
            for row in await tx.run(wanted.order_by(quality_mark.c.at)):
                marks.setdefault(row.ticket_id, []).append(self._mark(row))
        return [
            Closed(row.id, row.number, row.agent, row.service, row.closed_at, row.rating, tuple(marks.get(row.id, ())))
            for row in rows
        ]

    async def mark(self, locus: str, ticket_id: UUID, by: str, score: int, comment: str, now: datetime) -> None:
        """Give a mark, or change one's own. Nobody marks themselves.

        :raises bot.errors.NotFound: no closed conversation of that office, or one's own.
        """
        query = select(ticket.c.number, ticket.c.agent).where(
            ticket.c.id == ticket_id, ticket.c.locus == locus, ticket.c.state == "closed"
        )
        async with self._store.begin() as tx:
            row = (await tx.run(query)).one_or_none()
            if row is None or row.agent in (None, by):
                raise NotFound("ticket")
            sealed = self._store.keys.seal(comment.encode(), _context(ticket_id, by)) if comment else None
            values = {"score": score, "comment_sealed": sealed, "at": now}
            await tx.run(
                pg_insert(quality_mark)
                .values(ticket_id=ticket_id, marked_by=by, **values)
                .on_conflict_do_update(index_elements=["ticket_id", "marked_by"], set_=values)
            )
            await tx.audit(by, "quality.marked", row.number, {"score": score, "locus": locus}, now)

    def _mark(self, row: Row[Any]) -> Mark:
        sealed, comment = row.comment_sealed, ""
        if sealed is not None:
            comment = self._store.keys.open(bytes(sealed), _context(row.ticket_id, row.marked_by)).decode()
        return Mark(row.marked_by, row.score, comment, row.at)

    # -- export -----------------------------------------------------------------------------------------------------------

    async def rows(self, locus: str, since: datetime, until: datetime) -> AsyncIterator[Row[Any]]:
        """Every conversation with a person that was asked for in that time: numbers, times and codes; nothing about who the
        citizen is and nothing that was said.
        """
        c = ticket.c
        query = (
            select(ticket, conversation.c.account)
            .join(conversation, conversation.c.id == c.conversation_id)
            .where(c.locus == locus, c.created_at >= since, c.created_at < until)
            .order_by(c.created_at, c.id)
        )
        done = 0
        while done < MOST_ROWS:
            async with self._store.begin() as tx:
                found = (await tx.run(query.offset(done).limit(_CHUNK))).all()
            for row in found:
                yield row
            done += len(found)
            if len(found) < _CHUNK:
                return


def _context(ticket_id: UUID, by: str) -> str:
    return f"quality_mark.comment:{ticket_id}:{by}"
