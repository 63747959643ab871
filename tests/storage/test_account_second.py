"""Second factors, the people of an office, and the audit log, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, insert, select, text, update

from bot.domain.sign_in_pace import FREE, PAUSES
from bot.domain.staff import StaffPolicy
from bot.errors import NotFound
from bot.storage import pg
from bot.storage import tables as t
from bot.storage import tables_staff as s
from bot.storage.account_people import Manager, Refused
from bot.storage.account_second import matching_step, provisioning_uri
from bot.storage.accounts import Account, Accounts
from bot.storage.audit_log import Wanted
from bot.storage.crypto import KeyRing, new_key
from bot.storage.store import PgStore

NOW = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)
PASSWORD = "kopi pahit di pasar slawi"
TEGAL, BREBES = "33.28", "33.29"


@pytest.fixture
async def accounts(database_url: str) -> AsyncIterator[Accounts]:
    engine = pg.engine(database_url, pool=5)
    store = PgStore(engine, KeyRing(new_key("test")))
    accounts = Accounts(store, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1), refusal_s=0)
    await accounts.add(Account("wati", "Wati", frozenset({"officer"}), TEGAL), PASSWORD, NOW)
    yield accounts
    await engine.dispose()


def code_of(key: str, at: datetime) -> str:
    return TOTP(base64.b32decode(key), 6, SHA1(), 30).generate(int(at.timestamp())).decode()  # noqa: S303


async def with_app(accounts: Accounts, at: datetime = NOW) -> tuple[str, list[str]]:
    """(key, recovery codes) of Wati's app."""
    key = await accounts.second.offer("wati")
    codes = await accounts.second.confirm("wati", code_of(key, at), at)
    assert codes is not None
    return key, codes


def test_codes_are_those_of_rfc_6238() -> None:
    # Appendix B, SHA-1, the last six digits of eight
    for at, digits in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")):
        secret = b"12345678901234567890"
        assert matching_step(secret, digits, datetime.fromtimestamp(at, UTC)) == at // 30
        assert matching_step(secret, digits, datetime.fromtimestamp(at + 61, UTC)) is None
    for wrong in ("", "28708", "2870822", "２８７０８２", "28708a", "-28708"):
        assert matching_step(b"12345678901234567890", wrong, datetime.fromtimestamp(59, UTC)) is None


async def test_the_key_is_stored_sealed_and_the_codes_hashed(accounts: Accounts) -> None:
    key, codes = await with_app(accounts)
    async with accounts._store.begin() as tx:
        sealed = (await tx.run(select(s.staff.c.totp_sealed))).scalar_one()
        hashes = [bytes(row[0]) for row in await tx.run(select(s.staff_recovery.c.code_hash))]
    assert base64.b32decode(key) not in bytes(sealed) and len(codes) == len(set(codes)) == len(hashes) == 10
    assert not any(code.replace("-", "").encode() in one for code in codes for one in hashes)
    # argon2id with 128 random bits of salt, the same for a sheet and another one for the next.
    assert all(one.startswith(b"$argon2id$") for one in hashes)
    salts = {one.split(b"$")[-2] for one in hashes}
    assert len(salts) == 1 and len(base64.b64decode(next(iter(salts)) + b"==")) == 16
    await accounts.second.new_codes("wati", NOW)
    async with accounts._store.begin() as tx:
        again = {bytes(row[0]).split(b"$")[-2] for row in await tx.run(select(s.staff_recovery.c.code_hash))}
    assert not again & salts


async def test_a_sheet_that_was_printed_before_codes_were_hashed_slowly_is_still_good(accounts: Accounts) -> None:
    await with_app(accounts)
    async with accounts._store.begin() as tx:
        await tx.run(delete(s.staff_recovery))
        old = accounts._store.keys.token_hash("recovery wati abcdefgh")
        await tx.run(insert(s.staff_recovery).values(username="wati", code_hash=old))
    assert await accounts.second.check("wati", "abcd-efgj", NOW) is None
    assert await accounts.second.check("wati", "ABCD-EFGH", NOW) == "recovery"
    assert await accounts.second.check("wati", "abcd-efgh", NOW) is None


