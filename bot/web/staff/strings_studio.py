"""Sentences that all pages of the content studio share, and the words of its areas' own modules."""

from __future__ import annotations

from collections.abc import Mapping

from bot.web.staff import strings_studio_inbox, strings_studio_intents, strings_studio_texts, strings_studio_train

PAIRS: Mapping[str, tuple[str, str]] = {
    "studio": ("Studio isi", "Content studio"),
    "figures": ("Laporan", "Figures"),
    "counters": ("Loket hari ini", "Counters today"),
    "privacy": ("Data pribadi", "Personal data"),
    "role_manager": ("pengelola MPP", "manager"),
    "role_data_officer": ("pejabat pelindungan data", "data protection officer"),
    "studio_home": ("Naskah", "Draft"),
    "studio_inbox": ("Tidak dipahami", "Not understood"),
    "studio_intents": ("Maksud & contoh", "Intents & examples"),
    "studio_texts": ("Jawaban & teks", "Answers & texts"),
    "studio_services": ("Layanan", "Services"),
    "studio_offices": ("Kantor", "Offices"),
    "studio_talks": ("Percakapan", "Conversations"),
    "studio_try": ("Coba", "Try it"),
    "studio_train": ("Latih & bandingkan", "Train & compare"),
    "studio_releases": ("Terbitan", "Releases"),
    "studio_intro": (
        "Yang Anda ubah di studio menjadi naskah. Warga baru merasakannya setelah naskah diterbitkan.",
        "What you change in the studio becomes the draft. Citizens notice it once the draft is published.",
    ),
    "studio_nothing_new": ("Naskah sama dengan yang terbit.", "The draft is what is published."),
    "studio_changed": ("Berubah dan belum terbit", "Changed and not yet published"),
    "studio_log": ("Riwayat naskah", "History of the draft"),
    "studio_undo": ("Batalkan", "Undo"),
    "studio_undone": ("Perubahan itu sudah dibatalkan.", "That change has been undone."),
    "studio_undo_late": (
        "Tidak bisa dibatalkan begitu saja: berkas yang sama sudah diubah lagi sesudahnya. Batalkan yang lebih baru dulu.",
        "It cannot simply be undone: the same file was changed again afterwards. Undo the newer change first.",
    ),
    "studio_missing": (
        "Naskah isi tidak ada di mesin ini. Buka studio di mesin yang menyimpan LOKET_CONTENT_DIR, atau hubungi operator.",
        "The draft is not on this machine. Open the studio on the machine that keeps LOKET_CONTENT_DIR, or ask an operator.",
    ),
    "studio_clash_title": ("Ada yang lebih dulu menyimpan", "Somebody saved before you"),
    "studio_clash": (
        "Berkas yang sama baru saja diubah orang lain, jadi perubahan Anda belum disimpan. Tidak ada yang hilang: bandingkan "
        "keduanya, lalu kembali dan simpan lagi.",
        "The same file was just changed by somebody else, so your change is not saved yet. Nothing is lost: compare both, then "
        "go back and save again.",
    ),
    "studio_clash_mine": ("Versi Anda", "Your version"),
    "studio_clash_theirs": ("Versi di naskah", "The version in the draft"),
    "studio_clash_back": ("Kembali dan lihat versi terbaru", "Go back to the newest version"),
    **strings_studio_intents.PAIRS,
    **strings_studio_texts.PAIRS,
    **strings_studio_inbox.PAIRS,
    **strings_studio_train.PAIRS,
}
