"""Stand-in for the counter queue and jemput bola: numbers with slots, calls at the counters, visits by village.

No specification is public; the shape of the calls is ours. All of them are signed (``docs/add-an-agency.md``). Besides the usual ones:

``GET /slots?layanan=&tempat=&dari=&sampai=``
    ``{slots: [{id, mulai, selesai, sisa, tempat}]}``: free times; with ``layanan=jemput-bola`` the visits planned to the village
    whose code is ``tempat``.
``POST /applications`` of the service ``antrean``
    409 when that time is full (field ``janji.slot``) or the person has such a ticket already (``pemohon.nik``).
``GET /applications/{ref}/ticket``
    Number, counter, state, how many are before it, the number called last, when it will probably be called.
``PUT /applications/{ref}/slot`` ``{slot}``
    Another time: ``{slot}``; 409 when it is full, or the number was called.
``POST /check-in`` ``{kode}``
    Its owner is at the building: ``kode`` is the booking's number, what the ticket's QR says, or a number of today. The ticket as it
    stands; 404 when there is none; 409 before two hours before its time (``early``) or when it holds no longer (``over``).
``GET /applications/{ref}/document``
    The ticket as it stands, from the start.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from aiohttp import web

from integrations.antrean import paper as tickets
from integrations.antrean.book import MISSED, Book, Ticket
from integrations.antrean.calls import TicketApi, TicketCases
from integrations.antrean.counters import office
from integrations.antrean.desk import DeskPages
from integrations.sandbox import states
from integrations.sandbox.callbacks import CallbackSender
from integrations.sandbox.case import Application, Case
from integrations.sandbox.cases import Cases
from integrations.sandbox.standin import Deficiency, Shell, flatten

QUEUE, VISIT = "antrean", "jemput-bola"
_NIK = re.compile(r"\d{16}")
_GROUPS = frozenset({"lapas", "sekolah", "bencana"})
_REASONS = _GROUPS | {"lansia", "disabilitas", "sakit", "odgj"}
"""Who may be visited (research/domain.md 5)."""
_BOOKING = frozenset({states.BOOKING})
_DONE = states.ACTIONS["selesai"]
WORKFLOW = states.Workflow(
    labels={
        states.DIAJUKAN: "Terdaftar",
        states.VERIFIKASI: "Segera dipanggil / dipelajari",
        states.DIPROSES: "Dipanggil / dijadwalkan",
        states.TERBIT: "Selesai dilayani",
        states.DITOLAK: "Ditolak",
        states.DIBATALKAN: "Dibatalkan atau tidak hadir",
    },
    # Numbers are called on a page of their own; these are for visits.
    actions={
        name: action
        for name, action in {
            "verifikasi": states.Action(
                "verifikasi", "Pelajari permintaan", frozenset({states.DIAJUKAN}), states.VERIFIKASI, endings=_BOOKING
            ),
            "jadwalkan": states.ACTIONS["jadwalkan"],
            "selesai": _DONE,
            "tolak": states.Action(
                "tolak",
                "Tolak",
                frozenset({states.DIAJUKAN, states.VERIFIKASI}),
                states.DITOLAK,
                note_required=True,
                endings=_BOOKING,
            ),
        }.items()
    },
    cancellable=frozenset({states.DIAJUKAN, states.VERIFIKASI, states.DIPROSES}),
)


def stand_in(shell: Shell) -> Antrean:
    """The stand-in, for :mod:`integrations.sandbox`."""
    return Antrean(shell)


class Antrean:
    """See :class:`integrations.sandbox.standin.StandIn`."""

    id = "antrean"
    title = "Antrean Loket dan Jemput Bola (MPP)"
    prefix = "ANT"
    workflow = WORKFLOW
    pages = (("/petugas/antrean/loket", "Papan loket"), ("/petugas/antrean/kunjungan", "Jadwal jemput bola"))

    def __init__(self, shell: Shell) -> None:
        self._clock = shell.clock
        self.book = Book(shell.dir / "antrean-nomor.sqlite", shell.clock, office())

    def attach(self, cases: Cases, sender: CallbackSender) -> None:
        """What the shell keeps of this agency's cases."""
        self.cases = cases
        self.sender = sender

    def routes(self) -> list[web.RouteDef]:
        """Bookings, free times, the counters' pages."""
        booked = TicketCases(self)
        return [*TicketApi(self, booked, self.sender).routes(), *DeskPages(self).routes()]

    # -- the counters move on -----------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Bring numbers and cases up to date: who is not there is let go, who comes soon is told."""
        for ticket in self.book.release():
            why = "Nomor dilepas karena tidak hadir." if ticket.state == MISSED else ""
            self.tell(ticket, states.DIBATALKAN if ticket.state == MISSED else states.TERBIT, why)
        for ticket in self.book.soon():
            self.tell(ticket, states.VERIFIKASI)
        self.sender.wake()

    def tell(self, ticket: Ticket, state: str, note: str = "") -> None:
        """The case of a ticket goes on, and the citizen's side is told. Walk-ins have none."""
        case = self.cases.get(ticket.ref) if ticket.ref else None
        if case is None or case.state in states.FINAL or case.state == state:
            return
        before = {one for one in self.workflow.labels if one not in states.FINAL}
        key = f"{state}-{len(self.cases.history(case.ref))}"
        self.cases.change(case.ref, key, note, before, state)

    # -- what the shell asks ------------------------------------------------------------------------------------------

    def deficiencies(self, application: Application) -> list[Deficiency]:
        """Everything that is wrong, at once."""
        values = flatten(application.data)
        faults = [] if application.reference else [Deficiency("reference", "Nomor permohonan wajib diisi.")]
        if application.service == QUEUE:
            return faults + _lacks_of_ticket(values)
        if application.service == VISIT:
            return faults + _lacks_of_visit(values, application.variant)
        return [*faults, Deficiency("service", "Layanan ini bukan antrean atau jemput bola.")]

    def remarks(self, case: Case) -> list[str]:
        """The number, or the visits planned to that village."""
        if case.service == QUEUE:
            ticket = self.book.by_ref(case.ref)
            starts = self.book.office.starts(ticket.day, ticket.slot)
            return [
                f"Nomor {ticket.written}, {ticket.day:%d-%m-%Y} pukul {starts:%H.%M}, {ticket.state.replace('_', ' ')}."
            ]
        village = str(flatten(case.data).get("lokasi.desa", ""))
        today = self.book.now.date()
        planned = self.book.visits(village, today, date.max)
        return [f"Kunjungan ke desa ini: {row['day']}, {row['begins']}-{row['ends']}." for row in planned] or [
            "Belum ada kunjungan terjadwal ke desa ini."
        ]

    def issues(self, case: Case) -> bool:
        """The visit itself is the end of it; a ticket is no document that is issued."""
        return False

    def document(self, case: Case, at: datetime) -> tuple[str, bytes]:
        """The ticket."""
        return tickets.make(self.book.by_ref(case.ref), self.book.office, at)

    def valid_until(self, case: Case, at: datetime) -> date | None:
        """Nothing here ends by a date."""
        return None


