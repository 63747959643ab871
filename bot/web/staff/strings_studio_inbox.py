"""Sentences of the studio's inbox, conversations and message box."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {
    # inbox
    "inbox_title": ("Pesan yang tidak dipahami", "Misunderstood messages"),
    "inbox_intro": (
        "Pesan warga yang mirip dikumpulkan jadi satu. Yang paling banyak merepotkan ada di atas: pesan yang "
        "berakhir di petugas dihitung "
        "tiga, yang membuat warga berhenti menulis dihitung dua. Nama, nomor, dan alamat sudah ditutupi.",
        "Messages that are alike are brought together. What costs most comes first: a message that ended with a "
        "person counts three, "
        "one after which the citizen wrote no more counts two. Names, numbers and addresses are masked.",
    ),
    "inbox_none": ("Tidak ada yang perlu dikerjakan untuk masa ini.", "There is nothing to do for this time."),
    "inbox_full": (
        "Hanya {most} pesan terbaru yang dikumpulkan. Persempit waktunya untuk melihat yang lain.",
        "Only the newest {most} messages were looked at. Choose a shorter time to see others.",
    ),
    "inbox_found": ("{groups} kelompok, {messages} pesan", "{groups} groups, {messages} messages"),
    "inbox_more": ("Masih ada {count} kelompok yang lebih kecil.", "There are {count} smaller groups."),
    "inbox_days": ("Masa", "Time"),
    "inbox_last_days": ("{count} hari terakhir", "last {count} days"),
    "inbox_below": ("Juga yang keyakinannya di bawah", "Also those with a confidence below"),
    "inbox_show": ("Tampilkan", "Show"),
    "inbox_choose": ("Pilih", "Choose"),
    "inbox_messages": ("{count} pesan", "{count} messages"),
    "inbox_wordings": ("{count} cara menulis", "{count} wordings"),
    "inbox_handed": ("{count} berakhir di petugas", "{count} ended with a person"),
    "inbox_left": ("{count} warga berhenti menulis", "{count} citizens wrote no more"),
    "inbox_unsure": ("{count} tidak terjawab", "{count} not answered"),
    "inbox_marked": ("{count} ditandai salah", "{count} marked as wrong"),
    "inbox_cost": ("Beban {count}", "Cost {count}"),
    "inbox_suggestion": ("Dugaan model", "The model's guess"),
    "inbox_no_suggestion": ("tidak ada", "none"),
    "inbox_work": ("Kerjakan", "Work on it"),
    "inbox_accept": ("Terima dugaan model", "Accept the model's guess"),
    "inbox_elsewhere": ("Di luar layanan", "Out of scope"),
    "inbox_dismiss": ("Abaikan", "Dismiss"),
    "inbox_chosen": ("Untuk yang dicentang", "For those that are ticked"),
    "inbox_nothing_chosen": (
        "Belum ada yang dicentang, atau dugaannya tidak ada di naskah.",
        "Nothing is ticked, or its guess is not in the draft.",
    ),
    "inbox_done_assigned": (
        "Tersimpan sebagai koreksi di naskah. Koreksi dipakai untuk mengukur sampai dilepas untuk pelatihan.",
        "Kept as corrections in the draft. They measure until they are released for training.",
    ),
    "inbox_done_dismissed": ("Pesan itu tidak ditampilkan lagi.", "These messages are shown no more."),
    "inbox_done_reopened": ("Pesan itu ada di daftar lagi.", "These messages are on the list again."),
    "inbox_done_undone": (
        "Dibatalkan: naskah kembali seperti semula dan pesannya ada di daftar lagi.",
        "Undone: the draft is as it was and the messages are on the list again.",
    ),
    "inbox_done_released": (
        "Dilepas: sekarang menjadi contoh maksudnya dan terasa setelah pelatihan berikutnya.",
        "Released: they are examples of their intents now and count from the next training on.",
    ),
    "inbox_done_withdrawn": ("Koreksi dihapus dari naskah.", "The corrections are gone from the draft."),
    "inbox_undo": ("Batalkan", "Undo"),
    "inbox_corrections": ("Koreksi ({count})", "Corrections ({count})"),
    "inbox_settled": ("Baru dikerjakan", "Done lately"),
    # one group
    "inbox_group": ("Satu kelompok pesan", "A group of messages"),
    "inbox_gone": (
        "Kelompok ini sudah dikerjakan, mungkin oleh rekan Anda.",
        "This group is done already, perhaps by a colleague.",
    ),
    "inbox_texts": ("Tulisan warga", "What citizens wrote"),
    "inbox_texts_hint": (
        "Centang yang layak dipelajari dan perbaiki bila perlu. Nama, nomor, dan alamat yang tersisa ditutupi lagi "
        "waktu disimpan. Yang tidak "
        "dicentang dianggap selesai juga.",
        "Tick what is worth learning and mend it if need be. Names, numbers and addresses that are left are masked "
        "again when saved. What is "
        "not ticked counts as done, too.",
    ),
    "inbox_text": ("Tulisan {n}", "Text {n}"),
    "inbox_take": ("Pakai", "Use"),
    "inbox_times": ("{count} kali", "{count} times"),
    "inbox_talk": ("Lihat percakapannya", "See the conversation"),
    "inbox_means": ("Artinya", "It means"),
    "inbox_intent": ("Maksud", "Intent"),
    "inbox_service": ("Layanan yang disebut", "Service that is named"),
    "inbox_no_service": ("tidak menyebut layanan", "names no service"),
    "inbox_assign": ("Simpan sebagai koreksi", "Save as corrections"),
    "inbox_new_intent": ("Buat maksud baru dari tulisan ini", "Make a new intent from this text"),
    "inbox_more_texts": (
        "Dan {count} cara menulis lain, yang ikut selesai.",
        "And {count} other wordings, which are done along with these.",
    ),
    "inbox_wrong_intent": (
        "Pilih maksud yang ada di naskah, dan centang paling sedikit satu tulisan.",
        "Choose an intent of the draft, and tick at least one text.",
    ),
    "inbox_back": ("Kembali ke daftar", "Back to the list"),
    # corrections
    "inbox_corrections_title": ("Koreksi", "Corrections"),
    "inbox_corrections_intro": (
        "Koreksi dipakai untuk mengukur: laporan latihan menunjukkan apakah model sudah memahaminya tanpa pernah "
        "diajari. Lepaskan untuk "
        "pelatihan bila model perlu belajar darinya; sesudah itu tidak mengukur lagi.",
        "Corrections measure: the report of a training shows whether the model understands them without having been "
        "taught. Release them for "
        "training when the model has to learn from them; from then on they measure no more.",
    ),
    "inbox_corrections_none": ("Belum ada koreksi.", "There are no corrections."),
    "inbox_release": ("Lepaskan untuk pelatihan", "Release for training"),
    "inbox_withdraw": ("Hapus koreksi", "Delete corrections"),
    "inbox_corrections_gone": (
        "Koreksi itu sudah tidak ada, atau maksudnya sudah dihapus dari naskah.",
        "These corrections are gone, or their intent was deleted from the draft.",
    ),
    # done lately
    "inbox_settled_title": ("Baru dikerjakan", "Done lately"),
    "inbox_settled_none": ("Belum ada yang dikerjakan pada masa ini.", "Nothing was done in this time."),
    "inbox_settled_assigned": ("jadi koreksi", "became a correction"),
    "inbox_settled_elsewhere": ("di luar layanan", "out of scope"),
    "inbox_settled_dismissed": ("diabaikan", "dismissed"),
    "inbox_reopen": ("Kembalikan ke daftar", "Put on the list again"),
    "inbox_reopen_hint": (
        "Yang sudah masuk naskah tetap di sana; hapus lewat halaman Koreksi.",
        "What is in the draft stays there; delete it on the page of corrections.",
    ),
    # what became of a message
    "became_answered": ("dijawab", "answered"),
    "became_faq": ("dijawab dari tanya jawab", "answered by a frequent question"),
    "became_asked": ("ditanya balik", "asked back"),
    "became_missed": ("tidak dipahami", "not understood"),
    "became_offered": ("ditawari petugas", "offered a person"),
    "became_handoff": ("diteruskan ke petugas", "handed to a person"),
    "became_elsewhere": ("di luar layanan", "out of scope"),
    # conversations
    "talks_title": ("Percakapan", "Conversations"),
    "talks_intro": (
        "Percakapan yang berisi obrolan bebas. Setiap percakapan yang dibuka dicatat. Isian formulir, berkas, dan "
        "kata-kata kepada petugas tidak "
        "ditampilkan.",
        "Conversations with free talk. Every conversation that is opened is recorded. Answers in forms, files and "
        "words to a person are not "
        "shown.",
    ),
    "talks_words": ("Kata-kata", "Words"),
    "talks_below": ("Keyakinan di bawah (%)", "Confidence below (%)"),
    "talks_any": ("semua", "any"),
    "talks_channel": ("Kanal", "Channel"),
    "talks_since": ("Dari tanggal", "From"),
    "talks_until": ("Sampai tanggal", "Until"),
    "talks_fallback": ("Ada yang tidak terjawab", "With something not answered"),
    "talks_handoff": ("Berakhir di petugas", "With a person"),
    "talks_rating": ("Nilai bantuan petugas paling tinggi", "Mark for the person's help at most"),
    "talks_find": ("Cari", "Search"),
    "talks_none": ("Tidak ada percakapan yang cocok.", "No conversation fits."),
    "talks_older": ("Lebih lama", "Older"),
    "talks_open": ("Buka percakapan {id}", "Open conversation {id}"),
    "talks_turns": ("{count} pesan bebas", "{count} free messages"),
    "talks_lowest": ("keyakinan terendah {percent}", "lowest confidence {percent}"),
    "talks_rated": ("nilai {mark}", "mark {mark}"),
    "talks_tests": ("Percakapan uji", "Test conversations"),
    # one conversation
    "talk_title": ("Percakapan {id}", "Conversation {id}"),
    "talk_understood": (
        "Dipahami sebagai {intent}, keyakinan {percent}",
        "Understood as {intent}, confidence {percent}",
    ),
    "talk_mark": ("Tandai salah", "Mark as wrong"),
    "talk_unmark": ("Batalkan tanda", "Take the mark away"),
    "talk_is_marked": (
        "Ditandai salah: ada di daftar yang tidak dipahami.",
        "Marked as wrong: it is among the misunderstood.",
    ),
    "talk_choices": ("Pilihan", "Choices"),
    "talk_covered_form": ("(isian formulir, tidak ditampilkan)", "(form, not shown)"),
    "talk_covered_file": ("(berkas, tidak ditampilkan)", "(file, not shown)"),
    "talk_covered_words": ("(tulisan di luar obrolan bebas, tidak ditampilkan)", "(not free talk, not shown)"),
    "talk_covered_case": ("(tentang permohonan, tidak ditampilkan)", "(about an application, not shown)"),
    "talk_covered_person": ("(petugas menulis, tidak ditampilkan)", "(staff wrote, not shown)"),
    "talk_covered_system": ("(pemberitahuan, tidak ditampilkan)", "(notice, not shown)"),
    "talk_save": ("Simpan sebagai percakapan uji", "Save as a test conversation"),
    "talk_nothing": ("Tidak ada obrolan bebas di sini.", "There is no free talk here."),
    # test conversations
    "talk_tests_title": ("Percakapan uji", "Test conversations"),
    "talk_tests_intro": (
        "Percakapan yang harus tetap berjalan seperti tertulis. Dijalankan setiap kali naskah dilatih; satu yang gagal menahan penerbitan.",
        "Conversations that have to go as written. They run whenever the draft is trained; one that fails holds a publication back.",
    ),
    "talk_tests_none": ("Belum ada percakapan uji.", "There are no test conversations."),
    "talk_test_title": ("Percakapan uji", "Test conversation"),
    "talk_test_name": ("Nama", "Name"),
    "talk_test_language": ("Bahasa warga", "The citizen's language"),
    "talk_test_turn": ("Giliran {n}", "Turn {n}"),
    "talk_test_said": ("Warga menulis", "The citizen writes"),
    "talk_test_intent": ("Maksud yang diharapkan", "Expected intent"),
    "talk_test_service": ("Layanan yang diharapkan", "Expected service"),
    "talk_test_answer": ("Kunci jawaban (boleh kosong)", "Key of the answer (may be empty)"),
    "talk_test_hint": (
        "Kosongkan tulisan untuk membuang satu giliran. Nama, nomor, dan alamat ditutupi waktu disimpan.",
        "Empty a text to drop its turn. Names, numbers and addresses are masked when saved.",
    ),
    "talk_test_save": ("Simpan ke naskah", "Save in the draft"),
    "talk_test_delete": ("Hapus", "Delete"),
    "talk_test_saved": ("Percakapan uji tersimpan di naskah.", "The test conversation is saved in the draft."),
    "talk_test_deleted": ("Percakapan uji dihapus dari naskah.", "The test conversation is gone from the draft."),
    "talk_test_bad": (
        "Belum tersimpan: beri nama, dan setiap giliran perlu tulisan serta maksud, layanan, atau kunci jawaban.",
        "Not saved: give it a name; every turn needs a text and an intent, a service or the key of an answer.",
    ),
    "talk_test_broken": ("tidak bisa dibaca: {why}", "cannot be read: {why}"),
    "talk_test_turns": ("{count} giliran", "{count} turns"),
    # try it
    "try_title": ("Coba tulisan", "Try a text"),
    "try_intro": (
        "Lihat apa yang dipahami model yang sedang melayani warga, dan model naskah yang terakhir dilatih. Tidak ada "
        "percakapan warga yang "
        "tersentuh.",
        "See what is understood by the model that serves citizens, and by the model of the draft trained last. No "
        "citizen's conversation is "
        "touched.",
    ),
    "try_text": ("Tulisan warga", "What a citizen writes"),
    "try_look": ("Lihat", "Look"),
    "try_live": ("Yang terbit", "Live"),
    "try_draft": ("Naskah", "Draft"),
    "try_model": ("Model {name}", "Model {name}"),
    "try_older": (
        "Naskah sudah berubah sejak model ini dilatih; contoh yang baru belum terasa. Latih lagi untuk melihatnya.",
        "The draft was changed since this model was trained; newer examples do not show. Train again to see them.",
    ),
    "try_no_live": ("Model yang terbit tidak ada di mesin ini.", "The live model is not on this machine."),
    "try_no_draft": (
        "Belum ada model naskah. Latih naskah lebih dulu.",
        "There is no model of the draft. Train it first.",
    ),
    "try_no_bench": ("Mesin ini tidak bisa menjalankan model.", "This machine cannot run models."),
    "try_broken": ("Model ini tidak bisa dimuat. Latih lagi.", "This model does not load. Train again."),
    "try_content_broken": (
        "Isi naskah belum bisa dibaca, jadi obrolannya tidak bisa dicoba: {why}",
        "The draft cannot be read yet, so its chat cannot be tried: {why}",
    ),
    "try_normalised": ("Dibaca sebagai", "Read as"),
    "try_masked": ("Dikirim ke model", "Sent to the model"),
    "try_ranking": ("Maksud dan keyakinan", "Intents and confidence"),
    "try_entities": ("Yang ditemukan", "What was found"),
    "try_no_entities": ("tidak ada", "nothing"),
    "try_rule": ("Aturan", "Rule"),
    "try_action": ("Lalu", "And then"),
    "try_no_rule": ("tidak ada; bot bilang belum paham", "none; the bot says that it did not understand"),
    "try_unsure": (
        "Keyakinan di bawah {percent}: bot bertanya balik.",
        "Confidence below {percent}: the bot asks back.",
    ),
    "try_chat": ("Obrolan", "Chat"),
    "try_chat_intro": (
        "Kedua sisi mendapat tulisan yang sama. Jawabannya memakai layanan, teks, dan tanya jawab masing-masing.",
        "Both sides get the same text. They answer from their own services, texts and frequent questions.",
    ),
    "try_limits": ("Yang tidak dijalankan di sini", "What is not run here"),
    "try_limits_text": (
        "Hanya jawaban yang memberi tahu. Membuka formulir, memanggil petugas, antrean, pengaduan, status, dan "
        "sambungan antarobrolan hanya "
        "disebut namanya. Tidak ada yang dikirim ke instansi, dan obrolan ini tidak disimpan.",
        "Only answers that inform. Opening a form, calling a person, queue, complaints, status and connecting chats "
        "are only named. Nothing is "
        "sent to an agency, and this chat is not kept.",
    ),
    "try_send": ("Kirim", "Send"),
    "try_again": ("Mulai lagi", "Start again"),
    "try_you": ("Warga", "Citizen"),
    "try_bot": ("Bot", "Bot"),
    "try_stopped": (
        "Di sini bot menjalankan {what}; tidak dicoba di halaman ini.",
        "Here the bot runs {what}; not tried on this page.",
    ),
    "try_language": ("Bahasa", "Language"),
    "try_most": (
        "Paling banyak {count} baris; mulai lagi untuk mencoba yang lain.",
        "At most {count} lines; start again to try others.",
    ),
    # audit
    "did_talk.viewed": ("membuka percakapan (studio)", "opened a conversation (studio)"),
    "did_talk.marked": ("menandai pesan salah paham", "marked a message as misunderstood"),
    "did_inbox.assigned": ("mengoreksi pesan", "corrected messages"),
    "did_inbox.elsewhere": ("menandai pesan di luar layanan", "marked messages as out of scope"),
    "did_inbox.dismissed": ("mengabaikan pesan", "dismissed messages"),
    "did_inbox.reopened": ("mengembalikan pesan ke daftar", "put messages on the list again"),
}
