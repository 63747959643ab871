"""A4 sheets with words, lines and bars, set by hand: a report has thousands of short texts, and a layout engine that measures each of
them several times takes longer than everything else together. Fonts are the ones every reader of PDF has.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

LEFT, WIDE = 15 * mm, A4[0] - 30 * mm
_TOP, _BOTTOM = A4[1] - 15 * mm, 18 * mm
_PAD_LEFT, _PAD_RIGHT, _PAD = 2, 4, 2
"""Of a cell; ``_PAD``: above and below."""
_ENCODING = "cp1252"
"""What the plain fonts can write."""


@dataclass(frozen=True)
class Face:
    """How words look. ``gray``: 0 is black."""

    font: str
    size: float
    leading: float
    gray: float = 0.0


PLAIN = Face("Helvetica", 8.5, 11)
SMALL = Face("Helvetica", 7.5, 9.5, 0.2)
_TINY = Face("Helvetica", 6.5, 8, 0.2)
BOLD = Face("Helvetica-Bold", 8.5, 11)
TITLE = Face("Helvetica-Bold", 16, 20)
HEAD = Face("Helvetica-Bold", 13, 16)
TABLE = Face("Helvetica-Bold", 10, 13)
_FOOT = Face("Helvetica", 7.5, 9.5)
_BAR_GRAY = 0.235
_BAR_TALL = 5


class _Widths(dict[str, float]):
    """Character -> how wide it is at size 1."""

    def __init__(self, font: str) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, character: str) -> float:
        self[character] = float(stringWidth(character, self._font, 1))
        return self[character]


_WIDTHS = {font: _Widths(font) for font in ("Helvetica", "Helvetica-Bold")}


def width(text: str, face: Face) -> float:
    """How wide a line of text is; these fonts are set without kerning."""
    widths = _WIDTHS[face.font]
    return sum([widths[one] for one in text]) * face.size


@lru_cache(maxsize=4096)
def wrapped(text: str, face: Face, wide: float) -> tuple[str, ...]:
    """The lines of a text; a word that does not fit is cut."""
    if width(text, face) <= wide:
        return (text,)
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer, face) <= wide:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width(line, face) > wide:
            fits = max(1, next(n for n in range(1, len(line) + 1) if width(line[:n], face) > wide) - 1)
            lines.append(line[:fits])
            line = line[fits:]
    return (*lines, line) if line else tuple(lines)


@lru_cache(maxsize=4096)
def _string(text: str) -> str:
    """As it stands in a page."""
    plain = b"".join(map(_bytes, text))
    return "".join(chr(one) if 32 <= one < 127 and one not in b"()\\" else f"\\{one:03o}" for one in plain)


@cache
def _bytes(character: str) -> bytes:
    """A letter that these fonts do not have is written without what stands above or below it."""
    try:
        return character.encode(_ENCODING)
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFKD", character)
        return "".join(one for one in parts if not unicodedata.combining(one)).encode(_ENCODING, "replace")


@dataclass(frozen=True)
class Column:
    """Of a table: where it begins, how wide it is, and on which side its words stand."""

    x: float
    wide: float
    face: Face = PLAIN
    right: bool = False

    def fits(self, text: str, face: Face) -> bool:
        """Whether no word of it has to be cut."""
        return all(width(word, face) <= self.wide - _PAD_LEFT - _PAD_RIGHT for word in text.split())

    def lines(self, text: str) -> tuple[str, ...]:
        """What stands in a cell."""
        return wrapped(text, self.face, self.wide - _PAD_LEFT - _PAD_RIGHT)


@dataclass(frozen=True)
class Line:
    """One line of a table. ``bar``: points, at ``bar_x``; ``top``: short cells stand at the top and not in the middle."""

    cells: Sequence[str]
    bar: float = 0.0
    bar_x: float = 0.0
    top: bool = False


class Paper:
    """Sheets, filled from the top."""

    def __init__(self, title: str, author: str, language: str, foot: str) -> None:
        self._out = io.BytesIO()
        self._canvas: Any = Canvas(self._out, pagesize=A4, invariant=1, pageCompression=1, lang=language)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._foot = foot
        self._page = 0
        self._marks = 0
        self._y = 0.0
        self._written: list[tuple[Face, float, float, str]] = []
        self._drawn: list[str] = []
        self._bars: list[str] = []
        self._begin()

    # -- sheets -------------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._page, self._y = self._page + 1, _TOP

    def _end(self) -> None:
        """All words in the order in which they are read; a change of the font costs more than a word."""
        self._write(_FOOT, LEFT, 9 * mm, self._foot)
        number = str(self._page)
        self._write(_FOOT, LEFT + WIDE - width(number, _FOOT), 9 * mm, number)
        put = self._canvas.addLiteral
        for face, some in groupby(self._written, key=itemgetter(0)):
            self._canvas.setFont(face.font, face.size)
            self._canvas.setFillGray(face.gray)
            words = [f"1 0 0 1 {x:.2f} {y:.2f} Tm ({text}) Tj" for _, x, y, text in some]
            put("BT\n" + "\n".join(words) + "\nET")
        if self._drawn:
            put("\n".join(self._drawn))
        if self._bars:
            self._canvas.setFillGray(_BAR_GRAY)
            put("\n".join(self._bars) + "\nf")
        self._canvas.showPage()
        self._written, self._drawn, self._bars = [], [], []

    def sheet(self) -> None:
        """Go on with the next one."""
        self._end()
        self._begin()

    def room(self, tall: float) -> bool:
        """Whether so much fits below."""
        return bool(self._y - tall >= _BOTTOM)

    def done(self) -> bytes:
        """The file."""
        self._end()
        self._canvas.save()
        return self._out.getvalue()

    # -- what stands on them ------------------------------------------------------------------------------------------------

    def mark(self, name: str) -> None:
        """A line of the table of contents that readers show."""
        self._marks += 1
        key = f"s{self._marks}"
        self._canvas.bookmarkPage(key)
        self._canvas.addOutlineEntry(name, key, 0)

    def space(self, tall: float) -> None:
        """Leave some."""
        self._y -= tall

    def words(self, text: str, face: Face = PLAIN) -> None:
        """A paragraph over the whole width."""
        for line in wrapped(text, face, WIDE - _PAD_LEFT - _PAD_RIGHT):
            if not self.room(face.leading):
                self.sheet()
            self._y -= face.leading
            self._write(face, LEFT + _PAD_LEFT, self._y + face.leading - face.size, line)

    def table(self, columns: Sequence[Column], lines: Sequence[Line], head: Line | None = None) -> None:
        """Lines of a table; ``head`` stands on each of its sheets."""
        if head is not None:
            self.head(columns, head)
        for line in lines:
            cells = [column.lines(text) for column, text in zip(columns, line.cells, strict=True)]
            tall = _tall(columns, cells)
            if not self.room(tall):
                self.sheet()
                if head is not None:
                    self.head(columns, head)
            self._row(columns, cells, tall, top=line.top)
            if line.bar > 0:
                middle = self._y + (tall - _BAR_TALL) / 2
                self._bars.append(f"{line.bar_x:.2f} {middle:.2f} {line.bar:.2f} {_BAR_TALL} re")
            self._rule(0.25, 0.5)

    def head(self, columns: Sequence[Column], line: Line) -> None:
        """The head of a table."""
        whole = all(one.fits(text, SMALL) for one, text in zip(columns, line.cells, strict=True))
        small = [Column(one.x, one.wide, SMALL if whole else _TINY, one.right) for one in columns]
        cells = [column.lines(text) for column, text in zip(small, line.cells, strict=True)]
        self._row(small, cells, _tall(small, cells), top=False)
        self._rule(0.8, 0)

    def _row(self, columns: Sequence[Column], cells: Sequence[Sequence[str]], tall: float, *, top: bool) -> None:
        above = self._y
        self._y -= tall
        for column, lines in zip(columns, cells, strict=True):
            face, used = column.face, len(lines) * column.face.leading
            y = above - _PAD if top else above - (tall - used) / 2
            for line in lines:
                if line:
                    x = (
                        column.x + column.wide - _PAD_RIGHT - width(line, face)
                        if column.right
                        else column.x + _PAD_LEFT
                    )
                    self._write(face, x, y - face.size, line)
                y -= face.leading

    def _rule(self, thick: float, gray: float) -> None:
        self._drawn.append(f"{thick} w {gray} G {LEFT:.2f} {self._y:.2f} m {LEFT + WIDE:.2f} {self._y:.2f} l S")

    def _write(self, face: Face, x: float, y: float, text: str) -> None:
        self._written.append((face, x, y, _string(text)))


def _tall(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> float:
    """How tall a line of a table is."""
    return max(len(lines) * column.face.leading for column, lines in zip(columns, cells, strict=True)) + 2 * _PAD


def height(columns: Sequence[Column], lines: Sequence[Line]) -> float:
    """How tall some lines of a table are together."""
    return sum(
        _tall(columns, [column.lines(text) for column, text in zip(columns, line.cells, strict=True)]) for line in lines
    )
