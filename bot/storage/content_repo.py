"""The content repository (:class:`bot.ports_content.ContentHistory`) in git, by dulwich: no git program is needed.

The folder is an ordinary repository with ``main`` checked out, so that everything that reads content from a folder reads what is
published, and anybody can look with git. Writers wait for each other behind a lock file; a branch moves by compare and
set. Objects are written before a branch points to them: a full disk or a kill leaves the old state.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dulwich import porcelain
from dulwich.index import commit_tree
from dulwich.object_store import iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from bot.errors import Conflict, ContentError, NotFound
from bot.ports_content import Author, Branch, Edit, FileChange, Revision, Upgrade

LOKET = Author("Loket", "loket@loket.local")
_FILE_MODE = 0o100644


def content_files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder of content by its path, hidden ones left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


class GitContent:
    """See :class:`bot.ports_content.ContentHistory`."""

    def __init__(self, folder: Path) -> None:
        """:raises bot.errors.ContentError: the folder is no content repository."""
        if not self.is_one(folder):
            raise ContentError(f"{folder}: not a content repository; ./loket run makes one")
        self.folder = folder
        self._repo = Repo(str(folder))

    @staticmethod
    def is_one(folder: Path) -> bool:
        """Whether a folder is a repository."""
        return (folder / ".git" / "HEAD").is_file()

    @classmethod
    def seed(cls, folder: Path, files: Mapping[str, bytes], at: datetime, version: str = "") -> GitContent:
        """A new repository whose first published state are these files of a version of Loket."""
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / ".seeding"):
            if not cls.is_one(folder):
                making = folder / f".git-{os.getpid()}"
                repo = Repo.init_bare(str(making), mkdir=True, default_branch=Branch.LIVE.encode())
                config = repo.get_config()
                config.set((b"core",), b"bare", b"false")
                config.write_to_path()
                tree = _tree(repo, {path: _blob(repo, content) for path, content in files.items()})
                first = _commit(repo, tree, (), LOKET, _marked("Isi bawaan Loket", version), at)
                for branch in Branch:
                    repo.refs[_ref(branch)] = first
                repo.close()
                making.rename(folder / ".git")
        (folder / ".seeding").unlink(missing_ok=True)
        made = cls(folder)
        made.check_out()
        return made

    def close(self) -> None:
        """Let go of the files."""
        self._repo.close()

    # -- reading --------------------------------------------------------------------------------------------------------

    def head(self, branch: Branch) -> str:
        """The newest revision's id."""
        return self._repo.refs[_ref(branch)].decode()

    def files(self, revision: str) -> Mapping[str, str]:
        """Path -> blob id."""
        tree = self._commit(revision).tree
        return {
            entry.path.decode(): entry.sha.decode()
            for entry in iter_tree_contents(self._repo.object_store, tree)
            if entry.path is not None and entry.sha is not None
        }

    def read(self, revision: str, path: str) -> bytes:
        """:raises bot.errors.NotFound: no such file there."""
        blob = self.files(revision).get(path)
        if blob is None:
            raise NotFound("content file")
        return self.blob(blob)

    def blob(self, blob_id: str) -> bytes:
        """:raises bot.errors.NotFound: no such blob."""
        try:
            found = self._repo.object_store[_id(blob_id)]
        except (KeyError, ValueError) as error:
            raise NotFound("content blob") from error
        if not isinstance(found, Blob):
            raise NotFound("content blob")
        return found.data

    def log(self, branch: Branch, most: int = 50, path: str | None = None) -> Sequence[Revision]:
        """Newest first along the first parents: of ``main`` the published states, of the draft its edits."""
        found: list[Revision] = []
        current: str | None = self.head(branch)
        while current is not None and len(found) < most:
            commit = self._commit(current)
            parent = commit.parents[0].decode() if commit.parents else None
            if path is None or self.files(current).get(path) != (self.files(parent).get(path) if parent else None):
                found.append(_revision(commit))
            current = parent
        return found

    def changes(self, before: str, after: str) -> Sequence[FileChange]:
        """Files that differ, by path."""
        old, new = self.files(before), self.files(after)
        return [
            FileChange(path, self._maybe(old.get(path)), self._maybe(new.get(path)))
            for path in sorted({*old, *new})
            if old.get(path) != new.get(path)
        ]

    def archive(self, revision: str) -> bytes:
        """All files as a tar archive, the same bytes for the same state."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path, blob in sorted(self.files(revision).items()):
                data = self.blob(blob)
                entry = tarfile.TarInfo(path)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        return out.getvalue()

    # -- writing --------------------------------------------------------------------------------------------------------

    def save(self, edits: Mapping[str, Edit], author: Author, message: str, at: datetime) -> str:
        """All edits as one commit on the draft, or none."""
        with self._writing():
            head = self.head(Branch.DRAFT)
            files = dict(self.files(head))
            lost = [path for path, edit in edits.items() if files.get(path) != edit.base]
            if lost:
                raise Conflict("content", paths=", ".join(sorted(lost)), head=head)
            for path, edit in edits.items():
                _check_path(path)
                if edit.content is None:
                    files.pop(path, None)
                else:
                    files[path] = _blob(self._repo, edit.content)
            return self._grow(Branch.DRAFT, head, files, (head,), author, message, at)

    def publish(self, draft: str, author: Author, reason: str, at: datetime) -> str:
        """The draft goes live as one commit of ``main``, from which the draft then goes on."""
        with self._writing():
            head, live = self.head(Branch.DRAFT), self.head(Branch.LIVE)
            if head != draft:
                raise Conflict("content", head=head)
            made = self._grow(Branch.LIVE, live, self.files(head), (live, head), author, reason, at)
            self._move(Branch.DRAFT, head, made)
            self.check_out()
            return made

    def go_back(self, revision: str, author: Author, reason: str, at: datetime) -> str:
        """An earlier published state goes live again, as a new commit; the draft stays as it is."""
        with self._writing():
            if all(one.id != revision for one in self.log(Branch.LIVE, most=10_000)):
                raise NotFound("published content")
            live = self.head(Branch.LIVE)
            made = self._grow(Branch.LIVE, live, self.files(revision), (live,), author, reason, at)
            self.check_out()
            return made

    def upgrade(self, files: Mapping[str, bytes], author: Author, at: datetime, version: str = "") -> Upgrade:
        """Take over what a newer Loket comes with: what staff changed stays, the rest follows. An older one changes nothing."""
        with self._writing():
            given, draft, live = (self.head(branch) for branch in (Branch.GIVEN, Branch.DRAFT, Branch.LIVE))
            there = _version_of(self._commit(given))
            if _ordered(there) > _ordered(version):
                return Upgrade(None, newer=there)
            old, mine = self.files(given), dict(self.files(draft))
            new = {path: _blob(self._repo, content) for path, content in files.items()}
            changed = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
            if not changed:
                return Upgrade(None)
            kept = [path for path in changed if mine.get(path) not in (old.get(path), new.get(path))]
            taken = [path for path in changed if path not in kept and mine.get(path) != new.get(path)]
            for path in taken:
                if path in new:
                    mine[path] = new[path]
                else:
                    mine.pop(path, None)
            clean = self._commit(draft).tree == self._commit(live).tree
            made = self._grow(Branch.DRAFT, draft, mine, (draft,), author, "Pembaruan isi bawaan Loket", at)
            if clean:
                made = self._grow(Branch.LIVE, live, mine, (live, made), author, "Pembaruan isi bawaan Loket", at)
                self._move(Branch.DRAFT, self.head(Branch.DRAFT), made)
                self.check_out()
            # Last: cut off before, all of it is done again.
            self._grow(Branch.GIVEN, given, new, (given,), author, _marked("Isi bawaan versi baru", version), at)
            return Upgrade(made, tuple(taken), tuple(kept), clean)

    def check_out(self) -> None:
        """The folder holds what is published; also mends a folder somebody wrote into, or a check-out that was cut off."""
        porcelain.reset(self._repo, "hard", self.head(Branch.LIVE).encode())

    # -- helpers --------------------------------------------------------------------------------------------------------

    def _writing(self) -> contextlib.AbstractContextManager[None]:
        return _alone(self.folder / ".git" / "loket.lock")

    def _commit(self, revision: str) -> Commit:
        if not _HEX.fullmatch(revision):  # an address or a form says anything
            raise NotFound("content revision")
        try:
            found = self._repo.object_store[_id(revision)]
        except (KeyError, ValueError) as error:
            raise NotFound("content revision") from error
        if not isinstance(found, Commit):
            raise NotFound("content revision")
        return found

    def _maybe(self, blob: str | None) -> bytes | None:
        return None if blob is None else self.blob(blob)

    def _grow(
        self,
        branch: Branch,
        head: str,
        files: Mapping[str, str],
        parents: Sequence[str],
        author: Author,
        message: str,
        at: datetime,
    ) -> str:
        made = _commit(self._repo, _tree(self._repo, files), parents, author, message, at).decode()
        self._move(branch, head, made)
        return made

    def _move(self, branch: Branch, old: str, new: str) -> None:
        if not self._repo.refs.set_if_equals(_ref(branch), _id(old), _id(new)):
            raise Conflict("content", head=self.head(branch))


def _check_path(path: str) -> None:
    """Only plain files below the folder: a name an editor made up must not leave it."""
    parts = path.split("/")
    if not path or any(part in ("", ".", "..") or part.startswith(".") or "\\" in part for part in parts):
        raise ContentError(f"{path}: not a place for content")


_HEX = re.compile(r"[0-9a-f]{40}")
_VERSION = "\n\nLoket-Version: "
"""Before the version of Loket that content came with, at the end of a commit's message: it travels with every copy of the repository."""


