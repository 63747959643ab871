"""From a text as typed to what the classifier is told: one spelling, slips corrected, names hidden. No Rasa in here.

What is asked of one service is asked of any, so its name gives way to its kind; of another institution's matter the name
stays and its kind stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from bot.dialogue.nlu.normalise import words
from bot.dialogue.nlu.services import OTHER, Findings, Found, ServiceDictionary
from bot.dialogue.nlu.speller import Speller

QUESTION = "?"
"""The last word of a text that has a question mark."""
_STOP = re.compile(r"[?!;](?=\s)|(?<=[^\W_]{3})[.,](?=\s)")
"""Where a sentence ends: "urus KTP. Anak saya …" names no child's card. Behind a short word it is an abbreviation ("Sp. A", "dr. umum")."""


@dataclass(frozen=True)
class Reading:
    """What was read of one text."""

    words: str
    """For the classifier."""
    service: str | None = None
    profession: str | None = None
    """A licence, if a licence is what the wish can be about (see :class:`Findings`)."""
    other: str | None = None
    """Topic of another institution's matter."""
    also: str | None = None
    """A second service, wanted in the same breath."""


class Reader:
    """Reads texts. Everything it knows comes from the training data."""

    def __init__(self, dictionary: ServiceDictionary, speller: Speller) -> None:
        self._dictionary = dictionary
        self._speller = speller

    @classmethod
    def of(cls, synonyms: Mapping[str, str], counts: dict[str, int], config: Mapping[str, Any]) -> Reader:
        """From what :meth:`learn` kept: names, and how often each word occurs."""
        usual = frozenset(word for word, count in counts.items() if count >= config["usual"])
        dictionary = ServiceDictionary.of(
            synonyms, config["licence"], config["licence_words"], config["brought_along"], usual
        )
        return cls(dictionary, Speller(counts, config["usual"]))

    @staticmethod
    def learn(texts: Iterable[str], synonyms: Mapping[str, str], config: Mapping[str, Any]) -> dict[str, int]:
        """How often each word occurs in the examples; words of names are known, however rare."""
        names = (word for phrase in synonyms for word in words(phrase))
        return Speller.learn((words(text) for text in texts), names, config["usual"]).counts

    def read(self, text: str) -> Reading:
        """Never raises, whatever the text."""
        pieces = [self._speller.correct(words(piece)) for piece in _STOP.split(text)]
        tokens = [word for piece in pieces for word in piece]
        found = self._dictionary.findings(tokens, frozenset(accumulate(len(piece) for piece in pieces)))
        asked = [QUESTION] if QUESTION in text else []
        hidden = " ".join([*self._hidden(tokens, found), *asked])
        return Reading(hidden, _slug(found.service), found.profession, found.other, found.also)

    def _hidden(self, tokens: list[str], found: Findings) -> list[str]:
        shown: list[str] = []
        at = 0
        for one in found.mentions:
            shown += tokens[at : one.start]
            shown += self._kind(one, found, tokens)
            at = one.end
        return shown + tokens[at:]

    def _kind(self, one: Found, found: Findings, tokens: list[str]) -> list[str]:
        if one.slug.startswith(OTHER):
            return ["svcother", *tokens[one.start : one.end]]
        licence = self._dictionary.licence
        if one == found.service:
            return ["svclicence" if one.slug.startswith(licence) else "svccivil"]
        if one.slug == licence:  # "sip" that says "fine"
            return tokens[one.start : one.end]
        if one.slug.startswith(f"{licence}-"):
            return ["svcprofession"]
        return ["svcheld" if one.slug in self._dictionary.brought_along else "svcalso"]


def _slug(found: Found | None) -> str | None:
    return found.slug if found else None
