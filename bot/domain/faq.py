"""Questions people really ask and the answers to them, found by likeness (``data/faq``).

Retrieval, not classification: an entry is live the moment it is written, without training. Likeness is the cosine of
TF-IDF vectors over words and pieces of words, so that a typing error costs little.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain.catalogue import Faq

Read = Callable[[str], Sequence[str]]
"""From a text to its words in one spelling."""

_PIECE = 4
_PIECE_WEIGHT = 0.45
"""A piece of a word says less than the word."""
_STOP = frozenset(
    "yang di ke dari dan atau itu ini apa saya mau ada kak min pak bu mas mbak dong sih ya kok deh lah nya kan tanya tolong mohon"
    " halo selamat pagi siang sore malam maaf permisi the a an is are do does i my to of for in can you please how what"
    " untuk buat dengan kalau jadi juga saja bagaimana kah aku kami punya bisa perlu harus urus masih sudah belum berapa lama"
    " mana siapa kapan cara lewat sini sana tidak bukan boleh dapat bawa pakai nomor data minta baru need get have with"
    " kamu anda orang ku aja satu dua hari".split()
)


@dataclass(frozen=True)
class Match:
    """The likest entry and its likeness, 0 to 1. ``shared``: telling words that both have."""

    faq: Faq
    score: float
    shared: int


class FaqIndex:
    """Built once per content revision; a look-up costs well under a millisecond."""

    def __init__(self, faqs: Iterable[Faq] = (), read: Read = str.split) -> None:
        self._read = read
        self._faqs = tuple(faqs)
        rows = [(faq, self._pieces(question)) for faq in self._faqs for question in faq.questions]
        seen = Counter(piece for _, pieces in rows for piece in pieces)
        self._rarity = {piece: math.log((1 + len(rows)) / (1 + n)) + 1 for piece, n in seen.items()}
        self._unknown = math.log(1 + len(rows)) + 1
        self._owners = [faq for faq, _ in rows]
        self._words = [_whole(pieces) for _, pieces in rows]
        self._found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, (_, pieces) in enumerate(rows):
            for piece, weight in self._vector(pieces).items():
                self._found[piece].append((at, weight))

    @property
    def faqs(self) -> tuple[Faq, ...]:
        """All entries."""
        return self._faqs

    def best(self, text: str, office: str = "") -> Match | None:
        """The entry most like ``text`` among those that hold at an office (none named: of all); None when nothing is shared."""
        scores: dict[int, float] = defaultdict(float)
        pieces = self._pieces(text)
        words = _whole(pieces)
        for piece, weight in self._vector(pieces).items():
            for at, other in self._found.get(piece, ()):
                if not office or not self._owners[at].offices or office in self._owners[at].offices:
                    scores[at] += weight * other
        if not scores:
            return None
        at = max(scores, key=lambda one: scores[one])
        return Match(self._owners[at], min(1.0, scores[at]), len(words & self._words[at]))

    def _pieces(self, text: str) -> Counter[str]:
        words = [word for word in self._read(text) if word not in _STOP]
        found: Counter[str] = Counter(words)
        for word in words:
            if len(word) > _PIECE:
                padded = f"_{word}_"
                for at in range(len(padded) - _PIECE + 1):
                    found["~" + padded[at : at + _PIECE]] += 1
        return found

    def _vector(self, pieces: Counter[str]) -> dict[str, float]:
        raw = {
            piece: (1 + math.log(n))
            * self._rarity.get(piece, self._unknown)
            * (_PIECE_WEIGHT if piece[0] == "~" else 1)
            for piece, n in pieces.items()
        }
        length = math.sqrt(sum(weight * weight for weight in raw.values()))
        return {piece: weight / length for piece, weight in raw.items()} if length else {}


def _whole(pieces: Iterable[str]) -> frozenset[str]:
    return frozenset(piece for piece in pieces if piece[0] != "~")
