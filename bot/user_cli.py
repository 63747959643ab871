"""``./loket user …``: accounts of the staff pages."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.clock import SystemClock
from bot.domain.figures import EVERYWHERE
from bot.domain.passwords import LENGTH
from bot.domain.staff import fits_everywhere, roles_in_order
from bot.errors import Conflict, NotFound
from bot.settings import Settings
from bot.storage import pg
from bot.storage.account_people import Manager, Person
from bot.storage.accounts import AGENT, ROLES, Account, Accounts, username_of, valid_username
from bot.storage.breached import PasswordRules
from bot.storage.crypto import KeyRing
from bot.storage.store import PgStore

T = TypeVar("T")
CONSOLE = "console"

_WRONG = {
    "length": f"Kata sandi harus {LENGTH[0]} sampai {LENGTH[1]} karakter. / A password has {LENGTH[0]} to {LENGTH[1]} characters.",
    "name": "Kata sandi jangan memuat nama pengguna. / Leave the user name out of the password.",
    "plain": "Kata sandi terlalu mudah ditebak: pakai huruf yang beragam. / Too easy to guess: use different letters.",
    "common": "Kata sandi itu termasuk yang pertama kali ditebak orang. / That is one of the first that people guess.",
    "breached": "Kata sandi itu pernah bocor di tempat lain. / That password is known from a breach elsewhere.",
    "unchecked": "Daftar sandi bocor tidak terbaca. / The list of breached passwords cannot be read. (./loket doctor)",
}


# -- add ------------------------------------------------------------------------------------------------------------------


def add_add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket user add``."""
    _username(parser)
    parser.add_argument(
        "--role",
        choices=ROLES,
        action="append",
        help="bisa diulang / may be repeated; agent: menjawab warga / answers citizens; officer: juga memutuskan swafoto / also "
        "decides selfies (docs/panduan/petugas.md)",
    )
    parser.add_argument("--name", metavar='"NAMA LENGKAP"', help="nama yang dilihat warga / name that citizens see")
    parser.add_argument(
        "--locus",
        metavar="KODE",
        help="kode kantor, * untuk laporan semua MPP / office code, * for the figures of all (LOKET_LOCUS)",
    )
    parser.add_argument(
        "--also",
        action="store_true",
        help="akun yang sudah ada: peran di kantor ini, selain yang lama / an existing account: roles at this office, too",
    )
    parser.add_argument(
        "--oidc",
        metavar="SUBJECT",
        help="masuk lewat penyedia identitas saja / signs in with the identity provider only: its `sub` there",
    )
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
    account = Account(
        username=username,
        name=(args.name or username.title()).strip(),
        roles=frozenset(args.role or [AGENT]),
        locus=args.locus or settings.locus,
    )
    if account.locus == EVERYWHERE and not fits_everywhere(account.roles):
        return _wrong(
            "Kantor '*' (semua MPP) hanya untuk --role manager. / The office '*' (all MPPs) is for --role manager only."
        )
    shown = ", ".join(roles_in_order(account.roles))
    try:
        if args.also:
            _with(settings, lambda accounts, now: _also(accounts, account, now))
        else:
            password = "" if args.oidc else read_password()
            wrong = "" if args.oidc else password_problem(password, username, settings.breached_passwords)
            if wrong:
                return _wrong(wrong)
            subject = f"{settings.oidc_issuer} {args.oidc}" if args.oidc else None
            _with(settings, lambda accounts, now: _store(accounts, account, password or "", subject, args.replace, now))
    except Conflict:
        return _wrong(
            f"Akun '{username}' sudah ada; pakai --replace untuk menggantinya, --also untuk kantor tambahan. / "
            f"The account '{username}' exists; use --replace to change it, --also for another office."
        )
    except NotFound:
        return _unknown(username)
    print(f"Akun '{username}' siap ({shown}, kantor {account.locus}). / The account is ready.")
    return 0


main = add


async def _store(
    accounts: Accounts, account: Account, password: str, subject: str | None, replace: bool, now: datetime
) -> None:
    await accounts.add(account, password, now, replace=replace)
    if subject is not None:
        await accounts.people.set_subject(account.username, subject)


