"""Variants: which one is meant, and the three ways a form can end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.catalogue import Ending, Fact, Refer, Service, Variant, answer, to_choose
from bot.domain.form import Mode
from bot.domain.form_model import Condition, Form, Section, Test
from bot.domain.variants import variant_meant
from tests.domain.citizen import Citizen
from tests.domain.spec import birth, texts
from tests.domain.test_form_model import simple, words


def only(*ids: str) -> Condition:
    return Condition((Test("_variant", "in", ids),))


OWNER = Refer(words("KUA kecamatan"), Fact(words("Nikah warga Muslim diurus di KUA."), "contoh", True))
VARIANTS = (
    Variant("hilang", words("KTP hilang"), (), synonyms=("hilang", "ilang", "kecopetan")),
    Variant("rusak", words("KTP rusak"), (), synonyms=("rusak", "patah")),
    Variant("pemula", words("KTP pertama"), (), Ending.BOOKING, ("pertama", "umur 17", "rusak parah")),
    Variant("muslim", words("Warga Muslim"), (), Ending.REFERRAL, ("muslim",), refer=OWNER),
)


def card() -> Service:
    """A small service with every ending; identity as in all services."""
    assert (form := birth().form) is not None
    before = tuple(s for s in form.sections if s.internal)
    sections = (
        Section("pelapor", words("Pelapor"), (simple("nama"),)),
        Section("kehilangan", words("Kehilangan"), (simple("di_mana", "place"),), only("hilang")),
        Section("kunjungan", words("Kunjungan"), (simple("tanggal", "date"),), only("pemula")),
    )
    return replace(birth(), slug="kartu", name=words("KTP-el"), variants=VARIANTS, form=Form("X", (*before, *sections)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ktp saya hilang kak", "hilang"),
        ("KTP-ne ilang, priben?", "hilang"),
        ("dompet kecopetn, ktp ikut", "hilang"),
        ("bukan hilang, tapi rusak", "rusak"),
        ("ktp rusak parah", "pemula"),
        ("anak saya umur 17", "pemula"),
        ("hilang dan rusak", None),
        ("mau bikin ktp", None),
        ("kehilangan arah", None),
        ("", None),
    ],
)
def test_the_words_of_a_citizen_name_the_variant(text: str, expected: str | None) -> None:
    found = variant_meant(text, card())
    assert (found.id if found else None) == expected


def test_a_service_with_one_variant_has_nothing_to_name() -> None:
    assert variant_meant("hilang", replace(card(), variants=VARIANTS[:1])) is None


def test_the_name_of_the_service_is_no_word_for_a_variant() -> None:
    moving = replace(card(), name=words("Pindah dan Hilang"))
    assert variant_meant("surat pindah dan hilang yang rusak", moving) == VARIANTS[1]
    assert variant_meant("pindah dan hilang", moving) == VARIANTS[0]


@pytest.mark.parametrize("said", ["1", "hilang", "KTP hilang", "yang ilang", "kecopetan", "no 1"])
def test_the_variant_is_asked_first_and_named_in_any_way(said: str) -> None:
    her = Citizen(card())
    assert her.path == "_variant" and "1. KTP hilang" in her.question.text and len(her.question.buttons) == 4
    assert her.send(said).draft.variant == "hilang"
    assert her.path == "persetujuan.setuju"


def test_a_variant_that_is_known_is_not_asked() -> None:
    her = Citizen(card(), variant="rusak")
    assert her.path == "persetujuan.setuju"


def test_going_back_leads_to_the_choice_of_the_variant() -> None:
    assert Citizen(card()).send("hilang", "kembali").path == "_variant"
    assert Citizen(card(), variant="rusak").send("kembali").path == "_variant"
    only_one = Citizen(replace(card(), variants=VARIANTS[:1]))
    assert only_one.send("kembali").path == "persetujuan.setuju"


def proven(variant: str) -> Citizen:
    return Citizen(card(), variant=variant, assurance=3).send("ya", "Budi Santoso")


def test_the_review_names_the_variant_first() -> None:
    her = proven("hilang").send("Slawi")
    assert "1. KTP-el: KTP hilang" in her.question.text and "2. nama: Budi Santoso" in her.question.text
    assert her.payload == {"pelapor": {"nama": "Budi Santoso"}, "kehilangan": {"di_mana": "Slawi"}}


def test_the_variant_can_be_changed_at_the_review_and_only_what_is_new_is_asked() -> None:
    her = proven("rusak")
    assert her.path == "_periksa"
    assert her.send("ubah 1").path == "_variant"
    assert her.send("ternyata hilang").path == "kehilangan.di_mana"
    her.send("Slawi", "ubah 1", "rusak")
    assert her.path == "_periksa" and her.payload == {"pelapor": {"nama": "Budi Santoso"}}


def test_in_a_repair_the_variant_stays() -> None:
    her = proven("hilang").send("Slawi", "kirim")
    her.draft = her.engine.repair(her.draft, ["pelapor.nama"])
    her.send("Budi Santosa", "ubah 1")
    assert her.draft.variant == "hilang" and her.path == "_periksa"


def test_a_referral_ends_the_form_before_anything_is_asked() -> None:
    her = Citizen(card()).send("muslim")
    assert her.draft.mode is Mode.REFERRED and her.engine.question(her.draft) is None
    assert her.draft.answers == {}


def test_a_booking_asks_no_picture_of_the_face_and_shows_nothing_of_the_register() -> None:
    her = Citizen(card(), variant="pemula").send("ya", "3328990101900001", "1-1-1990")
    assert her.path == "pelapor.nama"
    her.send("Budi", "1-12-2025", "kirim")
    assert her.draft.mode is Mode.DONE and her.engine.variant(her.draft).ends is Ending.BOOKING


def test_a_submission_asks_for_the_face() -> None:
    her = Citizen(card(), variant="rusak").send("ya", "3328990101900001", "1-1-1990")
    assert her.path == "identitas.selfie"


def test_the_questions_on_a_referral_are_answered_with_its_owner() -> None:
    said = answer(card(), "requirements", "id", texts(), "muslim")
    assert "diurus di KUA" in said and "KUA kecamatan" in said and "ajukan" not in said


def test_few_papers_are_listed_for_all_variants_and_many_ask_which_one() -> None:
    paper = birth().variants[0].requirements[:1]
    few = replace(card(), variants=tuple(replace(v, requirements=paper) for v in VARIANTS[:2]))
    assert to_choose(few, "requirements") == ()
    assert all(name in answer(few, "requirements", "id", texts()) for name in ("KTP hilang:", "KTP rusak:"))
    many = replace(card(), variants=tuple(replace(v, requirements=paper * 8) for v in VARIANTS[:2]))
    assert to_choose(many, "requirements") == many.variants
    assert len(answer(many, "requirements", "id", texts())) < 200
    one = answer(many, "requirements", "id", texts(), "rusak")
    assert "Syarat KTP rusak" in one and "KTP hilang" not in one and to_choose(many, "requirements", "rusak") == ()


def test_what_differs_between_variants_is_said_with_cost_and_duration() -> None:
    own = Fact(words("Dua hari."), "contoh", True)
    fast = replace(VARIANTS[0], fee=own, duration=replace(birth().duration, fact=own))
    service = replace(card(), variants=(fast, VARIANTS[1]))
    for topic in ("cost", "duration"):
        assert "• KTP hilang: Dua hari." in answer(service, topic, "id", texts())
        assert answer(service, topic, "id", texts(), "hilang").startswith("Dua hari.")
        assert "Dua hari" not in answer(service, topic, "id", texts(), "rusak")


def test_a_variant_with_its_own_steps_gives_those() -> None:
    steps = (Fact(words("Datang ke kantor."), "contoh", True),)
    service = replace(card(), variants=(VARIANTS[0], replace(VARIANTS[2], procedure=steps)))
    assert to_choose(service, "procedure") == service.variants
    said = answer(service, "procedure", "id", texts(), "pemula")
    assert "1. Datang ke kantor." in said and "minta jadwal datang" in said
    assert "Datang ke kantor" not in answer(service, "procedure", "id", texts(), "hilang")
