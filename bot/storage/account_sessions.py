"""A person's open sessions: seen, ended, and moved to another of their offices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from bot.errors import NotFound
from bot.storage import tables_staff as s
from bot.storage.account_presence import arrive
from bot.storage.store import PgStore, PgTx


@dataclass(frozen=True)
class Session:
    """One open session."""

    id: UUID
    device: str
    by: str
    created_at: datetime
    used_at: datetime
    ends_at: datetime


class Sessions:
    """On the table ``staff_session``."""

    def __init__(self, store: PgStore) -> None:
        self._store = store

    async def of(self, username: str, now: datetime) -> list[Session]:
        """Everything open, the last used first."""
        c = s.staff_session.c
        query = (
            select(c.id, c.device, c.by, c.created_at, c.used_at, c.ends_at)
            .where(c.username == username, c.stage == "full", c.expires_at > now)
            .order_by(c.used_at.desc())
        )
        async with self._store.begin() as tx:
            return [Session(*row) for row in await tx.run(query)]

    async def open_in(self, tx: PgTx, username: str, now: datetime) -> bool:
        """Whether any is open."""
        c = s.staff_session.c
        query = select(c.id).where(c.username == username, c.stage == "full", c.expires_at > now).limit(1)
        return (await tx.run(query)).first() is not None

    async def end(self, username: str, session: UUID, now: datetime) -> None:
        """End one of one's own.

        :raises bot.errors.NotFound: it is not theirs, or over.
        """
        c = s.staff_session.c
        async with self._store.begin() as tx:
            query = delete(s.staff_session).where(c.id == session, c.username == username).returning(c.id)
            if (await tx.run(query)).first() is None:
                raise NotFound("session")
            await tx.audit(username, "session.ended", username, {"session": str(session)}, now)

    async def end_others(self, username: str, keep: UUID | None, now: datetime) -> None:
        """End all of them but one."""
        async with self._store.begin() as tx:
            await self.end_others_in(tx, username, keep)
            await tx.audit(username, "session.others_ended", username, {}, now)

    async def end_others_in(self, tx: PgTx, username: str, keep: UUID | None) -> None:
        """The same, as part of something else."""
        c = s.staff_session.c
        query = delete(s.staff_session).where(c.username == username)
        await tx.run(query if keep is None else query.where(c.id != keep))

    async def proven(self, session: UUID | None) -> None:
        """The session's owner has just proven a second factor in it."""
        async with self._store.begin() as tx:
            await tx.run(update(s.staff_session).where(s.staff_session.c.id == session).values(by="totp"))

    async def work_at(self, username: str, session: UUID | None, locus: str, now: datetime) -> None:
        """Go on at another office; the next session begins there too.

        :raises bot.errors.NotFound: they hold no role there.
        """
        role = select(s.staff_role.c.role).where(s.staff_role.c.username == username, s.staff_role.c.locus == locus)
        async with self._store.begin() as tx:
            if (await tx.run(role.limit(1))).first() is None:
                raise NotFound("office")
            here = update(s.staff_session).where(
                s.staff_session.c.id == session, s.staff_session.c.username == username
            )
            await tx.run(here.values(locus=locus))
            await tx.run(update(s.staff).where(s.staff.c.username == username).values(locus=locus))
            await arrive(tx, username, locus, now)
            await tx.audit(username, "session.moved", username, {"locus": locus}, now)
