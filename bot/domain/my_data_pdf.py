"""What is stored about a person as a PDF to read: as many pages as it takes, plain fonts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

_MOST_LINES = 2000
"""Messages of one conversation that are printed; the JSON has all."""
_MARGIN = 18 * mm


def draw(data: Mapping[str, Any], words: Mapping[str, str]) -> bytes:
    """``data``: :func:`bot.usecases.my_data_export.collect`; ``words``: the headings."""
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=words["title"],
        author="Loket",
    )
    page.build(list(_story(data, words)))
    return out.getvalue()


def _story(data: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[Flowable]:
    styles = getSampleStyleSheet()
    body = ParagraphStyle("isi", parent=styles["BodyText"], fontSize=9.5, leading=13, wordWrap="CJK")
    yield Paragraph(escape(words["title"]), styles["Title"])
    yield Paragraph(escape(f"{words['made']} {_day(data['dibuat'])}"), body)
    for heading, lines in _parts(data, words):
        yield Spacer(1, 4 * mm)
        yield Paragraph(escape(heading), styles["Heading2"])
        for line in lines or [words["none"]]:
            yield Paragraph(escape(line), body)


def _parts(data: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    person = data.get("orang")
    if person:
        flat = {**person, **person["salinan_dukcapil"], **person["kontak"]}
        yield words["person"], [f"{_label(k)}: {v}" for k, v in flat.items() if isinstance(v, str) and v]
    yield words["cases"], [line for case in data["permohonan"] for line in _case(case)]
    yield words["consents"], [_consent(one, words) for one in data["persetujuan"]]
    yield (
        words["files"],
        [f"{_day(one['pada'])} {one['nama']} ({one['jenis']}, {one['byte']} byte)" for one in data["berkas"]],
    )
    for talk in data["percakapan"]:
        lines = [
            f"{_minute(one['pada'])} {one['dari']}: {one.get('teks') or one.get('tombol') or ''}"
            for one in talk["pesan"]
        ]
        cut = [*lines[:_MOST_LINES], *([words["more"]] if len(lines) > _MOST_LINES else [])]
        yield f"{words['talks']}: {talk['kanal']} ({len(lines)} {words['messages']})", cut


def _case(case: Mapping[str, Any]) -> list[str]:
    head = f"{case['nomor'] or '-'} {case['layanan']} ({case['keadaan']}, {_day(case['dimulai'])})"
    answers = [f"- {_label(path)}: {_value(value)}" for path, value in case["isian"].items()]
    return [head, *answers]


def _consent(one: Mapping[str, Any], words: Mapping[str, str]) -> str:
    ended = f", {words['withdrawn']} {_day(one['dicabut'])}" if one["dicabut"] else ""
    return f"{_minute(one['pada'])} {one['untuk']}, {one['kanal']}, {one['versi_teks']}{ended}"


def _value(value: object) -> str:
    return str(value.get("name") or value) if isinstance(value, dict) else str(value)


def _label(path: str) -> str:
    return path.rpartition(".")[2].replace("_", " ")


def _day(iso: str) -> str:
    return iso[:10]


def _minute(iso: str) -> str:
    return iso[:16].replace("T", " ")
