"""The people of an office: roles, locking out, help for who forgot. The rules are in :mod:`bot.domain.staff`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, text, update

from bot.domain.figures import EVERYWHERE
from bot.domain.passwords import temporary
from bot.domain.staff import fits_everywhere, may_give, may_manage
from bot.errors import Conflict, NotFound
from bot.storage import tables_staff as s
from bot.storage.account_presence import leave
from bot.storage.store import PgStore, PgTx

_PEOPLE = text("""
select staff.username, staff.name, staff.disabled_at, staff.must_change, staff.totp_sealed is not null as second,
  staff.password_hash = '' as elsewhere_only,
  array(select role from staff_role r where r.username = staff.username and r.locus = :locus) as roles,
  array(select role from staff_role r where r.username = staff.username) as all_roles,
  array(select distinct locus from staff_role r where r.username = staff.username and r.locus <> :locus) as other_offices,
  (select max(used_at) from staff_session x where x.username = staff.username) as used_at
from staff where (cast(:username as text) is null or staff.username = :username)
  and (:everybody or staff.locus = :locus
       or exists (select 1 from staff_role r where r.username = staff.username and r.locus = :locus))
order by staff.disabled_at is not null, staff.name
""")


class Refused(Conflict):
    """The manager may not do this: they would give or take more than they have."""

    code = "staff_refused"


@dataclass(frozen=True)
class Person:
    """One person as their office's managers see them."""

    username: str
    name: str
    roles: frozenset[str]
    """At this office."""
    all_roles: frozenset[str]
    other_offices: tuple[str, ...]
    disabled: bool
    must_change: bool
    second: bool
    elsewhere_only: bool
    """Signs in at the identity provider only."""
    used_at: datetime | None


@dataclass(frozen=True)
class Manager:
    """Who acts. ``roles`` at ``locus``; the console of the machine passes None and may do everything."""

    username: str
    locus: str
    roles: frozenset[str] | None = None

    def may_give(self, role: str) -> bool:
        """See :func:`bot.domain.staff.may_give`."""
        return self.roles is None or may_give(self.roles, role)

    def may_manage(self, person: Person) -> bool:
        """Whether they may lock the person out or set a new password: never their own, and nobody's who can do more, anywhere."""
        if self.roles is None:
            return True
        return person.username != self.username and may_manage(self.roles, person.all_roles)


