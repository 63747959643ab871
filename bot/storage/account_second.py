"""The second factor: codes of an authenticator app (TOTP, RFC 6238) and recovery codes on paper.

A secret is kept sealed. Recovery codes are short enough to be tried out, so they are kept as passwords are: argon2id, with a random
salt of each sheet, of an HMAC under a key that is not in the database. Every code works once: the time step of the last one taken is
kept, and nothing at or before it is taken again (RFC 6238, 5.2).
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import hash_secret
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, func, insert, or_, select, update

from bot.errors import NotFound
from bot.storage import tables_staff as s
from bot.storage.account_pace import Pace
from bot.storage.store import PgStore, PgTx

STEP_S = 30
DIGITS = 6
WINDOW = 1
"""Steps before and after the present one that are taken: clocks differ, people type slowly."""
_AHEAD = 20
"""Steps (ten minutes) from which on a step that was taken is of a clock that was wrong."""
CODES = 10
"""Recovery codes on one sheet."""
ISSUER = "Loket"

_SECRET_BYTES = 20  # of the hash's length (RFC 4226, 4: R6)
_SALT_BYTES = 16
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY = re.compile(f"[{_ALPHABET}]{{8}}")


class SecondFactor:
    """Second factors on the tables ``staff`` and ``staff_recovery``."""

    def __init__(self, store: PgStore, pace: Pace, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._pace = pace
        self._hasher = hasher or PasswordHasher()
        self._turnstile = asyncio.Semaphore(2)  # one computation takes 64 MiB

    async def has(self, username: str) -> bool:
        """Whether an app is set up."""
        async with self._store.begin() as tx:
            return (await tx.run(_column(s.staff.c.totp_sealed, username))).scalar_one() is not None

    async def left(self, username: str) -> int:
        """Recovery codes that were not used yet."""
        query = select(func.count()).where(
            s.staff_recovery.c.username == username, s.staff_recovery.c.used_at.is_(None)
        )
        async with self._store.begin() as tx:
            return int((await tx.run(query)).scalar_one())

    # -- setting up -------------------------------------------------------------------------------------------------------

    async def offer(self, username: str) -> str:
        """The secret to be put into an app, in base32; the same one until it is proven."""
        async with self._store.begin() as tx:
            query = _column(s.staff.c.totp_new_sealed, username).with_for_update()
            sealed = (await tx.run(query)).scalar_one()
            secret = self._open(sealed, username) if sealed else secrets.token_bytes(_SECRET_BYTES)
            if not sealed:
                await self._put(tx, username, totp_new_sealed=self._seal(secret, username))
        return base64.b32encode(secret).decode()

    async def confirm(self, username: str, code: str, now: datetime) -> list[str] | None:
        """Prove the offered secret with a code of it; from now on it is asked for. Returns new recovery codes, shown once; None: the
        code does not fit.
        """
        async with self._store.begin() as tx:
            if not await self._pace.count(tx, f"staff-code:{username}", "", now):
                return None
            sealed = (await tx.run(_column(s.staff.c.totp_new_sealed, username).with_for_update())).scalar_one()
            step = matching_step(self._open(sealed, username), code, now) if sealed else None
            if step is None:
                return None
            secret = self._seal(self._open(sealed, username), username)
            await self._put(tx, username, totp_sealed=secret, totp_new_sealed=None, totp_step=step)
            await tx.forgive(f"staff-code:{username}")
            await tx.audit(username, "second_factor.set", username, {}, now)
            return await self._new_codes(tx, username)

    async def new_codes(self, username: str, now: datetime) -> list[str]:
        """A new sheet; the old codes are void."""
        async with self._store.begin() as tx:
            await tx.audit(username, "second_factor.codes", username, {}, now)
            return await self._new_codes(tx, username)

    async def remove(self, username: str, now: datetime, actor: str) -> None:
        """No second factor any more: its owner's wish, or help for somebody who lost the device. All sessions end but the owner's
        present ones.

        :raises bot.errors.NotFound: no such account.
        """
        async with self._store.begin() as tx:
            gone = update(s.staff).where(s.staff.c.username == username).returning(s.staff.c.username)
            values = {"totp_sealed": None, "totp_new_sealed": None, "totp_step": 0}
            if (await tx.run(gone.values(**values))).first() is None:
                raise NotFound("staff account")
            await tx.run(delete(s.staff_recovery).where(s.staff_recovery.c.username == username))
            if actor != username:
                await tx.run(delete(s.staff_session).where(s.staff_session.c.username == username))
            await tx.forgive(f"staff-code:{username}")
            await tx.audit(actor, "second_factor.removed", username, {}, now)

    # -- signing in -------------------------------------------------------------------------------------------------------

    async def check(self, username: str, typed: str, now: datetime, origin: str = "") -> str | None:
        """``totp`` or ``recovery`` for a good code, which is spent by this; None for a wrong or used one, and while tries are
        paused.
        """
        code = re.sub(r"[\s-]", "", typed).lower()
        async with self._store.begin() as tx:
            if not await self._pace.count(tx, f"staff-code:{username}", origin, now):
                return None
            sealed = (await tx.run(_column(s.staff.c.totp_sealed, username))).scalar_one_or_none()
            if sealed is None:
                return None
            by = await self._spend(tx, username, self._open(sealed, username), code, now)
            if by is None:
                await tx.audit(username, "second_factor.refused", username, {}, now)
                return None
            await self._pace.succeeded(tx, f"staff-code:{username}", origin)
        return by

    async def _spend(self, tx: PgTx, username: str, secret: bytes, code: str, now: datetime) -> str | None:
        step = matching_step(secret, code, now)
        if step is not None:
            # A step far ahead was taken while the clock was: it must not lock its owner out until then.
            last = s.staff.c.totp_step
            newer = update(s.staff).where(s.staff.c.username == username, or_(last < step, last > step + _AHEAD))
            fresh = (await tx.run(newer.values(totp_step=step).returning(s.staff.c.username))).first()
            return "totp" if fresh is not None else None
        if _RECOVERY.fullmatch(code) is None:
            return None
        open_ = (s.staff_recovery.c.username == username, s.staff_recovery.c.used_at.is_(None))
        one = (await tx.run(select(s.staff_recovery.c.code_hash).where(*open_).limit(1))).scalar_one_or_none()
        if one is None:
            return None
        spent = (
            update(s.staff_recovery)
            .where(*open_, s.staff_recovery.c.code_hash == await self._like(bytes(one), username, code))
            .values(used_at=now)
            .returning(s.staff_recovery.c.username)
        )
        if (await tx.run(spent)).first() is None:
            return None
        await tx.audit(username, "second_factor.recovery_used", username, {}, now)
        return "recovery"

    async def _new_codes(self, tx: PgTx, username: str) -> list[str]:
        codes = ["".join(secrets.choice(_ALPHABET) for _ in range(8)) for _ in range(CODES)]
        await tx.run(delete(s.staff_recovery).where(s.staff_recovery.c.username == username))
        salt = secrets.token_bytes(_SALT_BYTES)
        rows = [{"username": username, "code_hash": await self._hash(username, code, salt)} for code in codes]
        await tx.run(insert(s.staff_recovery).values(rows))
        return [f"{code[:4]}-{code[4:]}" for code in codes]

    async def _put(self, tx: PgTx, username: str, **values: object) -> None:
        await tx.run(update(s.staff).where(s.staff.c.username == username).values(**values))

    async def _hash(self, username: str, code: str, salt: bytes) -> bytes:
        """argon2id in its usual writing, ``$argon2id$v=…$m=…,t=…,p=…$salt$hash``."""
        keyed = self._keyed(username, code)
        async with self._turnstile:
            return (await asyncio.to_thread(self._hasher.hash, keyed, salt=salt)).encode()

    async def _like(self, stored: bytes, username: str, code: str) -> bytes:
        """What ``code`` would be stored as, had it been on the sheet that ``stored`` is of: all its codes have one salt, so that a try
        costs one computation.
        """
        if not stored.startswith(b"$argon2"):
            return self._keyed(username, code)  # a sheet of before
        words = stored.decode()
        p = extract_parameters(words)
        salt = words.split("$")[-2]
        async with self._turnstile:
            return await asyncio.to_thread(
                hash_secret,
                self._keyed(username, code),
                base64.b64decode(salt + "=" * (-len(salt) % 4)),
                time_cost=p.time_cost,
                memory_cost=p.memory_cost,
                parallelism=p.parallelism,
                hash_len=p.hash_len,
                type=p.type,
                version=p.version,
            )

    def _keyed(self, username: str, code: str) -> bytes:
        return self._store.keys.token_hash(f"recovery {username} {code}")

    def _seal(self, secret: bytes, username: str) -> bytes:
        return self._store.keys.seal(secret, f"staff.totp:{username}")

    def _open(self, sealed: bytes, username: str) -> bytes:
        return self._store.keys.open(bytes(sealed), f"staff.totp:{username}")


def _column(column: object, username: str):  # type: ignore[no-untyped-def]
    return select(column).where(s.staff.c.username == username)  # type: ignore[call-overload]


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The time step that ``code`` belongs to, near ``now``."""
    digits = re.sub(r"\s", "", code)
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    totp = TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303  (HMAC-SHA-1 is what every authenticator app knows)
    present = int(now.timestamp()) // STEP_S
    fitting = [
        step
        for step in range(present - WINDOW, present + WINDOW + 1)
        if hmac.compare_digest(totp.generate(step * STEP_S), digits.encode())
    ]
    return max(fitting, default=None)


def provisioning_uri(secret: str, account: str, office: str) -> str:
    """What the QR code says (the key URI format that authenticator apps read)."""
    label = quote(f"{ISSUER}:{account}", safe="")
    issuer = f"{ISSUER} {office}".strip()
    return f"otpauth://totp/{label}?" + urlencode(
        {"secret": secret, "issuer": issuer, "digits": DIGITS}, quote_via=quote
    )
