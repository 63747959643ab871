from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.catalogue import Fact, Service, Topic, answer, spoken
from tests.domain.spec import birth, texts


def test_requirements_are_listed_complete_with_what_counts_instead() -> None:
    said = answer(birth(), "requirements", "id", texts())
    for paper in (
        "F-2.01",
        "Surat keterangan lahir",
        "SPTJM kebenaran data kelahiran",
        "Buku nikah",
        "SPTJM pasangan suami istri",
        "Kartu Keluarga",
        "KTP-el ayah dan ibu",
        "saksi",
    ):
        assert paper in said


@pytest.mark.parametrize(("language", "free"), [("id", "Gratis"), ("en", "free"), ("jv", "Gratis")])
def test_every_answer_on_cost_says_free_and_how_to_report_who_asks_for_money(language: str, free: str) -> None:
    said = answer(birth(), "cost", language, texts())
    assert free in said
    assert "LAPOR" in said


def test_an_unsure_fact_is_spoken_as_unsure_and_a_sure_one_is_not() -> None:
    assert texts().say("answer.unsure", "id") in answer(birth(), "duration", "id", texts())
    assert texts().say("answer.unsure", "id") not in answer(birth(), "cost", "id", texts())
    assert "not confirmed" in spoken(replace(birth().fee, sure=False), "en", texts())


def test_an_unsure_requirement_is_marked_and_names_the_office_that_knows() -> None:
    first, *rest = birth().variants[0].requirements
    doubtful = replace(first, fact=replace(first.fact, sure=False))
    service = replace(birth(), variants=(replace(birth().variants[0], requirements=(doubtful, *rest)),))
    said = answer(service, "requirements", "id", texts())
    assert "di sini). (belum pasti)\n2. " in said
    assert said.count("bertanda (belum pasti)") == 1 and "Disdukcapil" in said


def fact(text: str, sure: bool = True) -> Fact:
    return Fact({"id": text, "en": f"{text} (en)", "jv": f"{text} (jv)"}, "uji", sure)


def with_facts(*facts: Fact, own: tuple[Fact, ...] = ()) -> Service:
    return replace(birth(), facts=facts, variants=(replace(birth().variants[0], facts=own),))


FOUR = tuple(fact(f"Fakta {n}.") for n in range(1, 5))


def test_the_first_three_facts_are_said_with_the_procedure() -> None:
    said = answer(with_facts(*FOUR), "procedure", "id", texts())
    assert "Perlu diketahui:\n• Fakta 1.\n• Fakta 2.\n• Fakta 3.\n" in said and "Fakta 4" not in said
    assert "Good to know:\n• Fakta 1. (en)" in answer(with_facts(*FOUR), "procedure", "en", texts())
    assert "dingertosi:\n• Fakta 1. (jv)" in answer(with_facts(*FOUR), "procedure", "jv", texts())
    assert "Perlu diketahui" not in answer(with_facts(), "procedure", "id", texts())


def test_what_the_variant_says_itself_is_not_said_again() -> None:
    service = with_facts(*FOUR, own=FOUR[:2])
    said = answer(service, "procedure", "id", texts())
    assert "Fakta 1" not in said and "• Fakta 3.\n• Fakta 4." in said
    assert "Fakta 1.\n\nFakta 2." in answer(service, "requirements", "id", texts())


def test_facts_are_left_out_before_a_message_gets_too_long() -> None:
    long = tuple(fact(f"Fakta {n} {'panjang ' * 30}") for n in range(1, 4))
    for topic, service in (("procedure", with_facts(*long)), ("requirements", with_facts(own=long))):
        said = answer(service, topic, "id", texts())
        assert "Fakta 1" in said and "Fakta 3" not in said and len(said) < 1024
        assert said.endswith("Jawab YA.")


def test_what_an_unsure_fact_means_is_said_once_for_all_of_them() -> None:
    said = answer(with_facts(fact("Satu.", sure=False), fact("Dua.", sure=False)), "procedure", "id", texts())
    assert "• Satu. (belum pasti)\n• Dua. (belum pasti)" in said
    assert said.count("tanyakan dulu ke Disdukcapil") == 1


def test_somebody_who_is_filling_the_form_in_is_not_invited_to_it() -> None:
    assert "Jawab YA" in answer(birth(), "procedure", "id", texts())
    for topic in Topic:
        said = answer(birth(), topic, "id", texts(), offering=False)
        assert "Jawab YA" not in said and "Kalau mengajukan lewat Loket" not in said


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("language", ["id", "en", "jv"])
def test_every_topic_has_an_answer_in_every_language_without_placeholders(topic: Topic, language: str) -> None:
    said = answer(birth(), topic, language, texts())
    assert len(said) > 40
    assert "{" not in said


def test_an_unknown_topic_is_an_error() -> None:
    with pytest.raises(ValueError, match="colour"):
        answer(birth(), "colour", "id", texts())
