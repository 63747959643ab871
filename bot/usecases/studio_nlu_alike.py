"""Examples that say the same, or nearly: an index of three-letter pieces over what the classifier of wishes reads.

Texts are compared as normalised (spelling, dialects), by the share of pieces they have in common (Jaccard). The index of a file is kept
under the id of its content: an edit costs the index of one file, and a look-up some milliseconds among 12,000 examples.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain.nlu_file import NluFile

Read = Callable[[str], Sequence[str]]
"""From a text to its words in one spelling."""
LIKE = 0.6
"""From this likeness on two examples are told to be alike."""


@dataclass(frozen=True)
class Alike:
    """An example that is like a text; ``likeness`` 1.0: the same once spelling is evened out."""

    intent: str
    text: str
    likeness: float


class Part:
    """The intents' examples of one file."""

    def __init__(self, file: NluFile, read: Read) -> None:
        self._rows = [(one.name, text) for one in file.sections if one.kind == "intent" for text in one.examples]
        self._sizes: list[int] = []
        self._found: dict[str, array[int]] = {}
        for at, (_, text) in enumerate(self._rows):
            pieces = pieces_of(read(text))
            self._sizes.append(len(pieces))
            for piece in pieces:
                self._found.setdefault(piece, array("I")).append(at)

    def like(self, pieces: frozenset[str], least: float) -> Iterable[Alike]:
        """Examples that have at least this share in common."""
        shared: Counter[int] = Counter()
        for piece in pieces:
            shared.update(self._found.get(piece, ()))
        for at, common in shared.items():
            likeness = common / (len(pieces) + self._sizes[at] - common)
            if likeness >= least:
                yield Alike(*self._rows[at], likeness)


def pieces_of(words: Sequence[str]) -> frozenset[str]:
    """Three letters each, blanks between the words included."""
    line = f" {' '.join(words)} "
    return frozenset(line[at : at + 3] for at in range(max(1, len(line) - 2))) if words else frozenset()


def likest(parts: Iterable[Part], text: str, read: Read, most: int = 5, least: float = LIKE) -> list[Alike]:
    """The likest examples, the very same text left out."""
    pieces = pieces_of(read(text))
    if not pieces:
        return []
    found = [one for part in parts for one in part.like(pieces, least) if one.text != text]
    found.sort(key=lambda one: (-one.likeness, one.intent, one.text))
    return found[:most]
