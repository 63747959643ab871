from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.catalogue import Topic, answer, spoken
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


@pytest.mark.parametrize(
    ("language", "free", "report"),
    [("id", "Gratis", "laporkan"), ("en", "free", "report"), ("jv", "Gratis", "laporaken")],
)
def test_every_answer_on_cost_says_free_and_report_who_asks_for_money(language: str, free: str, report: str) -> None:
    said = answer(birth(), "cost", language, texts())
    assert free in said
    assert report in said


def test_an_unsure_fact_is_spoken_as_unsure_and_a_sure_one_is_not() -> None:
    assert "belum dipastikan" in answer(birth(), "duration", "id", texts())
    assert "belum dipastikan" not in answer(birth(), "cost", "id", texts())
    assert "not confirmed" in spoken(replace(birth().fee, sure=False), "en", texts())


def test_an_unsure_requirement_is_marked_and_names_the_office_that_knows() -> None:
    first, *rest = birth().variants[0].requirements
    doubtful = replace(first, fact=replace(first.fact, sure=False))
    service = replace(birth(), variants=(replace(birth().variants[0], requirements=(doubtful, *rest)),))
    said = answer(service, "requirements", "id", texts())
    assert said.count("(belum pasti)") == 2
    assert "Disdukcapil" in said


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("language", ["id", "en", "jv"])
def test_every_topic_has_an_answer_in_every_language_without_placeholders(topic: Topic, language: str) -> None:
    said = answer(birth(), topic, language, texts())
    assert len(said) > 40
    assert "{" not in said


def test_an_unknown_topic_is_an_error() -> None:
    with pytest.raises(ValueError, match="colour"):
        answer(birth(), "colour", "id", texts())
