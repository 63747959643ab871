"""Every sentence of the staff pages, Indonesian first.

Kept here and not in ``data/``: content staff write for citizens, and these buttons belong to the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.web.staff import (
    strings_accounts,
    strings_console,
    strings_errands,
    strings_figures,
    strings_identity,
    strings_privacy,
    strings_studio,
    strings_supervise,
    strings_survey,
)

LANGUAGES: Mapping[str, str] = {"id": "Bahasa Indonesia", "en": "English"}
DEFAULT = "id"

_PAIRS: Mapping[str, tuple[str, str]] = {
    # frame
    "title": ("Loket · Petugas", "Loket · Staff"),
    "skip": ("Langsung ke isi halaman", "Skip to the content"),
    "desk": ("Meja petugas", "Staff desk"),
    "queue": ("Antrean", "Queue"),
    "selfies": ("Swafoto", "Selfies"),
    "language": ("Bahasa", "Language"),
    "sign_out": ("Keluar", "Sign out"),
    "offline": (
        "Sambungan terputus. Halaman ini belum tentu yang terbaru; kami mencoba menyambung lagi.",
        "The connection is lost. This page may be out of date; we are trying to connect again.",
    ),
    "reload": ("Muat ulang", "Reload"),
    "back_to_queue": ("Kembali ke antrean", "Back to the queue"),
    "role_agent": ("petugas layanan", "service agent"),
    "role_officer": ("petugas verifikasi", "verification officer"),
    # signing in
    "sign_in": ("Masuk petugas", "Staff sign-in"),
    "username": ("Nama pengguna", "User name"),
    "password": ("Kata sandi", "Password"),
    "do_sign_in": ("Masuk", "Sign in"),
    "only_staff": (
        "Halaman ini hanya untuk petugas. Warga mengobrol di halaman depan Loket.",
        "This page is for staff only. Citizens chat on Loket's front page.",
    ),
    "refused": (
        "Nama pengguna atau kata sandi tidak cocok, atau akun sedang dikunci. "
        "Setelah 10 kali salah, akun dikunci 15 menit.",
        "User name and password do not match, or the account is locked. "
        "After 10 wrong tries an account is locked for 15 minutes.",
    ),
    "stale": (
        "Halaman ini terlalu lama terbuka. Silakan coba sekali lagi.",
        "This page was open for too long. Please try once more.",
    ),
    "signed_out": ("Anda sudah keluar.", "You are signed out."),
    "session_over": (
        "Sesi Anda berakhir. Salin dulu tulisan yang belum terkirim, lalu masuk lagi.",
        "Your session has ended. Copy what you have not sent, then sign in again.",
    ),
    # queue
    "waiting": ("Menunggu petugas", "Waiting for a person"),
    "mine": ("Percakapan saya", "My conversations"),
    "ticket": ("Tiket", "Ticket"),
    "since": ("Sejak", "Since"),
    "waited": ("Menunggu", "Waiting for"),
    "reason": ("Alasan", "Reason"),
    "topic": ("Layanan", "Service"),
    "no_topic": ("belum disebut", "not said yet"),
    "others": ("Sedang ditangani rekan: {count}", "With colleagues: {count}"),
    "done_closed": (
        "Tiket {number} selesai. Percakapan kembali ke bot.",
        "Ticket {number} is closed. The bot has the conversation again.",
    ),
    "done_decided": (
        "Keputusan tersimpan. Warga sudah diberi tahu.",
        "The decision is saved. The citizen has been told.",
    ),
    # ticket
    "thread": ("Percakapan", "Conversation"),
    "who": ("Siapa", "Who"),
    "name": ("Nama", "Name"),
    "nik": ("NIK", "NIK"),
    "nik_claimed": ("NIK yang ditulis (belum dibuktikan dengan wajah)", "NIK as written (not proven by face)"),
    "level_0": ("0 · Belum dikenal", "0 · Unknown"),
    "level_1": ("1 · Kanal tertaut", "1 · Linked channel"),
    "level_2": ("2 · Data cocok dengan Dukcapil", "2 · Data match the civil register"),
    "level_3": ("3 · Wajah terverifikasi", "3 · Face verified"),
    "unknown_person": (
        "Belum terbukti siapa yang menulis. Jangan menyampaikan data pribadi siapa pun.",
        "Not proven who is writing. Do not give anybody's personal data.",
    ),
    "expired": (
        "Verifikasi sudah kedaluwarsa; minta warga memverifikasi lagi.",
        "The verification has expired; ask for it again.",
    ),
    "channel": ("Kanal", "Channel"),
    "tongue_id": ("Indonesia", "Indonesian"),
    "tongue_jv": ("Jawa", "Javanese"),
    "tongue_en": ("Inggris", "English"),
    "citizen_language": ("Bahasa warga", "The citizen's language"),
    "form": ("Permohonan yang sedang diisi", "Application being filled in"),
    "form_step": ("Langkah {n} dari {of}", "Step {n} of {of}"),
    "form_none": ("Tidak ada permohonan yang sedang diisi.", "No application is being filled in."),
    "form_paused": ("sedang dijeda", "paused"),
    "from_citizen": ("Warga", "Citizen"),
    "from_bot": ("Bot", "Bot"),
    "from_agent": ("Petugas", "Staff"),
    "from_system": ("Pemberitahuan", "Notice"),
    "pressed": ("(menekan tombol)", "(pressed a button)"),
    "choices_shown": ("Pilihan yang ditampilkan", "Choices shown"),
    "selfie_sent": (
        "Swafoto terkirim. Hanya terlihat saat diperiksa petugas verifikasi.",
        "Selfie sent. Only seen when an officer checks it.",
    ),
    "earlier": ("Tampilkan {count} pesan sebelumnya", "Show {count} earlier messages"),
    "claim": ("Ambil percakapan ini", "Take this conversation"),
    "claim_hint": (
        "Setelah diambil, bot berhenti menjawab dan warga melihat nama Anda.",
        "Once taken, the bot stops answering and the citizen sees your name.",
    ),
    "reply": ("Jawaban Anda", "Your answer"),
    "send": ("Kirim", "Send"),
    "not_sent": (
        "Belum terkirim karena sambungan terputus. Tulisan Anda masih ada; tekan Kirim lagi.",
        "Not sent, the connection is lost. Your text is still here; press Send again.",
    ),
    "linked": ("Tersambung dengan obrolan: {channels}", "Connected with the chats: {channels}"),
    "unlink": ("Lepas sambungan", "Undo the connection"),
    "unlink_hint": (
        "Obrolan ini berdiri sendiri lagi, dan warga dikabari di semua obrolan. Tidak ada permohonan yang hilang.",
        "This chat stands alone again, and the citizen is told in all chats. No application is lost.",
    ),
    "close": ("Selesai, kembalikan ke bot", "Done, back to the bot"),
    "empty": ("Jawaban masih kosong.", "The answer is still empty."),
    "unsent": (
        "Jawaban ini belum terkirim. Kirim dulu, atau kosongkan kotaknya, baru kembalikan ke bot.",
        "This answer has not been sent. Send it or empty the box before handing back to the bot.",
    ),
    "too_long": (
        "Jawaban terlalu panjang: paling banyak {most} karakter.",
        "The answer is too long: {most} characters at most.",
    ),
    # conflicts
    "conflict_close_held": (
        "{name} memegang tiket ini, jadi tidak ditutup.",
        "{name} holds this ticket, so it was not closed.",
    ),
    "conflict_close_closed": ("Tiket ini sudah selesai.", "This ticket is closed already."),
    "conflict_decided": ("Swafoto ini sudah diputuskan petugas lain.", "Another officer has decided on this selfie."),
    # selfies
    "selfies_title": ("Swafoto yang perlu diperiksa", "Selfies to be checked"),
    "selfies_none": ("Tidak ada swafoto yang menunggu.", "No selfie is waiting."),
    "selfies_why": (
        "Komputer tidak cukup yakin. Bandingkan sendiri kedua wajah; keputusan Anda yang berlaku.",
        "The computer is not sure enough. Compare the two faces yourself; your decision counts.",
    ),
    "check": ("Periksa swafoto", "Check a selfie"),
    "check_open": ("Periksa {nik}", "Check {nik}"),
    "received": ("Diterima", "Received"),
    "band": ("Hasil komputer", "The computer's finding"),
    "band_officer": ("Perbatasan: mirip, tetapi belum pasti", "Borderline: alike, but not certain"),
    "service": ("Permohonan", "Application"),
    "selfie_picture": ("Swafoto dari warga", "Selfie from the citizen"),
    "enrolled_picture": ("Foto di catatan Dukcapil ({n} dari {of})", "Picture in the civil register ({n} of {of})"),
    "selfie_gone": ("Swafoto ini sudah dihapus.", "This selfie has been deleted."),
    "register_away": (
        "Catatan Dukcapil sedang tidak bisa dibuka, jadi belum bisa dibandingkan. Coba lagi sebentar lagi.",
        "The civil register cannot be reached, so nothing can be compared. Try again in a moment.",
    ),
    "register_none": (
        "Dukcapil tidak punya foto orang ini, jadi tidak bisa diterima.",
        "The register has no picture of this person, so it cannot be accepted.",
    ),
    "same_picture": (
        "Perhatian: foto yang sama pernah dikirim. Warga yang jujur biasanya mengambil foto baru.",
        "Careful: the same picture was sent before. An honest citizen usually takes a new one.",
    ),
    "is_same": ("Apakah ini orang yang sama?", "Is this the same person?"),
    "accept": ("Ya, orang yang sama", "Yes, the same person"),
    "reject": ("Bukan, atau tidak pasti", "No, or not certain"),
    "confirm_accept": ("Menerima swafoto ini?", "Accept this selfie?"),
    "confirm_reject": ("Menolak swafoto ini?", "Reject this selfie?"),
    "confirm_accept_text": (
        "Anda menyatakan wajah di swafoto adalah {name} (NIK {nik}). Warga itu mendapat akses ke datanya.",
        "You state that the face in the selfie is {name} (NIK {nik}). That citizen gets access to the data.",
    ),
    "confirm_reject_text": (
        "Warga diminta mengirim swafoto baru atau bicara dengan petugas.",
        "The citizen is asked for a new selfie or to talk to a person.",
    ),
    "confirm_final": (
        "Swafoto dihapus setelah ini, dan keputusan tidak bisa dibatalkan.",
        "The selfie is deleted after this, and the decision cannot be undone.",
    ),
    "do_accept": ("Terima", "Accept"),
    "do_reject": ("Tolak", "Reject"),
    "look_again": ("Lihat lagi", "Look again"),
    "suspicions": (
        "Perhatian: {count} kali foto mencurigakan (salinan foto tercatat, atau foto lama) dikirim untuk NIK ini.",
        "Careful: suspicious pictures (a copy of the registered one, or an old one) were sent {count} times for this NIK.",
    ),
    "liveness_shown": ("Gerakan yang diminta dan terlihat", "Movement that was asked for and seen"),
    # faces at the counter
    "enrol": ("Rekam wajah", "Enrol a face"),
    "enrol_title": ("Rekam wajah di loket", "Enrol a face at the counter"),
    "enrol_why": (
        "Untuk warga yang datang sendiri dan sudah Anda cocokkan dengan KTP-nya. Ambil dua foto dengan jarak beberapa detik.",
        "For citizens who came in person and whom you compared with their identity card. Take two pictures some seconds apart.",
    ),
    "enrol_picture": ("Foto ke-{n}", "Picture {n}"),
    "enrol_camera": ("Pakai kamera", "Use the camera"),
    "enrol_shoot": ("Ambil foto ke-{n}", "Take picture {n}"),
    "enrol_taken": ("Foto ke-{n} sudah diambil.", "Picture {n} is taken."),
    "enrol_no_camera": (
        "Kamera tidak bisa dipakai. Pilih berkas foto saja.",
        "The camera cannot be used. Choose picture files.",
    ),
    "enrol_consent": (
        "Warga sudah membaca dan menyetujui: hanya ciri wajah yang disimpan, tersandi, sampai diminta dihapus.",
        "The citizen has read and agreed: only the features of the face are kept, encrypted, until they ask for deletion.",
    ),
    "enrol_do": ("Rekam", "Enrol"),
    "enrol_no_consent": ("Persetujuan warga belum dicentang.", "The citizen's consent is not ticked."),
    "enrol_nobody": ("NIK itu tidak ditemukan.", "That NIK was not found."),
    "enrol_done": ("Wajah sudah direkam. Fotonya tidak disimpan.", "The face is enrolled. The pictures were not kept."),
    "enrol_waiting": (
        "Wajah orang ini sudah pernah tercatat. Penggantian menunggu petugas kedua.",
        "A face of this person is known already. The replacement waits for a second officer.",
    ),
    "enrol_accepted": ("Penggantian disetujui dan berlaku.", "The replacement is confirmed and holds."),
    "enrol_refused": ("Penggantian ditolak.", "The replacement is refused."),
    "enrol_forgotten": ("Ciri wajah sudah dihapus.", "The features of the face are deleted."),
    "enrol_unlocked": ("Kunci percobaan sudah dibuka.", "The lock after failed attempts is lifted."),
    "enrol_conflict": (
        "Sudah diputuskan, atau ini rekaman Anda sendiri: harus petugas lain yang menyetujui.",
        "Decided already, or it is your own: another officer has to confirm it.",
    ),
    "enrol_queue": ("Menunggu petugas kedua", "Waiting for a second officer"),
    "enrol_none": ("Tidak ada yang menunggu.", "Nothing is waiting."),
    "enrol_by": ("Direkam oleh {name}, {time}", "Enrolled by {name}, {time}"),
    "enrol_own": ("Menunggu petugas lain.", "Waits for another officer."),
    "enrol_look": (
        "Setujui hanya kalau orangnya ada di depan Anda dan cocok dengan KTP-nya.",
        "Confirm only when the person is before you and fits their identity card.",
    ),
    "enrol_likeness_match": ("Mirip wajah yang tercatat sebelumnya.", "Like the face known before."),
    "enrol_likeness_officer": (
        "Belum pasti mirip wajah yang tercatat sebelumnya.",
        "Not certainly like the face known before.",
    ),
    "enrol_likeness_no_match": ("TIDAK mirip wajah yang tercatat sebelumnya!", "NOT like the face known before!"),
    "enrol_likeness_unusable": (
        "Tidak bisa dibandingkan dengan yang sebelumnya.",
        "Cannot be compared with the one before.",
    ),
    "enrol_likeness_unknown": ("Belum ada wajah tercatat.", "No face was known."),
    "enrol_accept": ("Setujui", "Confirm"),
    "enrol_reject": ("Tolak", "Refuse"),
    "enrol_other": ("Hapus ciri wajah, atau buka kunci", "Delete features, or lift a lock"),
    "enrol_other_why": (
        "Hanya atas permintaan warga itu sendiri, setelah KTP-nya diperiksa. Dicatat.",
        "Only at the citizen's own wish, after a look at their identity card. It is recorded.",
    ),
    "enrol_forget": ("Hapus ciri wajah", "Delete the features"),
    "enrol_unlock": ("Buka kunci percobaan", "Lift the lock"),
    # errors
    "error_403": ("Halaman ini tidak untuk peran Anda.", "This page is not for your role."),
    "error_404": ("Tidak ada di sini, atau bukan milik kantor Anda.", "Not here, or not your office's."),
    "error_400": (
        "Permintaan ini tidak lengkap atau sudah lama. Muat ulang halamannya, lalu coba lagi.",
        "This request is incomplete or old. Reload the page and try again.",
    ),
    "error_405": ("Halaman ini tidak bisa dibuka begitu.", "This page cannot be opened like that."),
    "error_413": ("Kiriman terlalu besar.", "What you sent is too large."),
    "error_500": (
        "Ada yang tidak beres di pihak kami. Belum ada yang berubah; coba sekali lagi.",
        "Something went wrong on our side. Nothing was changed; please try again.",
    ),
    "file_gone": (
        "Berkas ini sudah dihapus atau tidak bisa dibuka dari sini.",
        "This file was deleted, or cannot be opened from here.",
    ),
    "sorry": ("Maaf", "Sorry"),
    # delivery
    "delivery_created": ("menunggu dikirim", "waiting to be sent"),
    "delivery_quiet": ("ditahan sampai {time} (jam tenang)", "held until {time} (quiet hours)"),
    "delivery_window": ("ditahan sampai warga menulis lagi", "held until the citizen writes again"),
    "delivery_again": ("belum terkirim: {why} Dicoba lagi {time}.", "not sent yet: {why} Next try {time}."),
    "delivery_sending": ("sedang dikirim", "being sent"),
    "delivery_sent": ("terkirim", "sent"),
    "delivery_delivered": ("sampai", "delivered"),
    "delivery_read": ("dibaca", "read"),
    "delivery_failed": ("gagal: {why}", "failed: {why}"),
    "delivery_dropped": ("tidak dikirim: {why}", "not sent: {why}"),
    "delivery_elsewhere": ("dikirim lewat obrolan warga yang lain", "sent in another chat of the citizen"),
    "delivery_template": ("pesan templat", "message template"),
    "passed": ("Riwayat kirim", "Delivery log"),
    "passed_show": ("Tampilkan {n} catatan", "Show {n} entries"),
    "passed_at": ("Waktu", "Time"),
    "passed_way": ("Arah", "Direction"),
    "passed_outcome": ("Hasil", "Outcome"),
    "passed_in": ("masuk", "in"),
    "passed_out": ("keluar", "out"),
    "exchange_ok": ("diterima penyedia", "taken by the provider"),
    "exchange_found": ("ternyata sudah terkirim", "found to be sent already"),
    "exchange_taken": ("pesan warga diterima", "citizen's message taken"),
    "exchange_repeat": ("kiriman ulang, diabaikan", "delivered again, ignored"),
    "exchange_fetched": ("berkas diambil", "file fetched"),
    "exchange_sent": ("terkirim", "sent"),
    "exchange_delivered": ("sampai", "delivered"),
    "exchange_read": ("dibaca", "read"),
    "exchange_failed": ("gagal", "failed"),
    "exchange_characters": ("{n} huruf", "{n} characters"),
    **strings_accounts.PAIRS,
    **strings_identity.PAIRS,
    **strings_supervise.PAIRS,
    **strings_console.PAIRS,
    **strings_errands.PAIRS,
    **strings_studio.PAIRS,
    **strings_figures.PAIRS,
    **strings_survey.PAIRS,
    **strings_privacy.PAIRS,
}

Say = Callable[..., str]


def language_of(wanted: str | None) -> str:
    """A language that the pages have."""
    return wanted if wanted is not None and wanted in LANGUAGES else DEFAULT


def keys() -> frozenset[str]:
    """All keys, for checks."""
    return frozenset(_PAIRS)


def known(key: str) -> bool:
    """Whether there is such a sentence."""
    return key in _PAIRS


def say_in(language: str) -> Say:
    """Gives sentences in ``language``."""
    at = list(LANGUAGES).index(language)

    def say(key: str, **params: object) -> str:
        return _PAIRS[key][at].format_map(params) if params else _PAIRS[key][at]

    return say
