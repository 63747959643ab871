from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from bot.errors import Conflict
from bot.storage import pg
from bot.storage import tables as t
from bot.storage.accounts import LOCK, MAX_FAILURES, SESSION, Account, Accounts, valid_username
from bot.storage.crypto import KeyRing, new_key
from bot.storage.store import PgStore

NOW = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)
WATI = Account("wati", "Wati Lestari", frozenset({"officer"}), "33.28")
PASSWORD = "kopi pahit di pasar slawi"


def quick(memory: int = 64) -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=memory, parallelism=1)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PgStore]:
    engine = pg.engine(database_url, pool=5)
    yield PgStore(engine, KeyRing(new_key("test")))
    await engine.dispose()


@pytest.fixture
async def accounts(store: PgStore) -> Accounts:
    accounts = Accounts(store, quick(), refusal_s=0)
    await accounts.add(WATI, PASSWORD, NOW)
    return accounts


async def test_a_right_pair_opens_a_session_of_that_account(accounts: Accounts) -> None:
    token = await accounts.sign_in("wati", PASSWORD, NOW)
    assert token is not None
    account = await accounts.signed_in(token, NOW)
    assert account == WATI and account.officer


async def test_neither_password_nor_token_is_stored(accounts: Accounts, store: PgStore) -> None:
    token = await accounts.sign_in("wati", PASSWORD, NOW)
    async with store.begin() as tx:
        staff = (await tx.run(select(t.staff))).one()
        session = (await tx.run(select(t.staff_session))).one()
    assert staff.password_hash.startswith("$argon2id$")
    assert token is not None and token.encode() not in bytes(session.token_hash)


async def test_the_default_is_argon2id_with_the_memory_that_rfc_9106_recommends(store: PgStore) -> None:
    await Accounts(store).add(WATI, PASSWORD, NOW)
    async with store.begin() as tx:
        stored = (await tx.run(select(t.staff.c.password_hash))).scalar_one()
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_the_eleventh_try_fails_even_with_the_right_password_until_the_lock_ends(accounts: Accounts) -> None:
    for _ in range(MAX_FAILURES):
        assert await accounts.sign_in("wati", "salah", NOW) is None
    assert await accounts.sign_in("wati", PASSWORD, NOW + LOCK - timedelta(seconds=1)) is None
    assert await accounts.sign_in("wati", PASSWORD, NOW + LOCK) is not None


async def test_nine_wrong_tries_and_a_right_one_start_the_count_anew(accounts: Accounts) -> None:
    for _ in range(2):
        for _ in range(MAX_FAILURES - 1):
            assert await accounts.sign_in("wati", "salah", NOW) is None
        assert await accounts.sign_in("wati", PASSWORD, NOW) is not None


async def test_guesses_at_the_same_time_cannot_outrun_the_lock(accounts: Accounts, store: PgStore) -> None:
    looked_at = 0
    matches = accounts._matches

    def counting(stored: str, password: str) -> bool:
        nonlocal looked_at
        looked_at += stored != accounts._nobody
        return matches(stored, password)

    accounts._matches = counting  # type: ignore[method-assign]
    await asyncio.gather(*(accounts.sign_in("wati", f"tebakan {n}", NOW) for n in range(40)))
    assert looked_at == MAX_FAILURES


async def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(accounts: Accounts) -> None:
    verified: list[str] = []
    matches = accounts._matches

    def noting(stored: str, password: str) -> bool:
        verified.append(stored.rsplit("$", 2)[0])
        return matches(stored, password)

    accounts._matches = noting  # type: ignore[method-assign]
    await accounts.sign_in("wati", "salah", NOW)
    await accounts.sign_in("nobody", "salah", NOW)
    assert len(verified) == 2 and verified[0] == verified[1]


async def test_a_hash_of_weaker_settings_is_renewed_at_the_next_sign_in(accounts: Accounts, store: PgStore) -> None:
    stronger = Accounts(store, quick(memory=128), refusal_s=0)
    assert await stronger.sign_in("wati", PASSWORD, NOW)
    async with store.begin() as tx:
        assert "m=128" in (await tx.run(select(t.staff.c.password_hash))).scalar_one()
    assert await stronger.sign_in("wati", PASSWORD, NOW)


async def test_the_same_letters_from_another_keyboard_are_the_same_password(accounts: Accounts) -> None:
    await accounts.add(Account("rene", "René", frozenset({"agent"}), "33.28"), "cafe\u0301 di pagi hari", NOW)
    assert await accounts.sign_in("rene", "caf\u00e9 di pagi hari", NOW) is not None


async def test_a_session_slides_and_looking_without_renewing_does_not_prolong_it(accounts: Accounts) -> None:
    token = await accounts.sign_in("wati", PASSWORD, NOW) or ""
    late = NOW + SESSION - timedelta(minutes=1)
    assert await accounts.signed_in(token, late, renew=False)
    assert await accounts.signed_in(token, late + timedelta(minutes=2)) is None
    assert await accounts.signed_in(token, late)
    assert await accounts.signed_in(token, late + timedelta(hours=11))


async def test_signing_out_ends_one_session_and_replacing_the_account_ends_all(accounts: Accounts) -> None:
    first, second = [await accounts.sign_in("wati", PASSWORD, NOW) or "" for _ in range(2)]
    await accounts.sign_out(first, NOW)
    assert await accounts.signed_in(first, NOW) is None
    assert await accounts.signed_in(second, NOW) is not None
    await accounts.add(WATI, "kata sandi yang baru", NOW, replace=True)
    assert await accounts.signed_in(second, NOW) is None
    assert await accounts.sign_in("wati", PASSWORD, NOW) is None
    assert await accounts.sign_in("wati", "kata sandi yang baru", NOW) is not None


async def test_a_name_is_taken_once(accounts: Accounts) -> None:
    with pytest.raises(Conflict):
        await accounts.add(WATI, "kata sandi lain lagi", NOW)
    assert await accounts.sign_in("wati", PASSWORD, NOW) is not None


@pytest.mark.parametrize(
    ("name", "good"),
    [("wati", True), ("a.b-c_9", True), ("w", False), ("9wati", False), ("wa ti", False), ("x" * 41, False)],
)
def test_user_names_are_short_and_plain(name: str, good: bool) -> None:
    assert valid_username(name) is good


async def test_every_session_and_refusal_is_in_the_audit_chain(accounts: Accounts, store: PgStore) -> None:
    await accounts.sign_in("wati", "salah", NOW)
    await accounts.sign_in("nobody", "salah", NOW)
    token = await accounts.sign_in("wati", PASSWORD, NOW) or ""
    await accounts.sign_out(token, NOW)
    async with store.begin() as tx:
        rows = (await tx.run(select(t.audit).order_by(t.audit.c.id))).all()
    assert [row.action for row in rows] == ["account.added", "session.refused", "session.opened", "session.closed"]
    previous = ""
    for row in rows:
        entry = json.dumps(
            [previous, row.at.isoformat(), row.actor, row.action, row.object, row.detail], sort_keys=True
        )
        assert row.hash == hashlib.sha256(entry.encode()).hexdigest()
        previous = row.hash
