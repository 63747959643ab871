"""Staff accounts, their sessions, and which citizens' files they may open.

Passwords are kept as argon2id, session tokens as an HMAC. An unknown name, a locked account and a wrong password look
alike from outside, in words and in time.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, delete, exists, insert, select, text, update

from bot.errors import Conflict, NotFound
from bot.storage import tables as t
from bot.storage.store import PgStore

AGENT = "agent"
"""Answers citizens who asked for a person."""
OFFICER = "officer"
"""Decides borderline selfies, and answers citizens."""
ROLES = (AGENT, OFFICER)

SESSION = timedelta(hours=12)
"""A session ends this long after it was last used."""
MAX_FAILURES = 10
LOCK = timedelta(minutes=15)
PASSWORD_LENGTH = (12, 256)
"""Least and most characters of a password."""

_RENEW_AFTER = timedelta(minutes=10)  # not every click is worth a write
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
# Every try is counted before the password is looked at, so that guesses made at the same time cannot outrun the lock.
_COUNT_TRY = text("""
update staff set failures = case when failures + 1 >= :most then 0 else failures + 1 end,
  locked_until = case when failures + 1 >= :most then cast(:until as timestamptz) else null end
where username = :username and (locked_until is null or locked_until <= :now)
returning password_hash
""")


@dataclass(frozen=True)
class Account:
    """A member of staff. ``locus``: the one office whose citizens they see."""

    username: str
    name: str
    roles: frozenset[str]
    locus: str

    @property
    def officer(self) -> bool:
        """Whether they may decide selfies."""
        return OFFICER in self.roles


def username_of(typed: str) -> str:
    """The account name as stored: people write capitals and spaces around it."""
    return typed.strip().lower()


def valid_username(username: str) -> bool:
    """2 to 40 of ``a-z 0-9 . _ -``, a letter first."""
    return _USERNAME.fullmatch(username) is not None


class Accounts:
    """Accounts and sessions on the tables ``staff`` and ``staff_session``."""

    def __init__(self, store: PgStore, hasher: PasswordHasher | None = None, refusal_s: float = 0.5) -> None:
        """``refusal_s``: no refusal comes sooner, so that what the database had to do cannot be timed."""
        self._store = store
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        self._refusal_s = refusal_s
        # One verification takes 64 MiB: a flood of sign-ins must wait, not fill the memory.
        self._turnstile = asyncio.Semaphore(2)

    # -- accounts ---------------------------------------------------------------------------------------------------

    async def add(
        self, account: Account, password: str, now: datetime, *, replace: bool = False, actor: str = "console"
    ) -> None:
        """Store an account. ``replace``: an existing one gets all of this anew and is signed out everywhere.

        :raises bot.errors.Conflict: the name is taken.
        """
        values = {
            "name": account.name,
            "password_hash": await asyncio.to_thread(self._hasher.hash, _normal(password)),
            "roles": sorted(account.roles),
            "locus": account.locus,
            "failures": 0,
            "locked_until": None,
        }
        async with self._store.begin() as tx:
            row = select(t.staff.c.username).where(t.staff.c.username == account.username).with_for_update()
            known = (await tx.run(row)).first() is not None
            if known and not replace:
                raise Conflict("staff account")
            if known:
                await tx.run(update(t.staff).where(t.staff.c.username == account.username).values(**values))
                await tx.run(delete(t.staff_session).where(t.staff_session.c.username == account.username))
            else:
                await tx.run(insert(t.staff).values(username=account.username, created_at=now, **values))
            detail = {"roles": values["roles"], "locus": account.locus}
            action = "account.replaced" if known else "account.added"
            await tx.audit(actor, action, account.username, detail, now)

    async def names(self, locus: str) -> Mapping[str, str]:
        """Username -> name, of one office."""
        async with self._store.begin() as tx:
            query = select(t.staff.c.username, t.staff.c.name).where(t.staff.c.locus == locus)
            return {username: name for username, name in await tx.run(query)}

    # -- sessions ---------------------------------------------------------------------------------------------------

    async def sign_in(self, typed_name: str, password: str, now: datetime) -> str | None:
        """A new session's token; None for a wrong pair, an unknown name, and an account locked by 10 wrong tries."""
        username, password = username_of(typed_name), _normal(password)
        not_before = asyncio.get_running_loop().time() + self._refusal_s
        async with self._turnstile:
            stored = await self._count_try(username, now)
            right = await asyncio.to_thread(self._matches, stored or self._nobody, password)
        if stored is None or not right:
            if stored is not None:  # what is typed for a name that is not ours may be anything, a password even
                await self._audit(username, "session.refused", now)
            await asyncio.sleep(not_before - asyncio.get_running_loop().time())
            return None
        token = secrets.token_urlsafe(32)
        async with self._store.begin() as tx:
            cleared: dict[str, Any] = {"failures": 0, "locked_until": None}
            if self._hasher.check_needs_rehash(stored):
                cleared["password_hash"] = await asyncio.to_thread(self._hasher.hash, password)
            await tx.run(update(t.staff).where(t.staff.c.username == username).values(**cleared))
            await tx.run(delete(t.staff_session).where(t.staff_session.c.expires_at <= now))
            token_hash = self._store.keys.token_hash(token)
            await tx.run(
                insert(t.staff_session).values(token_hash=token_hash, username=username, expires_at=now + SESSION)
            )
            await tx.audit(username, "session.opened", username, {}, now)
        return token

    async def _count_try(self, username: str, now: datetime) -> str | None:
        """The stored hash, if a try is allowed; the try counts as failed until it has succeeded."""
        if not valid_username(username):
            return None
        async with self._store.begin() as tx:
            values = {"username": username, "most": MAX_FAILURES, "until": now + LOCK, "now": now}
            found: str | None = (await tx.run(_COUNT_TRY, values)).scalar_one_or_none()
            return found

    async def _audit(self, username: str, action: str, now: datetime) -> None:
        async with self._store.begin() as tx:
            await tx.audit(username, action, username, {}, now)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def signed_in(self, token: str, now: datetime, *, renew: bool = True) -> Account | None:
        """Who holds a live session. ``renew``: being used prolongs it."""
        token_hash = self._store.keys.token_hash(token)
        query = (
            select(t.staff, t.staff_session.c.expires_at)
            .join(t.staff_session, t.staff_session.c.username == t.staff.c.username)
            .where(t.staff_session.c.token_hash == token_hash, t.staff_session.c.expires_at > now)
        )
        async with self._store.begin() as tx:
            row = (await tx.run(query)).one_or_none()
            if row is None:
                return None
            if renew and row.expires_at < now + SESSION - _RENEW_AFTER:
                await tx.run(
                    update(t.staff_session)
                    .where(t.staff_session.c.token_hash == token_hash)
                    .values(expires_at=now + SESSION)
                )
        return _account(row)

    async def sign_out(self, token: str, now: datetime) -> None:
        """End a session, if it is one."""
        async with self._store.begin() as tx:
            gone = await tx.run(
                delete(t.staff_session)
                .where(t.staff_session.c.token_hash == self._store.keys.token_hash(token))
                .returning(t.staff_session.c.username)
            )
            username = gone.scalar_one_or_none()
            if username is not None:
                await tx.audit(username, "session.closed", username, {}, now)

    # -- files ------------------------------------------------------------------------------------------------------

    async def ticket_of_file(self, account: Account, blob_id: UUID) -> str:
        """Number of the open ticket through which ``account`` may open a file of a citizen.

        :raises bot.errors.NotFound: there is no such file or ticket, or it is a selfie, which only its check shows.
        """
        is_selfie = exists().where(t.identity_check.c.selfie_blob == blob_id)
        query = (
            select(t.ticket.c.number)
            .join(t.blob, t.blob.c.conversation_id == t.ticket.c.conversation_id)
            .where(
                t.blob.c.id == blob_id,
                t.blob.c.kind.not_in(("selfie", "enrolled")),
                t.ticket.c.locus == account.locus,
                t.ticket.c.state != "closed",
                ~is_selfie,
            )
        )
        async with self._store.begin() as tx:
            number: str | None = (await tx.run(query)).scalar_one_or_none()
        if number is None:
            raise NotFound("file")
        return number


def _account(row: Row[Any]) -> Account:
    return Account(username=row.username, name=row.name, roles=frozenset(row.roles), locus=row.locus)


def _normal(password: str) -> str:
    """The same letters typed on another keyboard give the same password."""
    return unicodedata.normalize("NFKC", password)[: PASSWORD_LENGTH[1]]
