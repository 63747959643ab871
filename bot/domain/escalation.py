"""When a person is called without having been asked for: words that show anger, distress or danger, and rules of the content staff.

Both are data (``data/alih``). What is found is a typed signal; the words themselves go nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.domain.texts import Words

_WORD = re.compile(r"[^\W_]+")
_NOT = frozenset("tidak tdk ga gak nggak enggak bukan belum jangan ora mboten not no never don dont".split())
"""Right before a word they turn it round: "tidak marah"."""
_RANK = ("anger", "distress", "emergency")


class Mood(StrEnum):
    """What a group of words shows."""

    ANGER = "anger"
    DISTRESS = "distress"
    EMERGENCY = "emergency"
    VULNERABLE = "vulnerable"
    """Nothing is said; the person is served first."""


@dataclass(frozen=True)
class Signal:
    """A group of words (``data/alih/kata.yml``). A phrase matches whole words one after the other; ``*`` ends a word early."""

    id: str
    mood: Mood
    phrases: tuple[str, ...]
    unless: tuple[str, ...] = ()
    """Phrases that take the meaning away, anywhere in the text: somebody else's death is no danger to the writer."""
    say: Words | None = None
    """Said to the citizen in place of the usual sentence."""


@dataclass(frozen=True)
class Rule:
    """A wish or service that belongs to a person (``data/alih/aturan.yml``). What is None fits everything."""

    intent: str | None
    service: str | None
    say: Words | None = None
    team: str | None = None

    def fits(self, intent: str, service: str | None) -> bool:
        """Whether it is about this wish."""
        return self.intent in (None, intent) and self.service in (None, service)


@dataclass(frozen=True)
class Escalation:
    """Everything content staff say about calling a person."""

    signals: tuple[Signal, ...] = ()
    rules: tuple[Rule, ...] = ()

    def heard(self, text: str) -> Signal | None:
        """The gravest signal in a text, or None."""
        found = [s for s in self.signals if s.mood is not Mood.VULNERABLE and shows(s, text)]
        return max(found, key=lambda s: _RANK.index(s.mood), default=None)

    def vulnerable(self, texts: Iterable[str]) -> str:
        """Id of the group of vulnerable people that one of the texts speaks of; empty: none."""
        groups = [s for s in self.signals if s.mood is Mood.VULNERABLE]
        return next((s.id for text in texts for s in groups if shows(s, text)), "")

    def rule(self, intent: str, service: str | None) -> Rule | None:
        """The first rule that fits a wish."""
        return next((rule for rule in self.rules if rule.fits(intent, service)), None)


def shows(signal: Signal, text: str) -> bool:
    """Whether a text has one of the phrases, not turned round, and none that takes the meaning away."""
    words = _words(text)
    said = frozenset(words)
    if not any(any(not _turned(words, place) for place in _at(words, said, phrase)) for phrase in signal.phrases):
        return False
    return not any(_at(words, said, phrase) for phrase in signal.unless)


@lru_cache(maxsize=4)
def _words(text: str) -> tuple[str, ...]:
    """Of one text, which every signal is looked for in."""
    return tuple(_WORD.findall(text.casefold()))


@lru_cache(maxsize=4096)
def _phrase(phrase: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of a phrase, and those of them that have to be said just so."""
    wanted = tuple(phrase.casefold().split())
    return wanted, frozenset(one for one in wanted if not one.endswith("*"))


def _at(words: Sequence[str], said: frozenset[str], phrase: str) -> list[int]:
    """Where a phrase begins; ``said`` are the same words, for a quick no."""
    wanted, plain = _phrase(phrase)
    if not plain <= said:
        return []
    last = len(words) - len(wanted) + 1
    return [i for i in range(last) if all(_same(words[i + k], one) for k, one in enumerate(wanted))]


def _same(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def _turned(words: Sequence[str], place: int) -> bool:
    return place > 0 and words[place - 1] in _NOT
