from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from bot.domain.sign_in_pace import FREE, PAUSES
from bot.domain.staff import StaffPolicy
from bot.errors import Conflict
from bot.storage import pg
from bot.storage import tables as t
from bot.storage import tables_staff as s
from bot.storage.accounts import PASSWORD_LENGTH, Account, Accounts, valid_username
from bot.storage.crypto import KeyRing, new_key
from bot.storage.store import PgStore

NOW = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)
WATI = Account("wati", "Wati Lestari", frozenset({"officer"}), "33.28")
PASSWORD = "kopi pahit di pasar slawi"
POLICY = StaffPolicy()


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


async def opens(accounts: Accounts, password: str = PASSWORD, now: datetime = NOW, **more: str) -> str | None:
    """The token of a full session, or None."""
    opened = await accounts.sign_in("wati", password, now, **more)
    return opened.token if opened is not None and opened.stage == "full" else None


async def test_a_right_pair_opens_a_session_of_that_account(accounts: Accounts) -> None:
    token = await opens(accounts)
    assert token is not None
    account = await accounts.signed_in(token, NOW)
    assert account == WATI and account.officer


async def test_neither_password_nor_token_is_stored(accounts: Accounts, store: PgStore) -> None:
    token = await opens(accounts)
    async with store.begin() as tx:
        staff = (await tx.run(select(s.staff))).one()
        session = (await tx.run(select(s.staff_session))).one()
    assert staff.password_hash.startswith("$argon2id$")
    assert token is not None and token.encode() not in bytes(session.token_hash)


async def test_the_default_is_argon2id_with_the_memory_that_rfc_9106_recommends(store: PgStore) -> None:
    await Accounts(store).add(WATI, PASSWORD, NOW)
    async with store.begin() as tx:
        stored = (await tx.run(select(s.staff.c.password_hash))).scalar_one()
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


# -- pace ---------------------------------------------------------------------------------------------------------------


async def test_after_some_wrong_tries_even_the_right_password_waits_and_the_pauses_grow(accounts: Accounts) -> None:
    now = NOW
    for _ in range(FREE):
        assert await opens(accounts, "salah", now) is None
    for pause in PAUSES[:4]:
        assert await opens(accounts, PASSWORD, now + pause - timedelta(seconds=1)) is None
        now += pause
        assert await opens(accounts, "salah", now) is None
    assert await opens(accounts, PASSWORD, now + PAUSES[3]) is None
    assert await opens(accounts, PASSWORD, now + PAUSES[4]) is not None


async def test_a_try_during_a_pause_does_not_prolong_it(accounts: Accounts) -> None:
    for _ in range(FREE):
        await opens(accounts, "salah")
    for second in range(int(PAUSES[0].total_seconds())):
        assert await opens(accounts, PASSWORD, NOW + timedelta(seconds=second)) is None
    assert await opens(accounts, PASSWORD, NOW + PAUSES[0]) is not None


async def test_a_right_password_starts_the_count_anew(accounts: Accounts) -> None:
    for _ in range(3):
        for _ in range(FREE - 1):
            assert await opens(accounts, "salah") is None
        assert await opens(accounts) is not None


async def test_one_address_cannot_try_one_password_on_many_names(accounts: Accounts) -> None:
    for number in range(30):
        await accounts.sign_in(f"nama{number}", PASSWORD, NOW, origin="203.0.113.7/32")
    assert await opens(accounts, origin="203.0.113.7/32") is None
    assert await opens(accounts, origin="203.0.113.8/32") is not None
    assert await opens(accounts, now=NOW + PAUSES[0], origin="203.0.113.7/32") is not None


async def test_a_colleagues_good_sign_ins_do_not_wash_an_address_clean(accounts: Accounts) -> None:
    for number in range(29):
        await accounts.sign_in(f"nama{number}", PASSWORD, NOW, origin="203.0.113.7/32")
        assert await opens(accounts, origin="203.0.113.7/32") is not None
    await accounts.sign_in("nama-lagi", PASSWORD, NOW, origin="203.0.113.7/32")
    assert await opens(accounts, origin="203.0.113.7/32") is None


