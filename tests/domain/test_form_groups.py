"""Groups whose number the citizen chooses: movers, family members, changed data; and papers that are missing."""

from __future__ import annotations

import pytest

from bot.domain.fields.base import Choice
from bot.domain.form_ask import PART
from bot.domain.form_model import Field, Fill, Repeat, Section
from tests.domain.citizen import Citizen, photo
from tests.domain.test_form_model import service, simple, words

SHDK = (Choice("anak", words("Anak")), Choice("istri", words("Istri")))
MOVERS = Section(
    "anggota",
    words("Anggota {n}"),
    (
        Field("nama", "name", words("Nama anggota ke-{n}"), words("Siapa nama anggota ke-{n}?")),
        simple("nik", "nik", differs_from=("anggota.*.nik",)),
        simple("hubungan", "choice", choices=SHDK),
        simple("no_kk", "no_kk", fill=(Fill(copy="anggota.0.no_kk"),)),
    ),
    repeat=Repeat(1, 3, words("Ada anggota lain yang ikut pindah?")),
)
ONE, TWO, THREE = "3328990101900011", "3328990101900012", "3328990101900013"
CARD = "3328990101150001"


def movers(count: int = 0) -> Citizen:
    """Somebody who has named so many movers, and is asked whether there are more."""
    her = Citizen(service(MOVERS))
    for n, (name, nik) in enumerate((("Budi", ONE), ("Siti", TWO), ("Joko", THREE))[:count]):
        if n:
            her.send("ya")
        her.send(name, nik, "anak")
        if n == 0:
            her.send(CARD)
    return her


def names(her: Citizen) -> list[str]:
    return [row["nama"] for row in her.payload["anggota"]]


def test_each_group_is_asked_with_its_number() -> None:
    her = movers(1).send("ya")
    assert "anggota ke-2" in her.question.text and "Anggota 2" in her.question.text


def test_after_the_last_possible_group_nobody_is_asked_for_more() -> None:
    her = movers(3)
    assert her.path == "_periksa" and names(her) == ["Budi", "Siti", "Joko"]


def test_a_number_that_another_group_has_is_not_taken() -> None:
    her = movers(2).send("ya", "Joko")
    for taken in (ONE, TWO):
        assert "berbeda" in her.send(taken).said and her.path == "anggota.2.nik"
    assert her.send(THREE).path == "anggota.2.hubungan"


def test_an_answer_may_stay_the_same_when_it_is_corrected() -> None:
    her = movers(2).send("tidak", "ubah nik anggota 2", TWO)
    assert her.path == "_periksa" and her.payload["anggota"][1]["nik"] == TWO


def test_a_later_group_takes_over_what_the_first_one_said() -> None:
    assert [row["no_kk"] for row in movers(3).payload["anggota"]] == [CARD] * 3


def test_going_back_leads_into_the_group_before() -> None:
    her = movers(1).send("ya", "Siti")
    assert her.send("kembali").path == "anggota.1.nama"
    assert her.send("kembali").path == "anggota.0.lagi"
    assert her.send("kembali").path == "anggota.0.no_kk"


@pytest.mark.parametrize("word", ["hapus", "hapus yang terakhir", "busak", "remove"])
def test_the_group_being_asked_is_taken_out(word: str) -> None:
    her = movers(1).send("ya", "Siti", word)
    assert her.said == "Anggota 2 sudah dihapus."
    assert her.path == "_periksa" and names(her) == ["Budi"]


def test_a_group_in_the_middle_is_taken_out_by_its_number() -> None:
    her = movers(3).send("hapus anggota 2")
    assert names(her) == ["Budi", "Joko"] and her.path == "_periksa"
    assert her.payload["anggota"][1]["nik"] == THREE
    assert "Joko" in her.shown and "Siti" not in her.shown


def test_the_first_group_is_taken_out_and_what_followed_it_is_asked_again() -> None:
    her = movers(2).send("tidak", "hapus anggota 1")
    assert names(her) == ["Siti"] and her.path == "anggota.0.no_kk"


def test_taking_out_an_earlier_group_leaves_the_one_being_asked_open() -> None:
    her = movers(2).send("ya", "Joko", "hapus anggota 1")
    assert her.path == "anggota.0.no_kk"
    assert her.send(CARD).path == "anggota.1.nik"
    assert her.send(THREE, "istri").path == "anggota.1.lagi"


