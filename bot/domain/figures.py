"""What the managers' figures mean: each number has one name, one sentence and one unit, here; and one query each, in
``bot/storage/figures_*.py``. Days are days at the office that a row belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

EVERYWHERE = "*"
"""The locus of an account that sees all offices together."""

MISSED, PERSON = "missed", "person"
"""How a turn ended (column ``inbox.outcome``): not understood; for the agent who holds the conversation. None: the bot answered."""
REFERRED = "_dirujuk"
"""Step of a form that turned out to be somebody else's matter."""

SETTLED = timedelta(days=7)
"""So long after it ended a day may still change (a form goes on, a message is read); then its numbers are stored for good."""
MARKS_SETTLED = timedelta(days=40)
"""So long after its month a survey may still be offered (7 days), answered or changed (30 days)."""
REOPENED = timedelta(days=23)
"""So far back days may be counted again: what was never handed in is deleted after 30 days without a touch."""
GIVEN_UP = SETTLED
"""A form that nobody touched for so long counts as given up."""
FORMS = ("pengaduan", "antrean", "jemput-bola")
"""Forms that have figures of their own; everything else that was handed in is an application."""
WINDOWS = (3, 7, 14, 30)
"""Upper ends, in days, of the ages that open applications are sorted by; the last class has none."""


class Unit(StrEnum):
    """What a number counts."""

    COUNT = "count"
    SHARE = "share"
    MINUTES = "minutes"
    DAYS = "days"
    MILLISECONDS = "milliseconds"
    MARK = "mark"


@dataclass(frozen=True)
class Figure:
    """One number. ``means`` is shown beside it, in the reader's language."""

    key: str
    unit: Unit
    name: Mapping[str, str]
    means: Mapping[str, str]


def _figure(key: str, unit: Unit, name: tuple[str, str], means: tuple[str, str]) -> Figure:
    return Figure(key, unit, dict(zip(("id", "en"), name, strict=True)), dict(zip(("id", "en"), means, strict=True)))


