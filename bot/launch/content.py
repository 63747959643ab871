"""The content repository of an installation: made from what Loket comes with, kept up to date with it, never set back by an older one."""

from __future__ import annotations

import argparse
import logging
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from bot.content import load_catalogue
from bot.errors import ContentError, SettingsError
from bot.settings import ROOT, SHIPPED_CONTENT, Settings
from bot.storage import schema
from bot.storage.content_repo import LOKET, GitContent, content_files

log = logging.getLogger(__name__)


def program_version() -> str:
    """Of this program, as content remembers it: the release, then the newest migration, which also tells what lies between two releases."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return f"{project['version']}/{schema.known()[-1]}"


def prepared(settings: Settings, version: str = "") -> Settings:
    """The settings with this installation's content repository; a plain folder that the operator named stays what it is.

    Content that a newer version brought stays as it is, if this program can read it.

    :param version: of this program (:func:`program_version`), unless a test plays another one
    :raises SettingsError: it cannot.
    """
    folder = settings.own_content if settings.content_dir == SHIPPED_CONTENT else settings.content_dir
    version, now = version or program_version(), datetime.now(UTC)
    try:
        if not GitContent.is_one(folder):
            if folder.is_dir() and any(folder.iterdir()):
                return settings
            log.info("menyiapkan isi / preparing the content", extra={"folder": folder.name})
            GitContent.seed(folder, content_files(SHIPPED_CONTENT), now, version).close()
            return settings.but(content_dir=folder)
        _bring_up_to_date(folder, version, now)
    except OSError as error:
        raise SettingsError(
            f"Folder isi {folder} tidak bisa ditulisi ({error.strerror}); periksa pemilik folder dan sisa disk (LOKET_CONTENT_DIR). / "
            f"The content folder {folder} cannot be written ({error.strerror}); check its owner and the disk (LOKET_CONTENT_DIR)."
        ) from error
    return settings.but(content_dir=folder)


def _bring_up_to_date(folder: Path, version: str, now: datetime) -> None:
    repo = GitContent(folder)
    done = repo.upgrade(content_files(SHIPPED_CONTENT), LOKET, now, version)
    if done.kept:
        log.warning(
            "isi bawaan yang juga diubah di sini dibiarkan / shipped content that was also changed here was left",
            extra={"files": list(done.kept)},
        )
    repo.check_out()
    repo.close()
    if done.newer:
        _refuse_unreadable(folder, done.newer, version)
        log.warning(
            "isi dari Loket yang lebih baru dibiarkan / content of a newer Loket is left as it is",
            extra={"content_of": done.newer, "program": version},
        )


def _refuse_unreadable(folder: Path, newer: str, version: str) -> None:
    try:
        load_catalogue(folder)
    except (ContentError, ValueError) as error:
        raise SettingsError(
            f"Isi di {folder} berasal dari Loket {newer}, lebih baru daripada program ini ({version}), dan tidak terbaca olehnya. "
            "Jalankan Loket yang lebih baru itu, atau kembalikan dulu isinya dengannya: ./loket content rollback. / "
            f"The content in {folder} is of Loket {newer}, newer than this program ({version}), which cannot read it. "
            "Run that newer Loket, or go back to earlier content with it first: ./loket content rollback."
        ) from error


def refuse_absent(folder: Path) -> None:
    """Before a command reads content.

    :raises SettingsError: there is none in the folder.
    """
    if not (folder / "services").is_dir():
        raise SettingsError(
            f"Tidak ada isi di {folder} (folder services). Periksa LOKET_CONTENT_DIR dan --var-dir. / "
            f"There is no content in {folder} (a folder services). Check LOKET_CONTENT_DIR and --var-dir."
        )


def prepare(args: argparse.Namespace, settings: Settings) -> int:
    """``./loket content prepare``: what ``run`` does with the content, for an installation made of single programs."""
    found = prepared(settings)
    if GitContent.is_one(found.content_dir):
        print(f"Isi siap di {found.content_dir}. / The content is ready in {found.content_dir}.")
    else:
        print(
            f"{found.content_dir}: map biasa, dibaca apa adanya; tidak ada yang bisa diterbitkan. / "
            f"{found.content_dir}: a plain folder, read as it is; nothing can be published."
        )
    return 0
