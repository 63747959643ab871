"""Checks of this machine's disk: room, the spool, who may read secrets, the content repository."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bot.doctor.check import Finding, broken, check, note, ok
from bot.errors import LoketError
from bot.ports_content import Branch
from bot.settings import ROOT, Settings
from bot.storage.content_repo import GitContent

LEAST, LITTLE = 2.0, 5.0
"""GiB: below the first nothing can be relied on, below the second it is time to look."""
_LATE_S = 600.0
_SPOOLED = "*.webhook"
_RESTORE = "Pulihkan folder isi dari cadangan / restore the content folder from a backup (docs/operasi.md)"


@check("disk")
async def disk(settings: Settings) -> Iterable[Finding]:
    """Room where data and webhooks are written."""
    places = {os.stat(there).st_dev: there for there in map(_there, (settings.spool_dir, settings.var_dir))}
    return [_room(there) for there in places.values()]


def _there(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(parent for parent in (folder, *folder.parents) if parent.is_dir())


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 2**30
    files = os.statvfs(folder)
    said = f"{folder}: {free:.1f} GiB bebas / free"
    if free < LEAST:
        return broken(
            said,
            "Kosongkan atau perbesar disk; perlu paling sedikit 2 GiB. / Free or enlarge the disk; at least 2 GiB are needed.",
        )
    if files.f_files and files.f_favail < files.f_files // 100:
        return broken(
            f"{folder}: inode habis / no inodes left",
            "Hapus berkas kecil yang tak terpakai / remove unused small files",
        )
    if free < LITTLE:
        return note(said, "Perbesar disk sebelum penuh. / Enlarge the disk before it is full.")
    return ok(said)


@check("spool")
async def spool(settings: Settings) -> Iterable[Finding]:
    """Webhooks can be kept while the database is away, and none is left lying there."""
    folder = settings.spool_dir
    if not folder.exists():
        writable = os.access(_there(folder), os.W_OK)
        return [ok(f"{folder}") if writable else _closed(folder)]
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            pass
    except OSError as error:
        return [_closed(folder, f" ({error.strerror})")]
    aside = list((folder / "aside").glob(_SPOOLED))
    waiting = [file for file in folder.rglob(_SPOOLED) if file.parent.name != "aside" and _old(file)]
    found = []
    if waiting:
        found.append(
            broken(
                f"{len(waiting)} pesan menunggu di {folder} lebih dari 10 menit / messages have waited there for 10 minutes",
                "Periksa basis data, lalu jalankan layanan: ia memasukkannya sendiri. / Check the database, then run the "
                "service: it takes them in by itself.",
            )
        )
    if aside:
        found.append(
            note(
                f"{len(aside)} pesan disisihkan / messages were put aside: {folder / 'aside'}",
                "Lihat log / see the log",
            )
        )
    return found or [ok(f"{folder}")]


def _closed(folder: Path, why: str = "") -> Finding:
    return broken(
        f"{folder} tidak bisa ditulisi / cannot be written{why}",
        f"chown/chmod {folder} untuk akun layanan / for the service's account, LOKET_SPOOL_DIR",
    )


def _old(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime > _LATE_S
    except OSError:
        return False


def open_to_others(file: Path) -> bool:
    """Whether somebody else of this machine may read a secret."""
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


@check("secrets")
async def secrets(settings: Settings) -> Iterable[Finding]:
    """Files with secrets are for one account."""
    files = [ROOT / ".env", *sorted(settings.var_dir.glob("*.secret"))]
    wide = [file for file in files if file.is_file() and open_to_others(file)]
    return [broken(f"{file} bisa dibaca orang lain / can be read by others", f"chmod 600 {file}") for file in wide] or [
        ok("hanya untuk akun ini / for this account only")
    ]


@check("content repository")
async def content_repository(settings: Settings) -> Iterable[Finding]:
    """Everything that is published and drafted can be read, to the last byte."""
    folder = settings.content_dir if (settings.content_dir / ".git").exists() else settings.own_content
    if not folder.exists() or not any(folder.iterdir()):
        return [ok(f"belum ada, dibuat ./loket run / none yet, ./loket run makes it: {folder}")]
    try:
        repo = GitContent(folder)
    except LoketError as error:
        return [broken(str(error), _RESTORE)]
    try:
        count = _read_all(repo)
    except Exception as error:  # what a damaged repository raises is anything, from KeyError to zlib.error
        return [broken(f"{folder} rusak / is damaged: {type(error).__name__}", _RESTORE)]
    finally:
        repo.close()
    return [ok(f"{folder}: {count} berkas / files")]


def _read_all(repo: GitContent) -> int:
    blobs = {blob for branch in Branch for blob in repo.files(repo.head(branch)).values()}
    for blob in blobs:
        data = repo.blob(blob)
        if hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() != blob:
            raise ValueError(blob)
    return len(blobs)
