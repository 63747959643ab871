"""What an officer may do in which state, in one table."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Action:
    """A button of the officers' page."""

    name: str
    label: str
    before: frozenset[str]
    to: str
    note_required: bool = False


ACTIONS = {
    action.name: action
    for action in (
        Action("verifikasi", "Mulai verifikasi berkas", frozenset({DIAJUKAN}), VERIFIKASI),
        Action("minta-perbaikan", "Minta perbaikan", frozenset({VERIFIKASI}), PERBAIKAN, note_required=True),
        Action("proses", "Berkas lengkap, proses", frozenset({VERIFIKASI}), DIPROSES),
        Action("jadwalkan", "Tentukan jadwal datang", frozenset({DIAJUKAN, VERIFIKASI}), DIPROSES, note_required=True),
        Action("kirim-tte", "Kirim ke penanda tangan", frozenset({DIPROSES}), MENUNGGU_TTE),
        Action("terbitkan", "Terbitkan dokumen", frozenset({DIPROSES, MENUNGGU_TTE}), TERBIT),
        Action("tolak", "Tolak", frozenset({VERIFIKASI, DIPROSES}), DITOLAK, note_required=True),
    )
}

CANCELLABLE = frozenset({DIAJUKAN, VERIFIKASI, PERBAIKAN, DIPROSES, MENUNGGU_TTE})


def actions_in(state: str) -> list[Action]:
    """What an officer may do now."""
    return [action for action in ACTIONS.values() if state in action.before]


def steps(action: Action, state: str) -> tuple[str, ...]:
    """States passed by ``action``, in order. Issuing always goes through the signature."""
    if action.to == TERBIT and state == DIPROSES:
        return (MENUNGGU_TTE, TERBIT)
    return (action.to,)
