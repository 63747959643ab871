"""The frequent questions of ``data/faq``: each is found by other words than its own, and keeps out of what is no question."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bot.dialogue.nlu.normalise import words
from bot.domain.catalogue import Catalogue, Faq
from bot.domain.faq import FaqIndex, Match
from bot.usecases.deps import Policy
from bot.usecases.wishes import INTENTS
from tests import content

DATA = Path(__file__).parents[1] / "data"
LANGUAGES = {"id", "en", "jv"}
SHARED = 2
"""Telling words a text and a question must share before the answer is given (bot/usecases/dialogue_steps.py)."""
FOUND, MOST = 0.45, 0.8
"""A paraphrase counts as well found from this likeness on; as many of them have to be."""
ALIKE = 0.8
"""Questions of two entries that are more alike are one question."""
LONGEST = 420
"""Characters of an answer; more is not read on a phone."""

PARAPHRASES = {
    "surat-pengantar-rt": ("pak RT lagi pergi, harus nunggu surat pengantar dia nggak?", "ke balai desa dulu minta pengantar ya?"),
    "semua-gratis": ("semua dokumen capil gratis kan?", "is every civil document really free?"),
    "calo": ("tetangga nyaranin lewat calo 200 ribu, resmi nggak tuh", "pakai biro jasa boleh?"),
    "asli-atau-fotokopi": ("kirimnya foto asli apa fotokopi ya", "ktp saya adanya fotokopian, difoto boleh?"),
    "legalisir": ("fotokopi akta mau saya legalisir, di mana ya", "hrd minta kk legalisir"),
    "cetak-sendiri": ("kertasnya HVS biasa kok, ini sah?", "ngeprint KK di rumah pakai kertas A4 boleh"),
    "cek-keaslian-qr": ("takut aktanya palsu, ngecek keaslian gimana", "QR di kk kalau dipindai keluar apa"),
    "ktp-seumur-hidup": ("masa berlaku ktp saya sampai 2016, perlu diperpanjang?", "KTP berlaku seumur hidup ya?"),
    "ktp-hilang-polisi": ("dompet dicuri, KTP hilang, wajib lapor polsek?", "ktp ilang tanpa surat polisi bisa diproses?"),
    "ktp-rekam-diwakilkan": ("perekaman ktp boleh diwakilkan kakaknya?", "sidik jarinya bisa online aja dari rumah?"),
    "ktp-17-kurang": ("anakku usia 16 sudah boleh perekaman?", "belum genap 17 tahun bisa rekam?"),
    "blangko-habis": ("kata pak lurah blangko kosong, kapan ada stok lagi", "jauh jauh datang ternyata blangko entek"),
    "ktp-luar-domisili": ("saya di perantauan, cetak ktp di sana bisa tanpa pulang?", "domisili luar kota, KTP dicetak di Slawi boleh?"),
    "nik-berubah": ("nik kok tidak cocok dengan tanggal lahir ya", "does the NIK number change after moving?"),
    "nik-tidak-ditemukan": ("waktu daftar bpjs nik tidak ditemukan", "bank bilang data nik tidak sinkron"),
    "kk-hilang-polisi": ("kk hilang wajib lapor polsek apa tidak", "KK saya tercecer, perlu polisi?"),
    "kk-lama-barcode": ("kk saya masih tanda tangan basah, masih berlaku kan", "KK lama belum ada QR sah nggak dipakai"),
    "pisah-kk": ("masih serumah dengan orang tua, boleh KK sendiri?", "satu rumah dua KK apa diperbolehkan"),
    "nikah-siri-kk": ("kami nikah siri, bisa dijadikan satu KK?", "di KK tertulis kawin belum tercatat, maksudnya apa"),
    "ubah-status-kawin": ("baru menikah, KK atau KTP dulu yang diubah statusnya?", "KTP masih tertulis belum kawin padahal sudah nikah"),
    "berapa-lama-sah-24jam": ("bukannya aturannya 24 jam jadi?", "standar pelayanan dukcapil itu berapa hari kerja ya"),
    "diwakilkan": ("ibu saya sudah sepuh, boleh diwakilkan anaknya?", "kalau pakai surat kuasa boleh?"),
    "kota-atau-kabupaten": ("saya warga kota tegal bukan kabupaten, bisa di sini?", "Margadana itu kota tegal, ngurusnya di mana"),
    "kurang-berkas": ("satu berkas belum ada, boleh menyusul?", "dokumennya kurang, disusulkan besok bisa?"),
    "akta-telat": ("telat bikin akta lahir apa ada denda", "akta lahir terlambat setahun lebih perlu sidang?"),
    "akta-tanpa-buku-nikah": ("orang tuanya nikah siri, akta lahir anaknya bagaimana", "gak punya buku nikah, nama bapak bisa masuk akta?"),
    "lahir-dukun": ("dulu ditolong dukun jadi tidak ada surat bidan", "surat dari bidan terselip, gantinya apa"),
    "akta-lahir-3in1": ("akta bayi sekalian dapat KIA dan KK baru?", "ada paket akta kk kia 3 in 1?"),
    "nama-anak-aturan": ("nama bayi satu kata saja boleh?", "maksimal huruf nama bayi berapa"),
    "salah-tulis-akta": ("ejaan di akta keliru satu huruf", "tanggal lahir di akta tidak sama dengan ijazah"),
    "akta-hilang": ("akta rusak kena banjir minta kutipan kedua", "akta hilang padahal terbit di daerah lain"),
    "akta-kematian-batas": ("lapor orang meninggal batas waktunya berapa hari?", "bapak meninggal bertahun-tahun lalu belum dilaporkan"),
    "akta-kematian-guna": ("buat apa sih bikin akta kematian, untuk waris?", "surat kepala desa sudah ada, masih disuruh akta kematian"),
    "kia-wajib": ("KIA itu diwajibkan untuk semua anak?", "apa gunanya KIA buat sekolah"),
    "kia-foto": ("background foto KIA merah apa biru ya", "ukuran pas foto KIA"),
    "pindah-di-tujuan": ("cabut berkas harus pulang ke daerah asal?", "SKPWNI bisa diminta dari dukcapil tujuan?"),
    "surat-pindah-kedaluwarsa": ("SKPWNI saya sudah lewat masa berlakunya", "surat pindah saya kadaluarsa, belum sempat lapor"),
    "kontrak-kos": ("saya ngontrak, perlu izin pemilik rumah untuk pindah?", "anak kos apa bisa pakai alamat kos"),
    "nikah-muslim-capil": ("sudah ada buku nikah KUA, perlu akta dari capil?", "orang islam nikahnya daftar KUA atau capil"),
    "nikah-batas-60": ("pemberkatan gereja sudah lama, belum tercatat di capil", "batas hari mencatatkan perkawinan setelah pemberkatan"),
    "cerai-muslim": ("habis sidang pengadilan agama, akta cerainya diambil di mana", "cerai islam perlu ke capil lagi?"),
    "ikd-aktivasi": ("aktifkan IKD bisa dari chat sini?", "saya mau aktivasi identitas digital"),
    "ikd-ganti-hp": ("PIN IKD lupa, gimana", "pindah ke hp baru IKD tidak bisa dibuka"),
    "ikd-gantikan-ktp": ("kalau punya IKD, kartu KTP fisik masih perlu?", "KTP digital menggantikan kartu?"),
    "akun-resmi": ("chat ini resmi pemerintah atau penipuan?", "ini asli apa penipu"),
    "telepon-palsu": ("tadi ada telepon ngaku dukcapil minta kode", "disuruh download apk katanya dari capil"),
    "kenapa-selfie": ("selfie wajah itu dipakai untuk apa", "why must I send a selfie of my face"),
    "selfie-gagal": ("selfie ditolak terus padahal sudah terang", "pakai kerudung selfienya ditolak?"),
    "data-whatsapp": ("kirim dokumen lewat WA aman?", "foto ktp saya disimpan di mana, takut bocor"),
    "hapus-data": ("tolong data pribadi saya dihapus", "saya ingin mencabut persetujuan"),
    "loket-minta-otp": ("pakai OTP atau password tidak?", "login perlu kata sandi?"),
    "bot-atau-orang": ("kamu robot ya atau manusia?", "ini dibalas mesin atau admin asli"),
    "berhenti-di-tengah": ("kalau sinyal putus isian hilang?", "ngisinya dilanjut besok apa bisa"),
    "salah-isi": ("jawaban yang tadi keliru, mau ganti", "saya salah ketik di formulir"),
    "sudah-dikirim-salah": ("sudah terlanjur terkirim padahal salah nama", "permohonan sudah dikirim, mau revisi"),
    "nomor-permohonan-hilang": ("nomor resi hilang, lupa permohonannya", "lupa nomor pengajuan kemarin"),
    "boleh-pakai-hp-orang": ("pinjam hp tetangga boleh?", "saya tidak punya hp, pakai ponsel anak"),
    "hp-jadul-sinyal": ("sinyal di sini jelek, hp saya jadul", "harus download aplikasi dulu?"),
    "difabel": ("bapak saya stroke tidak bisa bangun", "penyandang disabilitas didatangi ke rumah?"),
    "rumah-paten": ("di kantor kecamatan bisa, tidak usah ke Slawi?", "apa itu rumah paten"),
    "mpp-ada-apa": ("gedung MPP ada loket apa saja", "SKCK dan SIM bisa di MPP?"),
    "nomor-antrean-habis": ("nomor antrean sudah habis jam 9", "kuota antrean per hari berapa orang"),
    "mpp-digital": ("bedanya MPP Digital dengan Loket apa", "aplikasi MPP Digital itu apa sih"),
    "rekomendasi-op": ("SIP masih butuh rekomendasi IDI?", "rekomendasi organisasi profesi PPNI apa dihapus"),
    "str-seumur-hidup": ("STR saya seumur hidup, SIP berlakunya berapa tahun", "STR lama perlu konversi?"),
    "str-bukan-sini": ("mau perpanjang STR, lewat aplikasi mana", "registrasi STR baru di KTKI ya?"),
    "sip-tiga-tempat": ("maksimal boleh pegang berapa SIP", "praktik di tiga klinik dan rumah sakit boleh?"),
    "sip-lima-hari": ("katanya lima hari kerja SIP otomatis terbit", "lewat 5 hari SIP terbit otomatis?"),
    "sip-skp-kurang": ("SKP tidak cukup, perpanjang SIP bisa?", "cek jumlah SKP di mana"),
    "sip-kapan-perpanjang": ("berapa bulan sebelum habis SIP diperpanjang", "SIP mati apa masih boleh praktik"),
    "sip-pindah-rs": ("saya resign dari klinik, SIP lama dicabut?", "pindah kerja ke RS lain SIP bagaimana"),
    "sip-kolektif": ("bisa kolektif untuk semua karyawan rumah sakit?", "HRD ajukan SIP sekaligus banyak pegawai"),
    "sip-lulusan-baru": ("baru lulus belum kerja, SIP bisa diajukan?", "fresh graduate boleh bikin SIP"),
    "izin-klinik-apotek": ("mau buka apotek izinnya ke mana", "izin klinik lewat OSS?"),
}  # fmt: skip
"""Two ways of asking each, by hand, that do not stand in the file."""

ORDINARY = (
    "halo kak",
    "selamat pagi pak",
    "assalamualaikum",
    "p",
    "matur nuwun nggih",
    "makasih banyak ya infonya",
    "mau bikin akta kelahiran anak saya",
    "saya mau urus ktp yang hilang",
    "pan gawe kk anyar",
    "mau ajukan SIP perawat baru",
    "perpanjang SIP bidan",
    "daftar kia anak umur 3 tahun",
    "mau lapor kematian simbah",
    "mau pindah dari Slawi ke Semarang",
    "cetak ulang akta lahir",
    "status permohonan saya sampai mana",
    "mau bicara dengan petugas",
    "batalkan permohonan saya",
    "syarat akta kelahiran apa saja",
    "berapa lama bikin kartu keluarga",
    "biaya ganti ktp rusak berapa",
    "cara urus akta kematian",
    "akta lahir hilang, syaratnya apa",
    "jam buka mpp hari sabtu",
    "alamat kantor disdukcapil di mana",
    "saya mau mengadu, petugasnya kasar",
    "I want to apply for a birth certificate",
    "harga cabai hari ini berapa",
    "besok hujan nggak ya",
    "bayar pajak motor di mana",
    "listrik di rumah saya mati dari tadi pagi",
    "lowongan kerja di slawi ada?",
    "bantuan PKH saya kok belum cair",
    "nama saya Budi Santoso",
    "Jl. Melati No. 5 RT 03 RW 05 Procot",
    "17 Agustus 1990",
)
"""Wishes to act, questions the catalogue answers, greetings, answers in a form, other people's matters."""


