"""The contract between the thin actions and the use cases: one dialogue step, at most once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class StepCall:
    """One call of a custom action within a turn.

    ``ordinal`` counts our own action calls since the last user message, from 0; with ``inbox_id`` and ``action`` it names
    the step, so that a repeated turn gets the recorded result instead of a second effect.
    """

    inbox_id: int
    lease_no: int
    ordinal: int
    action: str
    conversation: str
    intent: str
    confidence: float
    service: str | None
    form_active: bool
    ranking: tuple[tuple[str, float], ...] = ()
    """The likeliest wishes with their confidence, best first."""
    also: str | None = None
    """A second wish in the same message: ``intent`` or ``intent:service``."""
    other: str | None = None
    """Topic of a neighbour's matter that was named, e.g. ``sim``."""

    @property
    def ref(self) -> str:
        """Name of the step within its turn."""
        return f"{self.ordinal}.{self.action}"

    def then(self, action: str) -> StepCall:
        """The step that follows this one in the form."""
        return replace(self, ordinal=self.ordinal + 1, action=action, form_active=True)


class Outcome(StrEnum):
    """What the dialogue has to do after the step."""

    DONE = "done"
    OPEN_FORM = "open_form"
    """Activate the service form (it asks by itself)."""
    NEXT = "next"
    """The answer was taken; the form asks on."""
    INVALID = "invalid"
    """The answer was not taken, the reply says why; the form asks again."""
    COMPLETE = "complete"
    """Nothing is left to ask: the form closes."""
    INTERRUPT = "interrupt"
    """The text was no answer: another rule takes over, then the form asks again."""
    CLOSE_FORM = "close_form"
    """The form ends before its time (cancelled, paused, handed over)."""


OPENED = frozenset({Outcome.OPEN_FORM})
CLOSED = frozenset({Outcome.COMPLETE, Outcome.CLOSE_FORM})


@dataclass(frozen=True)
class StepResult:
    """Outcome of a step. ``ref`` finds its replies in the gateway; the replies themselves never pass through Rasa.

    ``asked``: after this step the form asks, and it did so in the same transaction; this finds the question.
    """

    ref: str
    has_replies: bool
    outcome: Outcome
    asked: str | None = None


class Steps(Protocol):
    """Runs steps."""

    async def run(self, call: StepCall) -> StepResult:
        """Run a step, or return what it gave before.

        :raises bot.errors.Fenced: the lease of the turn passed to another worker.
        """
        ...