class People:
    """On the tables ``staff`` and ``staff_role``."""

    def __init__(self, store: PgStore, hash_: Callable[[str], Awaitable[str]]) -> None:
        self._store = store
        self._hash = hash_

    async def of(self, locus: str) -> list[Person]:
        """Everybody with a role at an office, or whose own office it is."""
        async with self._store.begin() as tx:
            return await self._read(tx, locus)

    async def everybody(self) -> list[Person]:
        """Every account; ``roles`` are those of their own office."""
        async with self._store.begin() as tx:
            found = []
            for username, locus in await tx.run(
                select(s.staff.c.username, s.staff.c.locus).order_by(s.staff.c.username)
            ):
                found += await self._read(tx, locus, username)
            return found

    async def roles_of(self, username: str) -> dict[str, list[str]]:
        """Office -> roles."""
        found: dict[str, list[str]] = {}
        query = select(s.staff_role.c.locus, s.staff_role.c.role).where(s.staff_role.c.username == username)
        async with self._store.begin() as tx:
            for locus, role in await tx.run(query.order_by(s.staff_role.c.locus, s.staff_role.c.role)):
                found.setdefault(locus, []).append(role)
        return found

    async def one(self, username: str, locus: str) -> Person:
        """:raises bot.errors.NotFound: nobody of that office."""
        async with self._store.begin() as tx:
            return await self._one(tx, username, locus)

    # -- changing -----------------------------------------------------------------------------------------------------

    async def invite(
        self, manager: Manager, username: str, name: str, roles: Collection[str], now: datetime
    ) -> str | None:
        """Somebody new at the manager's office, with a password to be read out and changed; returned once. None: the account
        exists (of another office, perhaps), and got these roles in addition.

        :raises Refused: a role is not the manager's to give.
        """
        if not roles or not all(manager.may_give(role) for role in roles):
            raise Refused("staff roles")
        password = temporary()
        hashed = await self._hash(password)
        async with self._store.begin() as tx:
            known = (await tx.run(select(s.staff.c.username).where(s.staff.c.username == username))).first()
            if known is None:
                values = {"username": username, "name": name, "password_hash": hashed, "locus": manager.locus}
                await tx.run(insert(s.staff).values(created_at=now, must_change=True, **values))
            mine = await self._roles_at(tx, username, manager.locus)
            await self.put_roles(tx, username, manager.locus, mine | set(roles))
            action = "account.added" if known is None else "account.roles"
            detail = {"roles": sorted(mine | set(roles)), "locus": manager.locus}
            await tx.audit(manager.username, action, username, detail, now)
        return password if known is None else None

    async def set_roles(self, manager: Manager, username: str, roles: Collection[str], now: datetime) -> None:
        """Exactly these roles at the manager's office.

        :raises Refused: they would give or take a role that is not theirs, or change their own.
        :raises bot.errors.NotFound: nobody of that office.
        """
        async with self._store.begin() as tx:
            person = await self._one(tx, username, manager.locus, lock=True, everybody=manager.roles is None)
            changed = person.roles.symmetric_difference(roles)
            own = manager.roles is not None and username == manager.username
            if changed and (own or not all(manager.may_give(role) for role in changed)):
                raise Refused("staff roles")
            await self.put_roles(tx, username, manager.locus, roles)
            detail = {"roles": sorted(roles), "before": sorted(person.roles), "locus": manager.locus}
            await tx.audit(manager.username, "account.roles", username, detail, now)

    async def set_disabled(self, manager: Manager, username: str, disabled: bool, now: datetime) -> None:
        """Lock somebody out at once, everywhere, or let them in again.

        :raises Refused: not theirs to manage.
        """
        async with self._store.begin() as tx:
            await self._managed(tx, manager, username)
            query = update(s.staff).where(s.staff.c.username == username)
            await tx.run(query.values(disabled_at=now if disabled else None))
            await tx.run(delete(s.staff_session).where(s.staff_session.c.username == username))
            await leave(tx, username, now)
            action = "account.disabled" if disabled else "account.enabled"
            await tx.audit(manager.username, action, username, {"locus": manager.locus}, now)

    async def new_password(self, manager: Manager, username: str, now: datetime) -> str:
        """A password to be read out once and changed at the next sign-in; everything of theirs that is open ends.

        :raises Refused: not theirs to manage.
        """
        password = temporary()
        hashed = await self._hash(password)
        async with self._store.begin() as tx:
            await self._managed(tx, manager, username)
            query = update(s.staff).where(s.staff.c.username == username)
            await tx.run(query.values(password_hash=hashed, must_change=True))
            await tx.run(delete(s.staff_session).where(s.staff_session.c.username == username))
            await tx.forgive(f"staff:{username}")
            await tx.audit(manager.username, "password.reset", username, {"locus": manager.locus}, now)
        return password

    async def check_managed(self, manager: Manager, username: str) -> None:
        """:raises Refused: not theirs to manage. :raises bot.errors.NotFound: nobody of that office."""
        async with self._store.begin() as tx:
            await self._managed(tx, manager, username)

    async def set_subject(self, username: str, subject: str) -> None:
        """Who they are at the identity provider."""
        async with self._store.begin() as tx:
            await tx.run(update(s.staff).where(s.staff.c.username == username).values(subject=subject))

    # -- identity provider --------------------------------------------------------------------------------------------

    async def by_subject(
        self, subject: str, username: str, name: str, roles: dict[str, frozenset[str]] | None, now: datetime
    ) -> str | None:
        """The account behind a provider's subject, made at the first visit. ``roles``: office -> roles, taken over as they are;
        None: roles are given here. Returns the user name; None: they have no role at all.

        :raises bot.errors.Conflict: the name belongs to an account that is not the provider's.
        """
        async with self._store.begin() as tx:
            query = select(s.staff.c.username).where(s.staff.c.subject == subject).with_for_update()
            known: str | None = (await tx.run(query)).scalar_one_or_none()
            if known is None and not roles:
                return None
            if known is None:
                known = await self._newcomer(tx, subject, username, name, next(iter(roles or {})), now)
            if roles is not None:
                await self._take_over(tx, known, name, roles, now)
            left = select(s.staff_role.c.role).where(s.staff_role.c.username == known).limit(1)
            return known if (await tx.run(left)).first() is not None else None

    async def _newcomer(self, tx: PgTx, subject: str, username: str, name: str, locus: str, now: datetime) -> str:
        taken = select(s.staff.c.username).where(s.staff.c.username == username)
        if (await tx.run(taken)).first() is not None:
            raise Conflict("staff account")
        values = {"username": username, "name": name, "password_hash": "", "locus": locus, "subject": subject}
        await tx.run(insert(s.staff).values(created_at=now, **values))
        await tx.audit("oidc", "account.added", username, {"locus": locus}, now)
        return username

    async def _take_over(
        self, tx: PgTx, username: str, name: str, roles: dict[str, frozenset[str]], now: datetime
    ) -> None:
        query = select(s.staff_role.c.locus, s.staff_role.c.role).where(s.staff_role.c.username == username)
        before = {(locus, role) for locus, role in await tx.run(query)}
        wanted = {(locus, role) for locus, held in roles.items() for role in held}
        home = (await tx.run(select(s.staff.c.locus).where(s.staff.c.username == username))).scalar_one()
        locus = home if home in roles else next(iter(roles), home)
        await tx.run(update(s.staff).where(s.staff.c.username == username).values(name=name, locus=locus))
        if before == wanted:
            return
        await tx.run(delete(s.staff_role).where(s.staff_role.c.username == username))
        if wanted:
            rows = [{"username": username, "locus": code, "role": role} for code, role in wanted]
            await tx.run(insert(s.staff_role).values(rows))
        await tx.audit("oidc", "account.roles", username, {"roles": {c: sorted(r) for c, r in roles.items()}}, now)

    # -- rows -----------------------------------------------------------------------------------------------------------

    async def put_roles(self, tx: PgTx, username: str, locus: str, roles: Iterable[str]) -> None:
        """Replace the roles at one office.

        :raises bot.errors.Conflict: these roles cannot be held at all offices together.
        """
        roles = set(roles)
        if locus == EVERYWHERE and not fits_everywhere(roles):
            raise Conflict("roles everywhere")
        here = (s.staff_role.c.username == username) & (s.staff_role.c.locus == locus)
        await tx.run(delete(s.staff_role).where(here))
        rows = [{"username": username, "locus": locus, "role": role} for role in sorted(roles)]
        if rows:
            await tx.run(insert(s.staff_role).values(rows))

    async def _roles_at(self, tx: PgTx, username: str, locus: str) -> set[str]:
        query = select(s.staff_role.c.role).where(s.staff_role.c.username == username, s.staff_role.c.locus == locus)
        return set((await tx.run(query)).scalars())

    async def _managed(self, tx: PgTx, manager: Manager, username: str) -> Person:
        person = await self._one(tx, username, manager.locus, lock=True, everybody=manager.roles is None)
        if not manager.may_manage(person):
            raise Refused("staff account")
        return person

    async def _one(self, tx: PgTx, username: str, locus: str, *, lock: bool = False, everybody: bool = False) -> Person:
        if lock:
            await tx.run(select(s.staff.c.username).where(s.staff.c.username == username).with_for_update())
        found = await self._read(tx, locus, username, everybody=everybody)
        if not found:
            raise NotFound("staff account")
        return found[0]

    async def _read(self, tx: PgTx, locus: str, username: str | None = None, everybody: bool = False) -> list[Person]:
        values = {"locus": locus, "username": username, "everybody": everybody}
        return [_person(row) for row in await tx.run(_PEOPLE, values)]


def _person(row: Row[Any]) -> Person:
    return Person(
        username=row.username,
        name=row.name,
        roles=frozenset(row.roles),
        all_roles=frozenset(row.all_roles),
        other_offices=tuple(sorted(row.other_offices)),
        disabled=row.disabled_at is not None,
        must_change=row.must_change,
        second=row.second,
        elsewhere_only=row.elsewhere_only,
        used_at=row.used_at,
    )
