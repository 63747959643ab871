"""What the use cases need of the content's history, as a protocol (part of :mod:`bot.ports`, which passes it on).

Content is a git repository of its own (design 1): ``main`` is what is published, ``naskah`` the draft everybody edits, ``bawaan`` what
this version of Loket came with. A file is known by its path; a state of it by the id of its blob, so that two people who
change the same file notice each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Branch(StrEnum):
    """The three lines of history."""

    LIVE = "main"
    DRAFT = "naskah"
    GIVEN = "bawaan"


@dataclass(frozen=True)
class Author:
    """Who wrote; ``address`` is a made-up one (``<username>@loket.local``): no mail address of staff enters the history."""

    name: str
    address: str


@dataclass(frozen=True)
class Revision:
    """One commit."""

    id: str
    at: datetime
    author: Author
    message: str
    parents: tuple[str, ...]


@dataclass(frozen=True)
class FileChange:
    """One file between two states; None: it is not there."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class Edit:
    """A file's new content (None: away with it), made by somebody who had seen the blob ``base`` (None: no such file)."""

    content: bytes | None
    base: str | None


@dataclass(frozen=True)
class Upgrade:
    """What taking over the content of a newer Loket did: files that staff had changed too stay as staff have them."""

    revision: str | None
    """The commit on the draft; None: nothing was to be done."""
    taken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Changed on both sides; the new one is on ``bawaan``."""
    published: bool = False
    """Nothing else was in the draft, so that it went live at once."""
    newer: str = ""
    """The version of Loket whose content is here, newer than the one that asked: nothing was done."""


class ContentHistory(Protocol):
    """The content repository of this machine. Calls block: run them in a thread."""

    def head(self, branch: Branch) -> str:
        """The newest revision's id."""
        ...

    def files(self, revision: str) -> Mapping[str, str]:
        """Path -> blob id."""
        ...

    def read(self, revision: str, path: str) -> bytes:
        """:raises bot.errors.NotFound: no such file there."""
        ...

    def blob(self, blob_id: str) -> bytes:
        """:raises bot.errors.NotFound: no such blob."""
        ...

    def save(self, edits: Mapping[str, Edit], author: Author, message: str, at: datetime) -> str:
        """All edits as one commit on the draft, or none.

        :raises bot.errors.Conflict: a file is not what its editor saw any more.
        """
        ...

    def publish(self, draft: str, author: Author, reason: str, at: datetime) -> str:
        """The draft goes live as one commit of ``main``.

        :raises bot.errors.Conflict: ``draft`` is not the draft's newest revision any more.
        """
        ...

    def go_back(self, revision: str, author: Author, reason: str, at: datetime) -> str:
        """An earlier published state goes live again, as a new commit; the draft stays as it is.

        :raises bot.errors.NotFound: it was never live.
        """
        ...

    def upgrade(self, files: Mapping[str, bytes], author: Author, at: datetime, version: str = "") -> Upgrade:
        """Take over what a newer Loket comes with; an older one changes nothing."""
        ...

    def log(self, branch: Branch, most: int = 50, path: str | None = None) -> Sequence[Revision]:
        """Newest first; of ``main`` only the published states; with ``path`` only those that changed it."""
        ...

    def changes(self, before: str, after: str) -> Sequence[FileChange]:
        """Files that differ, by path."""
        ...

    def archive(self, revision: str) -> bytes:
        """All files as a tar archive, the same bytes for the same state."""
        ...
