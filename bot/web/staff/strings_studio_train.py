"""Sentences of the studio's pages of training and comparing."""

from __future__ import annotations

from collections.abc import Mapping

from bot.web.staff import strings_studio_release

RAW: tuple[tuple[str, str], ...] = (
    # What the catalogue's reader says (bot/schema_faults.py, bot/yaml_lines.py), for editors who read Indonesian.
    (r"unknown key '([^']*)'", r"kunci '\1' tidak dikenal"),
    (r"did you mean '([^']*)'\?", r"maksudnya '\1'?"),
    (r"possible keys: ", "kunci yang ada: "),
    (r"([\w, ]+) missing; add it", r"\1 belum ada; tambahkan"),
    (r"does not fit here; write ", "tidak cocok di sini; tulis "),
    (r"is not possible here; use one of: ", "tidak ada dalam pilihan; pakai salah satu: "),
    (
        r"no valid YAML \(([^)]*)\); check indentation, quotes and colons",
        r"susunan barisnya salah (\1); periksa spasi di awal baris, tanda kutip dan titik dua",
    ),
    (r"stands here twice \(first in line (\d+)\); keep one", r"tertulis dua kali (pertama di baris \1); sisakan satu"),
    (r"there is no sound service '([^']*)'", r"tidak ada layanan '\1' yang benar"),
    (r"see docs/", "lihat docs/"),
    (r"a text \(in quotes\)", "teks (di antara tanda kutip)"),
    (r"\ba text\b", "teks"),
    (r"\ba list\b", "daftar"),
    (r"\ba whole number\b", "bilangan bulat"),
    (r"\ba mapping\b", "pasangan kunci dan isi"),
)

