"""A refusal that lists what may have been meant: the next message may be nothing but a number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.catalogue import Service
from bot.domain.form_model import Form, Section
from bot.domain.payloads import AnswerPayload, parse_payload
from tests.domain.citizen import Citizen
from tests.domain.spec import birth
from tests.domain.test_form_model import simple, words

PAGERBARANG, KEDUNGBANTENG, DUKUHTURI = "33.28.05.2009", "33.28.08.2002", "33.28.13.2017"


def moving() -> Service:
    """Somebody who lives in a village and goes to another one; the name stands between."""
    options = {"regions": birth().regions}
    fields = (
        simple("desa", "village", options=options),
        simple("nama"),
        simple("tujuan", "village", options=options, differs_from=(".desa",)),
    )
    return replace(birth(), slug="uji", form=Form("X", (Section("rumah", words("Rumah"), fields),)))


def asked() -> Citizen:
    """Karanganyar is in three districts: she has been asked which one."""
    her = Citizen(moving()).send("karanganyar")
    assert "2. Karanganyar, Kecamatan Kedungbanteng" in her.said and "nomornya" in her.said
    return her


@pytest.mark.parametrize("said", ["2", "2.", "no 2", "nomor dua", "yang kedua", "nomer loro", "2 ya kak", "pilih 2️⃣"])
def test_a_number_alone_names_what_was_offered(said: str) -> None:
    her = asked().send(said)
    assert her.draft.answers["rumah.desa"] == KEDUNGBANTENG and her.path == "rumah.nama"
    assert her.said == "Kami catat: Karanganyar, Kecamatan Kedungbanteng."


@pytest.mark.parametrize(("said", "code"), [("yang terakhir", DUKUHTURI), ("paling atas", PAGERBARANG)])
def test_the_place_in_the_list_names_it_too(said: str, code: str) -> None:
    assert asked().send(said).draft.answers["rumah.desa"] == code


def test_what_was_offered_can_be_pressed() -> None:
    her = asked()
    assert [b.title for b in her.question.buttons][1] == "Karanganyar, Kecamatan Kedungbanteng"
    assert her.press("Karanganyar, Kecamatan Kedungbanteng").draft.answers["rumah.desa"] == KEDUNGBANTENG


def test_asking_back_leaves_the_question_the_same_one() -> None:
    her = Citizen(moving())
    before = her.question.id
    assert her.send("karanganyar").question.id == before and her.draft.turn == 0


@pytest.mark.parametrize("said", ["4", "0", "1 2", "17", "2 anak"])
def test_a_number_outside_the_list_or_with_other_words_names_nothing(said: str) -> None:
    her = asked().send(said)
    assert her.path == "rumah.desa" and not her.judgement.ok  # type: ignore[union-attr]
    assert her.send("3").draft.answers["rumah.desa"] == DUKUHTURI


def test_a_name_is_still_understood_and_a_new_list_takes_the_place_of_the_old() -> None:
    assert asked().send("karanganyar dukuhturi").draft.answers["rumah.desa"] == DUKUHTURI
    her = asked().send("kajen")
    assert "2. " in her.said and her.send("2").draft.answers["rumah.desa"] not in (KEDUNGBANTENG, None)


def test_the_list_is_gone_once_something_is_answered() -> None:
    her = asked().send("2", "Budi Santoso")
    assert her.path == "rumah.tujuan" and her.draft.offered == {} and not her.question.buttons
    assert her.send("2").path == "rumah.tujuan"


def test_the_list_is_gone_when_another_question_is_asked() -> None:
    her = asked().send("2", "karanganyar")
    assert her.draft.offered == {}
    her = Citizen(moving()).send("kajen", "nanti dulu", "lanjut", "2")
    assert her.path == "rumah.desa" and "rumah.desa" not in her.draft.answers


def test_what_is_chosen_by_number_is_compared_with_the_other_answers() -> None:
    her = asked().send("2", "Budi Santoso", "karanganyar", "2")
    assert her.path == "rumah.tujuan" and "sama dengan" in her.said
    assert her.send("3").path == "_periksa"


def test_a_correction_that_names_several_is_answered_by_number() -> None:
    her = Citizen(moving()).send("kalisapu", "Budi Santoso", "trayeman")
    her.send("ubah desa jadi karanganyar")
    assert "3. Karanganyar" in her.said and her.path == "rumah.desa"
    assert her.send("1").draft.answers["rumah.desa"] == PAGERBARANG and her.path == "_periksa"


def test_a_button_of_an_earlier_list_and_a_forged_one_are_stale() -> None:
    her = asked()
    old = parse_payload(her.question.buttons[0].payload)
    assert isinstance(old, AnswerPayload)
    her.send("kajen")
    for payload in (old, AnswerPayload(her.question.id, "33.28.10.1008")):
        judgement = her.engine.judge(her.draft, payload)
        assert not judgement.ok and "Tombol" in judgement.problem_text
