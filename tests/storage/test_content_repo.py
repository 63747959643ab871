"""The content repository: drafts, publishing, going back, upgrades, and people who edit the same file."""

from __future__ import annotations

import io
import subprocess
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest

from bot.errors import Conflict, ContentError, NotFound
from bot.ports_content import Author, Branch, Edit
from bot.storage.content_repo import LOKET, GitContent, content_files

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SITI = Author("Siti Editor", "siti@loket.local")
BUDI = Author("Budi Penerbit", "budi@loket.local")
FILES = {"messages/id.yml": b"greet: Halo\n", "nlu/greet.yml": b"nlu: []\n", "faq/ktp.yml": b"faq: []\n"}


@pytest.fixture
def repo(tmp_path: Path) -> GitContent:
    return GitContent.seed(tmp_path / "isi", FILES, AT)


def change(repo: GitContent, path: str, content: bytes | None, author: Author = SITI) -> str:
    base = repo.files(repo.head(Branch.DRAFT)).get(path)
    return repo.save({path: Edit(content, base)}, author, f"ubah {path}", AT)


def test_seeding_makes_the_folder_hold_what_is_published_and_seeding_again_changes_nothing(tmp_path: Path) -> None:
    first = GitContent.seed(tmp_path, FILES, AT)
    assert content_files(tmp_path) == FILES
    again = GitContent.seed(tmp_path, {"x.yml": b"x"}, AT)
    assert again.head(Branch.LIVE) == first.head(Branch.LIVE)
    assert content_files(tmp_path) == FILES


def test_an_edit_is_a_commit_on_the_draft_and_the_published_folder_does_not_move(repo: GitContent) -> None:
    live = repo.head(Branch.LIVE)
    made = change(repo, "messages/id.yml", b"greet: Selamat pagi\n")
    assert repo.head(Branch.DRAFT) == made
    assert repo.head(Branch.LIVE) == live
    assert repo.read(made, "messages/id.yml") == b"greet: Selamat pagi\n"
    assert (repo.folder / "messages/id.yml").read_bytes() == b"greet: Halo\n"
    newest = repo.log(Branch.DRAFT)[0]
    assert (newest.author, newest.message, newest.at) == (SITI, "ubah messages/id.yml", AT)


def test_two_editors_of_one_file_notice_each_other_and_two_files_do_not_meet(repo: GitContent) -> None:
    base = repo.files(repo.head(Branch.DRAFT))
    repo.save({"messages/id.yml": Edit(b"greet: A\n", base["messages/id.yml"])}, SITI, "a", AT)
    repo.save({"faq/ktp.yml": Edit(b"faq: [x]\n", base["faq/ktp.yml"])}, BUDI, "b", AT)
    with pytest.raises(Conflict) as caught:
        repo.save(
            {"messages/id.yml": Edit(b"greet: B\n", base["messages/id.yml"]), "baru.yml": Edit(b"x", None)},
            BUDI,
            "c",
            AT,
        )
    assert caught.value.params["paths"] == "messages/id.yml"
    assert "baru.yml" not in repo.files(repo.head(Branch.DRAFT))  # all or nothing
    assert repo.read(repo.head(Branch.DRAFT), "messages/id.yml") == b"greet: A\n"


def test_publishing_puts_the_draft_into_the_folder_as_one_commit_with_its_reason(repo: GitContent) -> None:
    change(repo, "messages/id.yml", b"greet: Pagi\n")
    draft = change(repo, "nlu/greet.yml", None)
    made = repo.publish(draft, BUDI, "Salam baru", AT)
    assert content_files(repo.folder) == {"messages/id.yml": b"greet: Pagi\n", "faq/ktp.yml": b"faq: []\n"}
    assert [one.message for one in repo.log(Branch.LIVE)] == ["Salam baru", "Isi bawaan Loket"]
    assert repo.log(Branch.LIVE)[0].author == BUDI
    assert repo.head(Branch.DRAFT) == made
    assert [one.path for one in repo.changes(repo.log(Branch.LIVE)[1].id, made)] == ["messages/id.yml", "nlu/greet.yml"]


def test_a_draft_that_moved_on_is_not_published_unseen(repo: GitContent) -> None:
    seen = change(repo, "messages/id.yml", b"greet: Pagi\n")
    change(repo, "messages/id.yml", b"greet: Siang\n", BUDI)
    with pytest.raises(Conflict):
        repo.publish(seen, BUDI, "Salam baru", AT)


def test_going_back_is_a_new_commit_and_leaves_the_draft_alone(repo: GitContent) -> None:
    first = repo.head(Branch.LIVE)
    draft = change(repo, "messages/id.yml", b"greet: Salah\n")
    repo.publish(draft, BUDI, "keliru", AT)
    repo.go_back(first, BUDI, "kembali", AT + timedelta(minutes=1))
    assert content_files(repo.folder) == FILES
    assert len(repo.log(Branch.LIVE)) == 3
    assert repo.read(repo.head(Branch.DRAFT), "messages/id.yml") == b"greet: Salah\n"
    with pytest.raises(NotFound):
        repo.go_back(draft, BUDI, "bukan yang pernah terbit", AT)
    # What was mended in the draft afterwards is published over it.
    repo.publish(change(repo, "messages/id.yml", b"greet: Benar\n"), BUDI, "benar", AT)
    assert (repo.folder / "messages/id.yml").read_bytes() == b"greet: Benar\n"


