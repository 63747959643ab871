"""What the studio needs of understanding and training, as protocols (part of :mod:`bot.ports`' family).

Neither ever touches the model that answers citizens: a workbench is a process of its own, and so is a training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.ports import Understanding
from bot.ports_content import Author


@dataclass(frozen=True)
class Looked:
    """All that a model makes of one text, for the person who writes its examples."""

    found: Understanding
    normalised: str
    """The text after chat spelling, dialects and slips were brought to one spelling."""
    entities: tuple[tuple[str, str], ...] = ()
    """Name and value, as they leave the pipeline."""
    action: str = ""
    """The first action that the rules let follow in free talk; empty: none."""


class Workbench(Protocol):
    """Understands texts with one model in a process of its own, which is kept for a while and given back under pressure."""

    async def look(self, model: str, texts: Sequence[str]) -> Sequence[Looked]:
        """One answer per text, in order. ``model``: a hash of :func:`bot.dialogue.train.content_hash`.

        :raises bot.errors.NotFound: no such model is on this machine or in the database.
        :raises bot.errors.ContentError: the file is there but does not load.
        """
        ...


@dataclass(frozen=True)
class Progress:
    """How far a training is."""

    run: int
    state: str
    """``waiting``, ``training``, ``testing``, ``done``, ``failed``, ``cancelled`` or ``interrupted`` (its gateway ended)."""
    lines: tuple[str, ...] = field(default=())
    """What it has told so far, in words an editor understands."""
    model: str = ""
    """The hash, as soon as it is known."""


class Training(Protocol):
    """Trains drafts, one after the other."""

    async def start(self, revision: str, by: str) -> Progress:
        """Train this state of the draft; a run that is already under way for it is given back.

        :raises bot.errors.ContentError: the draft is faulty; every fault is a line.
        :raises bot.errors.Conflict: another state is being trained; ``run`` of its parameters says which run.
        """
        ...

    async def progress(self, run: int) -> Progress:
        """:raises bot.errors.NotFound: no such run."""
        ...

    async def cancel(self, run: int, by: str) -> None:
        """Stop it; nothing of it stays."""
        ...


@dataclass(frozen=True, order=True)
class DraftFault:
    """One thing that has to be mended before a draft can be trained or published."""

    file: str
    line: int
    kind: str
    """Names the sentence; ``other``: ``message`` and ``remedy`` among the values say it."""
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def at(cls, file: str, line: int, kind: str, **values: object) -> DraftFault:
        """Short for one with values."""
        return cls(file, line, kind, tuple(sorted((name, str(value)) for name, value in values.items())))

    @property
    def params(self) -> dict[str, str]:
        """The values by name."""
        return dict(self.values)


class Publishing(Protocol):
    """Moves git, model and release together. What fails leaves what is live as it was."""

    async def check(self, revision: str) -> Sequence[DraftFault]:
        """Everything wrong with a state of the draft, in order of file and line.

        :raises bot.errors.NotFound: no such revision.
        """
        ...

    async def model_of(self, revision: str) -> str:
        """The hash of the model this state needs.

        :raises bot.errors.ContentError: it cannot be told: a file of the catalogue is no YAML.
        """
        ...

    async def publish_draft(self, draft: str, author: Author, reason: str, approved_by: str) -> int:
        """The draft as it was seen goes live; returns the number of the release.

        :raises bot.errors.ContentError: it is faulty, its model is not there or does not load, or the disk is full.
        :raises bot.errors.Conflict: the draft moved on meanwhile.
        """
        ...

    async def take_back(self, release: int, author: Author, reason: str) -> int:
        """An earlier release goes live again; returns the number of the new one.

        :raises bot.errors.ContentError: no such release, or its model does not load.
        """
        ...
