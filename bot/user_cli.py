"""``./loket user add``: accounts of the staff pages."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys

from bot.clock import SystemClock
from bot.errors import Conflict
from bot.settings import Settings
from bot.storage import pg
from bot.storage.accounts import AGENT, PASSWORD_LENGTH, ROLES, Account, Accounts, username_of, valid_username
from bot.storage.crypto import KeyRing
from bot.storage.store import PgStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket user add``."""
    parser.add_argument("username", metavar="NAMA", help="nama pengguna / user name: a-z 0-9 . _ -")
    parser.add_argument(
        "--role",
        choices=ROLES,
        default=AGENT,
        help="agent: menjawab warga / answers citizens; officer: juga memutuskan swafoto / also decides selfies",
    )
    parser.add_argument("--name", metavar='"NAMA LENGKAP"', help="nama yang dilihat warga / name that citizens see")
    parser.add_argument("--locus", metavar="KODE", help="kode kantor / office code (LOKET_LOCUS)")
    parser.add_argument(
        "--replace",
        action="store_true",
        help="akun yang sudah ada: kata sandi, peran dan nama baru / an existing account: new password, role, name",
    )


def add(args: argparse.Namespace, settings: Settings) -> int:
    """Store an account; 0, or 2 with a sentence about what is wrong."""
    username = username_of(args.username)
    if not valid_username(username):
        return _wrong(
            "Nama pengguna: 2 sampai 40 huruf kecil, angka, titik, _ atau -, diawali huruf. / "
            "User name: 2 to 40 of a-z 0-9 . _ -, a letter first."
        )
    password = read_password()
    if password is None:
        return _wrong("Kedua kata sandi tidak sama. / The two passwords differ.")
    problem = password_problem(password, username)
    if problem:
        return _wrong(problem)
    account = Account(
        username=username,
        name=(args.name or username.title()).strip(),
        roles=frozenset({args.role}),
        locus=args.locus or settings.locus,
    )
    try:
        asyncio.run(_store(account, password, settings, replace=args.replace))
    except Conflict:
        return _wrong(
            f"Akun '{username}' sudah ada; pakai --replace untuk menggantinya. / "
            f"The account '{username}' exists; use --replace to change it."
        )
    print(f"Akun '{username}' siap ({args.role}, kantor {account.locus}). / The account is ready.")
    return 0


main = add


def read_password() -> str | None:
    """The password: asked twice on a terminal (None when they differ), else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Kata sandi baru / new password: ")
    return first if getpass.getpass("Sekali lagi / once more: ") == first else None


def password_problem(password: str, username: str) -> str:
    """What is wrong with a password, or nothing. Length is what counts; no rules about kinds of characters."""
    least, most = PASSWORD_LENGTH
    if not least <= len(password) <= most:
        return f"Kata sandi harus {least} sampai {most} karakter. / A password has {least} to {most} characters."
    if username in password.lower() or len(set(password.lower())) < 5:
        return (
            "Kata sandi terlalu mudah ditebak: jangan memuat nama pengguna, dan pakai huruf yang beragam. / "
            "Too easy to guess: leave the user name out, and use different letters."
        )
    return ""


async def _store(account: Account, password: str, settings: Settings, *, replace: bool) -> None:
    engine = pg.engine(settings.database_url, pool=1)
    try:
        store = PgStore(engine, KeyRing(settings.keys))
        await Accounts(store).add(account, password, SystemClock(settings.clock_file).now(), replace=replace)
    finally:
        await engine.dispose()


def _wrong(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2