async def _also(accounts: Accounts, account: Account, now: datetime) -> None:
    manager = Manager(CONSOLE, account.locus)
    held = await accounts.people.roles_of(account.username)
    if account.username not in {person.username for person in await accounts.people.everybody()}:
        raise NotFound("staff account")
    roles = account.roles | set(held.get(account.locus, ()))
    await accounts.people.set_roles(manager, account.username, roles, now)


def read_password() -> str | None:
    """The password: asked twice on a terminal (None when they differ), else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Kata sandi baru / new password: ")
    return first if getpass.getpass("Sekali lagi / once more: ") == first else None


def password_problem(password: str | None, username: str, breached: Path | None = None) -> str:
    """What is wrong with a password, or nothing. Length is what counts; no rules about kinds of characters."""
    if password is None:
        return "Kedua kata sandi tidak sama. / The two passwords differ."
    wrong = asyncio.run(PasswordRules(breached).problem(password, username))
    return _WRONG[wrong] if wrong else ""


# -- the others -------------------------------------------------------------------------------------------------------------


def add_listing_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket user list``."""
    parser.add_argument("--locus", metavar="KODE", help="hanya kantor ini / this office only")


def listing(args: argparse.Namespace, settings: Settings) -> int:
    """Everybody: user name, name, roles per office, and what is unusual."""

    async def read(accounts: Accounts, _: datetime) -> list[tuple[Person, dict[str, list[str]]]]:
        people = await accounts.people.everybody()
        return [(person, await accounts.people.roles_of(person.username)) for person in people]

    for person, held in _with(settings, read):
        if args.locus and args.locus not in held:
            continue
        roles = "; ".join(f"{locus}: {', '.join(roles_in_order(roles))}" for locus, roles in held.items()) or "-"
        marks = [
            word
            for word, true in (
                ("terkunci/disabled", person.disabled),
                ("2FA", person.second),
                ("OIDC", person.elsewhere_only),
            )
            if true
        ]
        print("\t".join([person.username, person.name, roles, " ".join(marks)]))
    return 0


def add_disable_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket user disable``."""
    _username(parser)


def disable(args: argparse.Namespace, settings: Settings) -> int:
    """Lock somebody out at once."""
    return _set_disabled(args, settings, True)


def add_enable_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket user enable``."""
    _username(parser)


def enable(args: argparse.Namespace, settings: Settings) -> int:
    """Let somebody in again."""
    return _set_disabled(args, settings, False)


def _set_disabled(args: argparse.Namespace, settings: Settings, disabled: bool) -> int:
    username, manager = username_of(args.username), Manager(CONSOLE, settings.locus)
    try:
        _with(settings, lambda accounts, now: accounts.people.set_disabled(manager, username, disabled, now))
    except NotFound:
        return _unknown(username)
    print(
        f"Akun '{username}' dikunci, semua sesinya berakhir. / Locked out; all sessions have ended."
        if disabled
        else f"Akun '{username}' dibuka lagi. / Let in again."
    )
    return 0


def add_reset_second_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket user reset-second``."""
    _username(parser)


def reset_second(args: argparse.Namespace, settings: Settings) -> int:
    """Take the second factor away from somebody who lost the device."""
    username = username_of(args.username)
    try:
        _with(settings, lambda accounts, now: accounts.second.remove(username, now, CONSOLE))
    except NotFound:
        return _unknown(username)
    print(f"Langkah kedua akun '{username}' dilepas. / The second factor is taken away.")
    return 0


# -- helpers ----------------------------------------------------------------------------------------------------------------


def _username(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", metavar="NAMA", help="nama pengguna / user name: a-z 0-9 . _ -")


def _with(settings: Settings, act: Callable[[Accounts, datetime], Awaitable[T]]) -> T:
    async def run() -> T:
        engine = pg.engine(settings.database_url, pool=1)
        try:
            accounts = Accounts(PgStore(engine, KeyRing(settings.keys)))
            return await act(accounts, SystemClock(settings.clock_file).now())
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _unknown(username: str) -> int:
    return _wrong(f"Tidak ada akun '{username}'. / There is no account '{username}'.")


def _wrong(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2
