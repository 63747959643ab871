"""Backup and restore: into a new place, with the right keys, whole or not at all."""

from __future__ import annotations

import argparse
import asyncio
import io
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.messages import Inbound
from bot.errors import LoketError, SettingsError
from bot.launch import backup, restore
from bot.launch.postgres import EmbeddedPostgres
from bot.settings import Settings
from bot.storage.archive import ArchiveError, Sealing, opened
from bot.storage.crypto import KeyRing, new_key
from bot.storage.pg import engine
from bot.storage.store import PgStore
from tests.fakes import FixedClock

NOW = FixedClock().now()
RING = new_key("k1")
PHRASE = "kuda lumping di alun-alun"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own folder: root's PostgreSQL runs under another account."""
    with tempfile.TemporaryDirectory(prefix="loket-backup-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def said(**more: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"passphrase_file": None, "with_keys": False, "keys_file": None, **more})


def stored(database_url: str, ring: str, *, text: str = "") -> list[str]:
    """Write a message if there is one, and read all."""

    async def work() -> list[str]:
        db = engine(database_url)
        try:
            store = PgStore(db, KeyRing(ring))
            async with store.begin() as tx:
                talk = await tx.open_conversation("telegram:1", "62800", "33.28", "id", NOW)
                if text:
                    await tx.put_inbound(talk.id, Inbound("telegram:1", text, "62800", NOW, text=text), NOW)
                return [entry.body["text"] for entry in await tx.thread(talk.id)]
        finally:
            await db.dispose()

    return asyncio.run(work())


@contextmanager
def no_file_longer_than(most: int) -> Iterator[None]:
    """As on a disk that is full after so many bytes, also for the programs that are started."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def old(folder: Path, database_url: str) -> Settings:
    """An installation with one message, its content and an agency described by a file."""
    stored(database_url, RING, text="halo Loket")
    var = folder / "var"
    (var / "agencies").mkdir(parents=True)
    (var / "agencies" / "dinas.yml").write_text("id: dinas\n")
    (var / "content" / ".git").mkdir(parents=True)
    (var / "content" / "isi.yml").write_text("isi\n")
    return Settings(var_dir=var, database_url=database_url, keys=RING)


def test_a_backup_restored_into_a_new_place_has_everything_and_opens_with_its_keys(old: Settings, folder: Path) -> None:
    file = folder / "cadangan"
    assert backup.main(said(file=file), old) == 0
    assert file.stat().st_mode & 0o077 == 0 and b"dinas" not in file.read_bytes()
    new = Settings(var_dir=folder / "baru", keys=RING)
    assert restore.main(said(file=file), new) == 0
    place = folder / "baru"
    assert (place / "keys").read_text().strip() == RING
    assert (place / "agencies" / "dinas.yml").is_file() and (place / "content" / "isi.yml").is_file()
    with EmbeddedPostgres(place / "postgres").running() as url:
        assert stored(url, RING) == ["halo Loket"]
    assert [one.name for one in folder.iterdir() if one.name.startswith(".")] == []
    with pytest.raises(SettingsError, match="tidak kosong"):
        restore.main(said(file=file), new)


def test_wrong_keys_and_damage_are_said_plainly_and_touch_nothing(old: Settings, folder: Path) -> None:
    file, phrase = folder / "cadangan", folder / "sandi"
    backup.main(said(file=file), old)
    new = Settings(var_dir=folder / "baru", keys=new_key("k1"))
    with pytest.raises(ArchiveError, match="bukan kunci cadangan itu"):
        restore.main(said(file=file), new)
    with pytest.raises(ArchiveError, match="dikunci dengan kunci pemasangannya"):
        restore.main(said(file=file), Settings(var_dir=folder / "baru"))
    phrase.write_text("pendek\n")
    with pytest.raises(SettingsError, match="minimal 12"):
        backup.main(said(file=file, passphrase_file=phrase), old)
    cut = folder / "potong"
    cut.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ArchiveError, match="rusak atau terpotong"):
        restore.main(said(file=cut), Settings(var_dir=folder / "baru", keys=RING))
    assert not (folder / "baru").exists()


def test_a_passphrase_locks_the_keys_in_and_another_installations_keys_are_refused(old: Settings, folder: Path) -> None:
    file, phrase = folder / "cadangan", folder / "sandi"
    phrase.write_text(PHRASE)
    with pytest.raises(SettingsError, match="perlu --passphrase-file"):
        backup.main(said(file=file, with_keys=True), old)
    backup.main(said(file=file, passphrase_file=phrase, with_keys=True), old)
    with pytest.raises(ArchiveError, match="kata sandi"):
        restore.main(said(file=file), Settings(var_dir=folder / "baru"))
    # Same passphrase, but other keys are named: the data would not open.
    with pytest.raises(ArchiveError, match="bukan kunci cadangan itu"):
        restore.main(said(file=file, passphrase_file=phrase), Settings(var_dir=folder / "baru", keys=new_key("k1")))
    assert not (folder / "baru").exists()
    restore._unpack(file, None, PHRASE, folder / "isi")
    assert restore._packed_ring(folder / "isi") == RING


def test_a_full_disk_leaves_no_half_backup(old: Settings, folder: Path) -> None:
    with no_file_longer_than(20_000), pytest.raises(LoketError):
        backup.main(said(file=folder / "cadangan"), old)
    assert sorted(one.name for one in folder.iterdir()) == ["var"]


@pytest.mark.parametrize("most", [5_000, 4_000_000])
def test_a_full_disk_leaves_no_half_restored_place(old: Settings, folder: Path, most: int) -> None:
    """The archive does not fit; or it does, and the database made of it does not."""
    backup.main(said(file=folder / "cadangan"), old)
    with no_file_longer_than(most), pytest.raises(LoketError) as refused:
        restore.main(said(file=folder / "cadangan"), Settings(var_dir=folder / "baru", keys=RING))
    assert "Traceback" not in str(refused.value) and " / " in str(refused.value)
    assert sorted(one.name for one in folder.iterdir()) == ["cadangan", "var"]


@settings(max_examples=10, deadline=None)
@given(st.binary(max_size=3000), st.integers(0, 10_000), st.integers(0, 255))
def test_an_archive_gives_what_was_put_in_or_an_error(data: bytes, place: int, value: int) -> None:
    out, keys = io.BytesIO(), KeyRing(RING)
    sealing = Sealing(out, keys, "")
    sealing.write(data * 500)
    sealing.close()
    whole = out.getvalue()
    assert b"".join(opened(io.BytesIO(whole), keys, "")) == data * 500
    changed = bytearray(whole)
    changed[place % len(whole)] = value
    for broken in (bytes(changed), whole[: place % len(whole)]):
        if broken != whole:
            with pytest.raises(ArchiveError):
                list(opened(io.BytesIO(broken), keys, ""))