async def test_a_key_counts_only_after_a_code_of_it_was_typed(accounts: Accounts) -> None:
    key = await accounts.second.offer("wati")
    assert await accounts.second.offer("wati") == key
    assert await accounts.second.confirm("wati", "000000", NOW) is None
    opened = await accounts.sign_in("wati", PASSWORD, NOW)
    assert opened is not None and opened.stage == "full"
    await with_app(accounts)
    opened = await accounts.sign_in("wati", PASSWORD, NOW)
    assert opened is not None and opened.stage == "second"
    assert await accounts.signed_in(opened.token, NOW) is None


async def test_each_code_opens_one_session_and_no_older_one_after_it(accounts: Accounts) -> None:
    key, _ = await with_app(accounts)
    later = NOW + timedelta(seconds=60)
    code, older = code_of(key, later), code_of(key, later - timedelta(seconds=30))
    first = await accounts.sign_in("wati", PASSWORD, later)
    second = await accounts.sign_in("wati", PASSWORD, later)
    assert first is not None and second is not None
    full = await accounts.second_step(first.token, code, later)
    assert full is not None and full.token != first.token
    assert await accounts.signed_in(full.token, later) is not None
    for used in (code, older):
        assert await accounts.second_step(second.token, used, later) is None
    assert await accounts.second_step(first.token, code_of(key, later + timedelta(seconds=30)), later) is None


async def test_the_code_that_set_the_app_up_is_spent(accounts: Accounts) -> None:
    key, _ = await with_app(accounts)
    opened = await accounts.sign_in("wati", PASSWORD, NOW)
    assert opened is not None and await accounts.second_step(opened.token, code_of(key, NOW), NOW) is None


async def test_of_one_code_typed_ten_times_at_once_one_is_taken(accounts: Accounts) -> None:
    key, codes = await with_app(accounts)
    later = NOW + timedelta(seconds=60)
    for code in (code_of(key, later), codes[0]):
        async with accounts._store.begin() as tx:
            await tx.forgive("staff-code:wati")
        taken = await asyncio.gather(*(accounts.second.check("wati", code, later) for _ in range(FREE)))
        assert sum(one is not None for one in taken) == 1


async def test_guessing_codes_is_paused_and_a_pending_sign_in_ends_by_itself(accounts: Accounts) -> None:
    key, _ = await with_app(accounts)
    later = NOW + timedelta(seconds=60)
    opened = await accounts.sign_in("wati", PASSWORD, later)
    assert opened is not None
    for _ in range(FREE):
        assert await accounts.second_step(opened.token, "000000", later) is None
    assert await accounts.second_step(opened.token, code_of(key, later), later) is None
    free = later + PAUSES[0]
    assert await accounts.second_step(opened.token, code_of(key, free), free) is not None
    stale = await accounts.sign_in("wati", PASSWORD, later)
    much = later + timedelta(minutes=11)
    assert stale is not None and await accounts.second_step(stale.token, code_of(key, much), much) is None


async def test_a_recovery_code_works_once_however_it_is_typed(accounts: Accounts) -> None:
    _, codes = await with_app(accounts)
    opened = await accounts.sign_in("wati", PASSWORD, NOW)
    assert opened is not None
    assert await accounts.second_step(opened.token, f" {codes[3].upper()} ", NOW) is not None
    assert await accounts.second.left("wati") == 9
    assert await accounts.second.check("wati", codes[3], NOW) is None
    fresh = await accounts.second.new_codes("wati", NOW)
    assert await accounts.second.check("wati", codes[4], NOW) is None
    assert await accounts.second.check("wati", fresh[0], NOW) == "recovery"


async def test_a_role_that_needs_a_second_factor_can_do_nothing_else_before(accounts: Accounts) -> None:
    accounts.policy = StaffPolicy(second_factor=frozenset({"officer"}))
    opened = await accounts.sign_in("wati", PASSWORD, NOW)
    account = await accounts.signed_in(opened.token, NOW) if opened else None
    assert opened is not None and account is not None and account.todo == "second"
    await with_app(accounts)
    await accounts.sessions.proven(account.session)
    account = await accounts.signed_in(opened.token, NOW)
    assert account is not None and account.todo == ""