@cache
def catalogue() -> Catalogue:
    return content.catalogue()


@cache
def index() -> FaqIndex:
    return FaqIndex(catalogue().faqs, words)


def best(text: str) -> Match:
    match = index().best(text)
    assert match is not None, f"'{text}' finds nothing"
    return match


def takes_over(text: str, likeness: float) -> bool:
    match = index().best(text)
    return match is not None and match.score >= likeness and match.shared >= SHARED


def entry(id: str) -> Faq:
    return next(faq for faq in catalogue().faqs if faq.id == id)


ENTRIES = sorted(faq.id for faq in catalogue().faqs)


def test_no_entry_got_lost_and_each_has_its_paraphrases() -> None:
    assert len(ENTRIES) >= 74
    assert sorted(PARAPHRASES) == ENTRIES


@pytest.mark.parametrize("id", ENTRIES)
def test_an_entry_is_found_first_by_other_words_than_its_own(id: str) -> None:
    own = {question.casefold() for faq in catalogue().faqs for question in faq.questions}
    for text in PARAPHRASES[id]:
        assert text.casefold() not in own, f"'{text}' stands in the file"
        match = best(text)
        assert match.faq.id == id, f"'{text}' finds {match.faq.id} ({match.score:.2f})"


def test_most_paraphrases_are_well_found() -> None:
    all_ = [text for texts in PARAPHRASES.values() for text in texts]
    weak = {text: round(best(text).score, 2) for text in all_ if best(text).score < FOUND}
    assert len(weak) <= (1 - MOST) * len(all_), weak


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_message_is_no_frequent_question(text: str) -> None:
    assert not takes_over(text, Policy().faq_sure), best(text)


