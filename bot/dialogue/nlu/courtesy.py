"""What is said around a wish for politeness: greetings, forms of address, thanks. No Rasa in here.

"Halo min selamat pagi, mau tanya … makasih sebelumnya" is no greeting and no thanks: the wish stands between.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bot.dialogue.nlu.normalise import words

_ADDRESS = "admin kakak bapak ibu mas mba mbak mbake lik om kang bang bro gan bos sis dek nak lur saudara pakde bude"
_OPENING = (
    "halo|hallo|hai|hello|hi|hey|helo|selamat pagi|selamat siang|selamat sore|selamat malam|pagi|siang|sore|malam|sugeng"
    "|assalamualaikum|assalamu alaikum|assalamu|alaikum|askum|asalamualaikum|wr|wb|warahmatullahi|warahmatullah|wabarakatuh"
    "|warohmatullohi|wabarokatuh|salam sejahtera|salam|shalom|permisi|permisi kang|punten|nuwun sewu|maaf|mohon maaf"
    "|maaf mengganggu|mengganggu|maaf ganggu|mengganggu waktunya|numpang tanya|mau tanya|saya mau tanya|tanya dong"
    "|izin tanya|saya izin tanya|mau tanya dong|dengan hormat|yth|kepada yth|kepada|kula nuwun|diteruskan|forwarded"
    "|good morning|good afternoon|good evening|excuse me|sorry|dear|sir|madam|maaf sebelumnya|saya tanya|nderek tanglet"
    "|bade tanglet|arep takon|pan takon|nyong pan takon"
)
_CLOSING = (
    "terima kasih|terima kasih banyak|terima kasih sebelumnya|terima kasih ya|terima kasih atas bantuannya"
    "|terima kasih atas perhatiannya|atas perhatiannya terima kasih|atas bantuannya terima kasih|terima kasih sekali"
    "|matur nuwun sanget|mohon infonya|mohon bantuannya|tolong infonya|minta infonya|tolong dibantu|mohon dibantu"
    "|mohon pencerahannya|mohon arahannya|ditunggu jawabannya|ditunggu balasannya|mohon jawabannya|mohon dijawab"
    "|tolong dijawab|semoga sehat selalu|sehat selalu|semoga berkah|wassalam|wassalamualaikum|wassalamualaikum wr wb"
    "|hormat kami|hormat saya|salam|wr wb|thank you|thanks in advance|thank you in advance|please"
)
_MOOD = "emo"
"""With this the readings of emoji begin."""
_OWNERS = frozenset("saya kami dia tiri mertua kandung almarhum".split())
"""Behind a form of address: it is not one ("bapak saya")."""
_LEAST = 2
"""Words that are left, unless they name something of ours or of others."""
_NAMED = "svc"
_QUESTION = "?"


def _phrases(listed: str) -> tuple[tuple[str, ...], ...]:
    found: set[tuple[str, ...]] = {tuple(words(one)) for one in listed.split("|")}
    return tuple(sorted(found, key=len, reverse=True))


_ADDRESSES = frozenset(words(_ADDRESS))
_OPENINGS = _phrases(_OPENING)
_CLOSINGS = _phrases(_CLOSING)


@lru_cache(maxsize=2000)
def inner(read: str) -> str | None:
    """A read text without the courtesy at its ends; None if there is none, or hardly anything else.

    >>> inner("halo admin selamat pagi svccivil sudah jadi belum terima kasih")
    'svccivil sudah jadi belum'
    >>> inner("terima kasih kakak") is None
    True
    """
    tokens = read.split()
    asked = tokens[-1:] == [_QUESTION]
    tokens = tokens[:-1] if asked else tokens
    start, opened = _opening(tokens)
    end, closed = _closing(tokens, start)
    left = tokens[start:end]
    if not (opened or closed) or not _says_something(left):
        return None
    return " ".join([*left, _QUESTION] if asked else left)


def _opening(tokens: list[str]) -> tuple[int, bool]:
    """Where it ends, and whether there is more than a form of address."""
    at, polite = 0, False
    while at < len(tokens):
        size = _size(tokens[at:], _OPENINGS)
        if size:
            at, polite = at + size, True
        elif tokens[at] in _ADDRESSES and tokens[at + 1 : at + 2] and tokens[at + 1] not in _OWNERS:
            at += 1
        else:
            break
    return at, polite


def _closing(tokens: list[str], start: int) -> tuple[int, bool]:
    end, polite = len(tokens), False
    while end > start:
        size = _size(tokens[start:end][::-1], (one[::-1] for one in _CLOSINGS))
        if size:
            end, polite = end - size, True
        elif tokens[end - 1] in _ADDRESSES or (polite and tokens[end - 1] == "ya"):
            end -= 1
        else:
            break
    return end, polite


def _size(tokens: list[str], phrases: Iterable[tuple[str, ...]]) -> int:
    """Words of the first of ``phrases`` with which the tokens begin."""
    if tokens and tokens[0].startswith(_MOOD):
        return 1
    return next((len(one) for one in phrases if one and tuple(tokens[: len(one)]) == one), 0)


def _says_something(left: list[str]) -> bool:
    return len(left) >= _LEAST or any(word.startswith(_NAMED) for word in left)
