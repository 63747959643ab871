"""What became of the citizens of the chaos bench: compared with one who was left in peace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.domain.conversation import ThreadEntry

Said = tuple[str, ...]


@dataclass
class Verdict:
    """Counts over all conversations; all but ``patience`` must be 0."""

    lost: int = 0
    """Messages of citizens that are not there, or answers that never came."""
    twice: int = 0
    """Answers given more often than to the citizen in peace."""
    out_of_order: int = 0
    """Conversations whose answers, or whose own messages, stand in another order."""
    patience: int = 0
    """How often a citizen was asked to wait ("saved, will be answered"), which nobody is in peace."""
    notes: list[str] = field(default_factory=list)
    """What was missing or too much, for whoever looks for the cause (sentences of the bot and of the bench, nobody's data)."""

    def add(self, other: Verdict) -> None:
        """Of another conversation."""
        self.lost += other.lost
        self.twice += other.twice
        self.out_of_order += other.out_of_order
        self.patience += other.patience
        self.notes += other.notes


def judge(
    sent: Sequence[str],
    thread: Iterable[ThreadEntry],
    model: Sequence[Said],
    patience: set[str],
    asked: frozenset[Said] = frozenset(),
) -> Verdict:
    """One conversation. ``sent``: what the citizen wrote; ``model``: what the one in peace was answered, in order; ``asked``: questions
    of a form, of which the last counts: while more messages wait they are held back (:mod:`bot.usecases.burst`).
    """
    own, answers, asked_to_wait = _split(thread, patience)
    verdict = Verdict(patience=asked_to_wait)
    for wanted, found in ((list(sent), own), (_last(model, asked), _last(answers, asked))):
        missing, extra = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
        verdict.lost += missing.total()
        verdict.twice += extra.total()
        swapped = not missing and not extra and wanted != found
        verdict.out_of_order += swapped
        if missing or extra or swapped:
            verdict.notes.append(f"missing {list(missing)}, too much {list(extra)}, swapped {swapped}")
    return verdict


def answers_of(thread: Iterable[ThreadEntry]) -> list[Said]:
    """The bot's lines, as :func:`judge` compares them."""
    return _split(thread, set())[1]


def questions_of(thread: Iterable[ThreadEntry]) -> frozenset[Said]:
    """The questions of forms among the bot's lines."""
    return frozenset(answers_of(entry for entry in thread if entry.body.get("meta", {}).get("field")))


def _last(answers: Sequence[Said], asked: frozenset[Said]) -> list[Said]:
    """Of a question the last time it was asked."""
    return [said for at, said in enumerate(answers) if said not in asked or said not in answers[at + 1 :]]


def _split(thread: Iterable[ThreadEntry], patience: set[str]) -> tuple[list[str], list[Said], int]:
    own: list[str] = []
    answers: list[Said] = []
    waits = 0
    for entry in thread:
        body = entry.body
        if entry.sender == "citizen":
            own.append(body.get("text") or "")
        elif body["text"] in patience:
            waits += 1
        else:
            answers.append((body["text"], *(button["payload"] for button in body["buttons"])))
    return own, answers, waits