@pytest.mark.parametrize("slug", sorted(catalogue().services))
def test_what_is_asked_about_a_service_by_its_name_is_answered_from_the_catalogue(slug: str) -> None:
    """No answer to a frequent question may stand in the way of "syarat …", "cara urus …", "… berapa lama"."""
    service = catalogue().services[slug]
    taken = []
    for name in (*service.name.values(), *service.also_called):
        for asked in ("syarat {}", "cara urus {}", "{} jadi berapa lama", "biaya {} berapa", "what do I need for {}"):
            match = index().best(asked.format(name))
            about = match is not None and (match.faq.service is None or slug.startswith(match.faq.service))
            if match is not None and about and takes_over(asked.format(name), Policy().faq_sure):
                taken.append(f"'{asked.format(name)}' -> {match.faq.id} {match.score:.2f}")
    assert not taken, taken


def test_no_two_entries_ask_nearly_the_same() -> None:
    alike = []
    for faq in catalogue().faqs:
        others = FaqIndex([other for other in catalogue().faqs if other is not faq], words)
        for question in faq.questions:
            match = others.best(question)
            if match is not None and match.score >= ALIKE and match.shared >= SHARED:
                alike.append(f"{faq.id}: '{question}' is like {match.faq.id} ({match.score:.2f})")
    assert not alike, alike


