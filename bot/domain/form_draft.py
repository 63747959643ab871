"""The state of one application being filled in. It has no language: the same draft goes on in another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    """Where the conversation about the draft stands."""

    FILLING = "filling"
    REVIEWING = "reviewing"
    CORRECTING = "correcting"
    CANCELLING = "cancelling"
    """Asked "really cancel?"."""
    PAUSED = "paused"
    CANCELLED = "cancelled"
    REFERRED = "referred"
    """The chosen variant is somebody else's matter: nothing is asked, nothing is handed in."""
    DONE = "done"
    """Reviewed and confirmed: to be submitted."""


@dataclass(frozen=True)
class Draft:
    """Answers so far. Keys are field paths such as ``anak.nama`` or ``saksi.0.nik``; values are plain JSON."""

    service: str
    started_at: date
    variant: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    """The person's record (civil register): ``nama``, ``nik``, ``no_kk`` …"""
    assurance: int = 0
    declined: tuple[str, ...] = ()
    """Paths whose known value the person called wrong: asked instead."""
    skipped: tuple[str, ...] = ()
    asked: str | None = None
    """In ``CORRECTING``: the path being corrected, or ``?`` and the words that did not name exactly one."""
    history: tuple[str, ...] = ()
    """Steps in the order they were taken, for going back; a confirmed group is ``<section>.*``."""
    mode: Mode = Mode.FILLING
    turn: int = 0
    """Grows with every change; part of question ids, so that an old button is noticed."""
    repair: tuple[str, ...] = ()
    """When an agency asked for a repair: only these paths (and what they bring up) may change."""
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the open question listed after an answer it could not take, so that a number alone names one. Gone with the next
    change.
    """
    by_staff: tuple[str, ...] = ()
    """Paths that a member of staff filled in or corrected and the person has not confirmed yet; the review says so."""
    resumes: str = ""
    """Id of the case whose form was laid aside for this one: it goes on when this one is over."""
    moved: str = ""
    """Id of the conversation it was taken from (see :mod:`bot.domain.linking`), until something is done with it here."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, complete."""
        data: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        data.update(
            started_at=self.started_at.isoformat(),
            mode=self.mode.value,
            answers=dict(self.answers),
            known=dict(self.known),
            skipped=list(self.skipped),
            declined=list(self.declined),
            history=list(self.history),
            repair=list(self.repair),
            by_staff=list(self.by_staff),
            offered={path: list(offers) for path, offers in self.offered.items()},
        )
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Draft:
        """The inverse of :meth:`to_json`; unknown keys of other releases are left aside."""
        names = {f.name for f in fields(cls)}
        kept = {k: v for k, v in data.items() if k in names}
        kept["started_at"] = date.fromisoformat(kept["started_at"])
        kept["mode"] = Mode(kept.get("mode", Mode.FILLING.value))
        for name in ("skipped", "declined", "history", "repair", "by_staff"):
            kept[name] = tuple(kept.get(name, ()))
        return cls(**kept)
