"""``./loket backup FILE``: everything of an installation in one encrypted file, while the service runs.

Inside: the database (``pg_dump``; one moment of it), the content repository, agencies described by a file, the sealed face cohort. The keys
only with ``--with-keys``, and then under a passphrase: a backup that carries its own keys in the open would protect nobody.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import SettingsError
from bot.launch.postgres import plain_environment, programs
from bot.settings import Settings
from bot.storage.archive import ArchiveError, Sealing
from bot.storage.crypto import KeyRing
from bot.storage.pg import plain_url

FORMAT = 1
DATABASE, MANIFEST, KEYS = "database.dump", "manifest.json", "keys"
PROBE = b"loket"
"""Sealed in the manifest: shows at once whether a ring is the right one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``./loket backup``."""
    parser.add_argument("file", type=Path, metavar="FILE", help="berkas cadangan / the backup")
    add_passphrase(parser)
    parser.add_argument(
        "--with-keys",
        action="store_true",
        help="kunci ikut di dalamnya (perlu kata sandi) / the keys, too (needs a passphrase)",
    )


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    """Shared with ``./loket restore``."""
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="kunci cadangan dari berkas ini, bukan dari LOKET_KEYS / lock it with the passphrase in this file, not with LOKET_KEYS",
    )


def passphrase_of(args: argparse.Namespace) -> str:
    """The first line of the file; empty: none was named.

    :raises SettingsError: it cannot be read, or is too short.
    """
    if args.passphrase_file is None:
        return ""
    try:
        lines = args.passphrase_file.read_text().splitlines()
    except OSError as error:
        raise SettingsError(f"{args.passphrase_file}: {error.strerror}") from error
    phrase = lines[0].strip() if lines else ""
    if len(phrase) < 12:
        raise SettingsError(
            "Kata sandi cadangan minimal 12 karakter. / A backup's passphrase has 12 characters or more."
        )
    return phrase


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Write the file, whole or not at all."""
    phrase, began = passphrase_of(args), time.monotonic()
    if args.with_keys and not phrase:
        raise SettingsError("--with-keys perlu --passphrase-file. / --with-keys needs --passphrase-file.")
    part = args.file.with_name(f"{args.file.name}.part")
    keys = KeyRing(settings.keys, settings.keys_file)
    try:
        with _private(part) as out:
            sealing = Sealing(out, keys, phrase)
            with tarfile.open(fileobj=sealing, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
                _fill(tar, settings, keys, part.parent, with_keys=args.with_keys)
            sealing.close()
        part.replace(args.file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ArchiveError(
            f"Cadangan tidak bisa ditulis ({error.strerror}); tidak ada yang tersisa. / "
            f"The backup cannot be written ({error.strerror}); nothing is left of it."
        ) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    size = args.file.stat().st_size
    print(f"{args.file}: {size / 1e6:.1f} MB, {time.monotonic() - began:.1f} s")
    return 0


@contextlib.contextmanager
def _private(file: Path) -> Iterator[io.BufferedWriter]:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _fill(tar: tarfile.TarFile, settings: Settings, keys: KeyRing, near: Path, *, with_keys: bool) -> None:
    probe = base64.b64encode(keys.seal(PROBE, MANIFEST)).decode()
    about = {"format": FORMAT, "at": datetime.now(UTC).isoformat(), "keys": list(keys.ids), "probe": probe}
    _put(tar, MANIFEST, json.dumps(about).encode())
    if with_keys:
        ring = settings.keys_file.read_text() if settings.keys_file is not None else settings.keys
        _put(tar, KEYS, ring.encode())
    # pg_dump's file is compressed, and sealed columns do not shrink: near the backup there is room for it, or for neither.
    with tempfile.NamedTemporaryFile(dir=near, prefix=".loket-", suffix=".dump") as dump:
        _dump(settings.database_url, Path(dump.name))
        tar.add(dump.name, arcname=DATABASE, filter=_plain)
    for name, source in (
        ("content", settings.content_dir),
        ("agencies", settings.agencies_dir),
        ("face", settings.face_cohort),
    ):
        own = name != "content" or (source / ".git").is_dir()
        if own and source.exists():
            tar.add(source, arcname=name, filter=_plain)


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


def _dump(database_url: str, target: Path) -> None:
    """:raises ArchiveError: the database cannot be read."""
    argv = [
        str(programs() / "pg_dump"),
        "-Fc",
        "--no-owner",
        "--no-acl",
        "-f",
        str(target),
        "-d",
        plain_url(database_url),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, env=plain_environment())
    if done.returncode:
        raise ArchiveError(f"Basis data tidak bisa dibaca / the database cannot be read: {_last(done.stderr)}")


def _last(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1][:300] if lines else "pg_dump"
