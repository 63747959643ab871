"""The sheets that the monthly report is set on."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.lib.units import mm

from bot.web.staff.figures_paper import BOLD, LEFT, PLAIN, SMALL, TABLE, WIDE, Column, Line, Paper, width, wrapped

COLUMNS = [Column(LEFT, WIDE - 30 * mm), Column(LEFT + WIDE - 30 * mm, 30 * mm, right=True)]


def pages(body: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]


@given(st.text(st.sampled_from("abcWM .-–é"), max_size=80), st.sampled_from((PLAIN, SMALL, BOLD)), st.floats(12, 200))
def test_no_line_is_wider_than_its_column_and_no_letter_is_lost(text: str, face: object, wide: float) -> None:
    assert isinstance(face, type(PLAIN))
    lines = wrapped(text, face, wide)
    assert all(width(line, face) <= wide for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_the_head_of_a_table_stands_on_each_of_its_sheets_and_every_sheet_is_numbered() -> None:
    paper = Paper("Laporan", "MPP", "id", "Loket · MPP")
    paper.words("Per layanan", TABLE)
    paper.table(
        COLUMNS, [Line((f"Layanan {n}", str(n)), bar=20, bar_x=300) for n in range(120)], Line(("Nama", "Angka"))
    )
    found = pages(paper.done())
    assert len(found) == 3
    assert all("Nama" in one and "Angka" in one and one.count("Loket · MPP") == 1 for one in found)
    said = " ".join(" ".join(found).split())
    places = [said.index(f"Layanan {n} {n}") for n in range(120)]
    assert places == sorted(places)


def test_what_the_fonts_do_not_have_is_written_without_its_marks_and_brackets_stay() -> None:
    paper = Paper("Laporan", "MPP", "id", "Loket")
    paper.words(r"Ḍayu (SIP) \ – “é”")
    (text,) = pages(paper.done())
    assert "Dayu (SIP) \\ – “é”" in text


def test_the_same_words_give_the_same_bytes() -> None:
    made = []
    for _ in range(2):
        paper = Paper("Laporan", "MPP", "id", "Loket")
        paper.mark("Ringkasan")
        paper.words("Percakapan")
        made.append(paper.done())
    assert made[0] == made[1]
    assert "Ringkasan" in str(PdfReader(io.BytesIO(made[0])).outline)
