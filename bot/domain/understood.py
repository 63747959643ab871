"""What was understood in one message of free talk, and what became of it: the raw material of the studio's inbox.

Nothing here is anybody's own words but ``text``, which is masked before it is kept (:mod:`bot.usecases.masking`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Became(StrEnum):
    """What a turn made of a message."""

    ANSWERED = "answered"
    FAQ = "faq"
    """A frequent question was so like it that its answer took the place of the wish."""
    ASKED = "asked"
    """Half understood: asked back."""
    MISSED = "missed"
    """Not understood, and said so."""
    OFFERED = "offered"
    """Not understood again: a person was offered."""
    HANDOFF = "handoff"
    """A person was asked for."""
    ELSEWHERE = "elsewhere"
    """Not our matter."""


UNSURE = frozenset({Became.ASKED, Became.MISSED, Became.OFFERED})
"""Nothing was answered."""
NO_WISH = frozenset({"", "nlu_fallback", "answer"})
"""Names that the pipeline gives to "not sure" and to the steps of a form."""
RANKED = 3


@dataclass(frozen=True)
class Told:
    """What one step says about the understanding; kept with the recorded step until the turn is committed."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    service: str | None
    became: Became

    def to_json(self) -> dict[str, Any]:
        """As recorded."""
        return {
            "intent": self.intent,
            "confidence": round(self.confidence, 4),
            "ranking": [[name, round(chance, 4)] for name, chance in self.ranking],
            "service": self.service,
            "became": self.became.value,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Told:
        """The inverse of :meth:`to_json`."""
        ranking = tuple((str(name), float(chance)) for name, chance in data["ranking"])
        return cls(data["intent"], data["confidence"], ranking, data["service"], Became(data["became"]))


@dataclass(frozen=True)
class Heard:
    """One message as it is kept: ``text`` masked, ``seq`` its place in the thread."""

    inbox_id: int
    conversation_id: UUID
    seq: int
    locus: str
    at: datetime
    text: str
    told: Told


@dataclass(frozen=True)
class Turned:
    """A kept message with what happened to it afterwards."""

    heard: Heard
    account: str
    language: str
    handed: bool = False
    """A person was wanted within a quarter of an hour, before anything else was understood."""
    left: bool = False
    """Nothing more came from the citizen."""
    marked: bool = False
    """An editor says that it was understood wrongly."""
    settled: str = ""
    """What an editor did about it: ``assigned``, ``elsewhere``, ``dismissed``; empty: nothing yet."""

    @property
    def channel(self) -> str:
        """``web``, ``telegram``, ``whatsapp``."""
        return self.account.partition(":")[0]

    @property
    def cost(self) -> int:
        """What it costs: one; a drop-out two, a person's time three."""
        return 3 if self.handed else 2 if self.left else 1
