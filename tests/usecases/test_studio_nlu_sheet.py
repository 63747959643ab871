"""Tables of examples, as spreadsheets make them."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.usecases.studio_nlu_files import Refused
from bot.usecases.studio_nlu_sheet import MOST_ROWS, Row, csv_of, read_rows, xlsx_of


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_formulas_as_text_and_empty_rows_skipped() -> None:
    data = workbook(
        [
            [],
            ["No", "Contoh", "Maksud"],
            [1, "biaya ktp", "ask_cost"],
            [None, None, None],
            [2, "=SUM(A1:A2)", "ask_cost"],
            [3, 12, "ask_cost"],
        ]
    )
    assert read_rows(data, "contoh.xlsx") == [
        Row(3, "ask_cost", "biaya ktp"),
        Row(5, "ask_cost", "=SUM(A1:A2)"),
        Row(6, "ask_cost", "12"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b'intent,text\nask_cost,"biaya, berapa"\n\n,\ngreet,halo\n',
        "\ufeffmaksud;kalimat\r\nask_cost;biaya, berapa\r\n;\r\ngreet;halo\r\n".encode(),
        "text\tintent\nbiaya, berapa\task_cost\nhalo\tgreet\n".encode("utf-16"),
    ],
    ids=["comma", "semicolon", "utf-16"],
)
def test_tables_of_text_are_read_however_they_are_separated(data: bytes) -> None:
    assert [(row.intent, row.text) for row in read_rows(data, "x.csv")] == [
        ("ask_cost", "biaya, berapa"),
        ("greet", "halo"),
    ]


@pytest.mark.parametrize(
    ("data", "name", "key"),
    [
        (b"", "x.csv", "sheet_empty"),
        (b"intent,text\n", "x.csv", "sheet_empty"),
        (b"nama,alamat\nsiti,slawi\n", "x.csv", "sheet_columns"),
        (b"PK\x03\x04 no zip", "x.xlsx", "sheet_unreadable"),
        (b"\xd0\xcf\x11\xe0\0\0\0", "x.xls", "sheet_unreadable"),
        (b"x" * (8 * 1024 * 1024 + 1), "x.csv", "sheet_large"),
    ],
)
def test_what_is_no_such_table_is_refused_with_its_reason(data: bytes, name: str, key: str) -> None:
    with pytest.raises(Refused) as caught:
        read_rows(data, name)
    assert caught.value.key == key


def test_wrong_columns_are_named() -> None:
    with pytest.raises(Refused) as caught:
        read_rows(b"nama,alamat\nsiti,slawi\n", "x.csv")
    assert caught.value.params["found"] == "nama, alamat"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_fifty_thousand_lines_are_refused_before_they_are_read(kind: str) -> None:
    rows = [("ask_cost", f"biaya nomor {n} berapa ya kak") for n in range(50_000)]
    data = csv_of(rows) if kind == "csv" else xlsx_of(rows)
    tracemalloc.start()
    with pytest.raises(Refused, match="sheet_long"):
        read_rows(data, f"x.{kind}")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * 1024 * 1024, f"{peak / 1e6:.0f} MB"


def test_as_many_as_are_allowed_are_read() -> None:
    assert len(read_rows(csv_of(("ask_cost", f"biaya {n}") for n in range(MOST_ROWS)), "x.csv")) == MOST_ROWS
    with pytest.raises(Refused, match="sheet_long"):
        read_rows(csv_of(("ask_cost", f"biaya {n}") for n in range(MOST_ROWS + 1)), "x.csv")


def test_an_archive_that_swells_or_declares_entities_is_no_workbook() -> None:
    swollen, hostile = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b" " * 100_000_000)
    with zipfile.ZipFile(hostile, "w") as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>')
    for data in (swollen.getvalue(), hostile.getvalue()):
        with pytest.raises(Refused, match="sheet_"):
            read_rows(data, "x.xlsx")


def test_no_cell_that_goes_out_starts_a_formula() -> None:
    rows = [("ask_cost", "=1+1"), ("ask_cost", "@x"), ("ask_cost", "-5 derajat"), ("ask_cost", "biaya")]
    assert "\r\nask_cost,'=1+1\r\n" in csv_of(rows).decode()
    sheet = load_workbook(io.BytesIO(xlsx_of(rows))).worksheets[0]
    assert [cell.data_type for cell in sheet["B"]] == ["s"] * 5 and sheet["B2"].value == "=1+1"


words = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"), min_size=1
)


@given(st.lists(words.map(str.strip).filter(lambda one: one and not one.startswith("'")), min_size=1, max_size=5))
def test_what_goes_out_comes_in_again(texts: list[str]) -> None:
    rows = [("ask_cost", text) for text in texts]
    for data, name in ((csv_of(rows), "x.csv"), (xlsx_of(rows), "x.xlsx")):
        assert [(row.intent, row.text) for row in read_rows(data, name)] == rows