_ALL = (
    _figure(
        "talks",
        Unit.COUNT,
        ("Percakapan", "Conversations"),
        (
            "Satu orang yang menulis pada satu hari dihitung satu kali, berapa pun pesannya. Besok dihitung lagi.",
            "Somebody who writes on a day counts once for that day, however much they write; on the next day again.",
        ),
    ),
    _figure(
        "talks_alone",
        Unit.COUNT,
        ("Dijawab bot sendiri", "Answered by the bot alone"),
        (
            "Percakapan yang pada hari itu tidak meminta petugas dan tidak dipegang petugas.",
            "Conversations in which nobody asked for a person and no person answered on that day.",
        ),
    ),
    _figure(
        "talks_person",
        Unit.COUNT,
        ("Dengan petugas", "With a person"),
        (
            "Percakapan yang pada hari itu meminta petugas atau dipegang petugas.",
            "Conversations in which a person was asked for, or answered, on that day.",
        ),
    ),
    _figure(
        "messages",
        Unit.COUNT,
        ("Pesan warga", "Citizens' messages"),
        ("Semua pesan yang diterima dari warga, juga foto dan tombol.", "Everything citizens sent: texts, pictures, buttons."),
    ),
    _figure(
        "missed",
        Unit.COUNT,
        ("Pesan tidak dipahami", "Messages not understood"),
        (
            "Pesan yang dijawab bot dengan “belum paham”, atau dengan tawaran petugas karena belum paham.",
            "Messages to which the bot said that it did not understand, or offered a person for that reason.",
        ),
    ),
    _figure(
        "talks_missed",
        Unit.COUNT,
        ("Percakapan dengan pesan tidak dipahami", "Conversations with a message not understood"),
        (
            "Percakapan yang pada hari itu punya paling sedikit satu pesan yang tidak dipahami.",
            "Conversations with at least one message on that day that was not understood.",
        ),
    ),
    _figure(
        "handoffs",
        Unit.COUNT,
        ("Minta petugas", "Handed to a person"),
        ("Permintaan bicara dengan petugas, menurut waktu dimintanya.", "Requests for a person, by when they were made."),
    ),
    _figure(
        "handoffs_answered",
        Unit.COUNT,
        ("Dijawab petugas", "Answered by a person"),
        (
            "Permintaan pada masa itu yang sudah mendapat jawaban pertama dari petugas.",
            "Requests of that time that have had a first answer of a person.",
        ),
    ),
    _figure(
        "handoffs_unanswered",
        Unit.COUNT,
        ("Ditutup tanpa jawaban", "Closed without an answer"),
        (
            "Permintaan pada masa itu yang selesai tanpa satu pun jawaban petugas.",
            "Requests of that time that ended without any answer of a person.",
        ),
    ),
    _figure(
        "wait_median",
        Unit.MINUTES,
        ("Menunggu petugas, nilai tengah", "Wait for a person, median"),
        (
            "Setengah dari permintaan yang dijawab menunggu paling lama sekian menit sampai jawaban pertama.",
            "Half of the answered requests waited no longer than this for the first answer.",
        ),
    ),
    _figure(
        "wait_p90",
        Unit.MINUTES,
        ("Menunggu petugas, 9 dari 10", "Wait for a person, 9 in 10"),
        (
            "Sembilan dari sepuluh permintaan yang dijawab menunggu paling lama sekian menit.",
            "Nine of ten answered requests waited no longer than this.",
        ),
    ),
    _figure(
        "waiting_now",
        Unit.COUNT,
        ("Sedang menunggu", "Waiting now"),
        ("Permintaan yang sekarang belum diambil petugas.", "Requests that no person has taken yet, as of now."),
    ),
    _figure(
        "wait_oldest",
        Unit.MINUTES,
        ("Terlama menunggu", "Longest wait now"),
        ("Umur permintaan tertua yang belum diambil petugas.", "Age of the oldest request that no person has taken yet."),
    ),
    _figure(
        "begun",
        Unit.COUNT,
        ("Formulir dimulai", "Forms begun"),
        ("Formulir yang dimulai pada masa itu.", "Forms that were begun in that time."),
    ),
    _figure(
        "identified",
        Unit.COUNT,
        ("Identitas terbukti", "Identity proven"),
        (
            "Dari formulir yang dimulai pada masa itu: identitas pemohonnya sudah terbukti.",
            "Of the forms begun in that time: the applicant's identity is proven.",
        ),
    ),
    _figure(
        "reviewed",
        Unit.COUNT,
        ("Semua terisi", "All filled in"),
        (
            "Dari formulir yang dimulai pada masa itu: sampai ke pemeriksaan akhir, atau sudah dikirim.",
            "Of the forms begun in that time: came to the last review, or were handed in.",
        ),
    ),
    _figure(
        "sent",
        Unit.COUNT,
        ("Formulir dikirim", "Forms handed in"),
        (
            "Dari formulir yang dimulai pada masa itu: sudah dikirim. Angka suatu hari menjadi tetap 7 hari kemudian.",
            "Of the forms begun in that time: handed in. A day's number is final 7 days later.",
        ),
    ),
    _figure(
        "given_up",
        Unit.COUNT,
        ("Formulir ditinggalkan", "Forms given up"),
        (
            "Formulir yang dibatalkan sebelum dikirim, atau tidak disentuh 7 hari; dihitung pada hari terakhir disentuh, di pertanyaan "
            "terakhirnya. Yang ternyata urusan kantor lain tidak dihitung.",
            "Forms cancelled before they were handed in, or not touched for 7 days; counted on the day they were last touched, at the "
            "question they stood at. Those that proved to be somebody else's matter are not counted.",
        ),
    ),
    _figure(
        "submitted",
        Unit.COUNT,
        ("Permohonan dikirim", "Applications handed in"),
        ("Permohonan menurut hari dikirim.", "Applications by the day they were handed in."),
    ),
    _figure(
        "decided",
        Unit.COUNT,
        ("Permohonan selesai", "Applications decided"),
        (
            "Permohonan menurut hari putusan pertamanya: terbit, ditolak, dibatalkan warga, atau kedaluwarsa.",
            "Applications by the day of their first outcome: issued, refused, withdrawn or expired.",
        ),
    ),
    _figure(
        "decision_days",
        Unit.DAYS,
        ("Lama sampai terbit atau ditolak", "Days to a decision"),
        (
            "Rata-rata hari kalender dari dikirim sampai terbit atau ditolak, termasuk waktu warga memperbaiki.",
            "Mean calendar days from handing in to issue or refusal, the citizen's time for repairs included.",
        ),
    ),
    _figure(
        "promises",
        Unit.COUNT,
        ("Tanggal janji ditepati", "Promised dates kept"),
        (
            "Permohonan yang terbit atau ditolak pada masa itu: paling lambat pada tanggal yang dijanjikan, atau sesudahnya. Waktu "
            "perbaikan oleh warga memundurkan janji.",
            "Applications issued or refused in that time: by the promised date, or later. The citizen's repairs postpone the promise.",
        ),
    ),
    _figure(
        "open_now",
        Unit.COUNT,
        ("Masih berjalan", "Open now"),
        ("Permohonan yang sudah dikirim dan sekarang belum terbit atau ditutup.", "Applications handed in and not issued or closed yet."),
    ),
    _figure(
        "late_now",
        Unit.COUNT,
        ("Lewat janji", "Past the promised date"),
        (
            "Permohonan berjalan yang tanggal janjinya sudah lewat dan tidak sedang menunggu perbaikan dari warga.",
            "Open applications whose promised date has passed and that do not wait for the citizen's repair.",
        ),
    ),
    _figure(
        "agency_calls",
        Unit.COUNT,
        ("Panggilan ke instansi", "Calls to agencies"),
        ("Permintaan dari Loket ke sistem instansi.", "Requests of Loket to the systems of agencies."),
    ),
    _figure(
        "agency_failed",
        Unit.COUNT,
        ("Panggilan gagal", "Calls that failed"),
        ("Permintaan ke instansi yang tidak berhasil (gangguan, ditolak, atau tidak dijawab).", "Requests to agencies that did not work."),
    ),
    _figure(
        "agency_ms",
        Unit.MILLISECONDS,
        ("Rata-rata waktu jawab", "Mean time to answer"),
        ("Rata-rata lama jawaban sistem instansi.", "Mean time that the agencies' systems take to answer."),
    ),
    _figure(
        "errands_waiting",
        Unit.COUNT,
        ("Kiriman tertahan", "Errands held up"),
        (
            "Kiriman ke instansi yang sekarang belum berhasil: masih dicoba, atau menunggu petugas.",
            "Errands to agencies that have not worked yet: being tried, or waiting for a person.",
        ),
    ),
    _figure(
        "identity",
        Unit.COUNT,
        ("Pemeriksaan wajah", "Face checks"),
        ("Swafoto yang dibandingkan, menurut hasil akhirnya.", "Selfies that were compared, by their final outcome."),
    ),
    _figure(
        "delivery",
        Unit.COUNT,
        ("Pesan keluar", "Outgoing messages"),
        (
            "Pesan Loket lewat Telegram dan WhatsApp, menurut nasibnya. Pesan di web diambil sendiri oleh warga.",
            "Messages of Loket on Telegram and WhatsApp, by what became of them. On the web people fetch them.",
        ),
    ),
    _figure(
        "complaints",
        Unit.COUNT,
        ("Pengaduan masuk", "Complaints"),
        ("Pengaduan menurut hari dikirim.", "Complaints by the day they were handed in."),
    ),
    _figure(
        "complaint_promises",
        Unit.COUNT,
        ("Pengaduan dijawab tepat waktu", "Complaints answered in time"),
        (
            "Pengaduan yang pertama kali dijawab pada masa itu: sampai tenggatnya, atau sesudahnya.",
            "Complaints first answered in that time: by their deadline, or later.",
        ),
    ),
    _figure(
        "complaints_open",
        Unit.COUNT,
        ("Pengaduan belum dijawab", "Complaints without an answer"),
        ("Pengaduan yang sekarang menunggu jawaban, menurut tenggatnya.", "Complaints that wait for an answer now, by their deadline."),
    ),
    _figure(
        "queue",
        Unit.COUNT,
        ("Nomor antrean", "Queue numbers"),
        ("Nomor antrean yang diambil lewat Loket, menurut hari diambil.", "Queue numbers taken by Loket, by the day they were taken."),
    ),
    _figure(
        "visits",
        Unit.COUNT,
        ("Permintaan jemput bola", "Requests for a visit"),
        ("Permintaan jemput bola, menurut hari diminta.", "Requests for a visit at home, by the day they were made."),
    ),
    _figure(
        "ratings",
        Unit.MARK,
        ("Nilai setelah bicara dengan petugas", "Mark after talking with a person"),
        ("Rata-rata bintang 1 sampai 5 dari warga.", "Mean of the 1 to 5 stars that citizens gave."),
    ),
)  # fmt: skip
FIGURES: Mapping[str, Figure] = {one.key: one for one in _ALL}


def share(part: float, whole: float) -> float | None:
    """``part`` of ``whole`` in percent; None: of nothing there is no share."""
    return 100 * part / whole if whole else None


def mean(amount: float, n: int) -> float | None:
    """None: there is nothing to take a mean of."""
    return amount / n if n else None


# -- one line per office -------------------------------------------------------------------------------------------------------

LINE = ("talks", "talks_alone", "handoffs", "submitted", "promises")
"""Figures that the line of an office among all offices is made of (``open_now`` is counted as it stands)."""


def line_of(figure: str, parts: Sequence[str]) -> str | None:
    """The number of the line that a row of a figure counts for: the figure, or ``kept`` and ``missed``; None: for none."""
    if figure in ("submitted", "promises") and parts[0] in FORMS:
        return None
    return parts[1] if figure == "promises" else figure
