"""The application as a PDF that an officer reads: every answer, one a line, and the names of the attachments."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from bot.ports import Submission

WIB = timezone(timedelta(hours=7), "WIB")
# The fonts that come with reportlab: the built-in ones know Latin-1 only, and names do not stop there.
_FONT, _BOLD = "Vera", "VeraBd"


def draw(submission: Submission, at: datetime) -> bytes:
    """The PDF. The same submission at the same time gives the same bytes."""
    for name in (_FONT, _BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    head = ParagraphStyle("head", fontName=_BOLD, fontSize=14, leading=18)
    text = ParagraphStyle("text", fontName=_FONT, fontSize=9.5, leading=13, wordWrap="LTR")
    label = ParagraphStyle("label", parent=text, fontName=_BOLD)

    def rows(pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Table:
        cells = [[Paragraph(escape(name), label), Paragraph(escape(value) or "-", text)] for name, value in pairs]
        table = Table(cells or [[Paragraph("-", text), ""]], colWidths=(60 * mm, 110 * mm))
        table.setStyle(
            TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.25, "#999999")])
        )
        return table

    out = io.BytesIO()
    page = SimpleDocTemplate(
        out, pagesize=A4, invariant=True, title=f"Permohonan {submission.reference}", author="Loket", leftMargin=20 * mm
    )
    page.build(
        [
            Paragraph(f"Permohonan {escape(submission.reference)}", head),
            Spacer(1, 4 * mm),
            rows(
                [
                    ("Layanan", submission.service),
                    ("Keperluan", submission.variant),
                    ("Dikirim", f"{at.astimezone(WIB):%d-%m-%Y %H:%M} WIB"),
                ]
            ),
            Spacer(1, 6 * mm),
            Paragraph("Isi permohonan", head),
            Spacer(1, 2 * mm),
            rows([(labelled(path), value) for path, value in leaves(submission.data)]),
            Spacer(1, 6 * mm),
            Paragraph("Lampiran", head),
            Spacer(1, 2 * mm),
            rows([(labelled(path), ref.name) for ref, _, path in submission.files]),
        ]
    )
    return out.getvalue()


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every answer with its path."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and any(isinstance(one, Mapping) for one in node):
        for n, value in enumerate(node, 1):
            yield from leaves(value, f"{path}.{n}")
    elif isinstance(node, list):
        yield path, ", ".join(map(str, node))
    elif isinstance(node, bool):
        yield path, "ya" if node else "tidak"
    else:
        yield path, "" if node is None else str(node)


def labelled(path: str) -> str:
    """``pemohon.tempat_lahir`` as ``Pemohon: tempat lahir``."""
    section, _, rest = path.replace("_", " ").partition(".")
    return f"{section.capitalize()}: {rest.replace('.', ' ')}" if rest else section.capitalize()
