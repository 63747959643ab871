"""``./loket restore FILE --var-dir DIR``: an installation out of its backup, into a place where there is none.

Everything happens beside the place, which is only put there when all of it is right: the archive whole, the database restored, its
values opening under the keys at hand.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg

from bot.errors import LoketError, SettingsError
from bot.launch.backup import DATABASE, FORMAT, KEYS, MANIFEST, PROBE, add_passphrase, passphrase_of
from bot.launch.database import refuse_silent
from bot.launch.postgres import EmbeddedPostgres, plain_environment, programs
from bot.launch.vardir import write_private
from bot.settings import Settings
from bot.storage import pg
from bot.storage.archive import ArchiveError, opened
from bot.storage.crypto import KeyRing
from bot.storage.migrate import migrate
from bot.storage.pg import plain_url
from bot.storage.sealed import keys_in_use
from bot.storage.store import PgStore

_FOLDERS = {"content": "content", "agencies": "agencies", "face": ""}
"""Part of the archive -> where it goes below the var folder; empty: where the settings say."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket restore``."""
    parser.add_argument("file", type=Path, metavar="FILE", help="berkas cadangan / the backup")
    add_passphrase(parser)
    parser.add_argument(
        "--keys-file", type=Path, metavar="FILE", help="kunci pemasangan lama / keys of the old installation"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Restore, or say why not; then nothing is touched."""
    phrase, ring = passphrase_of(args), _ring(args, settings)
    _refuse_taken(settings)
    place = settings.var_dir
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # Not closed to the database's account, which passes through (see EmbeddedPostgres).
        with tempfile.TemporaryDirectory(
            dir=place.parent, prefix=f".{place.name}-", ignore_cleanup_errors=True
        ) as name:
            half = Path(name) / "var"
            half.mkdir()
            about = _unpack(args.file, KeyRing(ring) if ring else None, phrase, Path(name))
            ring = ring or _packed_ring(Path(name))
            _refuse_other_ring(about, KeyRing(ring))
            _fill(settings, half, Path(name), ring)
            _put_in_place(half, place)
    except OSError as error:
        raise ArchiveError(
            f"Tidak bisa dipulihkan ({error.strerror}); {place} tidak disentuh. / "
            f"Cannot be restored ({error.strerror}); {place} was not touched."
        ) from error
    print(
        f"Pulih dari cadangan / restored from the backup of {str(about['at'])[:16]}: {place}\n"
        "Lanjut: ./loket doctor, nyalakan Loket, lalu ulangi penghapusan yang diminta warga sejak cadangan itu (docs/operasi.md). / "
        "Next: ./loket doctor, start Loket, then repeat the erasures that citizens asked for since that backup (docs/operasi.md)."
    )
    return 0


def _ring(args: argparse.Namespace, settings: Settings) -> str:
    if args.keys_file is None:
        return settings.keys
    try:
        return str(args.keys_file.read_text().strip())
    except OSError as error:
        raise SettingsError(f"{args.keys_file}: {error.strerror}") from error


def _refuse_taken(settings: Settings) -> None:
    """:raises SettingsError: there is an installation."""
    place = settings.var_dir
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise SettingsError(
            f"{place} tidak kosong. Pulihkan ke folder baru dengan --var-dir. / {place} is not empty. Restore into a new folder: --var-dir."
        )
    if settings.database_url:
        refuse_silent(settings, empty=True)
        with psycopg.connect(plain_url(settings.database_url)) as connection:
            if connection.execute("select 1 from pg_tables where schemaname = 'public' limit 1").fetchone():
                raise SettingsError("LOKET_DATABASE_URL: basis datanya tidak kosong. / the database is not empty.")


# -- the archive ----------------------------------------------------------------------------------------------------------


class _Stream:
    """What :func:`opened` gives, as a file that tarfile reads."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, bytearray()

    def read(self, size: int) -> bytes:
        while len(self._rest) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest += piece
        taken = bytes(self._rest[:size])
        del self._rest[:size]
        return taken

    def drain(self) -> None:
        """To the end: only then it is certain that nothing was cut off."""
        for _ in self._pieces:
            pass


def _unpack(file: Path, keys: KeyRing | None, phrase: str, into: Path) -> dict[str, Any]:
    """Everything below ``into``, checked to the last byte; what the manifest says."""
    try:
        source: IO[bytes] = file.open("rb")
    except OSError as error:
        raise ArchiveError(f"{file}: {error.strerror}") from error
    with source:
        stream = _Stream(opened(source, keys, phrase))
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tar:  # type: ignore[call-overload]
                tar.extractall(into / "parts", filter="data")
        except tarfile.TarError as error:
            raise ArchiveError("Cadangan ini rusak. / This backup is damaged.") from error
        stream.drain()
    about: dict[str, Any] = json.loads((into / "parts" / MANIFEST).read_text())
    if about.get("format") != FORMAT:
        raise ArchiveError("Cadangan ini dari versi Loket yang lebih baru. / This backup is of a newer Loket.")
    return about


def _packed_ring(into: Path) -> str:
    packed = into / "parts" / KEYS
    if not packed.is_file():
        raise SettingsError(
            "Kuncinya tidak ada di dalam cadangan: pakai --keys-file atau LOKET_KEYS. / "
            "The keys are not in the backup: use --keys-file or LOKET_KEYS."
        )
    return packed.read_text().strip()


def _refuse_other_ring(about: dict[str, Any], keys: KeyRing) -> None:
    """:raises ArchiveError: what was sealed last does not open."""
    try:
        right = keys.open(base64.b64decode(about["probe"]), MANIFEST) == PROBE
    except (LoketError, ValueError, KeyError):
        right = False
    if not right:
        raise ArchiveError(
            "Kunci ini bukan kunci cadangan itu; tidak ada yang diubah. / These are not the keys of that backup; nothing was changed."
        )


# -- the new place --------------------------------------------------------------------------------------------------------


def _fill(settings: Settings, half: Path, into: Path, ring: str) -> None:
    parts = into / "parts"
    into.chmod(0o711)
    with contextlib.ExitStack() as stack:
        url = settings.database_url
        if not url:
            server = EmbeddedPostgres(half / "postgres")
            url = stack.enter_context(server.running())
        _load(url, parts / DATABASE)
        _refuse_other_keys(url, KeyRing(ring))
        migrate(url)
    write_private(half / "keys", ring + "\n")
    for name, where in _FOLDERS.items():
        if (parts / name).exists():
            target = half / where if where else _cohort(settings, half)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(parts / name, target)


def _cohort(settings: Settings, half: Path) -> Path:
    """Where the face cohort goes: as the settings place it below the var folder."""
    with contextlib.suppress(ValueError):
        return half / settings.face_cohort.relative_to(settings.var_dir)
    return settings.face_cohort


def _load(url: str, dump: Path) -> None:
    argv = [
        *(str(programs() / "pg_restore"), "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"),
        *("-d", plain_url(url), str(dump)),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, env=plain_environment())
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ArchiveError(
            f"Basis data tidak bisa dipulihkan / the database cannot be restored: {said[-1][:300] if said else ''}"
        )


def _refuse_other_keys(url: str, keys: KeyRing) -> None:
    """:raises ArchiveError: something is sealed under a key that is not at hand."""

    async def used() -> dict[str, int]:
        engine = pg.engine(url, pool=2)
        try:
            return await keys_in_use(PgStore(engine, keys))
        finally:
            await engine.dispose()

    missing = sorted(set(asyncio.run(used())) - set(keys.ids))
    if missing:
        raise ArchiveError(
            f"Data tersandi dengan kunci yang tidak ada di sini: {', '.join(missing)}; tidak ada yang diubah. / "
            f"Data are sealed under keys that are not here: {', '.join(missing)}; nothing was changed."
        )


def _put_in_place(half: Path, place: Path) -> None:
    if place.is_dir():
        place.rmdir()
    half.rename(place)
