"""What happens after "kirim": errands, changes of state, repairs, the finished document."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import AgencyStatus
from bot.storage.errands import ErrandQueue
from bot.usecases.errands import run_errand
from bot.usecases.track import apply_status
from bot.workers.jobs import DRAFT_LIFE, forget_forsaken
from tests.usecases.conftest import World
from tests.usecases.script import apply, fill


async def errands(world: World) -> list[str]:
    """Do what is due; returns the states the errands were settled with."""
    queue, states = ErrandQueue(world.store), []
    for due in await queue.claim(8, world.clock.now()):
        state, delay, code = await run_errand(world.deps, due)
        await queue.settle(due, state, world.clock.now(), delay_s=delay, error_code=code)
        states.append(state)
    return states


def status(world: World, state: str, key: str, **more: object) -> AgencyStatus:
    return AgencyStatus("AG-1", state, world.clock.now(), key, **more)  # type: ignore[arg-type]


async def test_the_case_reaches_the_agency_under_one_key_with_its_papers(world: World) -> None:
    who = await world.session()
    number = await apply(world, who)
    assert await errands(world) == ["done"]
    (handed_in,) = world.agency.submitted.values()
    assert handed_in.reference == number and handed_in.data["anak"]["nama"] == "Siti Aminah"
    assert handed_in.data["saksi"][1]["nama"] == "Tuti Wulandari"
    assert {path for _, _, path in handed_in.files} >= {"dokumen.kk", "dokumen.surat_lahir"}
    assert "identitas" not in handed_in.data and "persetujuan" not in handed_in.data
    assert await errands(world) == []


async def test_an_agency_that_is_away_gets_the_case_later_and_the_citizen_is_told_once(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    world.agency.error = AgencyUnavailable("down")
    assert await errands(world) == ["due"]
    assert await errands(world) == []  # not before its time
    for _ in range(3):
        world.clock.at += timedelta(minutes=6)
        assert await errands(world) == ["due"]
    told = [a for a in await world.news(who) if a["meta"]["kind"] == "notice"]
    assert len(told) == 1 and "aman tersimpan" in told[0]["text"]
    world.agency.error = None
    world.clock.at += timedelta(minutes=6)
    assert await errands(world) == ["done"] and len(world.agency.submitted) == 1


async def test_a_final_refusal_is_told_and_not_repeated(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    world.agency.error = AgencyError("no")
    assert await errands(world) == ["failed"]
    assert any("menolak" in said["text"] for said in await world.news(who))
    world.clock.at += timedelta(days=1)
    assert await errands(world) == []


async def test_each_change_is_told_once_and_only_forward(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    await errands(world)
    for state, key in (("verifikasi_berkas", "1"), ("diproses", "2"), ("diproses", "2"), ("verifikasi_berkas", "1")):
        assert await apply_status(world.deps, "dukcapil", status(world, state, key))
    texts = [a["text"] for a in await world.news(who)]
    assert len(texts) == 2 and "diperiksa" in texts[0] and "diproses" in texts[1]
    # An older change that arrives late is kept in the history but says nothing.
    assert await apply_status(world.deps, "dukcapil", status(world, "verifikasi_berkas", "0"))
    assert await world.news(who) == []


async def test_a_push_for_a_case_whose_acceptance_was_lost_finds_it_by_our_number(world: World) -> None:
    who = await world.session()
    number = await apply(world, who)
    assert not await apply_status(world.deps, "dukcapil", status(world, "verifikasi_berkas", "1"))
    assert await apply_status(world.deps, "dukcapil", status(world, "verifikasi_berkas", "1", reference=number))
    assert "diperiksa" in (await world.news(who))[-1]["text"]


async def test_a_repair_asks_only_for_what_the_officer_named(world: World) -> None:
    who = await world.session()
    number = await apply(world, who)
    await errands(world)
    note = "Nama anak kurang jelas."
    await apply_status(world.deps, "dukcapil", status(world, "verifikasi_berkas", "1"))
    await apply_status(
        world.deps, "dukcapil", status(world, "perlu_perbaikan", "2", note=note, fields=("anak.nama", "dokumen.kk"))
    )
    told = (await world.news(who))[-1]
    assert note in told["text"] and told["buttons"]
    answers = await world.say(who, payload=told["buttons"][0]["payload"])
    assert answers[-1]["meta"]["field"] == "anak.nama"
    assert (await world.say(who, "Siti Aminah Lestari"))[-1]["meta"]["field"] == "dokumen.kk"
    assert (await world.send(who, "document", b"paper"))[-1]["meta"]["kind"] == "review"
    receipt = (await world.say(who, "kirim"))[-1]
    assert receipt["meta"]["kind"] == "receipt" and receipt["meta"]["application"] == number
    assert await errands(world) == ["done"]
    assert world.agency.repaired[0].data["anak"]["nama"] == "Siti Aminah Lestari"


async def test_the_issued_document_comes_into_the_chat_and_can_be_had_again(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    await errands(world)
    await apply_status(world.deps, "dukcapil", status(world, "terbit", "9", document=True))
    assert await errands(world) == ["done"]
    answers = await world.news(who)
    assert "terbit" in answers[0]["text"] and answers[1]["attachments"][0]["type"] == "application/pdf"
    again = await world.say(who, payload="niat:download_document")
    assert again[0]["attachments"] == answers[1]["attachments"]


async def test_nobody_sees_the_status_of_another_persons_case(world: World) -> None:
    who, stranger = await world.session(), await world.session()
    number = await apply(world, who)
    assert number in (await world.say(who, number))[0]["text"]
    answers = await world.say(stranger, f"status {number}")
    assert "tidak ditemukan" in answers[0]["text"] and "diajukan" not in answers[0]["text"]


async def test_a_case_that_was_handed_in_can_be_withdrawn_after_a_second_yes(world: World) -> None:
    who = await world.session()
    await apply(world, who)
    await errands(world)
    answers = await world.say(who, payload="niat:cancel_application")
    await world.say(who, payload=answers[0]["buttons"][0]["payload"])
    assert await errands(world) == ["done"]
    assert "ditarik" in (await world.news(who))[-1]["text"]


async def test_an_application_never_sent_is_deleted_after_thirty_days_with_its_papers(world: World) -> None:
    who = await world.session()
    await fill(world, who)
    assert await forget_forsaken(world.store, world.clock.now() - DRAFT_LIFE) == 0
    world.clock.at += timedelta(days=31)
    assert await forget_forsaken(world.store, world.clock.now() - DRAFT_LIFE) == 1
    async with world.store.begin() as tx:
        for table in ("application", "blob"):
            assert (await tx.run(text(f"select count(*) from {table}"))).scalar_one() == 0
    assert "Halo" in (await world.say(who, "halo"))[0]["text"]
