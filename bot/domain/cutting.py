"""Cutting a long text into messages, at the best border there is: paragraph, line, sentence, word, and never inside a sign."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_BORDERS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s+"), re.compile(r"\s+"))
"""Best first."""
_WORTH = 3
"""A better border is taken as long as the piece before it fills this part of a message."""
_JOINER = "\u200d"
_KEYCAP = "\u20e3"


def length(text: str) -> int:
    """Characters as providers count them: UTF-16 units (core.telegram.org/api/entities), of which an emoji has two or more."""
    return len(text) + sum(ord(sign) > 0xFFFF for sign in text)


def pieces(text: str, limit: int) -> list[str]:
    """The text in pieces of at most ``limit`` (see :func:`length`), white space at their ends dropped; empty for no text."""
    found, rest = [], text.strip()
    while length(rest) > limit:
        cut, resume = _cut(rest, _reach(rest, limit))
        found.append(rest[:cut].rstrip())
        rest = rest[resume:].lstrip()
    return [*found, rest] if rest else found


def _cut(text: str, reach: int) -> tuple[int, int]:
    """Where the piece ends and where the next begins; ``reach``: how many characters may stand before the cut."""
    for border in _BORDERS:
        ends = [m for m in border.finditer(text, 0, min(len(text), reach + 80)) if 0 < m.start() <= reach]
        if ends and (ends[-1].start() * _WORTH >= reach or border is _BORDERS[-1]):
            return ends[-1].start(), ends[-1].end()
    whole = 0
    for end in _sign_ends(text):
        if end > reach:
            break
        whole = end
    return (whole or reach, whole or reach)


def _reach(text: str, limit: int) -> int:
    """How many characters fit."""
    used = 0
    for place, sign in enumerate(text):
        used += 2 if ord(sign) > 0xFFFF else 1
        if used > limit:
            return max(place, 1)
    return len(text)


def _sign_ends(text: str) -> Iterator[int]:
    """Where each thing that a reader sees as one sign ends: accents, skin tones, flags and families stay together."""
    flags = 0
    for place in range(1, len(text)):
        before, sign = text[place - 1], text[place]
        flags = flags + 1 if _flag(before) else 0
        if _hangs_on(sign) or before == _JOINER or (_flag(sign) and flags % 2):
            continue
        yield place
    yield len(text)


def _hangs_on(sign: str) -> bool:
    return (
        sign in (_JOINER, _KEYCAP)
        or "\U0001f3fb" <= sign <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= sign <= "\U000e007f"  # tags of flags of regions
        or unicodedata.category(sign) in ("Mn", "Me", "Mc")
    )


def _flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"
