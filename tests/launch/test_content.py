"""What a start does with the content repository: makes it, brings it up to date, and never sets it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main
from bot.errors import SettingsError
from bot.launch.content import prepared, program_version
from bot.settings import SHIPPED_CONTENT, Settings
from bot.storage.content_repo import LOKET, GitContent, content_files
from tests.storage.test_content_repo import AT


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return prepared(Settings(var_dir=tmp_path, content_dir=SHIPPED_CONTENT))


def newer_came(settings: Settings, **files: bytes) -> None:
    """A newer Loket was started once, and brought this."""
    repo = GitContent(settings.content_dir)
    assert repo.upgrade({**content_files(SHIPPED_CONTENT), **files}, LOKET, AT, "99.0.0/9999").published
    repo.close()


def test_an_older_program_works_with_newer_content_that_it_can_read_and_leaves_it(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    newer_came(settings, **{"faq/README.txt": b"baru"})
    assert prepared(settings).content_dir == settings.content_dir
    assert (settings.content_dir / "faq" / "README.txt").read_bytes() == b"baru"
    (said,) = [one for one in caplog.records if "content of a newer Loket" in one.getMessage()]
    assert (said.content_of, said.program) == ("99.0.0/9999", program_version())  # type: ignore[attr-defined]


def test_what_it_cannot_read_it_refuses_with_what_to_do(settings: Settings) -> None:
    newer_came(settings, **{"services/ktp.yml": b"hari_esok: {bentuk: lain}\n"})
    with pytest.raises(SettingsError, match=r"Jalankan Loket yang lebih baru itu.*Run that newer Loket"):
        prepared(settings)
    assert b"hari_esok" in (settings.content_dir / "services" / "ktp.yml").read_bytes()


def test_single_programs_have_their_content_made_by_a_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert main(["content", "prepare", "--var-dir", str(tmp_path)]) == 0
        assert f"Isi siap di {tmp_path / 'content'}" in capsys.readouterr().out
    assert Settings(var_dir=tmp_path).follows_content and GitContent.is_one(tmp_path / "content")


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "content").write_text("no folder")
    with pytest.raises(SettingsError, match=r"tidak bisa ditulisi.*cannot be written"):
        prepared(Settings(var_dir=tmp_path, content_dir=SHIPPED_CONTENT))
