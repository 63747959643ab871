"""The ticket of the stand-in, as PDF: number in large type, time and place, and a QR with nothing personal in it."""

from __future__ import annotations

from datetime import datetime

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from integrations.antrean.book import Ticket
from integrations.antrean.counters import Office
from integrations.sandbox import paper


def make(ticket: Ticket, office: Office, at: datetime) -> tuple[str, bytes]:
    """File name and PDF of a ticket."""
    starts = office.starts(ticket.day, ticket.slot)
    counter = office.counter(ticket.letter)

    def write(page: Canvas, today: object) -> None:
        page.setFont("Helvetica-Bold", 64)
        page.drawCentredString(paper.WIDTH / 2, paper.TOP - 12 * mm, ticket.written)
        y = paper.line(
            page, paper.TOP - 34 * mm, "Hari", f"{DAYS[ticket.day.weekday()]}, {paper.spoken(ticket.day)}", bold=True
        )
        y = paper.line(
            page, y, "Jam", f"{starts:%H.%M} sampai {office.ends(ticket.day, ticket.slot):%H.%M} WIB", bold=True
        )
        y = paper.line(page, y, "Tempat", f"{office.place}, {counter.name if counter else ticket.letter}")
        y = paper.line(page, y, "Layanan", ticket.service.replace("-", " "))
        paper.line(
            page,
            y,
            "Catatan",
            "Datang 10 menit sebelumnya dan bawa berkas asli. Nomor dilepas kalau tidak hadir saat dipanggil.",
        )

    head = paper.Letterhead(
        office.place.upper(), "Kabupaten Tegal (antrean karangan)", "NOMOR ANTREAN", "", "Petugas antrean (karangan)"
    )
    return f"antrean-CONTOH-{ticket.written}.pdf", paper.make(head, at, code(ticket), write)


def code(ticket: Ticket) -> str:
    """What the QR says: number and day. Who the ticket belongs to is known to the office alone."""
    return f"ANTREAN {ticket.written} {ticket.day.isoformat()}"


DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
