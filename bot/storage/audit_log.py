"""Reading the audit log, and checking that nobody has changed it.

Every line's hash covers its content and the hash of the line before it (:meth:`bot.storage.tx_staff.StaffTx.audit`), so a line
that was changed, taken out or slipped in breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, cast, or_, select, union_all

from bot.storage.store import PgStore
from bot.storage.tables import audit, blob, case, conversation
from bot.storage.tables_console import ticket
from bot.storage.tables_proof import identity_check
from bot.storage.tables_staff import staff_role

PAGE = 50
_CHUNK = 5000


@dataclass(frozen=True)
class Entry:
    """One line. ``sound``: its own hash fits what it says."""

    id: int
    at: datetime
    actor: str
    action: str
    object: str
    detail: dict[str, Any]
    sound: bool


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty does not matter. ``citizen``: everything about one citizen."""

    actor: str = ""
    object: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    citizen: UUID | None = None
    before: int | None = None


@dataclass(frozen=True)
class Chain:
    """The whole log: how many lines, and where it is broken (None: nowhere)."""

    lines: int
    broken_at: int | None


class AuditLog:
    """On the table ``audit``."""

    def __init__(self, store: PgStore) -> None:
        self._store = store

    async def read(self, locus: str, wanted: Wanted, *, orphans: bool) -> list[Entry]:
        """One page and a line more if there are more, the newest first: what was done at an office or by its people.

        ``orphans``: lines that belong to no office, too (the system's own, the console's).
        """
        query = select(audit).where(_of(locus, orphans=orphans), *_filters(wanted)).order_by(audit.c.id.desc())
        async with self._store.begin() as tx:
            return [_entry(row) for row in await tx.run(query.limit(PAGE + 1))]

    async def excerpt(
        self, locus: str, wanted: Wanted, *, orphans: bool, most: int = 50_000
    ) -> list[tuple[Entry, str, str]]:
        """Lines for an auditor, oldest first, each with the hash before it and its own: enough to check the chain elsewhere."""
        query = select(audit).where(_of(locus, orphans=orphans), *_filters(wanted)).order_by(audit.c.id).limit(most)
        async with self._store.begin() as tx:
            return [(_entry(row), row.previous, row.hash) for row in await tx.run(query)]

    async def actors(self, locus: str) -> list[str]:
        """User names of an office's people, for choosing."""
        query = select(staff_role.c.username).where(staff_role.c.locus == locus).distinct()
        async with self._store.begin() as tx:
            return sorted((await tx.run(query)).scalars())

    async def check(self) -> Chain:
        """Go through the whole chain."""
        previous, last, lines = "", 0, 0
        while True:
            async with self._store.begin() as tx:
                query = select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(_CHUNK)
                rows = (await tx.run(query)).all()
            for row in rows:
                if row.previous != previous or not _sound(row):
                    return Chain(lines, row.id)
                previous, last, lines = row.hash, row.id, lines + 1
            if len(rows) < _CHUNK:
                return Chain(lines, None)


def _of(locus: str, *, orphans: bool) -> ColumnElement[bool]:
    named = audit.c.detail["locus"].astext
    people = select(staff_role.c.username).where(staff_role.c.locus == locus)
    somebody = select(staff_role.c.username)
    ways = [named == locus, named.is_(None) & audit.c.actor.in_(people)]
    if orphans:
        ways.append(named.is_(None) & audit.c.actor.not_in(somebody))
    return or_(*ways)


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in ((audit.c.actor, wanted.actor), (audit.c.object, wanted.object)):
        if value:
            found.append(column == value)
    if wanted.action:
        found.append(audit.c.action == wanted.action)
    if wanted.since is not None:
        found.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(audit.c.at < wanted.until)
    if wanted.before is not None:
        found.append(audit.c.id < wanted.before)
    if wanted.citizen is not None:
        found.append(audit.c.object.in_(_objects_of(wanted.citizen)))
    return found


def _objects_of(citizen: UUID) -> Select[tuple[str]]:
    """Whatever lines about a citizen are filed under: the citizen, their conversations, tickets, checks, files and cases."""
    theirs = select(conversation.c.id).where(conversation.c.citizen_id == citizen)
    parts = union_all(
        select(cast(conversation.c.id, Text)).where(conversation.c.citizen_id == citizen),
        select(ticket.c.number).where(ticket.c.conversation_id.in_(theirs)),
        select(cast(ticket.c.id, Text)).where(ticket.c.conversation_id.in_(theirs)),
        select(cast(identity_check.c.id, Text)).where(identity_check.c.citizen_id == citizen),
        select(cast(blob.c.id, Text)).where(blob.c.conversation_id.in_(theirs)),
        select(cast(case.c.id, Text)).where(case.c.citizen_id == citizen),
        select(case.c.reference).where(case.c.citizen_id == citizen, case.c.reference.is_not(None)),
        select(cast(str(citizen), Text)),
    ).subquery()
    return select(parts.c[0])


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.id, row.at, row.actor, row.action, row.object, row.detail, _sound(row))


def _sound(row: Row[Any]) -> bool:
    at = row.at.astimezone(UTC).isoformat()  # the database may speak in a zone of its own
    entry = json.dumps([row.previous, at, row.actor, row.action, row.object, row.detail], sort_keys=True)
    return bool(row.hash == hashlib.sha256(entry.encode()).hexdigest())