async def test_guesses_at_the_same_time_cannot_outrun_the_pauses(accounts: Accounts) -> None:
    looked_at = 0
    matches = accounts._matches

    def counting(stored: str, password: str) -> bool:
        nonlocal looked_at
        looked_at += stored != accounts._nobody
        return matches(stored, password)

    accounts._matches = counting  # type: ignore[method-assign]
    tries = (accounts.sign_in("wati", f"tebakan {n}", NOW, origin=f"203.0.113.{n}/32") for n in range(40))
    await asyncio.gather(*tries)
    assert looked_at == FREE


async def test_unknown_disabled_and_paused_names_cost_as_much_hashing_and_as_many_rows(
    accounts: Accounts, store: PgStore
) -> None:
    await accounts.add(Account("tuti", "Tuti", frozenset({"agent"}), "33.28"), PASSWORD, NOW)
    async with store.begin() as tx:
        await tx.run(s.staff.update().where(s.staff.c.username == "tuti").values(disabled_at=NOW))
    verified: list[str] = []
    matches = accounts._matches

    def noting(stored: str, password: str) -> bool:
        verified.append(stored.rsplit("$", 2)[0])
        return matches(stored, password)

    accounts._matches = noting  # type: ignore[method-assign]
    for name in ("wati", "nobody", "tuti"):
        for _ in range(FREE + 2):
            assert await accounts.sign_in(name, "salah" if name == "wati" else PASSWORD, NOW) is None
    assert len(verified) == 3 * (FREE + 2) and len(set(verified)) == 1
    async with store.begin() as tx:
        from bot.storage.tables_proof import attempt

        failures = [row.failures for row in await tx.run(select(attempt))]
    assert failures == [FREE] * 3


async def test_a_hash_of_weaker_settings_is_renewed_at_the_next_sign_in(accounts: Accounts, store: PgStore) -> None:
    stronger = Accounts(store, quick(memory=128), refusal_s=0)
    assert await opens(stronger)
    async with store.begin() as tx:
        assert "m=128" in (await tx.run(select(s.staff.c.password_hash))).scalar_one()
    assert await opens(stronger)


async def test_the_same_letters_from_another_keyboard_are_the_same_password(accounts: Accounts) -> None:
    await accounts.add(Account("rene", "René", frozenset({"agent"}), "33.28"), "cafe\u0301 di pagi hari", NOW)
    assert await accounts.sign_in("rene", "caf\u00e9 di pagi hari", NOW) is not None


async def test_a_password_is_compared_whole(accounts: Accounts) -> None:
    long = "kopi pahit di pasar slawi " * 9 + "x" * 22
    assert len(long) == PASSWORD_LENGTH[1]
    await accounts.add(Account("rene", "Rene", frozenset({"agent"}), "33.28"), long, NOW)
    assert await accounts.sign_in("rene", long, NOW) is not None
    assert await accounts.sign_in("rene", long + "y", NOW) is None
    assert await accounts.sign_in("rene", long[:-1], NOW) is None
    assert await accounts.sign_in("rene", long.upper(), NOW) is None


async def test_a_new_installation_has_no_account(store: PgStore) -> None:
    async with store.begin() as tx:
        assert (await tx.run(select(s.staff.c.username))).all() == []


# -- sessions -----------------------------------------------------------------------------------------------------------


async def test_a_session_slides_while_it_is_used_and_looking_without_renewing_does_not_prolong_it(
    accounts: Accounts,
) -> None:
    token = await opens(accounts) or ""
    late = NOW + POLICY.idle - timedelta(minutes=1)
    assert await accounts.signed_in(token, late, renew=False)
    assert await accounts.signed_in(token, late + timedelta(minutes=2)) is None
    assert await accounts.signed_in(token, late)
    assert await accounts.signed_in(token, late + POLICY.idle - timedelta(minutes=1))


