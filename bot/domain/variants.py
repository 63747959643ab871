"""Which variant of a service a citizen's own words name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot.domain.catalogue import Service, Variant
from bot.domain.fields.clean import near, words_of

_NOT = frozenset("bukan tidak tdk ga gak nggak ngga enggak ora dudu sanes mboten not no never".split())
_MIN_TYPO = 6
"""Shorter words are too close to each other for typing errors to be forgiven."""


def variant_meant(text: str, service: Service) -> Variant | None:
    """The one variant whose synonym (else: whose name) stands in the text as whole words side by side; of several the one
    with the most words in it. None when none or several fit equally, or the service has only one.
    """
    said = words_of(text)
    if len(service.variants) < 2 or not said:
        return None
    # "Pindah datang" is the name of a service before it is the arrival.
    bare = _without_names(said, service)
    ways = [(_synonyms, False), (_called, False)]
    if any(len(word) >= _MIN_TYPO for word in said):
        ways.append((_synonyms, True))
    for names, tolerant in ways:
        for words in (bare, said):
            scored = [(_best(names(variant), words, tolerant), variant) for variant in service.variants]
            most = max(score for score, _ in scored)
            found = [variant for score, variant in scored if score == most]
            if most:
                return found[0] if len(found) == 1 else None
    return None


def _without_names(words: tuple[str, ...], service: Service) -> tuple[str, ...]:
    """The words without the service's own name, where that is more than one word."""
    text = f" {' '.join(words)} "
    for name in service.name.values():
        phrase = words_of(name)
        if len(phrase) > 1:
            text = text.replace(f" {' '.join(phrase)} ", " ")
    return tuple(text.split())


def _best(names: Sequence[tuple[str, ...]], words: Sequence[str], tolerant: bool) -> int:
    # Most names are out at once: a word that may not be misspelt is missing.
    said = frozenset(words)
    names = [name for name in names if said.issuperset(_exact(name) if tolerant else name)]
    return max((len(name) for name in names if name and _stands(name, words, tolerant)), default=0)


def _synonyms(variant: Variant) -> tuple[tuple[str, ...], ...]:
    return _all_words(tuple(variant.synonyms))


def _called(variant: Variant) -> tuple[tuple[str, ...], ...]:
    return _all_words(tuple(variant.name.values()))


@lru_cache(maxsize=1024)
def _all_words(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(words_of(name) for name in names)


@lru_cache(maxsize=4096)
def _exact(name: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name that are too short for typing errors to be forgiven."""
    return tuple(word for word in name if len(word) < _MIN_TYPO)


def _stands(name: tuple[str, ...], words: Sequence[str], tolerant: bool) -> bool:
    for start in range(len(words) - len(name) + 1):
        part = words[start : start + len(name)]
        # "Bukan hilang, rusak" means the other one.
        negated = start > 0 and words[start - 1] in _NOT
        if not negated and all(_same(a, b, tolerant) for a, b in zip(part, name, strict=True)):
            return True
    return False


def _same(said: str, known: str, tolerant: bool) -> bool:
    return said == known or (tolerant and min(len(said), len(known)) >= _MIN_TYPO and near(said, known))