def _marked(message: str, version: str) -> str:
    return f"{message}{_VERSION}{version}" if version else message


def _version_of(commit: Commit) -> str:
    message: str = commit.message.decode("utf-8", "replace")
    return message.strip().partition(_VERSION)[2]


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _id(name: str) -> ObjectID:
    return ObjectID(name.encode())


def _ref(branch: Branch) -> Ref:
    return Ref(b"refs/heads/" + branch.value.encode())


def _blob(repo: Repo, content: bytes) -> str:
    blob = Blob.from_string(content)
    if blob.id not in repo.object_store:
        repo.object_store.add_object(blob)
    return blob.id.decode()


def _tree(repo: Repo, files: Mapping[str, str]) -> bytes:
    blobs = [(path.encode(), _id(blob), _FILE_MODE) for path, blob in sorted(files.items())]
    return commit_tree(repo.object_store, blobs)


def _commit(repo: Repo, tree: bytes, parents: Sequence[str], author: Author, message: str, at: datetime) -> ObjectID:
    commit = Commit()
    commit.tree = ObjectID(tree)
    commit.parents = [_id(parent) for parent in parents]
    commit.author = commit.committer = f"{_plain(author.name)} <{_plain(author.address)}>".encode()
    commit.author_time = commit.commit_time = int(at.timestamp())
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = message.strip().encode() + b"\n"
    repo.object_store.add_object(commit)
    return commit.id


def _plain(text: str) -> str:
    return "".join(" " if c in "<>\r\n\0" else c for c in text).strip()


def _revision(commit: Commit) -> Revision:
    name, _, address = commit.author.decode("utf-8", "replace").rpartition(" <")
    return Revision(
        commit.id.decode(),
        datetime.fromtimestamp(commit.author_time, UTC),
        Author(name, address.rstrip(">")),
        commit.message.decode("utf-8", "replace").partition(_VERSION)[0].strip(),
        tuple(parent.decode() for parent in commit.parents),
    )


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One writer at a time, over all processes of this machine; the lock ends with its holder."""
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
