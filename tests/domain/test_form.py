from __future__ import annotations

import json

import pytest

from bot.domain.fields.base import Verdict
from bot.domain.form import Command, Draft, Engine, Mode
from bot.domain.form_judge import is_skip
from bot.domain.messages import FileRef, Kind
from bot.domain.payloads import AnswerPayload
from tests.domain.citizen import KNOWN, Citizen, at_review, photo
from tests.domain.spec import TODAY, birth, texts


def test_a_person_proven_before_is_asked_for_consent_but_not_for_identity() -> None:
    him = Citizen(assurance=3)
    assert him.path == "persetujuan.setuju"
    assert him.send("ya").path == "pelapor.*"


def test_a_failed_identity_check_asks_both_again() -> None:
    him = Citizen().send("ya", "3328990101900001")
    judgement = him.engine.judge(him.draft, "2-1-1990")
    assert judgement.check == "civil_register"
    him.draft = him.engine.forget(him.engine.accept(him.draft, judgement), ["nik", "tanggal_lahir"])
    assert him.path == "identitas.nik"
    assert him.draft.answers == {"persetujuan.setuju": True}


def test_what_was_proven_cannot_be_walked_back_into() -> None:
    him = Citizen().send("ya", "3328990101900001", "1-1-1990", photo("selfie"), "ya")
    him.send("kembali")
    assert him.path == "pelapor.*"
    him.send("kembali")
    assert him.path == "persetujuan.setuju"
    assert him.send("kembali").said == "Ini pertanyaan yang pertama, jadi belum bisa mundur."


def test_the_registers_name_cannot_be_typed_over() -> None:
    him = Citizen(assurance=3).send("ya", "1")
    assert "Dukcapil" in him.said
    assert him.path == "pelapor.*"
    assert "tidak bisa diubah" in at_review().send("ubah 1").said
    assert "terisi sendiri dari jawaban lain" in at_review().send("ubah nama ayah").said


def test_only_the_known_value_called_wrong_is_asked() -> None:
    him = Citizen(assurance=3).send("ya", "yang nomor 3 salah")
    assert him.path == "pelapor.no_kk"
    him.send("3328991001150009")
    assert him.path == "pelapor.hubungan"
    assert him.payload["pelapor"]["no_kk"] == "3328991001150009"
    # and going back over the group asks for its confirmation again
    assert him.send("kembali", "kembali").path == "pelapor.*"


def test_a_plain_no_asks_all_known_values_that_may_change() -> None:
    him = Citizen(assurance=3).send("ya", "salah")
    assert him.path == "pelapor.no_kk"


def test_a_button_of_an_earlier_question_is_noticed() -> None:
    him = Citizen(assurance=3)
    old = him.question.buttons[0].payload
    him.send("ya")
    judgement = him.engine.judge(him.draft, AnswerPayload(old.split(":")[1], "ya"))
    assert (judgement.verdict, judgement.ok) == (Verdict.NO, False)
    assert "sudah lewat" in judgement.problem_text


def test_a_forged_button_value_can_do_no_more_than_typing() -> None:
    him = Citizen(assurance=3).send("ya", "ya")
    assert not him.engine.judge(him.draft, AnswerPayload(him.question.id, "presiden")).ok


def test_pressing_twice_is_one_answer() -> None:
    him = Citizen(assurance=3)
    press = AnswerPayload(him.question.id, "ya")
    him.draft = him.engine.accept(him.draft, him.engine.judge(him.draft, press))
    assert not him.engine.judge(him.draft, press).ok


def test_going_back_opens_the_last_answer_again_however_often() -> None:
    him = at_review()
    steps = len(him.draft.history)
    for _ in range(steps):
        him.send("kembali")
    assert him.path == "persetujuan.setuju"
    assert dict(him.draft.answers) == {}


@pytest.mark.parametrize("word", ["batal", "gak jadi", "ora sida", "batalkan", "cancel", "btalkan"])
def test_cancelling_is_asked_about_first(word: str) -> None:
    him = Citizen(assurance=3).send("ya", word)
    assert him.draft.mode is Mode.CANCELLING
    assert him.send("tidak").path == "pelapor.*"
    assert him.send(word, "ya batalkan").draft.mode is Mode.CANCELLED


def test_pausing_keeps_the_place_and_an_answer_resumes() -> None:
    him = Citizen(assurance=3).send("ya", "mengko disit")
    assert (him.draft.mode, him.path) == (Mode.PAUSED, "pelapor.*")
    assert him.send("lanjut").draft.mode is Mode.FILLING
    assert him.path == "pelapor.*"
    assert him.send("nanti dulu", "ya").draft.mode is Mode.FILLING
    assert him.path == "pelapor.hubungan"


