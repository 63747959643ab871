"""The finished documents of the stand-in, as PDF. They look signed and are not: CONTOH stands across every page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from integrations.sandbox import paper
from integrations.sandbox.case import Case

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

    def write(page: Canvas, today: date) -> None:
        if birth:
            _birth(page, case, values, today)
        else:
            _plain(page, values)

    birth = case.service == "akta-kelahiran"
    title = "KUTIPAN AKTA KELAHIRAN" if birth else case.service.replace("-", " ").upper()
    subtitle = "Excerpt of Birth Certificate" if birth else "Dokumen contoh"
    place, signer = "Kabupaten Tegal (daftar penduduk karangan)", "Pejabat Pencatatan Sipil (karangan)"
    head = paper.Letterhead("PENCATATAN SIPIL", place, title, subtitle, signer)
    return f"{case.service}-CONTOH-{case.ref}.pdf", paper.make(head, at, check_url, write)


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
    y = paper.TOP
    y = paper.line(page, y, "Nomor akta kelahiran", number, bold=True)
    y = paper.line(page, y, "Nomor permohonan", f"{case.reference} ({case.ref})")
    y = paper.line(page, y - 4 * mm, "Bahwa di", place)
    y = paper.line(page, y, "pada tanggal", paper.spoken(born))
    y = paper.line(page, y, "telah lahir", str(values.get("anak.nama", "")).upper(), bold=True)
    parts = (f"ke-{order}" if order else "", f"({which})" if which else "", sex)
    y = paper.line(page, y, "anak", " ".join(part for part in parts if part))
    y = paper.line(page, y, "dari", parents)
    if father and values.get("orang_tua.perkawinan") == "sptjm":
        paper.line(page, y, "", "yang perkawinannya belum tercatat sesuai dengan peraturan perundang-undangan")


def _plain(page: Canvas, values: Mapping[str, Any]) -> None:
    y = paper.TOP
    for path, value in values.items():
        if y < 90 * mm:
            return
        y = paper.line(page, y, path.replace(".", " ").replace("_", " "), str(value))


def _name(values: Mapping[str, Any], who: str) -> str:
    return str(values.get(f"{who}.nama") or "").upper()


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
