"""What the check of the content finds, in an editor's own language: its messages are English, as files are checked by developers too."""

from __future__ import annotations

import re
from collections.abc import Sequence

# (what the check says, what an Indonesian editor reads: what is wrong, and what to do). Groups are put in by their number.
_SAID: Sequence[tuple[str, str]] = (
    (r"unknown key '(.+?)'.*", "ada nama isian '{1}' yang tidak dikenal; hapus atau betulkan namanya"),
    (r"(.+) missing", "belum ada {1}; isi dulu"),
    (r"(.+) does not fit here", "{1} tidak cocok di sini; lihat isian serupa di layanan lain"),
    (r"(.+) is not possible here", "{1} tidak bisa dipakai di sini; pilih salah satu yang tersedia"),
    (r"no valid YAML.*", "tulisannya tidak terbaca; periksa tanda kutip, titik dua, dan jarak awal baris"),
    (r"'(.+)' stands (?:t)?here twice.*", "'{1}' tertulis dua kali; sisakan satu"),
    (r"there is no sound service '(.+)'", "layanan '{1}' tidak ada atau masih salah; periksa namanya"),
    (r"there is another entry '(.+)'", "sudah ada pertanyaan lain bernama '{1}'; beri nama lain"),
    (
        r"a date does not fit: (.*)",
        "ada tanggal yang tidak mungkin, atau selesai sebelum mulai ({1}); betulkan tanggalnya",
    ),
    (
        r"variant '(.+)' is a referral without `refer`",
        "keperluan '{1}' dirujuk, tetapi belum ditulis ke siapa; isi Dirujuk ke",
    ),
    (
        r"variant '(.+)' has `refer` but is no referral",
        "keperluan '{1}' punya rujukan tetapi tidak berakhir dengan rujukan; pilih referral",
    ),
    (r"variant '(.+)' has no `requirements`", "keperluan '{1}' belum punya syarat; isi Syarat, atau jadikan rujukan"),
    (
        r"a variant ends in a submission or a booking.*",
        "ada keperluan yang berakhir dengan permohonan atau jadwal, tetapi formulirnya tidak ada; tambah formulir",
    ),
    (r"there is no variant '(.+)'", "keperluan '{1}' tidak ada; periksa namanya"),
    (r"two variants have the same id", "dua keperluan bernama pendek sama; beri nama yang berbeda"),
    (r"more than (\d+) variants", "lebih dari {1} keperluan; gabungkan sebagian"),
    (r"two sections are called '(.+)'", "dua bagian formulir bernama '{1}'; beri nama lain"),
    (r"two fields of '(.+)' are called '(.+)'", "di bagian '{1}' ada dua isian bernama '{2}'; beri nama lain"),
    (r"a field without `(.+)`", "isian ini belum punya {1}; isi dulu"),
    (r"there is no part '(.+)'", "isian bersama '{1}' tidak ada; periksa namanya"),
    (r"part '(.+)' has no field (.+)", "isian bersama '{1}' tidak punya {2}; periksa namanya"),
    (r"there is no code list '(.+?)'.*", "daftar pilihan '{1}' tidak ada; periksa namanya"),
    (r"there is no field type '(.+)'", "jenis isian '{1}' tidak ada; pilih dari daftar"),
    (
        r"`choices` and the type 'choice' belong together",
        "daftar pilihan hanya untuk jenis isian choice; isi keduanya atau kosongkan keduanya",
    ),
    (
        r"no field has the path '(.+)'",
        "tidak ada isian di '{1}'; tulis bagian.isian, atau .isian untuk bagian yang sama",
    ),
    (r"'(.+)' is never '(.+)'", "'{1}' tidak pernah bernilai '{2}'; lihat pilihan yang ada"),
    (r"a condition cannot '(.+)'", "syarat tidak mengenal '{1}'; pakai equals, in, not, exists, atau skipped"),
    (r"the register knows no '(.+)'", "data tercatat tidak punya '{1}'; periksa namanya"),
    (r"'(.+)' is not in the code list", "'{1}' tidak ada di daftar pilihan; pakai salah satu kodenya"),
    (r"a code stands twice in its list", "ada kode yang sama di satu daftar; beri kode yang berbeda"),
    (r"a limit that cannot be read", "batasnya tidak terbaca; tanggal: today, -120y, +30d; selain itu angka"),
    (r"`min` is above `max`", "paling sedikit lebih besar daripada paling banyak; tukar keduanya"),
    (r"a selfie that nobody checks", "swafoto ini tidak diperiksa siapa pun; isi Diperiksa ke: face"),
    (r"a repeated section without a number", "bagian berulang ini belum menyebut berapa kali; isi Berulang"),
    (
        r"the title of the repeated section '(.+)' is the same each time",
        "judul bagian berulang '{1}' selalu sama; sisipkan {{n}}",
    ),
    (r"'(.+)' is also a name of (.+)", "'{1}' juga nama layanan {2}; hapus dari salah satunya"),
    (r"there is no sound base file (.+)\.yml", "bagian bersama {1} tidak ada atau masih salah"),
    (r"no integration for (?:agency|the register) '?(.+?)'?", "sambungan ke instansi {1} tidak ada; hubungi operator"),
    (r"(.+) has no text in (.+)", "{1} belum ada dalam bahasa {2}"),
    (r".*is too short", "terlalu pendek atau terlalu sedikit; lengkapi"),
    (r".*does not match.*", "bentuk tulisannya belum benar; lihat contoh di isian lain"),
)
_PLACE = re.compile(r"^(?P<place>[A-Za-z0-9_.-]+): (?P<rest>.+)$", re.DOTALL)


def worded(language: str, message: str, remedy: str) -> str:
    """One fault as a sentence; what has no wording of its own is said as the check says it."""
    found = _PLACE.match(message)
    place, rest = (found["place"], found["rest"]) if found else ("", message)
    text = f"{rest}; {remedy}"
    if language == "id":
        for pattern, said in _SAID:
            if match := re.fullmatch(pattern, rest, re.DOTALL):
                text = said.format("", *match.groups())
                break
    where = f"{place}: " if place else ""
    return f"{where}{text}."
