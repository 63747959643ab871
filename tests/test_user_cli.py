from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import user_cli
from bot.__main__ import main
from bot.storage import pg
from bot.storage.accounts import Account, Accounts
from bot.storage.crypto import KeyRing, new_key
from bot.storage.store import PgStore

PASSWORD = "kopi pahit di pasar slawi"


class Installation:
    """``./loket user add`` against a test database, its password on standard input."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, url: str, folder: Path) -> None:
        self._patch, self._url, self._keys = monkeypatch, url, new_key("test")
        for name, value in (("DATABASE_URL", url), ("KEYS", self._keys), ("VAR_DIR", str(folder)), ("LOCUS", "33.28")):
            monkeypatch.setenv(f"LOKET_{name}", value)

    def add(self, *arguments: str, password: str = PASSWORD) -> int:
        self._patch.setattr("sys.stdin", io.StringIO(password + "\n"))
        return main(["user", "add", *arguments])

    def run(self, *words: str) -> int:
        return main(["user", *words])

    def sign_in(self, username: str, password: str = PASSWORD) -> Account | None:
        async def run() -> Account | None:
            engine = pg.engine(self._url, pool=1)
            accounts = Accounts(PgStore(engine, KeyRing(self._keys)), refusal_s=0)
            now = datetime.now(UTC)
            opened = await accounts.sign_in(username, password, now)
            account = await accounts.signed_in(opened.token, now) if opened else None
            await engine.dispose()
            return account

        return asyncio.run(run())


@pytest.fixture
def loket(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Installation:
    return Installation(monkeypatch, database_url, tmp_path)


def test_an_account_made_at_the_console_can_sign_in(loket: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert loket.add("Wati", "--role", "officer", "--name", "Wati Lestari", "--locus", "33.29") == 0
    assert loket.sign_in("wati") == Account("wati", "Wati Lestari", frozenset({"officer"}), "33.29")
    said = capsys.readouterr()
    assert "'wati' siap" in said.out and PASSWORD not in said.out + said.err


def test_an_agent_of_the_installations_office_is_what_one_gets_without_options(loket: Installation) -> None:
    assert loket.add("budi") == 0
    assert loket.sign_in("budi") == Account("budi", "Budi", frozenset({"agent"}), "33.28")


def test_an_account_is_replaced_only_when_asked(loket: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert loket.add("budi") == 0
    assert loket.add("budi", password="kata sandi yang lain") == 2
    assert "--replace" in capsys.readouterr().err
    assert loket.add("budi", "--replace", password="kata sandi yang lain") == 0
    assert loket.sign_in("budi") is None
    assert loket.sign_in("budi", "kata sandi yang lain") is not None


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("9budi", PASSWORD),
        ("bu di", PASSWORD),
        ("budi", ""),
        ("budi", "pendek"),
        ("budi", "x" * 300),
        ("budi", "budi budi budi"),
        ("budi", "aaaaaaaaaaaaaaaa"),
        ("budi", "password123456"),
        ("budi", "Indonesia1945!"),
        ("budi", "17-08-1945-2025"),
    ],
)
def test_a_name_or_password_that_will_not_do_is_refused_with_a_sentence(
    loket: Installation, capsys: pytest.CaptureFixture[str], username: str, password: str
) -> None:
    assert loket.add(username, password=password) == 2
    said = capsys.readouterr().err
    assert " / " in said and (not password or password not in said)
    assert loket.sign_in(username.strip(), password) is None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("again", "expected"), [(PASSWORD, PASSWORD), ("salah ketik", None)])
def test_on_a_terminal_the_password_is_asked_twice_unseen(
    monkeypatch: pytest.MonkeyPatch, again: str, expected: str | None
) -> None:
    answers = iter([PASSWORD, again])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert user_cli.read_password() == expected


def test_somebody_may_hold_several_roles_at_several_offices(
    loket: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loket.add("wati", "--role", "officer", "--role", "supervisor", "--name", "Wati Lestari") == 0
    assert loket.add("wati", "--role", "agent", "--locus", "33.29", "--also") == 0
    assert loket.add("nobody", "--also") == 2
    account = loket.sign_in("wati")
    assert account is not None and account.roles == {"officer", "supervisor"} and account.offices == ("33.28", "33.29")
    capsys.readouterr()
    assert loket.run("list") == 0
    assert capsys.readouterr().out == "wati\tWati Lestari\t33.28: supervisor, officer; 33.29: agent\t\n"


def test_who_is_locked_out_cannot_sign_in_until_let_in_again(loket: Installation) -> None:
    assert loket.add("budi") == 0
    assert loket.run("disable", "Budi") == 0 and loket.sign_in("budi") is None
    assert loket.run("enable", "budi") == 0 and loket.sign_in("budi") is not None
    assert loket.run("disable", "siapa") == 2


def test_a_lost_second_factor_is_reset_at_the_console(loket: Installation) -> None:
    assert loket.add("budi") == 0
    assert loket.run("reset-second", "budi") == 0 and loket.run("reset-second", "siapa") == 2


def test_an_account_of_the_identity_provider_has_no_password(
    loket: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loket.add("sri", "--oidc", "a1b2") == 0
    assert loket.sign_in("sri", "") is None
    capsys.readouterr()
    assert loket.run("list") == 0 and "OIDC" in capsys.readouterr().out
