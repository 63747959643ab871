"""A page of a stand-in's finished document: looks signed and is not, CONTOH stands across it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

WIB = timezone(timedelta(hours=7), "WIB")
WIDTH, HEIGHT = A4
TOP: float = HEIGHT - 88 * mm
"""Where the first line below the heading stands."""
LINE: float = 6 * mm
GAP: float = 2 * mm
MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()


@dataclass(frozen=True)
class Letterhead:
    """What stands above and below."""

    office: str
    place: str
    title: str
    subtitle: str
    signer: str


def make(head: Letterhead, at: datetime, check_url: str, write: Callable[[Canvas, date], None]) -> bytes:
    """One page as PDF: ``write`` draws what stands between heading and signature, ``check_url`` goes into the QR."""
    today = at.astimezone(WIB).date()
    out = io.BytesIO()
    # invariant: the same case gives the same bytes.
    page = Canvas(out, pagesize=A4, invariant=True)
    page.setTitle("CONTOH - dokumen sandbox")
    page.setAuthor("Loket sandbox")
    _watermark(page)
    _head(page, head)
    write(page, today)
    _foot(page, today, head.signer, check_url)
    page.showPage()
    page.save()
    return out.getvalue()


def spoken(day: date) -> str:
    """``17 Agustus 1985``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def line(page: Canvas, y: float, label: str, text: str, bold: bool = False) -> float:
    """One labelled value, wrapped; returns where the next one starts."""
    font = "Helvetica-Bold" if bold else "Helvetica"
    page.setFont("Helvetica", 11)
    page.drawString(25 * mm, y, label)
    page.drawString(72 * mm, y, ":")
    page.setFont(font, 11)
    for part in simpleSplit(text, font, 11, WIDTH - 100 * mm) or [""]:
        page.drawString(75 * mm, y, part)
        y -= LINE
    return y - GAP


def _head(page: Canvas, head: Letterhead) -> None:
    middle = WIDTH / 2
    page.setFillColor(Color(0.6, 0, 0))
    page.setFont("Helvetica-Bold", 12)
    page.drawCentredString(middle, HEIGHT - 18 * mm, "CONTOH / SANDBOX - BUKAN DOKUMEN RESMI")
    page.setFillColor(black)
    page.setFont("Helvetica", 11)
    page.drawCentredString(middle, HEIGHT - 32 * mm, "REPUBLIK INDONESIA")
    page.setFont("Helvetica-Bold", 13)
    page.drawCentredString(middle, HEIGHT - 39 * mm, head.office)
    page.setFont("Helvetica", 10)
    page.drawCentredString(middle, HEIGHT - 45 * mm, head.place)
    page.setFont("Helvetica-Bold", 18)
    page.drawCentredString(middle, HEIGHT - 62 * mm, head.title)
    page.setFont("Helvetica-Oblique", 11)
    page.drawCentredString(middle, HEIGHT - 69 * mm, head.subtitle)
    page.setLineWidth(0.6)
    page.line(25 * mm, HEIGHT - 75 * mm, WIDTH - 25 * mm, HEIGHT - 75 * mm)


def _foot(page: Canvas, today: date, signer: str, check_url: str) -> None:
    widget = QrCodeWidget(check_url, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    size = 34 * mm
    drawing = Drawing(size, size, transform=[size / (right - left), 0, 0, size / (top - bottom), 0, 0])
    drawing.add(widget)
    renderPDF.draw(drawing, page, 25 * mm, 40 * mm)
    page.setFont("Helvetica", 10)
    x = WIDTH - 95 * mm
    page.drawString(x, 70 * mm, f"Slawi, {spoken(today)}")
    page.drawString(x, 64 * mm, signer)
    page.setFont("Helvetica-Bold", 10)
    page.drawString(x, 48 * mm, "TANDA TANGAN ELEKTRONIK CONTOH")
    page.setFont("Helvetica", 8)
    page.drawString(25 * mm, 34 * mm, "Pindai QR untuk memeriksa status dokumen contoh ini.")
    page.drawString(
        25 * mm, 29 * mm, "Dibuat oleh sandbox Loket untuk mencoba layanan. Tidak berlaku, tanpa tanda tangan asli."
    )


def _watermark(page: Canvas) -> None:
    page.saveState()
    page.setFillColor(Color(0.75, 0.1, 0.1, alpha=0.16))
    page.setFont("Helvetica-Bold", 120)
    page.translate(WIDTH / 2, HEIGHT / 2)
    page.rotate(52)
    page.drawCentredString(0, -40, "CONTOH")
    page.restoreState()
