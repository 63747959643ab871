"""``./loket inbox``: messages that were given up. Numbers and reasons only; what people wrote is not shown."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.clock import SystemClock
from bot.settings import Settings
from bot.storage import pg
from bot.storage.crypto import KeyRing
from bot.storage.inbox import DeadLetter, InboxQueue
from bot.storage.store import PgStore

T = TypeVar("T")


def add_replay_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket inbox replay``."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", type=int, metavar="NOMOR", help="nomor pesan / number of the message")
    which.add_argument("--all", action="store_true", help="semua / all of them")


def add_drop_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket inbox drop``."""
    parser.add_argument("id", type=int, metavar="NOMOR", help="nomor pesan / number of the message")


def listing(args: argparse.Namespace, settings: Settings) -> int:
    """Print the dead letters, a line each."""
    letters = asyncio.run(_with_queue(settings, lambda queue, _: queue.dead()))
    for letter in letters:
        print(_line(letter))
    if not letters:
        print("Tidak ada pesan yang menyerah. / No message was given up.", file=sys.stderr)
    return 0


def replay(args: argparse.Namespace, settings: Settings) -> int:
    """Dead letters go back to work; 1 when there is none with that number."""
    wanted = None if args.all else args.id
    ids = asyncio.run(_with_queue(settings, lambda queue, clock: queue.replay(wanted, clock.now())))
    for number in ids:
        print(number)
    return 0 if ids or args.all else _none(args.id)


def drop(args: argparse.Namespace, settings: Settings) -> int:
    """A dead letter is put away; 1 when there is none with that number."""
    dropped = asyncio.run(_with_queue(settings, lambda queue, clock: queue.drop(args.id, clock.now())))
    return 0 if dropped else _none(args.id)


def _line(letter: DeadLetter) -> str:
    more = f"  +{letter.joined}" if letter.joined else ""
    at = letter.received_at.isoformat(timespec="seconds")
    return f"{letter.id}  {at}  {letter.account}  {letter.locus}  {letter.reason}{more}"


def _none(number: int) -> int:
    print(f"Tidak ada pesan {number} yang menyerah. / No message {number} was given up.", file=sys.stderr)
    return 1


async def _with_queue(settings: Settings, work: Callable[[InboxQueue, SystemClock], Awaitable[T]]) -> T:
    engine = pg.engine(settings.database_url, pool=1)
    try:
        queue = InboxQueue(PgStore(engine, KeyRing(settings.keys)), settings.lease_s)
        return await work(queue, SystemClock(settings.clock_file))
    finally:
        await engine.dispose()
