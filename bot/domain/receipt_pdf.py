"""The receipt drawn as a PDF of one page, a few kilobytes: plain fonts, one QR."""

from __future__ import annotations

import io

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A5
from reportlab.lib.units import mm as _mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from bot.domain.receipt import Receipt

mm: float = _mm
WIDTH, HEIGHT = A5
_LEFT = 14 * mm
_WIDE = WIDTH - 2 * _LEFT
_QR = 34 * mm
_LOWEST = 12 * mm + _QR
"""Nothing is written below this but the QR and what stands beside it."""


def draw(receipt: Receipt) -> bytes:
    """The PDF; the same receipt gives the same bytes."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=A5, invariant=True)
    page.setTitle(f"{receipt.title} {receipt.number}")
    page.setAuthor(receipt.office)
    y = _head(page, receipt)
    for label, value in receipt.lines:
        y = _pair(page, y, label, value)
    y = _list(page, y - 2 * mm, receipt.papers_title, receipt.papers)
    _list(page, y - 2 * mm, receipt.next_title, receipt.next)
    _foot(page, receipt)
    page.showPage()
    page.save()
    return out.getvalue()


def _head(page: Canvas, receipt: Receipt) -> float:
    y = HEIGHT - 14 * mm
    y = _text(page, y, receipt.office, "Helvetica", 10)
    y = _text(page, y - 1 * mm, receipt.title, "Helvetica-Bold", 15)
    y = _text(page, y - 2 * mm, receipt.number, "Courier-Bold", 17)
    page.setLineWidth(0.6)
    page.line(_LEFT, y + 2 * mm, WIDTH - _LEFT, y + 2 * mm)
    return y - 4 * mm


def _pair(page: Canvas, y: float, label: str, value: str) -> float:
    y = _text(page, y, label, "Helvetica", 8.5)
    return _text(page, y, value, "Helvetica-Bold", 11) - 1 * mm


def _list(page: Canvas, y: float, title: str, rows: tuple[str, ...]) -> float:
    y = _text(page, y, title, "Helvetica-Bold", 10)
    for row in rows:
        if y < _LOWEST + 8 * mm:
            # Never over the QR: the full list stands in the chat.
            return _text(page, y, "…", "Helvetica", 9.5)
        y = _text(page, y, f"• {row}", "Helvetica", 9.5)
    return y


def _text(page: Canvas, y: float, text: str, font: str, size: float, x: float = _LEFT, wide: float = _WIDE) -> float:
    """Wrapped; returns where the next line starts."""
    page.setFont(font, size)
    for part in simpleSplit(text, font, size, wide) or [""]:
        page.drawString(x, y, part)
        y -= size * 1.3
    return y


def _foot(page: Canvas, receipt: Receipt) -> None:
    widget = QrCodeWidget(receipt.check_url, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    drawing = Drawing(_QR, _QR, transform=[_QR / (right - left), 0, 0, _QR / (top - bottom), 0, 0])
    drawing.add(widget)
    renderPDF.draw(drawing, page, _LEFT - 3 * mm, 10 * mm)
    x, wide = _LEFT + _QR + 2 * mm, _WIDE - _QR - 2 * mm
    y = _text(page, 10 * mm + _QR - 6 * mm, receipt.check_hint, "Helvetica", 9, x, wide)
    y = _text(page, y, receipt.check_url, "Helvetica", 8, x, wide)
    _text(page, y - 2 * mm, receipt.foot, "Helvetica", 8.5, x, wide)