def test_the_qr_code_says_what_authenticator_apps_read() -> None:
    uri = provisioning_uri("ABC234", "wati", "MPP Satya Dahayu")
    assert uri == "otpauth://totp/Loket%3Awati?secret=ABC234&issuer=Loket%20MPP%20Satya%20Dahayu&digits=6"


# -- people ---------------------------------------------------------------------------------------------------------------


SUPERVISOR = Manager("tuti", TEGAL, frozenset({"supervisor"}))


async def test_a_supervisor_invites_an_agent_who_has_to_choose_a_password(accounts: Accounts) -> None:
    password = await accounts.people.invite(SUPERVISOR, "budi", "Budi", {"agent"}, NOW)
    assert password is not None
    opened = await accounts.sign_in("budi", password, NOW)
    account = await accounts.signed_in(opened.token, NOW) if opened else None
    assert account is not None and account.todo == "password"
    assert await accounts.change_password(account, password, PASSWORD, NOW)
    assert opened is not None
    account = await accounts.signed_in(opened.token, NOW)
    assert account is not None and account.todo == ""


@pytest.mark.parametrize("role", ["officer", "operator", "auditor", "editor", "publisher", "king"])
async def test_a_supervisor_gives_no_role_beyond_their_own(accounts: Accounts, role: str) -> None:
    with pytest.raises(Refused):
        await accounts.people.invite(SUPERVISOR, "budi", "Budi", {"agent", role}, NOW)
    assert await accounts.people.roles_of("budi") == {}
    await accounts.people.invite(SUPERVISOR, "budi", "Budi", {"agent"}, NOW)
    with pytest.raises(Refused):
        await accounts.people.set_roles(SUPERVISOR, "budi", {"agent", role}, NOW)
    with pytest.raises(Refused):
        await accounts.people.set_roles(SUPERVISOR, "wati", set(), NOW)  # an officer's role is not theirs to take


async def test_whoever_can_do_more_anywhere_is_not_a_supervisors_to_lock_or_to_help(accounts: Accounts) -> None:
    await accounts.people.invite(SUPERVISOR, "budi", "Budi", {"agent"}, NOW)
    async with accounts._store.begin() as tx:
        await accounts.people.put_roles(tx, "budi", BREBES, {"auditor"})
    for act in (
        accounts.people.set_disabled(SUPERVISOR, "budi", True, NOW),
        accounts.people.new_password(SUPERVISOR, "budi", NOW),
        accounts.people.check_managed(SUPERVISOR, "wati"),
    ):
        with pytest.raises(Refused):
            await act
    with pytest.raises(NotFound):
        await accounts.people.one("wati", BREBES)


async def test_nobody_manages_their_own_account(accounts: Accounts) -> None:
    await accounts.add(Account("tuti", "Tuti", frozenset({"supervisor"}), TEGAL), PASSWORD, NOW)
    with pytest.raises(Refused):
        await accounts.people.set_roles(SUPERVISOR, "tuti", {"supervisor", "agent"}, NOW)
    with pytest.raises(Refused):
        await accounts.people.set_disabled(SUPERVISOR, "tuti", True, NOW)


async def test_locking_out_ends_everything_at_once(accounts: Accounts) -> None:
    await accounts.people.invite(SUPERVISOR, "budi", "Budi", {"agent"}, NOW)
    password = await accounts.people.new_password(SUPERVISOR, "budi", NOW)
    opened = await accounts.sign_in("budi", password, NOW)
    assert opened is not None
    await accounts.people.set_disabled(SUPERVISOR, "budi", True, NOW)
    assert await accounts.signed_in(opened.token, NOW) is None
    assert await accounts.sign_in("budi", password, NOW) is None
    await accounts.people.set_disabled(SUPERVISOR, "budi", False, NOW)
    assert await accounts.sign_in("budi", password, NOW) is not None


