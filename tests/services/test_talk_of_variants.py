"""Talk about variants through the real use cases: named in the first words, asked for when open, never asked twice."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.conversation import Conversation
from bot.ports import AgencyStatus
from bot.usecases.track import apply_status
from tests.services.applicant import NIK, service_of
from tests.services.chat import Chat
from tests.services.conftest import Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


def start(slug: str, variant: str = "") -> str:
    return f"niat:start_application:{slug}{':' if variant else ''}{variant}"


async def say(office: Office, who: Conversation, text: str | None = None, **more: object) -> list[Any]:
    return [*await office.world.say(who, text, **more)]


def texts_of(messages: list[Any]) -> str:
    return "\n".join(str(m["text"]) for m in messages)


async def test_a_variant_in_the_first_words_is_taken_and_said(office: Office) -> None:
    who = await office.world.session()
    said = await say(office, who, "mau buat akta kelahiran yang hilang")
    assert "*Akta hilang" in texts_of(said) and ", ya." in texts_of(said)
    assert said[-1]["meta"]["field"] == "persetujuan.setuju"
    back = await say(office, who, "kembali")
    assert back[-1]["meta"]["field"] == "_variant"


async def test_other_words_later_change_the_variant_of_the_draft(office: Office) -> None:
    who = await office.world.session()
    await say(office, who, payload=start("ktp", "rusak"))
    await say(office, who, "ya")
    await say(office, who, "nanti dulu")
    said = await say(office, who, payload=start("ktp", "hilang"))
    assert "KTP hilang" in texts_of(said) and said[-1]["meta"]["field"] == "identitas.nik"
    again = await say(office, who, payload=start("ktp", "hilang"))
    assert again[-1]["meta"]["field"] == "identitas.nik"


async def test_papers_of_many_variants_are_not_poured_out_but_asked_about(office: Office) -> None:
    who = await office.world.session()
    (said,) = await say(office, who, "syarat akta kelahiran apa saja")
    assert said["meta"]["kind"] == "question" and len(said["text"]) < 500
    assert len(said["buttons"]) == said["text"].count("\n") > 2
    (one,) = await say(office, who, "2")
    assert one["text"].startswith("Syarat ") and one["buttons"]
    apply = next(b for b in one["buttons"] if b["payload"].startswith("niat:start_application:akta-kelahiran:"))
    begun = await say(office, who, payload=apply["payload"])
    assert begun[-1]["meta"]["field"] == "persetujuan.setuju"


async def test_the_question_which_one_is_answered_in_own_words(office: Office) -> None:
    who = await office.world.session()
    await say(office, who, "syarat akta kelahiran apa saja")
    (said,) = await say(office, who, "yang hilang")
    assert "Akta hilang" in said["text"].splitlines()[0]


async def test_papers_of_a_named_variant_are_only_its_own(office: Office) -> None:
    who = await office.world.session()
    (said,) = await say(office, who, "syarat akta kelahiran yang hilang apa ya")
    assert "Akta hilang" in said["text"].splitlines()[0] and "bidan" not in said["text"]


async def test_a_question_in_the_middle_of_a_form_is_about_its_variant(office: Office) -> None:
    who = await office.world.session()
    await say(office, who, payload=start("akta-kelahiran", "kutipan-kedua"))
    said = await say(office, who, "syarat akta kelahiran apa saja?")
    assert "Akta hilang" in said[0]["text"].splitlines()[0] and not said[0]["buttons"]
    assert said[-1]["meta"]["field"] == "persetujuan.setuju"


@pytest.mark.parametrize("way", ["button", "form"])
async def test_somebody_elses_matter_is_no_dead_end(office: Office, way: str) -> None:
    who = await office.world.session()
    if way == "form":
        await say(office, who, payload=start("akta-perkawinan"))
        said = await say(office, who, "muslim")
    else:
        said = await say(office, who, payload=start("akta-perkawinan", "muslim"))
    assert "KUA" in said[-1]["text"]
    assert "niat:ask_service_list" in {b["payload"] for b in said[-1]["buttons"]}
    conversation = await office.conversation(who)
    assert not conversation.form_active and conversation.case_id is None
    assert (await say(office, who, "status saya"))[-1]["text"].startswith("Belum ada permohonan")
    assert (await say(office, who, payload=start("kk", "hilang")))[-1]["meta"]["field"] == "persetujuan.setuju"


async def book(office: Office) -> tuple[Conversation, Any]:
    """A first identity card: a visit is wished for."""
    who = await office.world.session()
    said = await say(office, who, payload=start("ktp"))
    said = await say(office, who, "rekam ktp pertama")
    assert "jadwal" in texts_of(said)
    for text in ("ya", NIK, "17-8-1985"):
        said = await say(office, who, text)
    answers = {
        "nama": "Budi Santoso", "telepon": "081234567890", "untuk": "saya sendiri", "kelayakan": "1", "tempat": "mpp",
        "tanggal": "besok", "waktu": "pagi",
    }  # fmt: skip
    for _ in range(20):
        path = str(said[-1]["meta"].get("field"))
        if path == "_periksa":
            return who, (await say(office, who, "kirim"))[-1]
        said = await say(office, who, answers.get(path.rpartition(".")[2], "-"))
    raise AssertionError(said)


async def test_a_wished_visit_gets_a_number_and_no_promised_date(office: Office) -> None:
    who, receipt = await book(office)
    number = receipt["meta"]["application"]
    assert number in receipt["text"] and "dikabari di obrolan ini" in receipt["text"] and "1. " in receipt["text"]
    assert "paling lambat" not in receipt["text"]
    assert await office.errands() == ["done"]
    (case,) = office.handed_in("dukcapil", number)
    assert case.variant == "pemula" and set(case.data["kunjungan"]) >= {"tanggal", "waktu", "tempat"}
    (status,) = await say(office, who, "status saya")
    assert "Hari dan jamnya" in status["text"] and "Dijanjikan" not in status["text"]
    told = AgencyStatus(
        case.ref, "diproses", office.world.clock.now(), "k-1", note="Senin 9 November jam 09.00 di MPP."
    )
    assert await apply_status(office.world.deps, "dukcapil", told)
    (news,) = await office.world.news(who)
    assert "Jadwal datang" in str(news["text"]) and "jam 09.00" in str(news["text"])
    ended = AgencyStatus(case.ref, "terbit", office.world.clock.now(), "k-2")
    assert await apply_status(office.world.deps, "dukcapil", ended)
    (news,) = await office.world.news(who)
    assert "sudah selesai" in str(news["text"])
    assert [button["title"] for button in news["buttons"]] == [
        "Sudah saya terima"
    ]  # nothing to download: the citizen's word


LOST = "syarat ktp yang hilang apa ya"


@pytest.mark.parametrize("wish", ["mau buat", "mau buat ktp", "ya", "nggih", "1"])
async def test_a_variant_asked_about_is_the_one_that_is_applied_for(office: Office, wish: str) -> None:
    who = await office.world.session()
    (said,) = await say(office, who, LOST)
    assert said["text"].endswith("Jawab YA.")
    begun = await say(office, who, wish)
    assert "*KTP hilang*, ya." in texts_of(begun) and begun[-1]["meta"]["field"] == "persetujuan.setuju"
    assert (await say(office, who, "kembali"))[-1]["meta"]["field"] == "_variant"


async def test_thanks_and_other_questions_about_the_same_service_do_not_make_it_forgotten(office: Office) -> None:
    who = await office.world.session()
    await say(office, who, LOST)
    await say(office, who, "halo")
    (cost,) = await say(office, who, "berapa biaya")
    assert all(b["payload"].endswith(":ktp:hilang") for b in cost["buttons"])
    assert "*KTP hilang*, ya." in texts_of(await say(office, who, "mau buat"))


async def test_a_question_that_names_the_service_anew_is_about_all_of_it(office: Office) -> None:
    who = await office.world.session()
    await say(office, who, LOST)
    (asked,) = await say(office, who, "syarat ktp")
    assert asked["meta"]["kind"] == "question"
    assert (await say(office, who, "mau buat"))[-1]["meta"]["field"] == "_variant"


async def test_another_service_makes_it_forgotten(office: Office) -> None:
    who = await office.world.session()
    await say(office, who, LOST)
    await say(office, who, "syarat kia")
    await say(office, who, "berapa biaya ktp")
    assert (await say(office, who, "mau buat"))[-1]["meta"]["field"] == "_variant"


async def test_a_village_of_several_districts_is_named_by_its_number(office: Office) -> None:
    chat = Chat(office, service_of("pindah-datang"), "keluar")
    await chat.start()
    while not str(path := chat.last[-1]["meta"]["field"]).endswith("desa"):
        await chat.step(path)
    asked = await say(office, chat.who, "karanganyar")
    assert asked[0]["meta"]["kind"] == "error" and "2. Karanganyar, Kecamatan Kedungbanteng" in asked[0]["text"]
    assert asked[-1]["meta"]["field"] == path and len(asked[-1]["buttons"]) == 3
    said = await say(office, chat.who, "2")
    assert "Karanganyar, Kecamatan Kedungbanteng" in said[0]["text"] and said[-1]["meta"]["field"] != path
    await say(office, chat.who, "kembali")
    asked = await say(office, chat.who, "mejasem")
    assert "1. Mejasem Barat" in asked[0]["text"] and asked[-1]["buttons"]
    said = await say(office, chat.who, payload=asked[-1]["buttons"][0]["payload"])
    assert said[-1]["meta"]["field"] not in (path, None)
