"""Where one wish ends and the next begins: a message cut into clauses. No Rasa in here."""

from __future__ import annotations

import re

MOST = 6
"""Clauses that are read of one message."""
_SHORTEST = 2
"""Words of a clause that can stand alone."""

_CONNECTORS = (
    "terus trus trs toli tuli lajeng lalu kemudian sekalian skalian sekaligus dan dn lan plus btw and also sama sm karo kalih"
    " kaliyan serta tapi tp nah oiya oya makanya jadi dadi dados soale soalnya karena krn"
).split()
_PHRASES = ("oh iya", "oh ya", "habis itu", "abis itu", "selain itu", "satu lagi", "sijine maning", "bar kuwe")
_BORDER = re.compile(
    r"[.!?;,\n]+(?=\s|$)|\s[-–—]\s|\b(?:"
    + "|".join([*(phrase.replace(" ", r"\s+") for phrase in _PHRASES), *_CONNECTORS])
    + r")\b",
    re.IGNORECASE,
)
_EDGES = " ,.!?;-–—\n\t"


def clauses(text: str) -> list[str]:
    """The clauses of a text, in order; a fragment of fewer than two words belongs to the clause before it.

    Nothing but borders is lost. At most :data:`MOST`: the rest stays in the last one.

    >>> clauses("syarat akta apa aja, terus bayar berapa?")
    ['syarat akta apa aja', 'bayar berapa']
    """
    found: list[str] = []
    for piece in _pieces(text):
        if found and (len(piece.split()) < _SHORTEST or len(found) == MOST):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    if len(found) > 1 and len(found[0].split()) < _SHORTEST:
        found[:2] = [f"{found[0]} {found[1]}"]
    return found


def _pieces(text: str) -> list[str]:
    pieces = []
    start = 0
    for border in _BORDER.finditer(text):
        pieces.append(text[start : border.start()].strip(_EDGES))
        start = border.end()
    pieces.append(text[start:].strip(_EDGES))
    return [piece for piece in pieces if piece]
