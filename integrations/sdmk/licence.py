"""The finished licence of the stand-in, as PDF: five years, or as long as a dated registration holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from integrations.sandbox import paper
from integrations.sandbox.case import Case

YEARS = 5
_ROMAN = "I II III IV V VI VII VIII IX X XI XII".split()


def make(case: Case, values: Mapping[str, Any], at: datetime, check_url: str) -> tuple[str, bytes]:
    """File name and PDF of the case's document; ``values`` by field path, ``check_url`` goes into the QR."""

    def write(page: Canvas, today: date) -> None:
        (_withdrawal if withdrawn else _licence)(page, case, values, today)

    withdrawn = case.variant == "pencabutan"
    title = "PENCABUTAN SURAT IZIN PRAKTIK" if withdrawn else "SURAT IZIN PRAKTIK (SIP)"
    head = paper.Letterhead(
        "DINAS KESEHATAN",
        "Kabupaten Tegal (tenaga kesehatan karangan)",
        title,
        profession(case.service),
        "Kepala Dinas Kesehatan (karangan)",
    )
    return f"{case.service}-CONTOH-{case.ref}.pdf", paper.make(head, at, check_url, write)


def valid_until(values: Mapping[str, Any], today: date) -> date:
    """Last day: five years from today, but not beyond a registration with an end."""
    end = _anniversary(today)
    registered = _date(values.get("str.sampai"))
    return min(end, registered) if registered is not None else end


def profession(slug: str) -> str:
    """``sip-dokter-gigi`` is ``Dokter Gigi``."""
    return slug.removeprefix("sip-").replace("-", " ").title()


def _licence(page: Canvas, case: Case, values: Mapping[str, Any], today: date) -> None:
    kept = case.variant in ("perubahan", "cetak-ulang")
    until = "seperti SIP yang ada" if kept else paper.spoken(valid_until(values, today))
    y = paper.line(page, paper.TOP, "Nomor SIP", _number(case, values, today), bold=True)
    y = paper.line(page, y, "Nomor permohonan", f"{case.reference} ({case.ref})")
    y = paper.line(page, y, "Jenis permohonan", case.variant.replace("-", " "))
    y = paper.line(page, y - 4 * mm, "Nama", str(values.get("pemohon.nama", "")).upper(), bold=True)
    y = paper.line(page, y, "Nomor STR", str(values.get("str.nomor", "-")))
    y = paper.line(page, y, "Tempat praktik", str(values.get("tempat.nama") or "sesuai SIP yang ada"))
    if values.get("perubahan.nilai_baru"):
        y = paper.line(page, y, "Diubah menjadi", str(values["perubahan.nilai_baru"]))
    if values.get("tempat.alamat"):
        y = paper.line(page, y, "Alamat praktik", str(values["tempat.alamat"]))
    paper.line(page, y, "Berlaku sampai", until, bold=True)


def _withdrawal(page: Canvas, case: Case, values: Mapping[str, Any], today: date) -> None:
    y = paper.line(page, paper.TOP, "Nomor SIP", str(values.get("sip_lama.nomor", "-")), bold=True)
    y = paper.line(page, y, "Nomor permohonan", f"{case.reference} ({case.ref})")
    y = paper.line(page, y - 4 * mm, "Nama", str(values.get("pemohon.nama", "")).upper(), bold=True)
    end = _date(values.get("pencabutan.tanggal")) or today
    paper.line(page, y, "Tidak berlaku sejak", paper.spoken(end), bold=True)


def _number(case: Case, values: Mapping[str, Any], today: date) -> str:
    """A change or another copy keeps the number."""
    old = values.get("sip_lama.nomor") or values.get("cetak.nomor")
    if case.variant in ("perubahan", "cetak-ulang") and old:
        return str(old)
    return f"446/{int(case.ref[-4:], 16) % 1000:03d}/SIP-CONTOH/{_ROMAN[today.month - 1]}/{today.year}"


def _anniversary(day: date) -> date:
    try:
        return day.replace(year=day.year + YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year + YEARS, day=28)


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
