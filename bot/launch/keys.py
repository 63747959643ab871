"""``./loket keys …``: a new key while the service runs, and the old one out once nothing is sealed under it."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from bot.errors import SettingsError
from bot.launch.vardir import write_private
from bot.settings import Settings
from bot.storage import face_cohort, pg
from bot.storage.crypto import KeyRing, entries, prefix_of, rotated, without, written
from bot.storage.sealed import keys_in_use, reseal_all
from bot.storage.store import PgStore

T = TypeVar("T")
_HEARD_S = 2.0
"""So long after a change of the file every process knows it (:class:`bot.storage.crypto.KeyRing` looks once a second)."""
_LONGEST_TRANSACTION_S = 30.0
_ASK_AGAIN_S = 0.1
_OPEN_SINCE = text("""
select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
  and pid <> pg_backend_pid() and xact_start < :began and application_name <> 'pg_dump'
""")
"""A backup writes nothing."""
_IN_ENVIRONMENT = (
    "Kunci ada di LOKET_KEYS, bukan di berkas. Pasang berturut-turut di semua mesin, satu per satu, tanpa menghentikan semuanya: / "
    "The keys are in LOKET_KEYS, not in a file. Put these in place on all machines, one after the other, never stopping all:"
)


def rotate(args: argparse.Namespace, settings: Settings) -> int:
    """A new key seals from now on."""
    key_id = args.id or datetime.now(UTC).strftime("k%Y%m%d%H%M")
    file = settings.keys_file
    ring = file.read_text() if file is not None else settings.keys
    fresh = rotated(ring, key_id)
    if file is None:
        known = entries(fresh)
        print(_IN_ENVIRONMENT)
        print(f"1. LOKET_KEYS={written([known[1], known[0], *known[2:]])}")
        print(f"2. LOKET_KEYS={fresh}")
        print("3. ./loket keys reseal")
        return 0
    write_private(file, fresh + "\n")
    print(
        f"Kunci {key_id} dipakai mulai sekarang. Lanjut: ./loket keys reseal / "
        f"Key {key_id} is in use from now on. Next: ./loket keys reseal"
    )
    return 0


def add_rotate_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket keys rotate``."""
    parser.add_argument("--id", metavar="ID", help="nama kunci baru / id of the new key")


def reseal(args: argparse.Namespace, settings: Settings) -> int:
    """Everything is sealed anew under the first key."""

    async def work(store: PgStore) -> int:
        for _ in range(args.rounds):
            left = await reseal_all(store)
            if left == 0:
                break
        _files(settings, store.keys)
        return left

    left = _with_store(settings, work)
    print(f"Belum disandi ulang / not sealed anew yet: {left}")
    return 0 if left == 0 else 1


def add_reseal_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket keys reseal``."""
    parser.add_argument("--rounds", type=int, default=5, help=argparse.SUPPRESS)


def _files(settings: Settings, keys: KeyRing) -> None:
    """What is sealed outside the database and stays there."""
    cohort = face_cohort.read(settings.face_cohort, keys)
    if cohort is not None:
        face_cohort.write(settings.face_cohort, keys, cohort)


def status(args: argparse.Namespace, settings: Settings) -> int:
    """Which keys there are, and how much is sealed under each."""
    keys = KeyRing(settings.keys, settings.keys_file)
    used = _with_store(settings, keys_in_use)
    for key_id in dict.fromkeys((*keys.ids, *used)):
        mark = " (menyandi / encrypts)" if key_id == keys.current else ""
        lost = " (TIDAK ADA KUNCINYA / NO KEY)" if key_id not in keys.ids else ""
        print(f"{key_id}: {used.get(key_id, 0)}{mark}{lost}")
    return 0 if set(used) <= set(keys.ids) else 1


def drop(args: argparse.Namespace, settings: Settings) -> int:
    """A key that nothing is sealed under is taken out."""
    file = settings.keys_file
    ring = file.read_text() if file is not None else settings.keys
    smaller = without(ring, args.id)
    if file is not None:
        time.sleep(max(0.0, file.stat().st_mtime + _HEARD_S - time.time()))
    used = _with_store(settings, _settled)
    spooled = list(_spooled(settings, args.id))
    if used.get(args.id) or spooled:
        raise SettingsError(
            f"Masih ada {used.get(args.id, 0) + len(spooled)} nilai di bawah {args.id}: jalankan dulu ./loket keys reseal. / "
            f"Values are sealed under {args.id} still: run ./loket keys reseal first."
        )
    if file is None:
        print(f"LOKET_KEYS={smaller}")
        return 0
    write_private(file, smaller + "\n")
    print(
        f"Kunci {args.id} sudah dikeluarkan. Cadangan yang dibuat dengannya hanya terbuka dengannya: simpan selama cadangan itu ada. / "
        f"Key {args.id} is out. Backups made under it open with nothing else: keep it as long as you keep them."
    )
    return 0


async def _settled(store: PgStore) -> dict[str, int]:
    """:func:`keys_in_use`, once whoever was in the middle of a transaction, perhaps with a value under the old key, has ended it.

    :raises SettingsError: somebody does not.
    """
    async with store.begin() as tx:
        began = (await tx.run(text("select clock_timestamp()"))).scalar_one()
    end = time.monotonic() + _LONGEST_TRANSACTION_S
    while True:
        async with store.begin() as tx:
            if not (await tx.run(_OPEN_SINCE, {"began": began})).scalar_one():
                return await keys_in_use(store)
        if time.monotonic() > end:
            raise SettingsError(
                "Ada transaksi basis data yang belum selesai; ulangi sebentar lagi. / "
                "A database transaction has not ended yet; try again in a moment."
            )
        await asyncio.sleep(_ASK_AGAIN_S)


def add_drop_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket keys drop``."""
    parser.add_argument("id", metavar="ID", help="kunci yang dikeluarkan / the key to take out")


def _spooled(settings: Settings, key_id: str) -> list[Path]:
    """Webhooks on disk that wait for the database, sealed under a key."""
    waiting = settings.spool_dir.rglob("*.webhook") if settings.spool_dir.is_dir() else ()
    return [file for file in waiting if file.read_bytes().startswith(prefix_of(key_id))]


def _with_store(settings: Settings, work: Callable[[PgStore], Awaitable[T]]) -> T:
    async def run() -> T:
        engine = pg.engine(settings.database_url, pool=2)
        try:
            return await work(PgStore(engine, KeyRing(settings.keys, settings.keys_file)))
        finally:
            await engine.dispose()

    return asyncio.run(run())