@pytest.mark.parametrize("id", ENTRIES)
def test_an_entry_is_asked_in_many_ways_and_answered_shortly_in_three_languages(id: str) -> None:
    faq = entry(id)
    assert 5 <= len(faq.questions) <= 7 and len(set(faq.questions)) == len(faq.questions)
    assert set(faq.answer.text) == LANGUAGES
    assert all(0 < len(text) <= LONGEST for text in faq.answer.text.values())


@pytest.mark.parametrize("id", ENTRIES)
def test_what_an_entry_offers_next_has_a_button(id: str) -> None:
    faq = entry(id)
    if faq.wish is not None:
        assert faq.wish in INTENTS
        texts = content.texts()
        assert texts.has(f"button.{faq.wish}")
        # A title with the service's name needs the service.
        assert faq.service is not None or "{service}" not in (texts.template(f"button.{faq.wish}", "id") or "")


@pytest.mark.parametrize("id", [faq.id for faq in catalogue().faqs if faq.service == "akta-kematian"])
def test_who_asks_about_a_death_is_met_with_condolence(id: str) -> None:
    said = {language: text.casefold() for language, text in entry(id).answer.text.items()}
    assert said["id"].startswith("kami turut berduka")
    assert said["en"].startswith("we are sorry for your loss")
    assert said["jv"].startswith("kulo ndherek bela sungkawa")
    assert not any(word in text for text in said.values() for word in ("selamat", "sugeng", "congratul"))
