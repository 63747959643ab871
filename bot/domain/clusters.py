"""Texts that say nearly the same, brought together: what was misunderstood a hundred times is one piece of work, not a hundred.

Likeness is a Jaccard measure over words and pieces of words, weighted by how rare they are among these very texts. Leaders are found
in order of weight (the commonest text first); every text joins its likest leader or becomes one. An index over rare
features keeps thousands of texts within a second or two.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

Read = Callable[[str], Sequence[str]]
"""From a text to its words in one spelling."""

NEAR = 0.42
"""From this likeness on two texts are one matter."""
_PIECE = 4
_PIECE_WEIGHT = 0.35
_COMMON = 0.2
"""A feature of more than this part of the texts leads to nobody."""
_FEW = 40
"""So few texts that every feature may lead."""
_FILLER = frozenset(
    "yang di ke dari dan atau itu ini saya aku kami kak min pak bu mas mbak dong sih ya kok deh lah nya tolong mohon halo "
    "selamat pagi siang sore malam maaf permisi the a an is are i my to of for please nomor nama email alamat".split()
)


def clusters(
    texts: Sequence[str], read: Read, weights: Sequence[int] | None = None, near: float = NEAR
) -> list[list[int]]:
    """Positions of ``texts`` that belong together; every position once. In each group the text that stands for it comes first,
    the groups themselves in order of their leaders' weight.
    """
    weight = list(weights) if weights is not None else [1] * len(texts)
    same: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        same[_words(text, read)].append(at)
    groups = sorted(same.items(), key=lambda one: (-sum(weight[at] for at in one[1]), one[1][0]))
    found = _Leaders([_features(words) for words, _ in groups], near)
    together: dict[int, list[int]] = defaultdict(list)
    for place, (_, members) in enumerate(groups):
        together[found.leader_of(place)] += members
    return [members for _, members in sorted(together.items())]


def _words(text: str, read: Read) -> tuple[str, ...]:
    """What the text says, whatever the order; a text of fillers is its own words."""
    words = read(text)
    return tuple(sorted({word for word in words if word not in _FILLER})) or tuple(words)


def _features(words: Sequence[str]) -> frozenset[str]:
    pieces = {
        f"~{padded[at : at + _PIECE]}"
        for padded in (f"_{word}_" for word in words if len(word) > _PIECE)
        for at in range(len(padded) - _PIECE + 1)
    }
    return frozenset({*words, *pieces})


class _Leaders:
    def __init__(self, rows: Sequence[frozenset[str]], near: float) -> None:
        self._rows = rows
        self._near = near
        seen = Counter(feature for row in rows for feature in row)
        self._rarity = {
            feature: (math.log((1 + len(rows)) / (1 + n)) + 1) * (_PIECE_WEIGHT if feature[0] == "~" else 1.0)
            for feature, n in seen.items()
        }
        most = max(_FEW, int(_COMMON * len(rows)))
        self._leads = {feature for feature, n in seen.items() if n <= most}
        self._sizes = [sum(self._rarity[feature] for feature in row) for row in rows]
        self._by_feature: dict[str, list[int]] = defaultdict(list)

    def leader_of(self, place: int) -> int:
        """Of the rows in order; a row that is like none before leads itself."""
        row = self._rows[place]
        met = {leader for feature in row & self._leads for leader in self._by_feature[feature]}
        best, likest = place, self._near
        for leader in sorted(met):
            likeness = self._likeness(place, leader)
            if likeness >= likest and (best == place or likeness > likest):
                best, likest = leader, likeness
        if best == place:
            for feature in row & self._leads:
                self._by_feature[feature].append(place)
        return best

    def _likeness(self, one: int, other: int) -> float:
        shared = sum(self._rarity[feature] for feature in self._rows[one] & self._rows[other])
        whole = self._sizes[one] + self._sizes[other] - shared
        return shared / whole if whole else 0.0
