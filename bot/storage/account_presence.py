"""What signing in and out says about who is there (see :mod:`bot.domain.presence`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text, update

from bot.domain.presence import SILENT
from bot.domain.staff import Right, rights_of
from bot.storage import tables_staff as s
from bot.storage.store import PgTx

# Who says "away" and opens a second page stays away; who was gone begins anew.
_ARRIVE = text("""
insert into staff_presence (username, locus, state, at, seen_at) values (:username, :locus, 'online', :now, :now)
on conflict (username, locus) do update set state = 'online', reason = '', at = :now, seen_at = :now
where staff_presence.state = 'offline' or staff_presence.seen_at < :silent
""")


async def arrive(tx: PgTx, username: str, locus: str, now: datetime) -> None:
    """Signed in: takes conversations, if that is their work."""
    query = select(s.staff_role.c.role).where(s.staff_role.c.username == username, s.staff_role.c.locus == locus)
    if Right.ANSWER not in rights_of((await tx.run(query)).scalars()):
        return
    await tx.run(_ARRIVE, {"username": username, "locus": locus, "now": now, "silent": now - SILENT})
    await tx.notify_staff()


async def alive(tx: PgTx, username: str, locus: str, now: datetime) -> None:
    """A page of theirs is open."""
    c = s.staff_presence.c
    await tx.run(update(s.staff_presence).where(c.username == username, c.locus == locus).values(seen_at=now))


async def leave(tx: PgTx, username: str, now: datetime, locus: str | None = None) -> None:
    """Gone, from one office or from all."""
    c = s.staff_presence.c
    query = update(s.staff_presence).where(c.username == username, c.state != "offline")
    query = query if locus is None else query.where(c.locus == locus)
    await tx.run(query.values(state="offline", reason="", at=now, seen_at=now))
    await tx.notify_staff()
