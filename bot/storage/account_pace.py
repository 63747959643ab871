"""Counts tries to sign in, per account name and per address (see :mod:`bot.domain.sign_in_pace`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.attempts import Attempts
from bot.domain.sign_in_pace import FREE, FREE_OF_ADDRESS, after, free_at
from bot.storage.store import PgStore, PgTx
from bot.storage.tables_proof import attempt


class Pace:
    """On the table ``attempt``; names and addresses are kept as blind indexes."""

    def __init__(self, store: PgStore) -> None:
        self._keys = store.keys

    async def count(self, tx: PgTx, subject: str, origin: str, now: datetime) -> bool:
        """Whether a try is allowed now. An allowed one counts as failed at once, so that guesses made at the same time cannot
        outrun the pauses; a refused one does not, so that a pause ends.
        """
        limits = [(self._index(subject), FREE)]
        if origin:
            limits.append((self._index(f"staff-address:{origin}"), FREE_OF_ADDRESS))
        found: list[tuple[bytes, Attempts]] = []
        for index, free in sorted(limits):  # always in the same order: two sign-ins never wait for each other
            await tx.run(
                pg_insert(attempt).values(subject_index=index, failures=0, failed_at=now).on_conflict_do_nothing()
            )
            row = (await tx.run(select(attempt).where(attempt.c.subject_index == index).with_for_update())).one()
            known = Attempts(row.failures, row.failed_at)
            if free_at(known, free, now) > now:
                return False
            found.append((index, known))
        for index, known in found:
            new = after(known, now)
            query = update(attempt).where(attempt.c.subject_index == index)
            await tx.run(query.values(failures=new.failures, failed_at=new.failed_at))
        return True

    async def succeeded(self, tx: PgTx, subject: str, origin: str) -> None:
        """Forget the account's failures, and take this try back from the address, whose other tries stay counted."""
        await tx.forgive(subject)
        if origin:
            index = self._index(f"staff-address:{origin}")
            query = update(attempt).where(attempt.c.subject_index == index, attempt.c.failures > 0)
            await tx.run(query.values(failures=attempt.c.failures - 1))

    def _index(self, subject: str) -> bytes:
        return self._keys.blind_index(subject, "attempt")
