"""Stand-in for the complaints desk: what a report needs, and the officers' way from verification to the reporter's last word.

No specification is public; the shape is that of ``manifest.yml``.
"""

from __future__ import annotations

from datetime import date, datetime

from aiohttp import web

from bot.domain.application import promise
from integrations.sandbox.case import Application, Case
from integrations.sandbox.paper import WIB, spoken
from integrations.sandbox.standin import Deficiency, Shell, flatten
from integrations.sandbox.states import Action, Workflow

NEW, VERIFIED, FORWARDED, ASKED = "belum_terverifikasi", "diverifikasi", "diteruskan", "perlu_data"
WORKED_ON, ANSWERED, CLOSED, REFUSED = "diproses", "dijawab", "selesai", "ditolak"
ARCHIVED, WITHDRAWN = "arsip", "dibatalkan"
KINDS = frozenset({"pengaduan", "aspirasi", "permintaan_informasi"})
HOW = frozenset({"terbuka", "rahasia", "anonim"})
VERIFY_DAYS, FOLLOW_UP_DAYS = 3, 5
"""Working days (domain.md 4.3)."""

_OPEN = frozenset({VERIFIED, FORWARDED, WORKED_ON})
_ACTIONS = (
    Action("verifikasi", "Terverifikasi, tangani di sini", frozenset({NEW}), VERIFIED),
    Action(
        "teruskan",
        "Teruskan ke instansi",
        frozenset({NEW, VERIFIED}),
        FORWARDED,
        note_required=True,
        note_label="Instansi yang akan menangani (pelapor membacanya)",
    ),
    Action("proses", "Mulai tindak lanjut", frozenset({VERIFIED, FORWARDED}), WORKED_ON),
    Action(
        "minta-data",
        "Minta keterangan tambahan",
        _OPEN,
        ASKED,
        note_required=True,
        note_label="Apa yang masih perlu diketahui (pelapor membacanya)",
    ),
    Action(
        "jawab",
        "Jawab pelapor",
        _OPEN,
        ANSWERED,
        note_required=True,
        note_label="Jawaban untuk pelapor: apa yang sudah dilakukan",
    ),
    Action("tolak", "Tolak laporan", frozenset({NEW, *_OPEN}), REFUSED, note_required=True),
    Action(
        "arsipkan",
        "Arsipkan",
        frozenset({NEW, VERIFIED}),
        ARCHIVED,
        note_required=True,
        note_label="Alasan laporan ini tidak ditindaklanjuti",
    ),
)


def stand_in(shell: Shell) -> Lapor:
    """The stand-in, for :mod:`integrations.sandbox`."""
    return Lapor(shell)


class Lapor:
    """See :class:`integrations.sandbox.standin.StandIn`."""

    id = "lapor"
    title = "Pengaduan: SP4N-LAPOR! dan meja pengaduan kabupaten"
    prefix = "LPR"
    workflow = Workflow(
        labels={
            NEW: "Belum terverifikasi",
            VERIFIED: "Terverifikasi",
            FORWARDED: "Diteruskan",
            ASKED: "Menunggu keterangan pelapor",
            WORKED_ON: "Diproses",
            ANSWERED: "Dijawab, menunggu kata pelapor",
            CLOSED: "Selesai menurut pelapor",
            REFUSED: "Ditolak",
            ARCHIVED: "Diarsipkan",
            WITHDRAWN: "Ditarik pelapor",
        },
        actions={action.name: action for action in _ACTIONS},
        first=NEW,
        waiting=ASKED,
        resumed=WORKED_ON,
        cancellable=frozenset({NEW, ASKED, *_OPEN}),
        cancelled=WITHDRAWN,
        answered=ANSWERED,
        closed=CLOSED,
        reopened=WORKED_ON,
    )

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def routes(self) -> list[web.RouteDef]:
        """None of its own: words, close and reopen come from the shell."""
        return []

    def deficiencies(self, application: Application) -> list[Deficiency]:
        """Everything that is wrong, at once. An anonymous report that names its reporter is wrong, too."""
        values = flatten(application.data)
        faults = []
        if application.service != "pengaduan":
            faults.append(Deficiency("service", "Meja ini hanya menerima pengaduan."))
        if not application.reference:
            faults.append(Deficiency("reference", "Nomor laporan wajib diisi."))
        if not str(values.get("isi") or "").strip():
            faults.append(Deficiency("isi", "Isi laporan wajib diisi."))
        if values.get("klasifikasi") not in KINDS:
            faults.append(Deficiency("klasifikasi", "Klasifikasi laporan tidak dikenal."))
        if values.get("kerahasiaan") not in HOW:
            faults.append(Deficiency("kerahasiaan", "Pilih terbuka, rahasia, atau anonim."))
        if values.get("kerahasiaan") == "anonim" and any(path.startswith("pelapor") for path in values):
            faults.append(Deficiency("pelapor", "Laporan anonim tidak boleh memuat identitas pelapor."))
        return faults

    def remarks(self, case: Case) -> list[str]:
        """How the reporter is to be treated, and until when what has to be done."""
        how = flatten(case.data).get("kerahasiaan")
        said = {
            "anonim": "Pelapor ANONIM: nama dan kontaknya tidak dikirim ke sini. Kabar tetap sampai lewat Loket.",
            "rahasia": "Pelapor meminta RAHASIA: jangan sebut namanya kepada pihak yang dilaporkan.",
        }
        verify, follow = self._until(case.created, VERIFY_DAYS), self._until(case.created, FOLLOW_UP_DAYS)
        limits = f"Verifikasi paling lambat {spoken(verify)}, tindak lanjut pertama {spoken(follow)} (belum menghitung libur)."
        return [*([said[how]] if how in said else []), limits]

    def issues(self, case: Case) -> bool:
        """A report ends with words."""
        return False

    def valid_until(self, case: Case, at: datetime) -> date | None:
        """Nothing is issued."""
        return None

    def document(self, case: Case, at: datetime) -> tuple[str, bytes]:
        """:raises ValueError: always; a report ends with words."""
        raise ValueError("a complaint has no document")

    @staticmethod
    def _until(created: datetime, days: int) -> date:
        return promise(created, days, lambda day: False, WIB)
