"""How people name a row of a list: by number, place, letter, name, part of a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.fields.base import Choice
from bot.domain.fields.clean import distance, words_of
from bot.domain.fields.numerals import number_of
from bot.domain.fields.vocabulary import ADDRESS, FILLERS, NO, YES

MARKS = frozenset(
    "nomor no nomer nmr num number pilih pilihan pilihane opsi option poin point jawab jawaban jawabannya jawabane huruf "
    "yang yg sing ingkang the one item urutan nya".split()
)
"""Words in front of a number: "nomor 2", "yang kedua", "opsi b"."""
_LETTERED = frozenset("opsi option pilihan poin point huruf jawaban jawabannya".split())
_LAST = re.compile(r"(?:paling )?(?:terakhir|pungkasan|bawah|ngisor|akhir|bontot|last|bottom)(?: sendiri)?")
_FIRST = re.compile(r"(?:paling )?(?:atas|nduwur|dhuwur|awal|top)(?: sendiri)?")
_MIDDLE = re.compile(r"(?:paling )?(?:tengah|middle)")
_MANY = re.compile(
    r"\b(?:dua[ -]?dua(?:nya|ne)|duanya|ke-?dua(?:-?dua)?nya|tiga-?tiganya|ketiganya|loro[ -]?lorone|karo[ -]?karone"
    r"|kabeh|semua(?:nya)?|sedoyo|sedaya|sedanten|both|all)\b",
    re.IGNORECASE,
)
_ASIDE = FILLERS | YES | ADDRESS | frozenset("di ke oleh dari the a nang ning ing karena soale soalnya".split())


def many(text: str) -> bool:
    """Whether somebody wants more than one row: "dua-duanya", "semua"."""
    return _MANY.search(text) is not None


def core(words: Sequence[str]) -> tuple[str, ...]:
    """The words that say something; all of them when none would be left."""
    return tuple(w for w in words if w not in _ASIDE and w not in MARKS) or tuple(words)


def numbers_in(words: Sequence[str], length: int, *, strict: bool = True) -> list[int] | None:
    """The numbers of rows that a message names, by number, ordinal, place or letter, in its order; None when it says
    anything else (``strict``) or no number.
    """
    bare = [w for w in words if w not in MARKS and w not in ADDRESS and w not in ("dan", "atau", "and", "or", "sama")]
    phrase = " ".join(w for w in bare if w not in FILLERS)
    for pattern, row in ((_LAST, length), (_FIRST, 1), (_MIDDLE, (length + 1) // 2 if length % 2 else 0)):
        if pattern.fullmatch(phrase):
            return [row] if row else None
    if len(bare) == 1 and re.fullmatch("[a-j]", bare[0]) and _LETTERED.intersection(words):
        return [ord(bare[0]) - ord("a") + 1]
    found: list[int] = []
    for at, said in enumerate(bare):
        number = number_of(said)
        if number is not None:
            found.append(number)
        elif strict and said not in FILLERS and said not in YES and not (said == "ke" and at + 1 < len(bare)):
            return None
    return list(dict.fromkeys(found)) or None


def named(words: Sequence[str], choices: Sequence[Choice]) -> list[Choice]:
    """Choices that are called exactly so; spaces do not count ("kong hu cu")."""
    phrase, joined = " ".join(words), "".join(words)
    exact = [c for c in choices if phrase in _names(c)]
    return exact or [c for c in choices if len(joined) > 3 and joined in {n.replace(" ", "") for n in _names(c)}]


def searched(words: Sequence[str], choices: Sequence[Choice]) -> tuple[list[Choice], bool]:
    """Choices that a message may mean, and whether it is clearly meant as the answer when that is one."""
    inside = _inside(words, choices)
    if inside:
        # A name in passing, among other words, may not be meant as the answer.
        return inside, len(inside) == 1 and _beside(words, inside[0]) <= 2
    said = core(words)
    if any(w in NO for w in words):
        return [], False
    similar = _similar(words, choices) or _similar(said, choices)
    if similar:
        return similar, True
    return _partly(said, choices), False


def _labels(choice: Choice) -> set[str]:
    return {" ".join(words_of(label)) for label in choice.label.values()}


def _names(choice: Choice) -> set[str]:
    code = " ".join(words_of(choice.code))
    return _labels(choice) | {" ".join(words_of(s)) for s in choice.synonyms} | (set() if code.isdecimal() else {code})


def _inside(words: Sequence[str], choices: Sequence[Choice]) -> list[Choice]:
    """Choices whose name stands in the message as whole words, unless a longer name of another choice covers it. A
    "not" must belong to the name: "belum kawin", but no "bukan islam".
    """
    text = f" {' '.join(words)} "
    denied = {w for w in words if w in NO}
    passing = YES | NO | FILLERS | {"ada", "punya", "duwe"}
    hits = [(n, c) for c in choices for n in _names(c) if len(n) > 1 and n not in passing and f" {n} " in text]
    kept = [
        (name, c)
        for name, c in hits
        if denied <= set(name.split()) and not any(f" {name} " in f" {other} " and other != name for other, _ in hits)
    ]
    return list({c.code: c for _, c in kept}.values())


def _beside(words: Sequence[str], choice: Choice) -> int:
    """How many words of the message have nothing to do with the choice."""
    own = {w for name in _names(choice) for w in name.split()} | _ASIDE | MARKS
    return sum(w not in own for w in words)


def _similar(words: Sequence[str], choices: Sequence[Choice]) -> list[Choice]:
    """Choices with the least number of typing errors, if that is few for the length."""
    phrase = " ".join(words)
    scored = [
        (distance(phrase, n), c) for c in choices for n in _names(c) if len(n) >= 4 and abs(len(n) - len(phrase)) <= 2
    ]
    allowed = 1 if len(phrase) < 8 else 2
    best = min((d for d, _ in scored), default=99)
    return list({c.code: c for d, c in scored if d == best <= allowed}.values())


def _partly(words: Sequence[str], choices: Sequence[Choice]) -> list[Choice]:
    """Choices of which the words are a part: "swasta" for "Karyawan Swasta"."""
    if not words or any(len(w) < 4 for w in words):
        return []
    return [c for c in choices if any(set(words) <= set(name.split()) for name in _names(c))]