async def test_a_name_of_another_office_gets_the_roles_here_too_and_keeps_its_password(accounts: Accounts) -> None:
    manager = Manager("sari", BREBES, frozenset({"supervisor"}))
    assert await accounts.people.invite(manager, "wati", "Somebody Else", {"agent"}, NOW) is None
    assert await accounts.people.roles_of("wati") == {TEGAL: ["officer"], BREBES: ["agent"]}
    assert await accounts.sign_in("wati", PASSWORD, NOW) is not None
    assert (await accounts.people.one("wati", BREBES)).name == "Wati"


# -- presence ---------------------------------------------------------------------------------------------------------------


async def test_signing_in_says_who_is_there_and_the_last_signing_out_says_who_left(accounts: Accounts) -> None:
    first, second = [await accounts.sign_in("wati", PASSWORD, NOW) for _ in range(2)]
    assert first is not None and second is not None

    async def state() -> str:
        async with accounts._store.begin() as tx:
            here = await tx.presence_of("wati", TEGAL)
        return str(here.now(NOW)) if here else ""

    assert await state() == "online"
    await accounts.sign_out(first.token, NOW)
    assert await state() == "online"
    await accounts.sign_out(second.token, NOW)
    assert await state() == "offline"


# -- the audit log --------------------------------------------------------------------------------------------------------


async def test_a_changed_missing_or_slipped_in_line_breaks_the_chain(accounts: Accounts) -> None:
    for number in range(5):
        async with accounts._store.begin() as tx:
            await tx.audit("wati", "thread.viewed", f"T-{number}", {"locus": TEGAL}, NOW)
    assert (await accounts.audit_log.check()).broken_at is None
    async with accounts._store.begin() as tx:
        ids = list((await tx.run(select(t.audit.c.id).order_by(t.audit.c.id))).scalars())
        await tx.run(update(t.audit).where(t.audit.c.id == ids[3]).values(actor="budi"))
    assert (await accounts.audit_log.check()).broken_at == ids[3]
    async with accounts._store.begin() as tx:
        await tx.run(t.audit.delete().where(t.audit.c.id == ids[3]))
    assert (await accounts.audit_log.check()).broken_at == ids[4]


async def test_the_chain_is_whole_whatever_time_zone_the_database_speaks_in(accounts: Accounts) -> None:
    async with accounts._store.begin() as tx:
        await tx.audit("wati", "thread.viewed", "T-1", {"locus": TEGAL}, NOW)
        await tx.run(text("set time zone 'Asia/Jakarta'"))
    assert (await accounts.audit_log.check()).broken_at is None
    (entry,) = await accounts.audit_log.read(TEGAL, Wanted(object="T-1"), orphans=False)
    assert entry.sound


async def test_an_auditor_reads_what_concerns_their_office_and_nothing_else(accounts: Accounts) -> None:
    await accounts.add(Account("sari", "Sari", frozenset({"agent"}), BREBES), PASSWORD, NOW)
    async with accounts._store.begin() as tx:
        for actor, locus in (("wati", TEGAL), ("sari", BREBES), ("wati", BREBES)):
            await tx.audit(actor, "thread.viewed", f"T-{actor}-{locus}", {"locus": locus}, NOW)
        await tx.audit("sari", "ticket.claimed", "T-sari", {}, NOW)
        await tx.audit("loket", "identity.verified", "x", {}, NOW)

    async def objects(locus: str, **wanted: str) -> set[str]:
        found = await accounts.audit_log.read(locus, Wanted(**wanted), orphans=False)  # type: ignore[arg-type]
        return {one.object for one in found if not one.action.startswith(("account", "session"))}

    assert await objects(TEGAL) == {f"T-wati-{TEGAL}"}
    assert await objects(BREBES) == {f"T-sari-{BREBES}", f"T-wati-{BREBES}", "T-sari"}
    assert await objects(BREBES, actor="wati") == {f"T-wati-{BREBES}"}
    assert await objects(BREBES, object="T-sari") == {"T-sari"}
