"""``./loket content``: publish, go back, look at the history, for operators and for people who edit files with their own tools."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bot.clock import SystemClock
from bot.ports_content import Author, Branch, Edit
from bot.settings import Settings
from bot.storage import pg
from bot.storage.content_repo import GitContent, content_files
from bot.storage.crypto import KeyRing
from bot.storage.store import PgStore
from bot.usecases.store_content import Release
from bot.workers.publishing import Publisher

T = TypeVar("T")


def add_publish_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket content publish``."""
    parser.add_argument(
        "--reason", required=True, metavar="ALASAN", help="mengapa; masuk riwayat / why; goes into the history"
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="MAP",
        help="ambil isi map ini sebagai naskah / take this folder as draft",
    )


def add_rollback_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket content rollback``."""
    parser.add_argument("release", type=int, metavar="NOMOR", help="nomor dari / number of ./loket content log")
    parser.add_argument("--reason", required=True, metavar="ALASAN", help="mengapa / why")


def log(args: argparse.Namespace, settings: Settings) -> int:
    """What was published, newest first."""

    async def told(publisher: Publisher, store: PgStore) -> list[Release]:
        async with store.begin() as tx:
            return await tx.releases()

    for place, release in enumerate(asyncio.run(_with(settings, told))):
        print(f"{'*' if not place else ' '} {release.id:>4} {_line(release)}")
    return 0


def status(args: argparse.Namespace, settings: Settings) -> int:
    """What the draft has beyond what is live."""
    if not GitContent.is_one(settings.content_dir):
        print(f"{settings.content_dir}: map biasa, tidak ada yang diterbitkan / a plain folder, nothing is published")
        return 0
    repo = GitContent(settings.content_dir)
    changes = repo.changes(repo.head(Branch.LIVE), repo.head(Branch.DRAFT))
    for change in changes:
        print(f"{'+' if change.before is None else '-' if change.after is None else '~'} {change.path}")
    print(f"{len(changes)} berkas di naskah belum terbit / files of the draft are not published", file=sys.stderr)
    return 0


def publish(args: argparse.Namespace, settings: Settings) -> int:
    """Check, train where needed, and make the draft live."""

    async def done(publisher: Publisher, store: PgStore) -> Release:
        clock, author = SystemClock(settings.clock_file), _author()
        if args.folder is not None:
            _take(publisher.repo, content_files(args.folder), author, args.reason, clock)
        draft = publisher.repo.head(Branch.DRAFT)
        return await publisher.publish(
            draft, author, args.reason, clock.now(), lambda step: print(step, file=sys.stderr)
        )

    release = asyncio.run(_with(settings, done))
    print(f"{release.id} {_line(release)}")
    return 0


def rollback(args: argparse.Namespace, settings: Settings) -> int:
    """An earlier release goes live again."""

    async def done(publisher: Publisher, store: PgStore) -> Release:
        return await publisher.go_back(args.release, _author(), args.reason, SystemClock(settings.clock_file).now())

    release = asyncio.run(_with(settings, done))
    print(f"{release.id} {_line(release)}")
    return 0


def _take(repo: GitContent, files: dict[str, bytes], author: Author, message: str, clock: SystemClock) -> None:
    """The draft becomes what the folder holds."""
    head = repo.head(Branch.DRAFT)
    known = repo.files(head)
    edits = {
        path: Edit(content, known.get(path))
        for path, content in files.items()
        if path not in known or repo.blob(known[path]) != content
    }
    edits |= {path: Edit(None, blob) for path, blob in known.items() if path not in files}
    if edits:
        repo.save(edits, author, message, clock.now())


def _author() -> Author:
    name = getpass.getuser()
    return Author(name, f"{name}@loket.local")


def _line(release: Release) -> str:
    at = f"{release.at:%Y-%m-%d %H:%M}Z"
    return f"{at} {release.kind:<8} {release.commit[:10]} model {release.model[:10]} {release.author}: {release.reason}"


async def _with(settings: Settings, work: Callable[[Publisher, PgStore], Awaitable[T]]) -> T:
    db = pg.engine(settings.database_url)
    try:
        store = PgStore(db, KeyRing(settings.keys))
        return await work(Publisher(settings, store), store)
    finally:
        await db.dispose()
