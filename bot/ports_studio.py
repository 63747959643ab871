"""What the studio needs of understanding and training, as protocols (part of :mod:`bot.ports`' family).

Neither ever touches the model that answers citizens: a workbench is a process of its own, and so is a training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.ports import Understanding


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
    """``waiting``, ``training``, ``testing``, ``done``, ``failed`` or ``cancelled``."""
    lines: tuple[str, ...] = field(default=())
    """What it has told so far, in words an editor understands."""
    model: str = ""
    """The hash, as soon as it is known."""


class Training(Protocol):
    """Trains drafts, one after the other."""

    async def start(self, revision: str, by: str) -> Progress:
        """Train this state of the draft; a run that is already under way for it is given back."""
        ...

    async def progress(self, run: int) -> Progress:
        """:raises bot.errors.NotFound: no such run."""
        ...

    async def cancel(self, run: int, by: str) -> None:
        """Stop it; nothing of it stays."""
        ...
