"""Sentences of the identity desk (see :mod:`bot.web.staff.strings`): Indonesian, English."""

from __future__ import annotations

PAIRS: dict[str, tuple[str, str]] = {
    "check_decided": (
        "Keputusan tersimpan. Warga sudah diberi tahu.",
        "The decision is saved. The citizen has been told.",
    ),
    "check_second": (
        "Pendapat Anda tersimpan. Petugas kedua akan melihat juga, baru warga diberi tahu.",
        "Your verdict is saved. A second officer looks too before the citizen is told.",
    ),
    "check_differ": (
        "Pendapat Anda berbeda dari rekan Anda. Pengawas yang memutuskan.",
        "You and your colleague differ. A supervisor decides.",
    ),
    "check_back": ("Swafoto itu kembali ke antrean.", "The selfie is back in the queue."),
    "check_stand_second": ("menunggu petugas kedua", "waits for a second officer"),
    "check_stand_differ": ("dua petugas berbeda pendapat", "two officers differ"),
    "check_not_own": (
        "Anda sudah memberi pendapat; giliran petugas lain.",
        "You have given your verdict; it is a colleague's turn.",
    ),
    "check_not_supervisor": (
        "Dua petugas berbeda pendapat; pengawas yang memutuskan.",
        "Two officers differ; a supervisor decides.",
    ),
    "check_not_officer": (
        "Belum ada perbedaan pendapat yang perlu Anda putuskan.",
        "Nothing here needs your decision.",
    ),
    "check_not_held": ("{name} sedang memeriksa swafoto ini.", "{name} is looking at this selfie now."),
    "check_late": ("sudah lama", "waiting long"),
    "check_yours": (
        "Swafoto ini untuk Anda selama {minutes} menit; rekan lain tidak bisa memutuskannya.",
        "This selfie is yours for {minutes} minutes; nobody else can decide it.",
    ),
    "check_give_back": ("Kembalikan ke antrean", "Back to the queue"),
    "check_colleagues": ("Pendapat kedua petugas", "What the two officers said"),
    "is_same_yes": ("orang yang sama", "the same person"),
    "is_same_no": ("bukan, atau tidak pasti", "no, or not certain"),
    "why": ("Alasan", "Reason"),
    "why_words": ("Catatan Anda", "Your note"),
    "why_words_hint": (
        "Apa yang Anda lihat. Jangan menulis nama atau NIK.",
        "What you saw. Write no name and no NIK.",
    ),
    "why_missing": (
        "Pilih alasannya; untuk 'lain-lain', tulis catatan.",
        "Choose a reason; for 'something else', write a note.",
    ),
    "why_same_face": ("Bentuk mata, hidung, mulut, dan telinga sama", "Eyes, nose, mouth and ears are the same"),
    "why_same_marks": ("Tanda khas sama (tahi lalat, bekas luka)", "The same marks (a mole, a scar)"),
    "why_same_despite": (
        "Orang yang sama, beda usia, kerudung, kacamata, atau cahaya",
        "The same person: other age, headscarf, glasses or light",
    ),
    "why_other_person": ("Orang lain", "Another person"),
    "why_not_sure": ("Tidak bisa dipastikan", "Cannot be told"),
    "why_copied": ("Foto dari foto, layar, atau cetakan", "A picture of a picture, a screen or a print"),
    "why_covered": ("Wajah tertutup", "The face is covered"),
    "why_several": ("Lebih dari satu orang", "More than one person"),
    "why_poor": ("Terlalu gelap atau kabur", "Too dark or blurred"),
    "why_other": ("Lain-lain (tulis di catatan)", "Something else (write a note)"),
    "confirm_two": (
        "Di kantor ini dua petugas memutuskan. Setelah Anda, petugas kedua melihat tanpa tahu pendapat Anda.",
        "Two officers decide at this office. After you a second one looks, without knowing your verdict.",
    ),
}