def test_reserved_words_do_not_eat_answers() -> None:
    him = Citizen(assurance=3)
    assert not him.engine.judge(him.draft, "lanjut").ok, "no consent: it does not say yes"
    him.send("ya", "ya", "ayah", "081234567890", "-")
    assert him.path == "anak.nama"
    for name in ("Ulung", "Batara", "Kembar Lestari", "Ganti Susilo", "Jada", "Petu Gasaldo", "Salah Udin"):
        assert him.engine.command_of(him.draft, name) is None, name
    assert him.engine.command_of(him.draft, "kembali") is Command.BACK


def test_skip_words_leave_optional_fields_empty_and_required_ones_open() -> None:
    him = Citizen(assurance=3).send("ya", "ya", "ayah", "081234567890", "gak punya email")
    assert him.path == "anak.nama"
    assert "wajib" in him.send("lewati").said
    assert "wajib" in him.send("tidak tahu").said
    assert him.path == "anak.nama"


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "--",
        "tidak ada",
        "gak tau",
        "lupa",
        "saya tidak punya email",
        "ora duwe",
        "laka",
        "skip",
        "belum punya",
        "kosong",
    ],
)
def test_words_that_mean_nothing_to_say(text: str) -> None:
    assert is_skip(text)


def test_a_file_where_words_are_asked_and_words_where_a_file_is_asked() -> None:
    him = Citizen(assurance=3)
    assert "dijawab dengan tulisan" in him.send(photo("x")).said
    her = at_review().send("ubah kartu keluarga")
    assert her.path == "dokumen.kk"
    assert "foto atau berkas PDF" in her.send("ini kk saya").said
    assert "tidak bisa dipakai" in her.send(FileRef("v", "v.mp4", "video/mp4", 9)).said
    assert her.send(FileRef("p", "kk.pdf", "application/pdf", 9)).question.kind is Kind.REVIEW


def test_a_selfie_is_no_pdf() -> None:
    him = Citizen().send("ya", "3328990101900001", "1-1-1990", FileRef("p", "p.pdf", "application/pdf", 9))
    assert him.path == "identitas.selfie"


@pytest.mark.parametrize(
    "text", ["", "   ", "a" * 5000, "😀😀", "<script>x</script>", "\x00\x1b", "\u202e\u200f", "?!", "🙏"]
)
@pytest.mark.parametrize("stage", ["consent", "confirm", "name", "review", "choosing", "cancelling"])
def test_input_no_field_can_use_gets_a_clear_sentence_and_changes_nothing(text: str, stage: str) -> None:
    him = {
        "consent": lambda: Citizen(assurance=3),
        "confirm": lambda: Citizen(assurance=3).send("ya"),
        "name": lambda: Citizen(assurance=3).send("ya", "ya", "ayah", "081234567890", "-"),
        "review": at_review,
        "choosing": lambda: at_review().send("ubah"),
        "cancelling": lambda: at_review().send("batal"),
    }[stage]()
    before = him.draft
    him.send(text)
    assert len(him.said) > 10
    assert (him.draft, him.judgement is not None and him.judgement.ok) == (before, False)


def test_the_review_is_numbered_and_a_number_or_name_leads_to_the_field() -> None:
    him = at_review()
    assert "8. Nama anak: Siti Aminah" in him.shown
    assert him.send("8").path == "anak.nama"
    assert "Jawaban sekarang: Siti Aminah" in him.question.text
    assert him.send("kembali").question.kind is Kind.REVIEW
    assert him.send("nama anak salah").path == "anak.nama"
    assert him.send("Siti Fatimah").question.kind is Kind.REVIEW
    assert him.payload["anak"]["nama"] == "Siti Fatimah"


def test_an_unclear_correction_lists_what_it_may_mean() -> None:
    him = at_review().send("ubah nik saksi")
    assert him.question.field_type == "correct"
    assert him.question.text.count("NIK saksi") == 2
    number = next(line.split(".")[0] for line in him.question.text.splitlines() if "saksi ke-2" in line)
    assert him.send(number).path == "saksi.1.nik"


def test_a_correction_with_its_value_is_done_at_once() -> None:
    him = at_review().send("ubah tanggal lahir anak jadi 16 agt 2025")
    assert him.question.kind is Kind.REVIEW
    assert "16 Agustus 2025" in him.said
    assert him.payload["anak"]["hari_lahir"] == "Sabtu"


def test_a_wish_that_sounds_like_a_correction_is_left_to_the_dialogue() -> None:
    for him in (Citizen(assurance=3).send("ya", "ya"), at_review()):
        assert him.engine.command_of(him.draft, "ganti bahasa inggris") is None
        assert him.engine.judge(him.draft, "ganti bahasa inggris").verdict is Verdict.NO


def test_a_correction_of_nothing_says_so() -> None:
    assert "Tidak ada isian" in at_review().send("ubah plat nomor mobil").said
    assert "Belum ada jawaban" in Citizen(assurance=3).send("ubah").said


@pytest.mark.parametrize(
    "text", ["kirim", "ya", "sudah benar", "ya kirim aja", "kirim aja", "KIRIM", "nggih kirim", "ajukan"]
)
def test_ways_to_send(text: str) -> None:
    assert at_review().send(text).draft.mode is Mode.DONE


