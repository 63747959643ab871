"""Staff accounts: signing in, sessions, and which citizens' files an account may open.

Passwords are kept as argon2id, session tokens as an HMAC. An unknown name, a disabled or paused account and a wrong
password look alike from outside, in words and in time. The parts: :mod:`bot.storage.account_second` (second factor),
:mod:`bot.storage.account_people` (who may do what), :mod:`bot.storage.account_sessions` (one's open sessions).
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, delete, insert, select, text, update

from bot.domain.passwords import LENGTH as PASSWORD_LENGTH
from bot.domain.passwords import normal, too_long
from bot.domain.staff import AGENT, OFFICER, ROLES, Right, StaffPolicy, rights_of
from bot.errors import Conflict
from bot.storage import tables_staff as s
from bot.storage.account_files import ticket_of_file
from bot.storage.account_pace import Pace
from bot.storage.account_people import People
from bot.storage.account_presence import alive, arrive, leave
from bot.storage.account_second import SecondFactor
from bot.storage.account_sessions import Sessions
from bot.storage.audit_log import AuditLog
from bot.storage.breached import PasswordRules
from bot.storage.figures_lists import Figures
from bot.storage.store import PgStore, PgTx
from bot.storage.supervision import Supervision

__all__ = [
    "AGENT",
    "OFFICER",
    "PASSWORD_LENGTH",
    "ROLES",
    "Account",
    "Accounts",
    "Opened",
    "username_of",
    "valid_username",
]

AWAITED = timedelta(minutes=10)
"""So long the second factor may take after the password."""

_RENEW_AFTER = timedelta(minutes=5)  # not every click is worth a write
_ALIVE_AFTER = timedelta(seconds=30)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
# One round trip, at every request.
_SIGNED_IN = text("""
select staff.username, staff.name, staff.must_change, session.id, session.locus, session.by, session.used_at, session.ends_at,
  array(select role from staff_role r where r.username = staff.username and r.locus = session.locus) as roles,
  array(select role from staff_role r where r.username = staff.username) as all_roles, session.created_at, session.expires_at,
  array(select distinct locus from staff_role r where r.username = staff.username order by locus) as offices,
  presence.seen_at, coalesce(presence.state, 'offline') as presence, coalesce(presence.reason, '') as presence_reason
from staff join staff_session session on session.username = staff.username
left join staff_presence presence on presence.username = staff.username and presence.locus = session.locus
where session.token_hash = :token and session.stage = 'full' and session.expires_at > :now and staff.disabled_at is null
""")


@dataclass(frozen=True)
class Account:
    """A member of staff at the office they work at now. ``locus``: the one office whose citizens they see in this session."""

    username: str
    name: str
    roles: frozenset[str]
    """Those held at ``locus``."""
    locus: str
    session: UUID | None = field(default=None, compare=False)
    offices: tuple[str, ...] = field(default=(), compare=False)
    """Every office they hold a role at."""
    todo: str = field(default="", compare=False)
    """What has to be done before anything else: ``password``, ``second``; or nothing."""
    by: str = field(default="", compare=False)
    """How they signed in: ``password``, ``totp``, ``recovery``, ``oidc``."""
    since: datetime | None = field(default=None, compare=False)
    until: datetime | None = field(default=None, compare=False)  # if nobody uses it until then
    presence: str = field(default="offline", compare=False)
    """What they say of themselves here (:class:`bot.domain.presence.Here`)."""
    presence_reason: str = field(default="", compare=False)

    def can(self, right: Right) -> bool:
        """Whether their roles here bring a right."""
        return right in rights_of(self.roles)

    @property
    def officer(self) -> bool:
        """Whether they may decide selfies."""
        return self.can(Right.IDENTITY)


@dataclass(frozen=True)
class Opened:
    """A session's token. ``stage`` is ``second`` while a code is awaited: it opens nothing but the page that asks for it."""

    token: str
    stage: str


def username_of(typed: str) -> str:
    """The account name as stored: people write capitals and spaces around it."""
    return typed.strip().lower()


