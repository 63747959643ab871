"""Where one wish ends and the next begins: a message cut into clauses. No Rasa in here.

People tell stories in many sentences that hold one wish, so only what adds something is a border: a question mark, a
connecting word ("terus", "sekalian"), and a comma or full stop between two questions.
"""

from __future__ import annotations

import re

from bot.dialogue.nlu.normalise import words

MOST = 6
"""Clauses that are read of one message: more is a story, and stays in one piece."""
_SHORTEST = 2
"""Words of a clause that can stand alone."""

_CONNECTORS = (
    "terus trus trs toli tuli lajeng sekalian skalian sekaligus dan dn lan plus btw and also sama sm karo kalih kaliyan serta"
).split()
_PHRASES = ("oh iya", "oh ya", "habis itu", "abis itu", "selain itu", "satu lagi", "sijine maning", "bar kuwe")
_BORDER = re.compile(
    r"[;\n]+|(?<=\?)(?=[^?]|$)|\b(?:"
    + "|".join([*(phrase.replace(" ", r"\s+") for phrase in _PHRASES), *_CONNECTORS])
    + r")\b",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.,!]+(?=\s)")
_EDGES = " ,.!;-–—\n\t"
_ASKING = frozenset("apa berapa kapan bagaimana mana siapa kenapa bisa boleh jam".split())


def clauses(text: str) -> list[str]:
    """The clauses of a text, in order; a fragment of fewer than two words belongs to the clause before it.

    >>> clauses("syarat akta apa aja, terus bayar berapa?")
    ['syarat akta apa aja', 'bayar berapa?']
    """
    found: list[str] = []
    for piece in (part for large in _BORDER.split(text) for part in _questions(large)):
        if found and len(piece.split()) < _SHORTEST:
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    if len(found) > 1 and len(found[0].split()) < _SHORTEST:
        found[:2] = [f"{found[0]} {found[1]}"]
    whole = " ".join(text.split())
    return found if len(found) <= MOST else [whole]


def _questions(text: str) -> list[str]:
    """The text, cut where a question follows a question."""
    found: list[str] = []
    for piece in (part.strip(_EDGES) for part in _STOP.split(text)):
        if not piece:
            continue
        if found and not (_asks(found[-1]) and _asks(piece) and len(piece.split()) >= _SHORTEST):
            found[-1] = f"{found[-1]}, {piece}"
        else:
            found.append(piece)
    return found


def _asks(text: str) -> bool:
    return not _ASKING.isdisjoint(words(text))