@pytest.mark.parametrize(
    "text", ["jangan dikirim dulu", "aja dikirim", "aja kirim", "berapa biayanya?", "kapan jadinya", "belum"]
)
def test_nothing_is_sent_without_a_clear_yes(text: str) -> None:
    assert at_review().send(text).draft.mode is not Mode.DONE


def test_a_usual_value_is_marked_in_the_review_and_can_be_changed() -> None:
    him = at_review()
    assert "Kewarganegaraan ibu: WNI (Indonesia) *" in him.shown
    him.send("ubah kewarganegaraan ibu", "asing")
    assert him.payload["ibu"]["kewarganegaraan"] == "WNA"


def test_a_foreign_reporter_is_asked_for_a_travel_document() -> None:
    him = at_review().send("ubah 4", "WNA")
    assert him.path == "pelapor.no_dokumen_perjalanan"
    assert him.send("X1234567").question.kind is Kind.REVIEW


def test_a_birth_date_that_differs_from_the_nik_is_a_warning_only() -> None:
    her = at_review().send("ubah tanggal lahir ibu", "6-2-1992")
    assert her.judgement is not None
    assert her.judgement.ok
    assert "berbeda dengan yang ada di dalam NIK" in her.judgement.warning_text


def test_a_repair_opens_only_what_the_office_asked_for() -> None:
    him = at_review().send("kirim")
    him.draft = him.engine.repair(him.draft, ["anak.nama", "dokumen.kk", "tidak.ada", "ayah.nik"])
    assert him.draft.repair == ("anak.nama", "dokumen.kk")
    assert him.path == "anak.nama"
    him.send("Siti Fatimah")
    assert him.path == "dokumen.kk"
    him.send(photo("kk2"))
    assert him.question.kind is Kind.REVIEW
    assert "tidak perlu diubah" in him.send("ubah berat").said
    him.send("ubah nama anak", "Siti Zahra", "kirim")
    assert him.draft.mode is Mode.DONE
    assert him.payload["anak"]["nama"] == "Siti Zahra"
    assert him.payload["ibu"]["nama"] == "Nur Hayati"


def test_a_repair_of_a_section_opens_all_its_fields() -> None:
    him = at_review().send("kirim")
    him.draft = him.engine.repair(him.draft, ["saksi.1"])
    assert him.send("Joko", "3328990404710004", "-", "WNI").question.kind is Kind.REVIEW
    assert him.payload["saksi"][1]["nama"] == "Joko"


def test_the_same_draft_goes_on_in_another_language() -> None:
    him = at_review()
    for language, word in (("en", "Please check"), ("jv", "Nyuwun dipriksa")):
        engine = Engine(birth(), texts(), language, TODAY)
        question = engine.question(him.draft)
        assert question is not None
        assert question.before[0].startswith(word)


@pytest.mark.parametrize("language", ["id", "en", "jv"])
def test_no_question_shows_an_unfilled_placeholder_in_any_language(language: str) -> None:
    him = at_review()
    engine = Engine(birth(), texts(), language, TODAY)
    for item in engine.sheet(him.draft).items:
        shown = engine.asker.field(him.draft, item, engine.sheet(him.draft), (1, 1))
        assert "{" not in shown.text + "".join(b.title for b in shown.buttons)


def test_a_draft_is_the_same_after_json() -> None:
    draft = at_review().draft
    assert Draft.from_json(json.loads(json.dumps(draft.to_json()))) == draft


def test_a_draft_of_another_release_with_more_keys_can_be_read() -> None:
    assert Draft.from_json({**at_review().draft.to_json(), "new_in_next_release": 1}).service == "akta-kelahiran"


def test_consent_and_selfie_never_reach_the_agency() -> None:
    him = Citizen().send("ya", "3328990101900001")
    assert him.engine.identity(him.draft) == {"setuju": True, "nik": "3328990101900001"}
    him.send("1-1-1990", photo("selfie"))
    assert him.engine.identity(him.draft) == {"setuju": True}
    assert set(at_review().payload) == {"pelapor", "anak", "orang_tua", "ibu", "ayah", "saksi"}
    assert "selfie" not in json.dumps(at_review().payload)


def test_a_known_value_that_does_not_fit_is_asked_instead() -> None:
    engine = Engine(birth(), texts(), "id", TODAY)
    draft = engine.start({**KNOWN, "no_kk": "tidak ada"}, 3)
    draft = engine.accept(draft, engine.judge(draft, "ya"))
    question = engine.question(draft)
    assert question is not None
    assert "Nomor KK" not in question.text
    draft = engine.accept(draft, engine.judge(draft, "ya"))
    asked = engine.question(draft)
    assert asked is not None
    assert asked.path == "pelapor.no_kk"


def test_an_unanswerable_judgement_cannot_be_accepted() -> None:
    him = Citizen(assurance=3)
    with pytest.raises(ValueError, match="not an answer"):
        him.engine.accept(him.draft, him.engine.judge(him.draft, "apa?"))