def valid_username(username: str) -> bool:
    """2 to 40 of ``a-z 0-9 . _ -``, a letter first."""
    return _USERNAME.fullmatch(username) is not None


class Accounts:
    """Accounts and sessions on the tables of :mod:`bot.storage.tables_staff`."""

    def __init__(
        self,
        store: PgStore,
        hasher: PasswordHasher | None = None,
        refusal_s: float = 0.5,
        policy: StaffPolicy | None = None,
        rules: PasswordRules | None = None,
    ) -> None:
        """``refusal_s``: no refusal comes sooner, so that what the database had to do cannot be timed."""
        self.rules = rules or PasswordRules()
        self._store = store
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        self._refusal_s = refusal_s
        self.policy = policy or StaffPolicy()
        # One verification takes 64 MiB: a flood of sign-ins must wait, not fill the memory.
        self._turnstile = asyncio.Semaphore(2)
        self._pace = Pace(store)
        self.second = SecondFactor(store, self._pace, self._hasher)
        self.people = People(store, self._hash)
        self.sessions = Sessions(store)
        self.audit_log = AuditLog(store)
        self.supervision = Supervision(store)
        self.figures = Figures(store)

    # -- accounts ---------------------------------------------------------------------------------------------------

    async def add(
        self, account: Account, password: str, now: datetime, *, replace: bool = False, actor: str = "console"
    ) -> None:
        """Store an account with its roles at one office; with an empty password it signs in elsewhere only (OpenID Connect).

        ``replace``: an existing one gets the name, the password and the roles at that office anew, is enabled and signed out.

        :raises bot.errors.Conflict: the name is taken.
        """
        values: dict[str, Any] = {
            "name": account.name,
            "password_hash": await self._hash(password) if password else "",
            "locus": account.locus,
            "disabled_at": None,
            "must_change": False,
        }
        async with self._store.begin() as tx:
            row = select(s.staff.c.username).where(s.staff.c.username == account.username).with_for_update()
            known = (await tx.run(row)).first() is not None
            if known and not replace:
                raise Conflict("staff account")
            if known:
                await tx.run(update(s.staff).where(s.staff.c.username == account.username).values(**values))
                await tx.run(delete(s.staff_session).where(s.staff_session.c.username == account.username))
                await tx.forgive(f"staff:{account.username}")
            else:
                await tx.run(insert(s.staff).values(username=account.username, created_at=now, **values))
            await self.people.put_roles(tx, account.username, account.locus, account.roles)
            detail = {"roles": sorted(account.roles), "locus": account.locus}
            action = "account.replaced" if known else "account.added"
            await tx.audit(actor, action, account.username, detail, now)

    async def names(self, locus: str) -> Mapping[str, str]:
        """Username -> name, of everybody who holds or held a role at one office."""
        here = select(s.staff_role.c.username).where(s.staff_role.c.locus == locus)
        query = select(s.staff.c.username, s.staff.c.name).where(
            (s.staff.c.locus == locus) | s.staff.c.username.in_(here)
        )
        async with self._store.begin() as tx:
            return {username: name for username, name in await tx.run(query)}

    # -- signing in ---------------------------------------------------------------------------------------------------

    async def sign_in(
        self, typed_name: str, password: str, now: datetime, *, origin: str = "", device: str = ""
    ) -> Opened | None:
        """A new session; None for a wrong pair, an unknown name, a disabled account, and while tries are paused.

        ``origin``: the network address, whose failures are counted too.
        """
        username, password = username_of(typed_name), "" if too_long(password) else normal(password)
        not_before = asyncio.get_running_loop().time() + self._refusal_s
        async with self._turnstile:
            stored = await self._count_try(username, origin, now)
            right = await asyncio.to_thread(self._matches, stored or self._nobody, password)
        if not stored or not right:
            if stored:  # what is typed for a name that is not ours may be anything, a password even
                async with self._store.begin() as tx:
                    await tx.audit(username, "session.refused", username, {}, now)
            await asyncio.sleep(max(0.0, not_before - asyncio.get_running_loop().time()))
            return None
        renewed = await self._hash(password) if self._hasher.check_needs_rehash(stored) else None
        async with self._store.begin() as tx:
            await self._pace.succeeded(tx, f"staff:{username}", origin)
            if renewed:
                await tx.run(update(s.staff).where(s.staff.c.username == username).values(password_hash=renewed))
            second = (await tx.run(select(s.staff.c.totp_sealed).where(s.staff.c.username == username))).scalar_one()
            return await self._open(tx, username, "second" if second else "full", "password", device, now)

    async def _count_try(self, username: str, origin: str, now: datetime) -> str | None:
        """The stored hash, if a try is allowed; the try counts as failed until it has succeeded."""
        if not valid_username(username):
            return None
        async with self._store.begin() as tx:
            allowed = await self._pace.count(tx, f"staff:{username}", origin, now)
            query = select(s.staff.c.password_hash).where(
                s.staff.c.username == username, s.staff.c.disabled_at.is_(None)
            )
            stored: str | None = (await tx.run(query)).scalar_one_or_none()
        return stored if allowed else None

    async def second_step(
        self, token: str, code: str, now: datetime, *, origin: str = "", device: str = ""
    ) -> Opened | None:
        """A full session for one that awaits the second factor; the old token is spent. None: not the right code (yet)."""
        token_hash = self._store.keys.token_hash(token)
        query = select(s.staff_session.c.username).where(
            s.staff_session.c.token_hash == token_hash,
            s.staff_session.c.stage == "second",
            s.staff_session.c.expires_at > now,
        )
        async with self._store.begin() as tx:
            username: str | None = (await tx.run(query)).scalar_one_or_none()
        if username is None:
            return None
        by = await self.second.check(username, code, now, origin)
        if by is None:
            return None
        async with self._store.begin() as tx:
            spent = delete(s.staff_session).where(s.staff_session.c.token_hash == token_hash)
            if (await tx.run(spent.returning(s.staff_session.c.username))).first() is None:
                return None
            return await self._open(tx, username, "full", by, device, now)

    async def awaits_second(self, token: str, now: datetime) -> bool:
        """Whether a token is of a sign-in that waits for its code."""
        query = select(s.staff_session.c.username).where(
            s.staff_session.c.token_hash == self._store.keys.token_hash(token),
            s.staff_session.c.stage == "second",
            s.staff_session.c.expires_at > now,
        )
        async with self._store.begin() as tx:
            return (await tx.run(query)).first() is not None

    async def sign_in_known(self, username: str, by: str, now: datetime, *, device: str = "") -> Opened | None:
        """A session for somebody whom an identity provider has proven. ``by``: ``oidc``, or ``weak`` if it did not say that a
        second factor was asked for: then ours is. None: disabled.
        """
        async with self._store.begin() as tx:
            query = select(s.staff).where(s.staff.c.username == username, s.staff.c.disabled_at.is_(None))
            row = (await tx.run(query)).one_or_none()
            if row is None:
                return None
            second = by == "weak" and row.totp_sealed is not None
            return await self._open(tx, username, "second" if second else "full", by, device, now)

    async def _open(self, tx: PgTx, username: str, stage: str, by: str, device: str, now: datetime) -> Opened:
        token = secrets.token_urlsafe(32)
        await tx.run(delete(s.staff_session).where(s.staff_session.c.expires_at <= now))
        locus = (await tx.run(select(s.staff.c.locus).where(s.staff.c.username == username))).scalar_one()
        ends = now + (self.policy.absolute if stage == "full" else AWAITED)
        expires = min(ends, now + self.policy.idle) if stage == "full" else ends
        await tx.run(
            insert(s.staff_session).values(
                token_hash=self._store.keys.token_hash(token),
                username=username,
                stage=stage,
                by=by,
                locus=locus,
                device=device[:80],
                created_at=now,
                used_at=now,
                expires_at=expires,
                ends_at=ends,
            )
        )
        if stage == "full":
            await arrive(tx, username, locus, now)
            await tx.audit(username, "session.opened", username, {"by": by, "locus": locus}, now)
        return Opened(token, stage)

    # -- who is signed in -----------------------------------------------------------------------------------------------

    async def signed_in(self, token: str, now: datetime, *, renew: bool = True) -> Account | None:
        """Who holds a live session. ``renew``: being used prolongs it, until its absolute end."""
        token_hash = self._store.keys.token_hash(token)
        async with self._store.begin() as tx:
            row = (await tx.run(_SIGNED_IN, {"token": token_hash, "now": now})).one_or_none()
            if row is None:
                return None
            if renew and now - row.used_at > _RENEW_AFTER:
                expires = min(row.ends_at, now + self.policy.idle)
                query = update(s.staff_session).where(s.staff_session.c.token_hash == token_hash)
                await tx.run(query.values(used_at=now, expires_at=expires))
            if row.presence != "offline" and now - row.seen_at > _ALIVE_AFTER:
                await alive(tx, row.username, row.locus, now)
        return self._account(row)

    def _account(self, row: Row[Any]) -> Account:
        todo = "password" if row.must_change else ""
        if not todo and row.by in ("password", "weak") and self.policy.needs_second_factor(row.all_roles):
            todo = "second"  # a session opened by a code or by the identity provider has it
        return Account(
            username=row.username,
            name=row.name,
            roles=frozenset(row.roles),
            locus=row.locus,
            session=row.id,
            offices=tuple(row.offices),
            todo=todo,
            by=row.by,
            since=row.created_at,
            until=row.expires_at,
            presence=row.presence,
            presence_reason=row.presence_reason,
        )

    async def sign_out(self, token: str, now: datetime) -> None:
        """End a session, if it is one."""
        async with self._store.begin() as tx:
            gone = await tx.run(
                delete(s.staff_session)
                .where(s.staff_session.c.token_hash == self._store.keys.token_hash(token))
                .returning(s.staff_session.c.username)
            )
            row = gone.one_or_none()
            if row is not None:
                if not await self.sessions.open_in(tx, row.username, now):
                    await leave(tx, row.username, now)
                await tx.audit(row.username, "session.closed", row.username, {}, now)

    # -- passwords ------------------------------------------------------------------------------------------------------

    async def proves(self, username: str, password: str, now: datetime, origin: str = "") -> bool:
        """Whether this is the account's password; a wrong one counts as a try to sign in. False also while tries are paused."""
        typed = "" if too_long(password) else normal(password)
        async with self._turnstile:
            stored = await self._count_try(username, origin, now)
            if not await asyncio.to_thread(self._matches, stored or self._nobody, typed) or not stored:
                return False
        async with self._store.begin() as tx:
            await self._pace.succeeded(tx, f"staff:{username}", origin)
        return True

    async def change_password(self, account: Account, old: str, new: str, now: datetime, origin: str = "") -> bool:
        """A new password for oneself; all other sessions end. False: the old one is wrong, or tries are paused."""
        if not await self.proves(account.username, old, now, origin):
            return False
        hashed = await self._hash(new)
        async with self._store.begin() as tx:
            query = update(s.staff).where(s.staff.c.username == account.username)
            await tx.run(query.values(password_hash=hashed, must_change=False))
            await self.sessions.end_others_in(tx, account.username, account.session)
            await tx.audit(account.username, "password.changed", account.username, {}, now)
        return True

    async def has_password(self, username: str) -> bool:
        """Whether an account signs in here, not only at an identity provider."""
        async with self._store.begin() as tx:
            query = select(s.staff.c.password_hash).where(s.staff.c.username == username)
            return bool((await tx.run(query)).scalar_one())

    async def _hash(self, password: str) -> str:
        return await asyncio.to_thread(self._hasher.hash, normal(password))

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    # -- files ------------------------------------------------------------------------------------------------------

    async def ticket_of_file(self, account: Account, blob_id: UUID) -> str:
        """Number of the open ticket through which ``account`` may open a file of a citizen.

        :raises bot.errors.NotFound: there is no such file or ticket, or it is a selfie, which only its check shows.
        """
        async with self._store.begin() as tx:
            return await ticket_of_file(tx, account.locus, blob_id)