PAIRS: Mapping[str, tuple[str, str]] = {
    "decimal_comma": (",", "."),
    # -- the draft
    "train_title": ("Latih & bandingkan", "Train & compare"),
    "train_intro": (
        "Di sini naskah diperiksa, model bahasanya dilatih, lalu dibandingkan dengan yang sedang menjawab warga. "
        "Bot tetap menjawab seperti biasa selama itu.",
        "Here the draft is checked, its language model is trained and compared with the one that answers citizens. "
        "The bot goes on answering as usual meanwhile.",
    ),
    "train_changed": ("{n} berkas berubah sejak terbitan terakhir.", "{n} files changed since the last release."),
    "train_unchanged": (
        "Naskah sama dengan yang terbit: tidak ada yang perlu dilatih.",
        "The draft is what is published: there is nothing to train.",
    ),
    "train_no_model": (
        "Perubahan ini tidak menyentuh cara bot memahami pesan, jadi tidak perlu melatih model. Anda bisa langsung ke Terbitan.",
        "These changes do not touch how the bot understands messages, so no training is needed. You can go straight to Releases.",
    ),
    "train_needs_model": (
        "Perubahan ini mengubah cara bot memahami pesan: modelnya perlu dilatih, sekitar satu sampai dua menit.",
        "These changes alter how the bot understands messages: its model has to be trained, about one or two minutes.",
    ),
    "train_ready": ("Naskah ini sudah dilatih dan dibandingkan.", "This draft is trained and compared."),
    "train_start": ("Latih dan bandingkan", "Train and compare"),
    "train_compare": ("Bandingkan saja", "Compare only"),
    "train_again": ("Latih lagi", "Train again"),
    "train_open_report": ("Buka laporannya", "Open its report"),
    "train_running": ("Pelatihan nomor {run} sedang berjalan.", "Training number {run} is under way."),
    "train_watch": ("Lihat kemajuannya", "See its progress"),
    "train_busy": (
        "Naskah lain sedang dilatih (nomor {run}). Tunggu sampai selesai, atau batalkan dulu.",
        "Another draft is being trained (number {run}). Wait until it is done, or cancel it first.",
    ),
    "train_faulty": (
        "Naskah ini belum bisa dilatih: perbaiki dulu yang tertulis di bawah.",
        "This draft cannot be trained yet: mend what is listed below first.",
    ),
    "train_faults": ("Perlu diperbaiki dulu", "To be mended first"),
    "train_faults_why": (
        "Selama ini ada, naskah tidak bisa dilatih atau diterbitkan. Yang terbit tetap berjalan.",
        "As long as these are here, the draft can neither be trained nor published. What is published goes on.",
    ),
    "train_fault_at": ("{file}, baris {line}", "{file}, line {line}"),
    "train_runs": ("Pelatihan terakhir", "Latest trainings"),
    "train_run": ("Pelatihan nomor {run}", "Training number {run}"),
    "train_by": ("oleh {who}", "by {who}"),
    "train_none": ("Belum pernah ada pelatihan.", "Nothing was ever trained."),
    "train_cancel": ("Batalkan pelatihan", "Cancel the training"),
    "train_cancelling": ("Sedang dibatalkan …", "Being cancelled …"),
    "train_close_ok": (
        "Halaman ini boleh ditutup: pelatihan berjalan terus.",
        "You may close this page: the training goes on.",
    ),
    "train_progress": ("Kemajuan", "Progress"),
    "train_back": ("Kembali ke Latih & bandingkan", "Back to Train & compare"),
    "train_retry": (
        "Bisa dimulai lagi dari halaman Latih & bandingkan.",
        "It can be started again on Train & compare.",
    ),
    "run_waiting": ("menunggu", "waiting"),
    "run_training": ("sedang dilatih", "training"),
    "run_testing": ("sedang dibandingkan", "comparing"),
    "run_done": ("selesai", "done"),
    "run_failed": ("gagal", "failed"),
    "run_cancelled": ("dibatalkan", "cancelled"),
    "run_interrupted": ("terputus", "cut off"),
    "train_line_training": ("Model mulai dilatih.", "The training begins."),
    "train_line_trained": ("Model selesai dilatih.", "The model is trained."),
    "train_line_same_model": ("Perubahan ini tidak perlu model baru.", "These changes need no new model."),
    "train_line_model_there": ("Model untuk isi ini sudah ada.", "There is a model for this content already."),
    "train_line_component": ("Bagian {name} belajar.", "Part {name} is learning."),
    "train_line_compare": (
        "{value} pesan uji dibandingkan dengan model yang terbit.",
        "{value} labelled messages are compared with the live model.",
    ),
    "train_line_talks": ("{value} percakapan uji dijalankan.", "{value} test conversations are run."),
    "train_line_recent": (
        "{value} pesan warga terakhir dibandingkan.",
        "{value} latest messages of citizens are compared.",
    ),
    "train_line_done": ("Selesai. Laporannya di bawah.", "Done. The report is below."),
    "train_line_cancelled": ("Dibatalkan; tidak ada yang tersisa.", "Cancelled; nothing of it stays."),
    "train_line_interrupted": (
        "Terputus karena Loket berhenti di tengah jalan. Mulai lagi kapan saja.",
        "Cut off because Loket stopped in the middle. Start it again any time.",
    ),
    "train_line_disk": (
        "Berhenti: diska penuh atau tidak bisa ditulisi. Hubungi operator.",
        "Stopped: the disk is full or cannot be written. Ask an operator.",
    ),
    "train_line_unexpected": (
        "Berhenti karena galat yang tidak terduga. Hubungi operator.",
        "Stopped by an unexpected error. Ask an operator.",
    ),
    "train_line_failed": ("Rasa tidak dapat memakai isi ini:", "Rasa cannot use this content:"),
    "train_part_RulePolicy": ("Aturan percakapan dipelajari.", "The rules of conversations are learnt."),
    "train_part_ServiceExtractor": ("Nama layanan dipelajari.", "Names of services are learnt."),
    "train_part_WishClassifier": (
        "Maksud dipelajari dari contoh; ini yang terlama.",
        "Intents are learnt from the examples; this takes longest.",
    ),
    # -- faults
    "fault_yaml": (
        "susunan barisnya salah ({problem}); periksa spasi di awal baris, tanda kutip dan titik dua",
        "no valid YAML ({problem}); check indentation, quotes and colons",
    ),
    "fault_yaml_alias": (
        "'*{alias}' merujuk ke bagian lain; tulis isinya lengkap di sini",
        "'*{alias}' refers to another part; write in full what it says",
    ),
    "fault_intent_name": (
        "'{intent}' tidak bisa menjadi nama maksud; pakai huruf kecil, angka dan _",
        "'{intent}' is no name for an intent; use small letters, digits and _",
    ),
    "fault_example_long": (
        "contoh ini kosong atau terlalu panjang; pendekkan",
        "this example is empty or too long; shorten it",
    ),
    "fault_intent_not_in_domain": (
        "maksud '{intent}' belum terdaftar di domain/domain.yml; tambahkan di sana",
        "intent '{intent}' is not in domain/domain.yml; add it there",
    ),
    "fault_intent_without_rule": (
        "maksud '{intent}' belum punya aturan, jadi warga tidak akan dijawab; tambahkan di rules/rules.yml",
        "intent '{intent}' has no rule, so citizens would get no answer; add one in rules/rules.yml",
    ),
    "fault_few_examples": (
        "maksud '{intent}' hanya punya {count} contoh; perlu paling sedikit {least}",
        "intent '{intent}' has only {count} examples; it needs {least} at least",
    ),
    "fault_intent_without_examples": (
        "maksud '{intent}' terdaftar tetapi tidak punya contoh; tambahkan contoh, atau hapus dari sini dan dari aturan",
        "intent '{intent}' is listed but has no examples; add some, or take it out here and of the rules",
    ),
    "fault_rule_unknown_intent": (
        "aturan ini memakai maksud '{intent}' yang tidak ada; perbaiki namanya",
        "this rule uses intent '{intent}', which does not exist; mend the name",
    ),
    "fault_rule_unknown_action": (
        "aturan ini memakai tindakan '{action}' yang tidak ada; perbaiki namanya",
        "this rule uses action '{action}', which does not exist; mend the name",
    ),
    "fault_example_twice": (
        "contoh \u201c{example}\u201d ada di maksud '{intent}' dan '{other}'; hapus dari salah satunya",
        "example \u201c{example}\u201d stands in intent '{intent}' and '{other}'; delete one of them",
    ),
    "fault_eval_columns": (
        "baris ini harus berisi tiga kolom yang dipisah tab: text, intent, service",
        "this line needs three columns separated by tabs: text, intent, service",
    ),
    "fault_eval_unknown_intent": (
        "pesan uji ini memakai maksud '{intent}' yang tidak ada; perbaiki namanya",
        "this labelled message uses intent '{intent}', which does not exist; mend the name",
    ),
    "fault_eval_unknown_service": (
        "pesan uji ini memakai layanan '{service}' yang tidak ada; perbaiki atau kosongkan",
        "this labelled message uses service '{service}', which does not exist; mend it or leave it empty",
    ),
    "fault_text_missing": (
        "kalimat '{key}' tidak ada lagi, padahal bot membutuhkannya; kembalikan",
        "the sentence '{key}' is gone, but the bot needs it; put it back",
    ),
    "fault_text_variable": (
        "kalimat '{key}' memakai {variable}, yang tidak dikenal di sini; perbaiki namanya atau hapus",
        "the sentence '{key}' uses {variable}, which is not known here; mend or remove it",
    ),
    "fault_text_no_file": (
        "berkas kalimat bahasa Indonesia hilang; kembalikan",
        "the file of Indonesian sentences is gone; put it back",
    ),
    "fault_text_no_mapping": ("berkas ini harus berisi kunci dan kalimat", "this file has to hold keys and sentences"),
    "fault_text_no_sentence": (
        "'{key}' bukan kalimat; tulis di antara tanda kutip",
        "'{key}' is no sentence; put it in quotes",
    ),
    # -- the report
    "report_title": ("Laporan", "Report"),
    "report_gate_open": (
        "Tidak ada yang menghalangi: naskah ini boleh diajukan untuk diterbitkan.",
        "Nothing stands in the way: this draft may be proposed for publication.",
    ),
    "report_gate_closed": ("Naskah ini belum boleh diterbitkan.", "This draft may not be published yet."),
    "report_old": (
        "Naskah sudah berubah sesudah pelatihan ini; laporan di bawah bukan tentang naskah sekarang.",
        "The draft has changed since this training; the report below is not about the draft as it is now.",
    ),
    "report_to_releases": ("Ke Terbitan", "To Releases"),
    "report_no_live": (
        "Model yang terbit tidak bisa ditanya, jadi tidak ada pembanding.",
        "The live model could not be asked, so there is nothing to compare with.",
    ),
    "report_messages": ("Pesan uji", "Labelled messages"),
    "report_right": ("Dipahami benar", "Understood rightly"),
    "report_macro": ("Rata-rata F1", "Mean F1"),
    "report_before_now": ("{before} % menjadi {now} %", "{before} % to {now} %"),
    "report_now": ("{now} %", "{now} %"),
    "report_intents": ("Per maksud", "By intent"),
    "report_intents_hint": (
        "Tepat: dari yang ditebak maksud ini, berapa yang benar. Kena: dari yang seharusnya maksud ini, berapa yang ditemukan. "
        "F1 menggabungkan keduanya.",
        "Precision: of what was taken for this intent, how much was right. Recall: of what should be this intent, how much was found. "
        "F1 joins both.",
    ),
    "report_intent": ("Maksud", "Intent"),
    "report_support": ("Pesan uji", "Messages"),
    "report_precision": ("Tepat %", "Precision %"),
    "report_recall": ("Kena %", "Recall %"),
    "report_f1": ("F1 %", "F1 %"),
    "report_change": ("Poin F1", "F1 points"),
    "report_too_much": ("turun terlalu banyak", "lost too much"),
    "train_new": ("baru", "new"),
    "train_gone": ("dihapus", "gone"),
    "report_untested": (
        "Belum ada pesan uji untuk: {intents}. Tambahkan lewat Tidak dipahami, supaya bisa dinilai.",
        "No labelled messages yet for: {intents}. Add some through Not understood, so that they can be judged.",
    ),
    "report_confusions": ("Yang tertukar", "What is taken for what"),
    "report_confused": (
        "{n} pesan bermaksud {wanted} dibaca {found}",
        "{n} messages mean {wanted} and are read as {found}",
    ),
    "report_no_confusions": ("Tidak ada yang tertukar.", "Nothing is taken for something else."),
    "report_matrix": ("Matriks lengkap", "The whole matrix"),
    "report_matrix_hint": (
        "Baris: maksud yang benar. Kolom: maksud yang dibaca model. Angka bisa dibuka.",
        "Rows: the right intent. Columns: what the model read. Numbers can be opened.",
    ),
    "report_cell": ("{wanted} dibaca {found}: {n}", "{wanted} read as {found}: {n}"),
    "report_otherwise": ("Pesan uji yang kini dibaca lain", "Labelled messages that are read otherwise now"),
    "report_otherwise_none": (
        "Semua pesan uji dibaca seperti sebelumnya.",
        "All labelled messages are read as before.",
    ),
    "report_worse": ("memburuk", "worse"),
    "report_better": ("membaik", "better"),
    "report_different": ("lain, tetap keliru", "other, still wrong"),
    "report_talks": ("Percakapan uji", "Test conversations"),
    "report_talks_none": (
        "Belum ada percakapan uji. Simpan satu dari menu Percakapan.",
        "No test conversations yet. Save one from Conversations.",
    ),
    "report_talks_ok": ("{n} percakapan uji berjalan seperti tertulis.", "{n} test conversations go as written."),
    "report_talk_turn": (
        "Giliran {turn}, \u201c{said}\u201d: {what} seharusnya {wanted}, menjadi {found}",
        "Turn {turn}, \u201c{said}\u201d: {what} should be {wanted}, is {found}",
    ),
    "report_talk_file": ("Berkasnya tidak terbaca: {said}", "The file cannot be read: {said}"),
    "report_what_intent": ("maksud", "intent"),
    "report_what_service": ("layanan", "service"),
    "report_what_answer": ("jawaban", "answer"),
    "report_real": ("Pesan warga yang sesungguhnya", "Messages citizens really wrote"),
    "report_real_none": (
        "Belum ada pesan warga untuk dibandingkan.",
        "There are no messages of citizens to compare yet.",
    ),
    "report_real_same": (
        "{n} pesan terakhir dijawab seperti sebelumnya.",
        "The {n} latest messages are answered as before.",
    ),
    "report_real_changed": (
        "{n} dari {all} pesan terakhir kini akan dijawab lain:",
        "{n} of the {all} latest messages would now be answered otherwise:",
    ),
    "report_real_hidden": (
        "Pesan warga kantor lain tidak ditampilkan.",
        "Messages of another office's citizens are not shown.",
    ),
    "report_times": ("{n} kali", "{n} times"),
    "report_unsure": ("tidak dipahami", "not understood"),
    "cell_title": ("{wanted} dibaca {found}", "{wanted} read as {found}"),
    "cell_title_all": ("Semua pesan uji {wanted}", "All labelled messages of {wanted}"),
    "cell_fix": (
        "Tambahkan contoh yang mirip ke maksud yang benar, atau pindahkan contoh yang menyesatkan:",
        "Add similar examples to the right intent, or move examples that mislead:",
    ),
    "cell_open": ("Buka contoh {intent}", "Open examples of {intent}"),
    "cell_text": ("Pesan", "Message"),
    "cell_read": ("Dibaca", "Read as"),
    "cell_sure": ("Keyakinan %", "Confidence %"),
    "cell_was": ("Model terbit", "Live model"),
    "cell_back": ("Kembali ke laporan", "Back to the report"),
    "cell_none": ("Tidak ada pesan di sini.", "There are no messages here."),
    # -- the gate
    "stop_faults": (
        "{count} hal di naskah harus diperbaiki dulu.",
        "{count} things in the draft have to be mended first.",
    ),
    "stop_untrained": ("Naskah ini belum dilatih dan dibandingkan.", "This draft is not trained and compared yet."),
    "stop_loss": (
        "Maksud {intent} turun {points} poin F1 ({support} pesan uji); paling banyak boleh {most}.",
        "Intent {intent} loses {points} points of F1 ({support} labelled messages); at most {most} are allowed.",
    ),
    "stop_talk": (
        "Percakapan uji \u201c{name}\u201d tidak berjalan seperti tertulis.",
        "The test conversation \u201c{name}\u201d does not go as written.",
    ),
    "stop_see": ("Lihat pesannya", "See the messages"),
    **strings_studio_release.PAIRS,
}