def test_a_newer_loket_brings_its_files_and_what_staff_changed_stays(repo: GitContent) -> None:
    repo.publish(change(repo, "messages/id.yml", b"greet: Punya kami\n"), BUDI, "salam kami", AT)
    newer = {"messages/id.yml": b"greet: Halo, ada\n", "faq/ktp.yml": b"faq: [baru]\n", "faq/kk.yml": b"faq: []\n"}
    done = repo.upgrade(newer, LOKET, AT)
    assert done.kept == ("messages/id.yml",)
    assert set(done.taken) == {"faq/ktp.yml", "faq/kk.yml", "nlu/greet.yml"}
    assert done.published
    assert content_files(repo.folder) == {
        "messages/id.yml": b"greet: Punya kami\n",
        "faq/ktp.yml": b"faq: [baru]\n",
        "faq/kk.yml": b"faq: []\n",
    }
    assert repo.upgrade(newer, LOKET, AT).revision is None


def test_an_upgrade_publishes_nothing_while_there_are_unpublished_edits(repo: GitContent) -> None:
    change(repo, "messages/id.yml", b"greet: Belum terbit\n")
    done = repo.upgrade({**FILES, "faq/ktp.yml": b"faq: [baru]\n"}, LOKET, AT)
    assert (done.published, done.taken) == (False, ("faq/ktp.yml",))
    assert content_files(repo.folder) == FILES
    assert repo.read(repo.head(Branch.DRAFT), "faq/ktp.yml") == b"faq: [baru]\n"


def test_an_older_loket_started_again_puts_nothing_back(repo: GitContent) -> None:
    newer, older = {**FILES, "faq/ktp.yml": b"faq: [baru]\n"}, FILES
    assert repo.upgrade(newer, LOKET, AT, "0.9.0/0018").published
    heads = [repo.head(branch) for branch in Branch]
    for version in ("0.1.0/0018", "0.9.0/0017", ""):
        assert repo.upgrade(older, LOKET, AT, version).newer == "0.9.0/0018"
    assert [repo.head(branch) for branch in Branch] == heads and content_files(repo.folder) == newer
    # Versions are compared by number; the mark itself is nobody's reading.
    assert repo.upgrade(older, LOKET, AT, "0.10.0/0018").published
    assert "0.10.0" not in repo.log(Branch.GIVEN)[0].message


def test_an_upgrade_that_was_cut_off_is_done_by_the_next_start(repo: GitContent) -> None:
    newer = {**FILES, "faq/ktp.yml": b"faq: [baru]\n"}
    given = repo.head(Branch.GIVEN)
    repo.upgrade(newer, LOKET, AT, "2")
    repo._repo.refs[b"refs/heads/bawaan"] = given.encode()  # type: ignore[index,assignment]  # killed before its last step
    again = repo.upgrade(newer, LOKET, AT, "2")
    assert again.published and content_files(repo.folder) == newer
    assert repo.upgrade(newer, LOKET, AT, "2").revision is None


def test_the_history_of_one_file_holds_only_its_changes(repo: GitContent) -> None:
    change(repo, "messages/id.yml", b"1")
    change(repo, "faq/ktp.yml", b"2")
    change(repo, "messages/id.yml", b"3")
    assert len(repo.log(Branch.DRAFT, path="messages/id.yml")) == 3
    assert len(repo.log(Branch.DRAFT, path="faq/ktp.yml")) == 2


def test_an_archive_is_the_same_for_the_same_state(repo: GitContent) -> None:
    one = repo.archive(repo.head(Branch.LIVE))
    change(repo, "faq/ktp.yml", b"2")
    change(repo, "faq/ktp.yml", FILES["faq/ktp.yml"])
    assert repo.archive(repo.head(Branch.DRAFT)) == one
    with tarfile.open(fileobj=io.BytesIO(one)) as tar:
        assert tar.getnames() == sorted(FILES)


@pytest.mark.parametrize("path", ["../x.yml", "/etc/x", "", "a//b", ".git/config", "nlu/.x", "a\\..\\b", "nlu/../../x"])
def test_no_edit_leaves_the_folder(repo: GitContent, path: str) -> None:
    head = repo.head(Branch.DRAFT)
    with pytest.raises(ContentError):
        repo.save({path: Edit(b"x", None)}, SITI, "x", AT)
    assert repo.head(Branch.DRAFT) == head


def test_a_folder_somebody_wrote_into_is_mended(repo: GitContent) -> None:
    (repo.folder / "messages/id.yml").write_bytes(b"rusak")
    (repo.folder / "faq/ktp.yml").unlink()
    GitContent(repo.folder).check_out()
    assert content_files(repo.folder) == FILES


def test_names_with_line_breaks_and_brackets_make_no_other_author(repo: GitContent) -> None:
    change(repo, "faq/ktp.yml", b"x", Author("Eva <root>\nauthor x", "eva@loket.local"))
    assert repo.log(Branch.DRAFT)[0].author.address == "eva@loket.local"
    assert "\n" not in repo.log(Branch.DRAFT)[0].author.name


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        GitContent(tmp_path)


@pytest.mark.skipif(
    which("git") is None, reason="only shows that git itself reads the repository; needs the git program"
)
def test_git_itself_finds_a_sound_repository_with_a_clean_folder(repo: GitContent) -> None:
    repo.publish(change(repo, "messages/id.yml", b"greet: Pagi\n"), BUDI, "Salam", AT)

    def git(*words: str) -> str:
        command = ["git", "-C", str(repo.folder), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603

    git("fsck", "--strict")
    assert git("status", "--porcelain", "--branch").split() == ["##", "main"]
    assert "Budi Penerbit" in git("log", "--first-parent", "-1")


@pytest.mark.parametrize("revision", ["", "x", "0" * 39, "g" * 40, "..", "²", "0" * 40, "A" * 40])
def test_what_is_no_revision_is_not_found_whatever_a_form_says(repo: GitContent, revision: str) -> None:
    with pytest.raises(NotFound):
        repo.files(revision)
