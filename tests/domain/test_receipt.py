"""The receipt: what stands on it, and that it fits one small page."""

from __future__ import annotations

import io

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.receipt import Receipt, receipt
from bot.domain.receipt_pdf import HEIGHT, WIDTH, draw
from tests import content

TEXTS = content.texts()
URL = "https://loket.example/cek/LKT-7K3M-9QXP-4"


def made(
    language: str = "id", papers: tuple[str, ...] = ("Surat keterangan lahir", "Kartu Keluarga"), **more: object
) -> Receipt:
    given = {
        "office": "MPP Satya Dahayu Kabupaten Tegal", "number": "LKT-7K3M-9QXP-4", "service": "Akta Kelahiran",
        "variant": "Kelahiran baru", "submitted": "2 November 2026", "promised": "9 November 2026", "papers": papers,
        "booking": False, "free": True, "check_url": URL,
    }  # fmt: skip
    return receipt(lambda key, **p: TEXTS.say(f"receipt.{key}", language, **p), **(given | more))  # type: ignore[arg-type]


def words(pdf: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (round(WIDTH), round(HEIGHT))
    return reader.pages[0].extract_text()


@pytest.mark.parametrize("language", ["id", "en", "jv"])
def test_it_says_number_service_dates_papers_and_what_comes_next(language: str) -> None:
    pdf = draw(made(language))
    text = words(pdf)
    for expected in ("LKT-7K3M-9QXP-4", "Akta Kelahiran", "9 November 2026", "Kartu Keluarga", "loket.example/cek"):
        assert expected in text.replace("\n", "")
    assert "{" not in text and len(pdf) < 20_000 and pdf == draw(made(language))


def test_a_visit_promises_no_date_and_says_who_sets_it() -> None:
    text = words(draw(made(promised="", booking=True, papers=()))).replace("\n", " ")
    assert "Dijanjikan" not in text and "Jangan berangkat" in text and "Tidak ada berkas" in text


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=200), max_size=30))
def test_any_number_of_papers_leaves_the_page_whole(papers: list[str]) -> None:
    assert "LKT-7K3M-9QXP-4" in words(draw(made(papers=tuple(papers))))
