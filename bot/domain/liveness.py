"""The challenge of a selfie: what is asked for, until when, and whether a picture shows it. Pure rules.

A challenge raises the effort of somebody who holds a photograph of another person; it is no presentation attack
detection (docs/face-liveness.md says what it stops and what not).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LIFE = timedelta(minutes=5)
"""A picture that answers a challenge has to come within this time."""
TRIES = 3
"""Challenges per first selfie; then it begins anew, and counts as a failure."""
TURNED = 12.0
"""Degrees of head turn that count, and by which the turned picture must differ from the straight one. On 495 press photos
(LFW) 99 % of the straight faces stay below 10, and of those clearly turned 99 % are seen on the right side."""
TOO_FAR = 50.0
"""Beyond it the face is hardly comparable any more."""
MOUTH_OPEN = 0.35
"""Inner lips: height by width. Of 495 press photos (LFW) 5 % are above it, 19 % above 0.25: a laugh is no open mouth."""


class Kind(StrEnum):
    """One thing to do."""

    TURN = "turn"
    """To either side: in a chat nobody knows whether the camera mirrored the picture."""
    LEFT = "left"
    RIGHT = "right"
    """The person's own side; asked where the camera is ours (the capture page), so that the picture is not mirrored."""
    MOUTH = "mouth"


@dataclass(frozen=True)
class Pose:
    """What landmarks say of a picture; degrees are rough."""

    yaw: float
    """Turn of the head in degrees; positive: the nose points to the right side of the picture."""
    mouth: float | None = None
    """Height of the inner lips by their width; None where no model for it is at hand."""


@dataclass(frozen=True)
class Challenge:
    """What one picture has to show, all of it at once."""

    kinds: tuple[Kind, ...]
    issued_at: datetime
    number: int = 1
    """How many were given for this first selfie, with this one."""

    @property
    def expires_at(self) -> datetime:
        """From here on a picture comes too late."""
        return self.issued_at + LIFE

    @property
    def code(self) -> str:
        """``mouth_turn``: the last part of its text's key."""
        return "_".join(sorted(kind.value for kind in self.kinds))

    def to_json(self) -> dict[str, Any]:
        """As kept beside the first selfie."""
        return {
            "kinds": [kind.value for kind in self.kinds],
            "issued_at": self.issued_at.isoformat(),
            "number": self.number,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Challenge:
        """The inverse of :meth:`to_json`."""
        kinds = tuple(Kind(kind) for kind in data["kinds"])
        return cls(kinds, datetime.fromisoformat(data["issued_at"]), int(data["number"]))


def in_chat(mouth: bool) -> tuple[tuple[Kind, ...], ...]:
    """The challenges a chat can give, those that stop more as often as they stand here; ``mouth``: lips can be measured.

    Of another press photo of the victim 27 % pass a turn, 4 % an open mouth, 1 % both (docs/face-liveness.md).
    """
    turn, opened, both = (Kind.TURN,), (Kind.MOUTH,), (Kind.MOUTH, Kind.TURN)
    return (turn, opened, opened, both, both, both) if mouth else (turn,)


def new(choices: Sequence[tuple[Kind, ...]], pick: Callable[[int], int], now: datetime, number: int = 1) -> Challenge:
    """One of ``choices``. ``pick(n)`` gives a random number below n (``secrets.randbelow``)."""
    return Challenge(tuple(choices[pick(len(choices))]), now, number)


def sequence(mouth: bool, pick: Callable[[int], int]) -> tuple[Kind, ...]:
    """What the capture page asks for, one after the other: both sides, and the mouth if it can be measured, shuffled."""
    kinds = [Kind.LEFT, Kind.RIGHT, *((Kind.MOUTH,) if mouth else ())]
    return tuple(kinds.pop(pick(len(kinds))) for _ in range(len(kinds)))


def problem(kinds: Sequence[Kind], straight: Pose, posed: Pose) -> str | None:
    """Text key of what ``posed`` does not show although it was asked for; None when all is there.

    ``straight`` is the same person's picture without a challenge: what counts is the change, so that a photograph that
    happens to be turned is not enough by itself.
    """
    for kind in kinds:
        found = _mouth(straight, posed) if kind is Kind.MOUTH else _turn(kind, straight, posed)
        if found is not None:
            return found
    return None


def _mouth(straight: Pose, posed: Pose) -> str | None:
    if posed.mouth is None or posed.mouth < MOUTH_OPEN:
        return "liveness.open_more"
    return None


def _turn(kind: Kind, straight: Pose, posed: Pose) -> str | None:
    if abs(posed.yaw) > TOO_FAR:
        return "liveness.turn_less"
    # Seen from the camera, somebody who turns to their own left shows the nose further right.
    if (kind is Kind.LEFT and posed.yaw <= -TURNED) or (kind is Kind.RIGHT and posed.yaw >= TURNED):
        return "liveness.other_side"
    change = abs(posed.yaw - straight.yaw)
    return "liveness.turn_more" if min(abs(posed.yaw), change) < TURNED else None


def straight_problem(pose: Pose) -> str | None:
    """What keeps a picture from being the straight one of a sequence."""
    return "liveness.look_straight" if abs(pose.yaw) > TURNED else None
