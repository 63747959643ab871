"""Sentences of the studio's pages of publishing, and of its rules."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {
    # -- releases
    "releases_title": ("Terbitan", "Releases"),
    "release_draft": ("Naskah ini", "This draft"),
    "release_nothing": ("Tidak ada perubahan untuk diterbitkan.", "There is nothing new to publish."),
    "release_see_changes": ("Lihat semua perubahannya", "See all its changes"),
    "release_written_by": ("Ditulis oleh: {names}", "Written by: {names}"),
    "release_stopped": ("Belum boleh diterbitkan:", "It may not be published yet:"),
    "release_passed": ("Naskah lolos semua pemeriksaan.", "The draft passes all checks."),
    "release_reason": ("Apa yang berubah, dan mengapa?", "What changed, and why?"),
    "release_reason_missing": (
        "Tulis dulu alasannya, supaya rekan Anda paham.",
        "Say why first, so that your colleagues understand.",
    ),
    "release_propose": ("Ajukan untuk disetujui", "Ask for approval"),
    "release_propose_hint": (
        "Penerbit lain, yang tidak ikut menulis naskah ini, memeriksanya lebih dulu.",
        "Another publisher, who wrote nothing of this draft, looks at it first.",
    ),
    "release_asked": ("{who} mengajukan: {reason}", "{who} asks: {reason}"),
    "release_waits": ("Menunggu persetujuan penerbit lain.", "Waits for another publisher's approval."),
    "release_own": (
        "Anda ikut menulis naskah ini, jadi persetujuannya harus dari penerbit lain.",
        "You wrote part of this draft, so another publisher has to approve it.",
    ),
    "release_approve": ("Setujui", "Approve"),
    "release_decline": ("Tolak", "Decline"),
    "release_note": ("Catatan untuk penulis (boleh kosong)", "A note for the writer (may be empty)"),
    "release_was_approved": ("Disetujui {who}.", "Approved by {who}."),
    "release_was_declined": ("Ditolak {who}: {note}", "Declined by {who}: {note}"),
    "release_no_note": ("tanpa catatan", "without a note"),
    "release_publish": ("Terbitkan sekarang", "Publish now"),
    "release_publish_hint": (
        "Warga langsung merasakannya. Yang lama bisa dikembalikan kapan saja dengan satu klik.",
        "Citizens notice it at once. The old state can be brought back any time with one click.",
    ),
    "release_needs_publisher": (
        "Seorang penerbit yang menekan tombol terbit.",
        "A publisher presses the button to publish.",
    ),
    "release_moved": (
        "Naskah berubah sementara halaman ini terbuka. Periksa lagi yang di bawah; yang terbit tidak berubah.",
        "The draft changed while this page was open. Look at it again below; what is live did not change.",
    ),
    "release_decided": ("Sudah diputuskan orang lain.", "Somebody else decided already."),
    "release_unapproved": ("Naskah ini belum disetujui.", "This draft is not approved yet."),
    "release_not_faulty": (
        "Naskah ini ada yang salah, jadi tidak diterbitkan. Yang terbit tidak berubah.",
        "This draft is faulty, so it is not published. What is live did not change.",
    ),
    "release_not_untrained": (
        "Model untuk naskah ini sudah tidak ada. Latih sekali lagi; yang terbit tidak berubah.",
        "The model for this draft is not there any more. Train it once more; what is live did not change.",
    ),
    "release_not_model": (
        "Modelnya tidak bisa dimuat, jadi tidak diterbitkan. Bot tetap menjawab dengan model yang sekarang.",
        "Its model does not load, so it is not published. The bot goes on with the present model.",
    ),
    "release_not_disk": (
        "Diska penuh atau basis data tidak terjangkau. Tidak ada yang terbit; yang lama tetap berjalan. Hubungi operator.",
        "The disk is full or the database is away. Nothing was published; the old state goes on. Ask an operator.",
    ),
    "release_not_later": (
        "Diska penuh atau basis data terputus di tengah jalan. Yang lama tetap menjawab; Loket menerbitkan naskah ini sendiri begitu bisa.",
        "The disk is full or the database went away in the middle. The old state goes on; Loket publishes this draft by itself "
        "as soon as it can.",
    ),
    "release_done_proposed": ("Naskah sudah diajukan.", "The draft is proposed."),
    "release_done_approved": ("Naskah disetujui.", "The draft is approved."),
    "release_done_declined": ("Naskah ditolak.", "The draft is declined."),
    "release_done_published": (
        "Terbit. Bot memakainya dalam beberapa detik.",
        "Published. The bot uses it within seconds.",
    ),
    "release_done_back": (
        "Keadaan yang lama terbit lagi. Naskah tidak berubah: perbaiki di sana sebelum menerbitkan lagi.",
        "The earlier state is live again. The draft is as it was: mend it there before you publish again.",
    ),
    "release_done_rules": (
        "Aturan baru ada di naskah, dan berlaku setelah diterbitkan.",
        "The new rules are in the draft, and count once they are published.",
    ),
    "release_history": ("Riwayat terbitan", "History of releases"),
    "release_live": ("sedang terbit", "live"),
    "release_kind_seed": ("isi bawaan", "as delivered"),
    "release_kind_upgrade": ("pembaruan Loket", "update of Loket"),
    "release_kind_publish": ("terbitan", "publication"),
    "release_kind_rollback": ("dikembalikan", "brought back"),
    "release_by": ("{author}; disetujui {approver}", "{author}; approved by {approver}"),
    "release_changes": ("Perubahannya", "Its changes"),
    "release_back": ("Kembalikan keadaan ini", "Bring this state back"),
    "release_back_why": ("Mengapa dikembalikan?", "Why is it brought back?"),
    "release_back_do": ("Kembalikan sekarang", "Bring it back now"),
    "release_number": ("Terbitan nomor {n}", "Release number {n}"),
    "release_draft_changes": ("Perubahan naskah", "Changes of the draft"),
    "release_first": (
        "Inilah keadaan pertama; tidak ada yang mendahuluinya.",
        "This is the first state; nothing came before it.",
    ),
    "release_same": ("Tidak ada berkas yang berubah.", "No file changed."),
    "release_lines": ("{added} baris baru, {removed} baris hilang", "{added} lines new, {removed} lines gone"),
    "release_more": ("Dan {n} berkas lagi.", "And {n} more files."),
    "release_cut": ("Selebihnya terlalu panjang untuk ditampilkan.", "The rest is too long to be shown."),
    "release_line_in": ("baru", "new"),
    "release_line_out": ("dihapus", "removed"),
    "release_to_list": ("Kembali ke Terbitan", "Back to Releases"),
    "rules_title": ("Aturan terbit", "Rules of publication"),
    "rules_now": (
        "Yang berlaku: sebuah maksud boleh turun paling banyak {loss} poin F1 (dinilai mulai {support} pesan uji).",
        "In force: an intent may lose at most {loss} points of F1 (judged from {support} labelled messages on).",
    ),
    "rules_two": ("Naskah disetujui penerbit lain.", "Another publisher approves a draft."),
    "rules_one": (
        "Naskah boleh diterbitkan sendiri (kantor satu orang).",
        "A draft may be published alone (an office of one).",
    ),
    "rules_hour": (
        "Naskah yang berubah dilatih tiap hari pukul {hour}.00.",
        "A changed draft is trained daily at {hour}:00.",
    ),
    "rules_change": ("Ubah aturan", "Change the rules"),
    "rules_change_why": (
        "Aturan ikut naskah: yang baru berlaku setelah melewati aturan yang lama.",
        "Rules are part of the draft: new ones count once they passed the old ones.",
    ),
    "rules_max_loss": ("Poin F1 yang boleh turun", "Points of F1 that may be lost"),
    "rules_min_support": ("Dinilai mulai berapa pesan uji", "Judged from how many labelled messages on"),
    "rules_approval": ("Persetujuan", "Approval"),
    "rules_approval_two": ("penerbit lain", "another publisher"),
    "rules_approval_one": ("tidak perlu", "not needed"),
    "rules_train_at": ("Jam pelatihan harian (kosong: tidak)", "Hour of the daily training (empty: none)"),
    "rules_save": ("Simpan ke naskah", "Save to the draft"),
    "rules_wrong": ("Aturan itu belum benar: periksa angkanya.", "Those rules are not right yet: look at the numbers."),
}
