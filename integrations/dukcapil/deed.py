"""The finished documents of the stand-in, as PDF. They look signed and are not: CONTOH stands across every page."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from integrations.sandbox.case import Case

WIB = timezone(timedelta(hours=7), "WIB")
WIDTH, HEIGHT = A4
LINE: float = 6 * mm
GAP: float = 2 * mm
_MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
_ORDINALS = (
    "",
    "pertama",
    "kedua",
    "ketiga",
    "keempat",
    "kelima",
    "keenam",
    "ketujuh",
    "kedelapan",
    "kesembilan",
    "kesepuluh",
)

_LATE = timedelta(days=60)
"""A birth reported later than this gets a number with LT instead of LU."""


def make(case: Case, values: Mapping[str, Any], at: datetime, check_url: str) -> tuple[str, bytes]:
    """File name and PDF of the case's document; ``values`` by field path, ``check_url`` goes into the QR."""
    today = at.astimezone(WIB).date()
    out = io.BytesIO()
    # invariant: the same case gives the same bytes.
    page = Canvas(out, pagesize=A4, invariant=True)
    page.setTitle("CONTOH - dokumen sandbox")
    page.setAuthor("Loket sandbox")
    _watermark(page)
    if case.service == "akta-kelahiran":
        _head(page, "KUTIPAN AKTA KELAHIRAN", "Excerpt of Birth Certificate")
        _birth(page, case, values, today)
    else:
        _head(page, case.service.replace("-", " ").upper(), "Dokumen contoh")
        _plain(page, values)
    _foot(page, today, check_url)
    page.showPage()
    page.save()
    return f"{case.service}-CONTOH-{case.ref}.pdf", out.getvalue()


def _birth(page: Canvas, case: Case, values: Mapping[str, Any], today: date) -> None:
    born = _date(values.get("anak.tanggal_lahir")) or today
    kind = "LT" if today - born > _LATE else "LU"
    number = f"3328-{kind}-{today:%d%m%Y}-{int(case.ref[-4:], 16) % 10_000:04d}"
    father = _name(values, "ayah")
    parents = f"{father} dan {_name(values, 'ibu')}" if father else f"ibu {_name(values, 'ibu')}"
    sex = {"L": "laki-laki", "P": "perempuan"}.get(str(values.get("anak.jenis_kelamin", "")).upper()[:1], "")
    order = str(values.get("anak.kelahiran_ke", values.get("anak.anak_ke", "")))
    which = _ORDINALS[int(order)] if order.isdigit() and int(order) < len(_ORDINALS) else order
    place = str(values.get("anak.tempat_lahir", "")).title()
    y = HEIGHT - 88 * mm
    y = _line(page, y, "Nomor akta kelahiran", number, bold=True)
    y = _line(page, y, "Nomor permohonan", f"{case.reference} ({case.ref})")
    y = _line(page, y - 4 * mm, "Bahwa di", place)
    y = _line(page, y, "pada tanggal", f"{born.day} {_MONTHS[born.month - 1]} {born.year}")
    y = _line(page, y, "telah lahir", str(values.get("anak.nama", "")).upper(), bold=True)
    parts = (f"ke-{order}" if order else "", f"({which})" if which else "", sex)
    y = _line(page, y, "anak", " ".join(part for part in parts if part))
    y = _line(page, y, "dari", parents)
    if father and values.get("orang_tua.perkawinan") == "sptjm":
        _line(page, y, "", "yang perkawinannya belum tercatat sesuai dengan peraturan perundang-undangan")


def _plain(page: Canvas, values: Mapping[str, Any]) -> None:
    y = HEIGHT - 88 * mm
    for path, value in values.items():
        if y < 90 * mm:
            return
        y = _line(page, y, path.replace(".", " ").replace("_", " "), str(value))


def _name(values: Mapping[str, Any], who: str) -> str:
    return str(values.get(f"{who}.nama") or "").upper()


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _head(page: Canvas, title: str, subtitle: str) -> None:
    middle = WIDTH / 2
    page.setFillColor(Color(0.6, 0, 0))
    page.setFont("Helvetica-Bold", 12)
    page.drawCentredString(middle, HEIGHT - 18 * mm, "CONTOH / SANDBOX - BUKAN DOKUMEN RESMI")
    page.setFillColor(black)
    page.setFont("Helvetica", 11)
    page.drawCentredString(middle, HEIGHT - 32 * mm, "REPUBLIK INDONESIA")
    page.setFont("Helvetica-Bold", 13)
    page.drawCentredString(middle, HEIGHT - 39 * mm, "PENCATATAN SIPIL")
    page.setFont("Helvetica", 10)
    page.drawCentredString(middle, HEIGHT - 45 * mm, "Kabupaten Tegal (daftar penduduk karangan)")
    page.setFont("Helvetica-Bold", 18)
    page.drawCentredString(middle, HEIGHT - 62 * mm, title)
    page.setFont("Helvetica-Oblique", 11)
    page.drawCentredString(middle, HEIGHT - 69 * mm, subtitle)
    page.setLineWidth(0.6)
    page.line(25 * mm, HEIGHT - 75 * mm, WIDTH - 25 * mm, HEIGHT - 75 * mm)


def _line(page: Canvas, y: float, label: str, text: str, bold: bool = False) -> float:
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


def _foot(page: Canvas, today: date, check_url: str) -> None:
    widget = QrCodeWidget(check_url, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    size = 34 * mm
    drawing = Drawing(size, size, transform=[size / (right - left), 0, 0, size / (top - bottom), 0, 0])
    drawing.add(widget)
    renderPDF.draw(drawing, page, 25 * mm, 40 * mm)
    page.setFont("Helvetica", 10)
    x = WIDTH - 95 * mm
    page.drawString(x, 70 * mm, f"Slawi, {today.day} {_MONTHS[today.month - 1]} {today.year}")
    page.drawString(x, 64 * mm, "Pejabat Pencatatan Sipil (karangan)")
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
