"""Examples as a table for spreadsheets: CSV and XLSX, in and out.

In: two columns, named in the first row (``intent`` or ``maksud``, ``text`` or ``contoh``); formulas are taken as the text they are
written as, empty rows are skipped, and a table that is too long is refused before it is read. Out: no cell can start a formula
(OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from bot.usecases.studio_nlu_files import Refused

MOST_ROWS = 20_000
MOST_BYTES = 8 * 1024 * 1024
_MOST_UNPACKED = 96 * 1024 * 1024
_INTENT = ("intent", "maksud", "niat")
_TEXT = ("text", "contoh", "kalimat", "teks", "example", "pesan")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIELD_LIMIT = 20_000


@dataclass(frozen=True)
class Row:
    """One line of a table; ``line`` counts from 1 as spreadsheets do."""

    line: int
    intent: str
    text: str


def read_rows(data: bytes, name: str) -> list[Row]:
    """The rows of an uploaded file.

    :raises Refused: not a table, too long, or its columns are not the ones that are needed.
    """
    if len(data) > MOST_BYTES:
        raise Refused("sheet_large", most=MOST_BYTES // 1024 // 1024)
    if data.startswith(b"PK"):
        lines = _xlsx(data)
    elif name.lower().endswith((".xls", ".ods", ".numbers", ".pdf", ".doc", ".docx")) or b"\0" in data[:2000].replace(
        b"\xff\xfe", b""
    ):
        lines = _utf16(data)
    else:
        lines = _csv(_decoded(data))
    return _rows(lines)


def csv_of(rows: Iterable[tuple[str, str]]) -> bytes:
    """(intent, text) as CSV that spreadsheets open as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("intent", "text"))
    writer.writerows((intent, _defused(text)) for intent, text in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def xlsx_of(rows: Iterable[tuple[str, str]]) -> bytes:
    """(intent, text) as a workbook; every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("contoh")
    sheet.append(["intent", "text"])
    for row in rows:
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# -- reading ------------------------------------------------------------------------------------------------------------


def _rows(lines: Iterator[tuple[int, Sequence[str]]]) -> list[Row]:
    head = next((cells for _, cells in lines if any(cells)), None)
    if head is None:
        raise Refused("sheet_empty")
    names = [cell.strip().lower() for cell in head]
    intent, text = _column(names, _INTENT), _column(names, _TEXT)
    if intent is None or text is None:
        raise Refused("sheet_columns", found=", ".join(name for name in names if name)[:200] or "–")
    rows: list[Row] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) == MOST_ROWS:
            raise Refused("sheet_long", most=MOST_ROWS)
        rows.append(Row(line, _cell(cells, intent).strip(), _armed(_cell(cells, text).strip())))
    if not rows:
        raise Refused("sheet_empty")
    return rows


def _column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""


def _csv(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    if text.count("\n") > 3 * MOST_ROWS:
        raise Refused("sheet_long", most=MOST_ROWS)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise Refused("sheet_unreadable") from error


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _utf16(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """ "Unicode text" of spreadsheets; anything else that is no text is no table."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("sheet_unreadable")
    try:
        return _csv(data.decode("utf-16"))
    except UnicodeDecodeError as error:
        raise Refused("sheet_unreadable") from error


def _xlsx(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        _look_first(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, [_value(value) for value in cells[:20]]
    except Refused:
        raise
    except Exception as error:  # openpyxl raises what its parsers raise: KeyError, ValueError, ParseError …
        raise Refused("sheet_unreadable") from error


def _value(value: Any) -> str:
    """A cell as text: of a formula the formula (openpyxl has those of several cells as objects with a ``text``)."""
    return "" if value is None else str(getattr(value, "text", value))


def _look_first(data: bytes) -> None:
    """Refuses what is too long or too large once unpacked, before anything is parsed.

    :raises Refused: it is.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED:
            raise Refused("sheet_long", most=MOST_ROWS)
        sheets = [one for one in packed.namelist() if one.startswith("xl/worksheets/") and one.endswith(".xml")]
        for name in sheets:
            with packed.open(name) as sheet:
                if _filled_rows(sheet) > MOST_ROWS + 1:
                    raise Refused("sheet_long", most=MOST_ROWS)


def _filled_rows(sheet: IO[bytes]) -> int:
    """Rows with a value; stops counting when they are too many. An XML that declares entities is no spreadsheet's."""
    count, rest = 0, b""
    while chunk := sheet.read(1 << 18):
        if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
            raise Refused("sheet_unreadable")
        *rows, rest = (rest + chunk).split(b"</row>")
        count += sum(1 for row in rows if b"<v" in row or b"<is" in row or b"<f" in row)
        if count > MOST_ROWS + 1:
            break
    return count


# -- formulas -----------------------------------------------------------------------------------------------------------


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _armed(text: str) -> str:
    """What :func:`_defused` put before a text is taken away again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
