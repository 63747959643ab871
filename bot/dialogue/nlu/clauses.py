"""Where one wish ends and the next begins: a message cut into clauses. No Rasa in here."""

from __future__ import annotations

import re

MOST = 6
"""Clauses that are read of one message."""
_SHORTEST = 2
"""Words of a clause that can stand alone."""

_BORDER = re.compile(
    r"[.!?;\n,]+(?=\s|$)"
    r"|\s[-–—]\s"
    r"|\b(?:sama(?=\s+(?:mau|pan|tanya|nanya|minta|sekalian|bayar|biaya|berapa|kapan|jam|di\s?mana|lokasi|syarat|cara|tolong|kalau|kalo))"
    r"|terus|trus|trs|toli|lajeng|lalu|kemudian|sekalian|skalian|sekaligus|dan|dn|lan|plus|btw|oh iya|oiya|oya|oh ya|and|also"
    r"|selain itu|satu lagi|sijine maning|sama sekalian|abis itu|habis itu|kalih|kaliyan malih)\b",
    re.IGNORECASE,
)


def clauses(text: str) -> list[str]:
    """The clauses of a text, in order; a fragment of fewer than two words belongs to the clause before it.

    Nothing but borders is lost. At most :data:`MOST`: the rest stays in the last one.

    >>> clauses("syarat akta apa aja, terus bayar berapa?")
    ['syarat akta apa aja', 'bayar berapa']
    """
    found: list[str] = []
    start = 0
    for border in [*_BORDER.finditer(text), None]:
        piece = text[start : border.start() if border else len(text)].strip(" ,.!?;-–—\n")
        start = border.end() if border else len(text)
        if not piece:
            continue
        if found and (len(piece.split()) < _SHORTEST or len(found) == MOST):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    if len(found) > 1 and len(found[0].split()) < _SHORTEST:
        found[:2] = [f"{found[0]} {found[1]}"]
    return found
