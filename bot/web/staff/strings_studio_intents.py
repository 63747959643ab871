"""Sentences of the studio's pages of intents and examples."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {
    "nlu_intro": (
        "Maksud adalah apa yang diinginkan warga; contoh adalah cara warga menuliskannya. Semakin beragam contohnya, semakin bot paham.",
        "An intent is what a citizen wants; examples are how citizens write it. The more varied, the better the bot understands.",
    ),
    "nlu_kind_intent": ("Maksud", "Intents"),
    "nlu_kind_synonym": ("Nama layanan & hal lain", "Names of services & other matters"),
    "nlu_kind_lookup": ("Kelompok kata", "Groups of words"),
    "nlu_kind_regex": ("Pola", "Patterns"),
    "nlu_kinds": ("Jenis contoh", "Kinds of examples"),
    "nlu_total": ("{n} contoh dalam {of} kelompok", "{n} examples in {of} groups"),
    "nlu_few_list": (
        "Contohnya kurang dari {least}, jadi bot mudah keliru: {names}.",
        "Fewer than {least} examples, so the bot errs easily: {names}.",
    ),
    "nlu_new": ("Maksud baru", "New intent"),
    "nlu_import": ("Unggah tabel", "Upload a table"),
    "nlu_export_csv": ("Unduh CSV", "Download CSV"),
    "nlu_export_xlsx": ("Unduh Excel", "Download Excel"),
    "nlu_search": ("Cari di semua contoh", "Search all examples"),
    "nlu_do_search": ("Cari", "Search"),
    "nlu_found": ("{n} contoh memuat “{words}”", "{n} examples hold “{words}”"),
    "nlu_found_none": ("Tidak ada contoh yang memuat “{words}”.", "No example holds “{words}”."),
    "nlu_sort": ("Urutkan", "Sort by"),
    "nlu_sort_name": ("nama", "name"),
    "nlu_sort_count": ("jumlah contoh", "number of examples"),
    "nlu_sort_f1": ("nilai F1", "F1 score"),
    "nlu_sort_model": ("yang berubah dulu", "changed first"),
    "nlu_col_name": ("Nama", "Name"),
    "nlu_col_count": ("Contoh", "Examples"),
    "nlu_col_f1": ("F1", "F1"),
    "nlu_col_model": ("Di model", "In the model"),
    "nlu_model_same": ("sama", "as published"),
    "nlu_model_changed": ("+{added} −{removed}", "+{added} −{removed}"),
    "nlu_model_new": ("belum terbit", "not published yet"),
    "nlu_model_gone": ("dihapus di naskah", "deleted in the draft"),
    "nlu_few": ("kurang dari {least}", "fewer than {least}"),
    "nlu_protected": ("bawaan", "built in"),
    # one intent
    "nlu_back": ("Semua maksud", "All intents"),
    "nlu_manage": ("Ganti nama, gabung, hapus", "Rename, merge, delete"),
    "nlu_few_here": (
        "Baru {n} contoh. Tulis setidaknya {least} supaya bot bisa membedakannya.",
        "Only {n} examples. Write at least {least} so that the bot can tell it from others.",
    ),
    "nlu_not_edited": (
        "Bagian ini ditulis dalam bentuk yang hanya bisa diubah di berkasnya: {paths}.",
        "This section is written in a form that can only be edited in its file: {paths}.",
    ),
    "nlu_add": ("Tambah contoh", "Add examples"),
    "nlu_add_hint": (
        "Satu contoh per baris, seperti warga menulis. Jangan pakai nama, NIK, atau nomor orang.",
        "One example a line, as citizens write. No names, NIKs or numbers of people.",
    ),
    "nlu_do_add": ("Tambahkan", "Add"),
    "nlu_filter": ("Saring contoh", "Filter the examples"),
    "nlu_do_filter": ("Saring", "Filter"),
    "nlu_filter_off": ("Tampilkan semua", "Show all"),
    "nlu_matching": ("{n} dari {of} contoh", "{n} of {of} examples"),
    "nlu_list": ("Daftar contoh", "The examples"),
    "nlu_list_none": ("Tidak ada contoh yang cocok.", "No example matches."),
    "nlu_fresh": ("belum terbit", "not published"),
    "nlu_edit": ("Ubah", "Change"),
    "nlu_edit_label": ("Kalimat contoh", "The example"),
    "nlu_save": ("Simpan", "Save"),
    "nlu_cancel": ("Batal", "Cancel"),
    "nlu_marked": ("Yang ditandai", "The marked ones"),
    "nlu_mark_all": ("Tandai semua di halaman ini", "Mark all on this page"),
    "nlu_move_to": ("Pindahkan ke", "Move to"),
    "nlu_do_move": ("Pindahkan", "Move"),
    "nlu_do_remove": ("Hapus", "Delete"),
    "nlu_page_of": ("Halaman {at} dari {pages}", "Page {at} of {pages}"),
    "nlu_pages": ("Halaman", "Pages"),
    "nlu_previous": ("Sebelumnya", "Previous"),
    "nlu_next": ("Berikutnya", "Next"),
    "nlu_means": ("Tandai kata sebagai nama layanan", "Mark words as the name of a service"),
    "nlu_means_hint": (
        "Pilih (blok) kata di salah satu contoh, atau tulis di sini, lalu katakan layanan mana yang dimaksud.",
        "Select words in one of the examples, or write them here, then say which service they mean.",
    ),
    "nlu_means_word": ("Kata", "Words"),
    "nlu_means_thing": ("Artinya", "They mean"),
    "nlu_do_means": ("Simpan arti kata", "Save the meaning"),
    # hints while typing
    "nlu_hint_here": ("Sudah ada di sini.", "It is here already."),
    "nlu_hint_elsewhere": ("Persis sama ada di {name}.", "Exactly the same is in {name}."),
    "nlu_hint_same": ("Sama setelah ejaan dirapikan", "The same once spelling is evened out"),
    "nlu_hint_alike": ("Mirip {percent} %", "{percent} % alike"),
    "nlu_hint_understood": (
        "Bot yang sekarang sudah memahaminya begitu ({percent} %). Contoh yang lain daripada yang lain lebih berguna.",
        "The present bot understands it so already ({percent} %). An example unlike the others is of more use.",
    ),
    "nlu_hint_misunderstood": (
        "Bot yang sekarang mengiranya {name} ({percent} %).",
        "The present bot takes it for {name} ({percent} %).",
    ),
    # manage
    "nlu_why_protected": (
        "Maksud ini bawaan: program Loket mengenalnya lewat namanya, misalnya untuk membuka formulir atau menjawab biaya. Karena itu "
        "namanya tetap dan tidak bisa dihapus. Contohnya bebas diubah.",
        "This intent is built in: Loket's program knows it by its name, for instance to open a form or to answer a cost. So the name "
        "stays and it cannot be deleted. Its examples are yours to change.",
    ),
    "nlu_rename": ("Ganti nama", "Rename"),
    "nlu_rename_hint": (
        "Semua yang menyebutnya ikut: contoh, aturan, jawaban, pertanyaan umum, dan pesan uji.",
        "All that names it follows: examples, rules, answers, frequent questions and evaluation messages.",
    ),
    "nlu_new_name": ("Nama baru", "New name"),
    "nlu_name_hint": (
        "Huruf kecil, angka, dan garis bawah; paling banyak {most} huruf. Misalnya: tanya_parkir",
        "Small letters, digits and underscores; at most {most}. For instance: ask_parking",
    ),
    "nlu_do_rename": ("Ganti nama", "Rename"),
    "nlu_merge": ("Gabungkan ke maksud lain", "Merge into another intent"),
    "nlu_merge_hint": (
        "Semua contoh dan pesan uji pindah ke sana. Aturan dan jawaban maksud ini dihapus, karena yang satunya punya sendiri.",
        "All examples and evaluation messages move there. This one's rules and answer go, as the other has its own.",
    ),
    "nlu_merge_to": ("Gabungkan ke", "Merge into"),
    "nlu_do_merge": ("Gabungkan", "Merge"),
    "nlu_delete": ("Hapus maksud ini", "Delete this intent"),
    "nlu_delete_hint": (
        "{n} contohnya dan semua di daftar ini ikut dihapus. Bisa dibatalkan dari halaman Naskah.",
        "Its {n} examples and all on this list go with it. It can be undone on the Draft page.",
    ),
    "nlu_do_delete": ("Hapus maksud", "Delete the intent"),
    "nlu_refs": ("Yang menyebut maksud ini", "What names this intent"),
    "nlu_refs_none": ("Tidak ada yang lain.", "Nothing else."),
    "nlu_ref_rule": ("Aturan", "Rules"),
    "nlu_ref_domain": ("Daftar maksud (domain)", "List of intents (domain)"),
    "nlu_ref_faq": ("Pertanyaan umum", "Frequent questions"),
    "nlu_ref_sentence": ("Jawaban dan tombol", "Answers and buttons"),
    "nlu_ref_button": ("Tombol", "Buttons"),
    "nlu_ref_eval": ("Pesan uji", "Evaluation messages"),
    "nlu_ref_other": ("Lainnya", "Other"),
    "nlu_line": ("baris {line}", "line {line}"),
    "nlu_more": ("dan {n} lagi", "and {n} more"),
    # new
    "nlu_new_intro": (
        "Bot menjawab maksud ini dengan satu teks, setelah naskah dilatih dan diterbitkan.",
        "The bot answers this intent with one text, once the draft is trained and published.",
    ),
    "nlu_name": ("Nama maksud", "Name of the intent"),
    "nlu_examples": ("Contoh", "Examples"),
    "nlu_answer": ("Jawaban bot", "The bot's answer"),
    "nlu_answer_hint": (
        "{office} diganti nama kantor. Yang tidak diisi dijawab dalam bahasa Indonesia.",
        "{office} becomes the office's name. What is left empty is answered in Indonesian.",
    ),
    "nlu_button": ("Nama pendek untuk tombol (boleh kosong)", "Short name for a button (may be empty)"),
    "nlu_button_hint": (
        "Kalau diisi, bot menawarkannya saat ragu: “Maksudnya …?”",
        "With it the bot offers the intent when it is unsure: “Did you mean …?”",
    ),
    "nlu_lang_id": ("Bahasa Indonesia", "Indonesian"),
    "nlu_lang_en": ("Bahasa Inggris", "English"),
    "nlu_lang_jv": ("Bahasa Jawa", "Javanese"),
    "nlu_do_create": ("Buat maksud", "Create the intent"),
    # table
    "nlu_import_hint": (
        "CSV atau Excel, paling banyak {most} baris. Baris pertama berisi nama kolom: intent (atau maksud) dan text (atau contoh). Kolom "
        "lain tidak dibaca; rumus dibaca sebagai tulisan.",
        "CSV or Excel, at most {most} rows. The first row names the columns: intent and text. Other columns are not read; formulas are "
        "read as text.",
    ),
    "nlu_table": ("Berkas tabel", "The table"),
    "nlu_skip": ("Lewati baris yang salah, simpan sisanya", "Skip faulty rows, save the rest"),
    "nlu_do_import": ("Unggah dan simpan", "Upload and save"),
    "nlu_sheet_faults": (
        "Belum ada yang disimpan: {n} dari {rows} baris salah.",
        "Nothing is saved yet: {n} of {rows} rows are faulty.",
    ),
    # clash
    "nlu_clash_title": ("Contoh ini baru saja diubah orang lain", "Somebody else just changed this example"),
    "nlu_clash": (
        "Perubahan Anda belum disimpan. Bandingkan keduanya, lalu pilih.",
        "Your change is not saved. Compare both, then choose.",
    ),
    "nlu_clash_by": ("Terakhir diubah oleh {name}.", "Last changed by {name}."),
    "nlu_clash_mine": ("Versi Anda", "Your version"),
    "nlu_clash_theirs": ("Yang ada sekarang", "What is there now"),
    "nlu_clash_deleted": ("Contohnya sudah dihapus.", "The example has been deleted."),
    "nlu_clash_moved": ("Contohnya sudah pindah ke {name}.", "The example has moved to {name}."),
    "nlu_clash_replace": ("Ganti “{text}” dengan versi saya", "Replace “{text}” by my version"),
    "nlu_clash_add": ("Tambahkan versi saya juga", "Add my version, too"),
    "nlu_clash_leave": ("Biarkan yang ada sekarang", "Leave what is there now"),
    # done
    "nlu_done_added": ("{n} contoh ditambahkan; {skipped} sudah ada.", "{n} examples added; {skipped} were there."),
    "nlu_done_changed": ("Contoh diubah.", "The example is changed."),
    "nlu_done_removed": ("{n} contoh dihapus.", "{n} examples deleted."),
    "nlu_done_moved": ("{n} contoh dipindahkan.", "{n} examples moved."),
    "nlu_done_means": ("Arti kata disimpan.", "The meaning is saved."),
    "nlu_done_renamed": ("Nama diganti, beserta semua yang menyebutnya.", "Renamed, with all that names it."),
    "nlu_done_merged": ("Digabung: {n} contoh pindah ke sini.", "Merged: {n} examples came here."),
    "nlu_done_deleted": (
        "Maksud dihapus. Bisa dibatalkan di halaman Naskah.",
        "Deleted. It can be undone on the Draft page.",
    ),
    "nlu_done_created": (
        "Maksud dibuat. Bot memahaminya setelah naskah dilatih dan diterbitkan.",
        "Created. The bot understands it once the draft is trained and published.",
    ),
    "nlu_done_taken": (
        "{n} contoh dari tabel disimpan; {skipped} dilewati.",
        "{n} examples of the table saved; {skipped} skipped.",
    ),
    "nlu_done_nothing": ("Tidak ada yang perlu diubah.", "There was nothing to change."),
    # refusals
    "nlu_no_name": (
        "“{name}” tidak bisa jadi nama. Pakai huruf kecil, angka, dan garis bawah, dimulai dengan huruf, misalnya tanya_parkir.",
        "“{name}” can be no name. Use small letters, digits and underscores, beginning with a letter, for instance ask_parking.",
    ),
    "nlu_no_name_long": ("Nama paling panjang {most} huruf.", "A name has at most {most} characters."),
    "nlu_no_name_reserved": (
        "Nama “{name}” sudah dipakai oleh sistem. Pilih yang lain.",
        "The system uses the name “{name}”. Choose another.",
    ),
    "nlu_no_name_taken": (
        "Nama “{name}” sudah dipakai oleh maksud atau teks bot yang lain.",
        "The name “{name}” is taken by another intent or text of the bot.",
    ),
    "nlu_no_protected": (
        "“{name}” bawaan: program Loket mengenalnya lewat namanya, jadi nama itu tetap dan tidak bisa dihapus. Contohnya bebas diubah.",
        "“{name}” is built in: Loket's program knows it by its name, so that name stays and it cannot be deleted. Its examples are "
        "yours to change.",
    ),
    "nlu_no_example_empty": ("Tulis dulu contohnya.", "Write an example first."),
    "nlu_no_example_long": ("Satu contoh paling panjang {most} huruf.", "An example has at most {most} characters."),
    "nlu_no_example_markup": (
        "Tulis tanpa tanda khusus seperti [kata](…) atau \\u: “{text}”. Sistem membacanya sebagai perintah.",
        "Write it without signs such as [word](…) or \\u: “{text}”. The system reads them as commands.",
    ),
    "nlu_no_example_personal": (
        "Ada nomor atau alamat surel yang bisa milik seseorang: “{text}”. Ganti dengan angka 0, misalnya 0000.",
        "There is a number or mail address that may be somebody's: “{text}”. Put zeros in its place, for instance 0000.",
    ),
    "nlu_no_example_elsewhere": (
        "“{text}” sudah ada di {name}. Satu kalimat hanya boleh di satu maksud; pindahkan dari sana kalau tempatnya di sini.",
        "“{text}” is in {name} already. A sentence belongs to one intent only; move it from there if it belongs here.",
    ),
    "nlu_no_word_taken": (
        "“{text}” sudah berarti {name}. Hapus dulu di sana.",
        "“{text}” means {name} already. Delete it there first.",
    ),
    "nlu_no_lines": (
        "Paling banyak {most} baris sekaligus. Untuk lebih banyak, unggah tabel.",
        "At most {most} lines at once. For more, upload a table.",
    ),
    "nlu_no_marked": ("Tandai dulu contohnya.", "Mark the examples first."),
    "nlu_no_last": (
        "Tidak boleh sampai kosong: {name} butuh contoh. Kalau memang tidak dipakai, gabungkan atau hapus.",
        "It must not be left empty: {name} needs examples. If it is not used, merge or delete it.",
    ),
    "nlu_no_same": ("Tujuan dan asalnya sama: {name}.", "It is the same: {name}."),
    "nlu_no_unknown": ("Tidak ada yang bernama “{name}”.", "There is none named “{name}”."),
    "nlu_no_form": (
        "{name} ditulis dalam bentuk yang hanya bisa diubah di berkasnya.",
        "{name} is written in a form that can only be edited in its file.",
    ),
    "nlu_no_still_used": (
        "{name} masih dipakai di {path} baris {line}, dan itu tidak bisa ikut dihapus. Ubah dulu di sana.",
        "{name} is still used in {path}, line {line}, which cannot simply go with it. Change that first.",
    ),
    "nlu_no_unreadable": (
        "Berkas {path} salah tulis di sekitar baris {line}. Batalkan perubahan terakhirnya, atau minta bantuan operator.",
        "The file {path} is faulty near line {line}. Undo its last change, or ask an operator.",
    ),
    "nlu_no_no_domain": ("Daftar maksud (domain) tidak ditemukan.", "The list of intents (domain) is missing."),
    "nlu_no_no_language": (
        "Belum ada berkas teks untuk bahasa “{language}”.",
        "There is no file of texts for the language “{language}”.",
    ),
    "nlu_no_answer_missing": (
        "Tulis jawaban dalam bahasa Indonesia; tanpa itu bot diam saja.",
        "Write an answer in Indonesian; without it the bot says nothing.",
    ),
    "nlu_no_answer_long": ("Jawaban paling panjang {most} huruf.", "An answer has at most {most} characters."),
    "nlu_no_answer_braces": (
        "Di antara kurung kurawal hanya boleh {office}.",
        "Only {office} may stand in braces.",
    ),
    "nlu_no_button_missing": (
        "Isi juga nama pendek dalam bahasa Indonesia.",
        "Give the short name in Indonesian, too.",
    ),
    "nlu_no_button_long": ("Nama pendek paling panjang {most} huruf.", "A short name has at most {most} characters."),
    "nlu_no_row_intent": ("Kolom maksud kosong.", "The column of the intent is empty."),
    "nlu_no_sheet_large": ("Berkas paling besar {most} MB.", "A file has at most {most} MB."),
    "nlu_no_sheet_long": (
        "Paling banyak {most} baris sekali unggah. Bagi tabelnya.",
        "At most {most} rows at once. Split the table.",
    ),
    "nlu_no_sheet_empty": ("Tabelnya kosong.", "The table is empty."),
    "nlu_no_sheet_columns": (
        "Kolom intent (atau maksud) dan text (atau contoh) tidak ada. Yang ada: {found}.",
        "The columns intent and text are missing. There are: {found}.",
    ),
    "nlu_no_sheet_unreadable": (
        "Berkas ini bukan tabel CSV atau Excel (.xlsx).",
        "This file is no CSV or Excel (.xlsx) table.",
    ),
    "nlu_no_busy": (
        "Beberapa orang menyimpan bersamaan. Belum ada yang berubah; coba sekali lagi.",
        "Several people are saving at once. Nothing was changed; please try again.",
    ),
}