async def test_however_much_it_is_used_a_session_ends_at_its_absolute_end(accounts: Accounts) -> None:
    token, now = await opens(accounts) or "", NOW
    while now < NOW + POLICY.absolute - timedelta(hours=1):
        now += timedelta(hours=1)
        assert await accounts.signed_in(token, now) is not None
    assert await accounts.signed_in(token, NOW + POLICY.absolute - timedelta(seconds=1)) is not None
    assert await accounts.signed_in(token, NOW + POLICY.absolute) is None


async def test_signing_out_ends_one_session_and_replacing_the_account_ends_all(accounts: Accounts) -> None:
    first, second = [await opens(accounts) or "" for _ in range(2)]
    await accounts.sign_out(first, NOW)
    assert await accounts.signed_in(first, NOW) is None
    assert await accounts.signed_in(second, NOW) is not None
    await accounts.add(WATI, "kata sandi yang baru", NOW, replace=True)
    assert await accounts.signed_in(second, NOW) is None
    assert await opens(accounts) is None
    assert await opens(accounts, "kata sandi yang baru") is not None


async def test_a_new_password_wants_the_old_one_and_ends_every_other_session(accounts: Accounts) -> None:
    mine, elsewhere = [await opens(accounts) or "" for _ in range(2)]
    account = await accounts.signed_in(mine, NOW)
    assert account is not None
    assert not await accounts.change_password(account, "salah", "kata sandi yang baru", NOW)
    assert await accounts.change_password(account, PASSWORD, "kata sandi yang baru", NOW)
    assert await accounts.signed_in(mine, NOW) is not None
    assert await accounts.signed_in(elsewhere, NOW) is None
    assert await opens(accounts) is None and await opens(accounts, "kata sandi yang baru") is not None


async def test_guessing_the_old_password_in_an_open_session_is_paused_too(accounts: Accounts) -> None:
    account = await accounts.signed_in(await opens(accounts) or "", NOW)
    assert account is not None
    for _ in range(FREE):
        assert not await accounts.change_password(account, "salah", "kata sandi yang baru", NOW)
    assert not await accounts.change_password(account, PASSWORD, "kata sandi yang baru", NOW)


async def test_whoever_holds_roles_at_two_offices_works_at_one_of_them_at_a_time(accounts: Accounts) -> None:
    async with accounts._store.begin() as tx:
        await accounts.people.put_roles(tx, "wati", "33.29", {"agent"})
    token = await opens(accounts) or ""
    here = await accounts.signed_in(token, NOW)
    assert here is not None and (here.locus, here.roles, here.offices) == (
        "33.28",
        frozenset({"officer"}),
        ("33.28", "33.29"),
    )
    await accounts.sessions.work_at("wati", here.session, "33.29", NOW)
    there = await accounts.signed_in(token, NOW)
    assert there is not None and (there.locus, there.roles, there.officer) == ("33.29", frozenset({"agent"}), False)


async def test_a_name_is_taken_once(accounts: Accounts) -> None:
    with pytest.raises(Conflict):
        await accounts.add(WATI, "kata sandi lain lagi", NOW)
    assert await opens(accounts) is not None


@pytest.mark.parametrize(
    ("name", "good"),
    [("wati", True), ("a.b-c_9", True), ("w", False), ("9wati", False), ("wa ti", False), ("x" * 41, False)],
)
def test_user_names_are_short_and_plain(name: str, good: bool) -> None:
    assert valid_username(name) is good


async def test_every_session_and_refusal_is_in_the_audit_chain(accounts: Accounts, store: PgStore) -> None:
    await opens(accounts, "salah")
    await accounts.sign_in("nobody", "salah", NOW)
    token = await opens(accounts) or ""
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
