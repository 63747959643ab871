"""What an officer may do in which state, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DIAJUKAN = "diajukan"
VERIFIKASI = "verifikasi_berkas"
PERBAIKAN = "perlu_perbaikan"
DIPROSES = "diproses"
MENUNGGU_TTE = "menunggu_tte"
TERBIT = "terbit"
DITOLAK = "ditolak"
DIBATALKAN = "dibatalkan"

LABELS = {
    DIAJUKAN: "Diajukan",
    VERIFIKASI: "Verifikasi berkas",
    PERBAIKAN: "Perlu perbaikan",
    DIPROSES: "Diproses",
    MENUNGGU_TTE: "Menunggu tanda tangan elektronik",
    TERBIT: "Terbit",
    DITOLAK: "Ditolak",
    DIBATALKAN: "Dibatalkan pemohon",
}

FINAL = frozenset({TERBIT, DITOLAK, DIBATALKAN})

SUBMISSION, BOOKING = "submission", "booking"
"""How a case ends: with what was handed in, or with a visit whose day and hour the office sets."""
ENDINGS = frozenset({SUBMISSION, BOOKING})


@dataclass(frozen=True)
class Action:
    """A button of the officers' page."""

    name: str
    label: str
    before: frozenset[str]
    to: str
    note_required: bool = False
    endings: frozenset[str] = ENDINGS
    issues: bool = False
    """A document comes of it."""
    note_label: str = ""
    """What the officer is asked to write, in place of the usual words."""

    def fits(self, state: str, ending: str) -> bool:
        """Whether a case of that ending may be acted on so in that state."""
        return state in self.before and ending in self.endings


ACTIONS = {
    action.name: action
    for action in (
        Action("verifikasi", "Mulai verifikasi berkas", frozenset({DIAJUKAN}), VERIFIKASI),
        Action("minta-perbaikan", "Minta perbaikan", frozenset({VERIFIKASI}), PERBAIKAN, note_required=True),
        Action("proses", "Berkas lengkap, proses", frozenset({VERIFIKASI}), DIPROSES, endings=frozenset({SUBMISSION})),
        Action(
            "jadwalkan",
            "Tentukan jadwal datang",
            frozenset({DIAJUKAN, VERIFIKASI}),
            DIPROSES,
            note_required=True,
            endings=frozenset({BOOKING}),
        ),
        Action(
            "kirim-tte", "Kirim ke penanda tangan", frozenset({DIPROSES}), MENUNGGU_TTE, endings=frozenset({SUBMISSION})
        ),
        Action("terbitkan", "Terbitkan dokumen", frozenset({DIPROSES, MENUNGGU_TTE}), TERBIT, issues=True),
        Action("selesai", "Kunjungan selesai", frozenset({DIPROSES}), TERBIT, endings=frozenset({BOOKING})),
        Action("tolak", "Tolak", frozenset({VERIFIKASI, DIPROSES}), DITOLAK, note_required=True),
    )
}

CANCELLABLE = frozenset({DIAJUKAN, VERIFIKASI, PERBAIKAN, DIPROSES, MENUNGGU_TTE})


@dataclass(frozen=True)
class Workflow:
    """The states one agency's cases go through, in its own words, and what moves them. A stand-in without one has :data:`USUAL`."""

    labels: Mapping[str, str]
    actions: Mapping[str, Action]
    first: str = DIAJUKAN
    waiting: str = PERBAIKAN
    """The applicant has to do something first."""
    resumed: str = VERIFIKASI
    """What follows when it is done."""
    cancellable: frozenset[str] = CANCELLABLE
    cancelled: str = DIBATALKAN
    answered: str = ""
    """The applicant is asked whether it is settled; empty: nobody is asked."""
    closed: str = ""
    reopened: str = ""

    def actions_in(self, state: str, ending: str, *, issued: bool) -> list[Action]:
        """What an officer may do now. ``issued``: a document is to come of the case; else it ends without one."""
        fitting = [action for action in self.actions.values() if action.fits(state, ending)]
        return [action for action in fitting if action.to != TERBIT or action.issues is issued]

    def takes_words(self, state: str) -> bool:
        """Whether the applicant may still add something."""
        return bool(self.answered) and (state in self.cancellable or state == self.answered)


USUAL = Workflow(LABELS, ACTIONS)


def steps(action: Action, state: str) -> tuple[str, ...]:
    """States passed by ``action``, in order. Issuing always goes through the signature."""
    if action.issues and state == DIPROSES:
        return (MENUNGGU_TTE, TERBIT)
    return (action.to,)
