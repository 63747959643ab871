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

    def sign_in(self, username: str, password: str = PASSWORD) -> Account | None:
        async def run() -> Account | None:
            engine = pg.engine(self._url, pool=1)
            accounts = Accounts(PgStore(engine, KeyRing(self._keys)), refusal_s=0)
            now = datetime.now(UTC)
            token = await accounts.sign_in(username, password, now)
            account = await accounts.signed_in(token, now) if token else None
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