def _lacks_of_ticket(values: dict[str, Any]) -> list[Deficiency]:
    faults = []
    if office().counter_of(str(values.get("tujuan.layanan", ""))) is None:
        faults.append(Deficiency("tujuan.layanan", "Layanan ini tidak punya loket antrean."))
    if not _NIK.fullmatch(str(values.get("pemohon.nik", ""))):
        faults.append(Deficiency("pemohon.nik", "NIK harus 16 angka."))
    if not values.get("pemohon.nama"):
        faults.append(Deficiency("pemohon.nama", "Nama wajib diisi."))
    if not values.get("janji.slot"):
        faults.append(Deficiency("janji.slot", "Jam datang wajib dipilih."))
    return faults


def _lacks_of_visit(values: dict[str, Any], reason: str) -> list[Deficiency]:
    who = "kelompok.nama" if reason in _GROUPS else "orang.nama"
    needs = {
        who: "Siapa yang didatangi wajib diisi.",
        "keperluan.layanan": "Layanan yang diperlukan wajib diisi.",
        "lokasi.desa": "Desa wajib diisi.",
        "lokasi.alamat": "Alamat wajib diisi.",
        "kontak.telepon": "Nomor yang bisa dihubungi wajib diisi.",
    }
    faults = [Deficiency(path, text) for path, text in needs.items() if not values.get(path)]
    if reason not in _REASONS:
        faults.append(Deficiency("variant", "Alasan ini tidak termasuk yang bisa didatangi."))
    return faults
