"""What a message means before Rasa is asked: recorded once, so that a repeated turn does the same again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from bot.domain.fields.base import Verdict
from bot.domain.form import Action, Judgement

STEP = "plan"
"""Reference under which the plan is recorded among the steps of its turn."""

TOOK_FILE = "took_file"
"""In a reply's meta: the file that came with the words was taken, so that nothing is said about it."""


ALONE = "alone"
"""In a reply's meta and a conversation's memory: inside a form a question of another kind waits for its yes or no."""
PAUSED = "paused"
"""Likewise: id of the case whose form was laid to rest a message ago."""


@dataclass
class Plan:
    """How a message is to be answered: by Rasa (``message``), or here (``local``)."""

    message: str = ""
    """Masked text or ``/intent{…}`` for Rasa."""
    local: str = ""
    """Name of the handler that answers without Rasa; takes precedence."""
    form_active: bool = False
    before: str = ""
    text: str = ""
    """The person's own words (never sent to Rasa)."""
    judgement: dict[str, Any] | None = None
    draft_turn: int = -1
    """The draft the judgement was made on; a later draft makes it void."""
    outside: dict[str, Any] | None = None
    """Result of an outside check (civil register, face)."""
    reference: str | None = None
    """An application number found in the text."""
    case_id: str | None = None
    language: str | None = None
    """The language the text is clearly written in."""
    params: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As recorded."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Plan:
        """The inverse of :meth:`to_json`."""
        return cls(**data)

    @property
    def case(self) -> UUID | None:
        """The draft in focus when the plan was made."""
        return UUID(self.case_id) if self.case_id else None


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """A judgement as recorded."""
    return {**asdict(judgement), "verdict": judgement.verdict.value, "action": judgement.action.value}


def judgement_of(data: dict[str, Any]) -> Judgement:
    """The inverse of :func:`judgement_json`."""
    told = {
        "verdict": Verdict(data["verdict"]),
        "action": Action(data["action"]),
        "offers": tuple(data.get("offers", ())),
    }
    return Judgement(**{**data, **told})
