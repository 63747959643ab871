"""Texts as Telegram takes them: words and bold stretches (entities), cut where Telegram would refuse the length.

Our texts mark bold as WhatsApp does, ``*so*``. Entities need no escaping: no character can be taken for markup, so
nothing a person wrote can break a message. Telegram counts in UTF-16 code units (core.telegram.org/api/entities).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from telegram import MessageEntity

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_ENTITIES = 100
"""Telegram reads no more of one message (core.telegram.org/api/entities)."""

# The same rule as the web widget's richtext.js; an address comes first, so that a star in it stays.
_PIECE = re.compile(
    r"""(?P<address>https?://[^\s<>"'*]+)"""
    r"""|(?:(?<=[\s(\[{"'“‘–—-])|(?<![\s\S]))\*(?P<bold>[^\s*]|[^\s*][^*\n]*[^\s*])\*(?=$|[\s.,;:!?)\]}"'”’–—-])"""
)
_BREAKS = ("\n\n", "\n", " ")
"""Where a text is cut, best first."""


@dataclass(frozen=True)
class Formatted:
    """Plain words and which of them are bold, as (from, to) in characters of Python."""

    text: str
    bold: tuple[tuple[int, int], ...] = ()

    @property
    def units(self) -> int:
        """Length as Telegram counts."""
        return units(self.text)

    def entities(self) -> list[MessageEntity]:
        """The bold stretches in UTF-16 code units."""
        return [
            MessageEntity(MessageEntity.BOLD, units(self.text[:start]), units(self.text[start:end]))
            for start, end in self.bold[:MOST_ENTITIES]
        ]

    def part(self, start: int, end: int) -> Formatted:
        """The characters from ``start`` to ``end``, without blanks around them."""
        cut = self.text[start:end]
        start += len(cut) - len(cut.lstrip())
        cut = cut.strip()
        end = start + len(cut)
        inside = ((max(a, start) - start, min(b, end) - start) for a, b in self.bold)
        return Formatted(cut, tuple((a, b) for a, b in inside if a < b))


def units(text: str) -> int:
    """UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def formatted(text: str) -> Formatted:
    """``text`` without its bold marks, and what they marked; blanks around it go, as Telegram drops them."""
    words: list[str] = []
    bold: list[tuple[int, int]] = []
    clean, at, length = sendable(text), 0, 0
    for match in _PIECE.finditer(clean):
        if match["bold"] is None:
            continue
        before = clean[at : match.start()]
        words += [before, match["bold"]]
        bold.append((length + len(before), length + len(before) + len(match["bold"])))
        length, at = bold[-1][1], match.end()
    whole = "".join([*words, clean[at:]])
    return Formatted(whole, tuple(bold)).part(0, len(whole))


def plain(text: str) -> Formatted:
    """``text`` as it stands, stars and all."""
    clean = sendable(text).strip()
    return Formatted(clean)


def sendable(text: str) -> str:
    """``text`` without what JSON or Telegram cannot take: lone surrogates, control characters but line ends and tabs."""
    whole = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in whole if c in "\n\t" or unicodedata.category(c) != "Cc")


def pieces(whole: Formatted, most: int = MOST_TEXT) -> list[Formatted]:
    """``whole`` in pieces of at most ``most`` units, cut at a paragraph, a line or a blank where there is one."""
    made: list[Formatted] = []
    start = 0
    while start < len(whole.text):
        end = start + _cut(whole.text[start:], most)
        part = whole.part(start, end)
        if part.text:
            made.append(part)
        start = end
    return made


def _cut(text: str, most: int) -> int:
    """How many characters of ``text`` the next piece takes."""
    room = _fitting(text, most)
    if room == len(text):
        return room
    # A break right behind the last character that fits counts, too. A cut before a third of the room wastes a message.
    for mark in _BREAKS:
        found = text.rfind(mark, room // 3, room + len(mark))
        if found > 0:
            return found + (len(mark) if found + len(mark) <= room else 0)
    return room


def _fitting(text: str, most: int) -> int:
    """The most characters from the start that fit into ``most`` units; at least one."""
    if units(text) <= most:
        return len(text)
    cut = text.encode("utf-16-le", "surrogatepass")[: most * 2].decode("utf-16-le", "ignore")
    return max(len(cut), 1)