def test_the_last_group_that_is_needed_stays() -> None:
    her = movers(1).send("tidak")
    her.send("hapus anggota 1")
    assert names(her) == ["Budi"] and her.path == "_periksa"


def test_a_group_that_does_not_exist_is_not_taken_out() -> None:
    her = movers(2).send("tidak", "hapus anggota 5")
    assert "1 sampai 2" in her.said and names(her) == ["Budi", "Siti"]


def test_one_more_may_be_added_at_the_review() -> None:
    her = movers(1).send("tidak")
    assert "TAMBAH" in her.shown
    her.send("tambah anggota")
    assert her.path == "anggota.1.nama"
    assert names(her.send("Siti", TWO, "istri", "tidak")) == ["Budi", "Siti"]
    assert her.path == "_periksa"


def test_there_is_no_more_room_than_the_form_has() -> None:
    her = movers(3).send("tambah")
    assert names(her) == ["Budi", "Siti", "Joko"] and her.path == "_periksa"


def test_to_take_out_and_to_add_are_words_of_a_form_with_groups_only() -> None:
    her = Citizen(service(Section("isi", words("Isi"), (simple("alasan", "text"),))))
    assert her.send("hapus data lama").payload == {"isi": {"alasan": "hapus data lama"}}


def test_groups_stand_under_their_own_headings_in_the_review() -> None:
    shown = movers(2).send("tidak").shown
    assert shown.index("ANGGOTA 1") < shown.index("Budi") < shown.index("ANGGOTA 2") < shown.index("Siti")


def test_a_long_review_comes_in_parts_that_lose_nothing() -> None:
    fields = tuple(simple(f"isian_{n}", "text") for n in range(8))
    sections = [Section(f"s{n}", words(f"Bagian {n}"), fields) for n in range(6)]
    her = Citizen(service(*sections)).send(*[f"jawaban yang agak panjang nomor {n}" for n in range(48)])
    parts = [*her.question.before, her.question.text]
    assert len(parts) > 2 and all(len(part) < PART + 274 for part in parts)
    assert all(f"nomor {n}" in "\n".join(parts) for n in range(48))
    assert all(f"bagian {n} dari {len(parts)}" in part for n, part in enumerate(parts, 1))
    assert "KIRIM" in parts[-1] and not any("KIRIM" in part for part in parts[:-1])


def test_a_group_longer_than_a_message_is_cut_between_its_lines() -> None:
    fields = tuple(simple(f"isian_{n}", "text") for n in range(40))
    her = Citizen(service(Section("s", words("Bagian"), fields))).send(
        *[f"jawaban yang panjang {n}" for n in range(40)]
    )
    assert all(len(part) < PART + 274 for part in (*her.question.before, her.question.text))
    assert all(f"{n + 1}. isian_{n}: jawaban yang panjang {n}" in her.shown for n in range(40))


PAPERS = Section(
    "dokumen",
    words("Dokumen"),
    tuple(simple(id, "document") for id in ("kk", "ktp", "buku_nikah")) + (simple("foto", "document", optional=True),),
)


def test_the_first_paper_is_asked_with_all_that_are_needed() -> None:
    her = Citizen(service(Section("isi", words("Isi"), (simple("nama"),)), PAPERS)).send("Budi")
    assert "Masih perlu 3 berkas" in her.question.text
    assert all(f"• {name}" in her.question.text for name in ("kk", "ktp", "buku_nikah"))
    assert "• foto" not in her.question.text
    assert "berkas" not in her.send(photo("kk")).question.text


def test_whoever_lacks_papers_hears_at_once_which_ones() -> None:
    her = Citizen(service(PAPERS)).send(photo("kk"), "belum punya")
    assert all(f"• {name}" in her.said for name in ("ktp", "buku_nikah")) and "• kk" not in her.said
    assert her.path == "dokumen.ktp"


def test_in_a_repair_groups_are_neither_added_nor_taken_out() -> None:
    her = movers(2).send("tidak", "kirim")
    her.draft = her.engine.repair(her.draft, ["anggota.1.nama"])
    her.send("hapus anggota 1")
    assert len(her.payload["anggota"]) == 2
