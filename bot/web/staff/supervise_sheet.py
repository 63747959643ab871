"""Tables for spreadsheets, as CSV and XLSX. What came from people is never taken for a formula (CWE-1236)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

Cell = str | int | float | datetime | None
_BEGINS = re.compile(r"^[\s\x00-\x1f]*[=+\-@|%\uff0b\uff0d\uff1d\uff20]")


_PARTED = re.compile(r"([;\t][\s\x00-\x1f\"]*)(?=[=+\-@|%\uff0b\uff0d\uff1d\uff20])")
"""A column's end elsewhere (a semicolon, where a comma stands in numbers), and a sign that begins a formula after it."""


def harmless(text: str) -> str:
    """A text that no spreadsheet program runs: a sign that begins a formula gets an apostrophe before it."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if _BEGINS.match(text) or text[:1] in ("\t", "\r", "\n") else text


def to_csv(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark, so that a spreadsheet program reads letters right."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    for row in (head, *rows):
        writer.writerow([_plain(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(cell: Cell) -> str | int | float:
    if isinstance(cell, str):
        return _PARTED.sub(r"\1'", harmless(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return "" if cell is None else cell


def to_xlsx(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """One sheet; times are local ones (a spreadsheet knows no zones)."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Loket")
    sheet.freeze_panes = "A2"
    for row in (head, *rows):
        cells = []
        for value in row:
            shown = harmless(value) if isinstance(value, str) else value
            cell = WriteOnlyCell(sheet, shown.replace(tzinfo=None) if isinstance(shown, datetime) else shown)
            if isinstance(shown, str):
                cell.data_type = "s"  # whatever it looks like
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
