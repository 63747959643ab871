"""A case over weeks: promises, repairs, apologies, the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bot.domain.conversation import Case
from bot.usecases.life import promised_day
from bot.usecases.track import apply_status
from bot.usecases.watch import watch_cases
from tests.usecases.agency_office import Office, kinds
from tests.usecases.conftest import World


@pytest.fixture
def office(world: World) -> Office:
    return Office.at(world)


async def promised(office: Office, case: Case) -> date | None:
    case = await office.seen(case.id)
    async with office.world.store.begin() as tx:
        return promised_day(office.world.deps, await tx.conversation(case.conversation_id), case)


async def test_the_clock_stops_during_a_repair_and_the_citizen_is_told_the_new_date(office: Office) -> None:
    who, case = await office.accepted()
    before = await promised(office, case)
    await office.push(case, "perlu_perbaikan", note="Nama kurang jelas.", fields=("anak.nama",))
    (told,) = await office.world.news(who)
    assert "Nama kurang jelas." in told["text"] and "paling lambat 2 Desember 2026" in told["text"]
    office.pass_by(days=7)
    await office.world.say(who, payload=told["buttons"][0]["payload"])
    await office.world.say(who, "Siti Aminah Lestari")
    receipt = (await office.world.say(who, "kirim"))[-1]
    after = await promised(office, case)
    assert before is not None and after is not None and (after - before).days >= 7
    assert (
        receipt["meta"]["kind"] == "receipt"
        and f"{after.day} {'November' if after.month == 11 else ''}".strip() in receipt["text"]
    )
    seen = await office.seen(case.id)
    assert seen.paused_at is None and seen.paused_days == 5 and seen.state == "diajukan"
    assert await office.errands() == ["done"] and office.desk.repaired[0].data["anak"]["nama"] == "Siti Aminah Lestari"


async def test_a_case_that_goes_on_without_the_repair_has_its_clock_started_too(office: Office) -> None:
    who, case = await office.accepted()
    before = await promised(office, case)
    await office.push(case, "perlu_perbaikan", note="x", fields=("anak.nama",))
    await office.world.news(who)
    office.pass_by(days=2)
    await office.push(case, "diproses")
    (told,) = await office.texts(who)
    assert before == date(2026, 11, 5) and await promised(office, case) == date(2026, 11, 9)  # two working days later
    assert "menjadi 9 November 2026" in told and told.count("9 November") == 1


async def test_what_the_officer_finds_later_is_asked_for_together_with_the_rest(office: Office) -> None:
    who, case = await office.accepted()
    await office.push(case, "perlu_perbaikan", note="Nama.", fields=("anak.nama",))
    await office.push(case, "perlu_perbaikan", note="KK juga.", fields=("dokumen.kk",))
    told = await office.world.news(who)
    assert len(told) == 2 and "KK juga." in told[1]["text"]
    assert (await office.seen(case.id)).draft["repair_asked"] == ["anak.nama", "dokumen.kk"]


async def test_a_repair_that_never_comes_is_reminded_of_and_expires_and_both_are_told(office: Office) -> None:
    who, case = await office.accepted()
    await office.push(case, "perlu_perbaikan", note="x", fields=("anak.nama",))
    await office.world.news(who)
    reminded = []
    for _ in range(32):
        office.pass_by(days=1)
        await watch_cases(office.world.deps)
        await watch_cases(office.world.deps)  # an hour later nothing is due again
        reminded += await office.texts(who)
    assert ["Sisa waktunya 14", "Sisa waktunya 7 ", "Sisa waktunya 2 ", "Ditutup"] == [
        next(w for w in ("Sisa waktunya 14", "Sisa waktunya 7 ", "Sisa waktunya 2 ", "Ditutup") if w in said)
        for said in reminded
    ]
    assert (await office.seen(case.id)).state == "kedaluwarsa"
    assert await office.errands() == ["done"] and office.desk.cancelled == ["AG-1"]  # the agency knows, too


async def test_a_half_filled_repair_is_closed_when_it_expires(office: Office) -> None:
    who, case = await office.accepted()
    await office.push(case, "perlu_perbaikan", note="x", fields=("anak.nama", "dokumen.kk"))
    (told,) = await office.world.news(who)
    await office.world.say(who, payload=told["buttons"][0]["payload"])
    office.pass_by(days=31)
    await watch_cases(office.world.deps)
    answers = await office.world.say(who, "Siti Aminah Lestari")
    assert "question" not in kinds(answers)
    assert (await office.seen(case.id)).state == "kedaluwarsa" and office.desk.repaired == []


async def test_the_time_for_a_repair_is_a_setting(office: Office) -> None:
    deps = office.world.deps
    office.world.deps = replace(deps, policy=replace(deps.policy, repair=timedelta(days=3)))
    _, case = await office.accepted()
    await office.push(case, "perlu_perbaikan", note="x", fields=("anak.nama",))
    office.pass_by(days=4)
    await watch_cases(office.world.deps)
    assert (await office.seen(case.id)).state == "kedaluwarsa"


async def test_a_late_case_apologises_by_itself_a_few_times_and_alerts_the_office(office: Office) -> None:
    who, case = await office.accepted()
    said = []
    for _ in range(60):
        office.pass_by(days=1)
        await watch_cases(office.world.deps)
        await watch_cases(office.world.deps)
        said += await office.texts(who)
    assert len(said) == 3 and all("Mohon maaf" in one and str(case.reference) in one for one in said)
    assert await office.alarms() == ["overdue"]
    await office.push(case, "terbit")
    assert await office.alarms() == []  # it is over by itself


@pytest.mark.parametrize(("state", "asked"), [("diajukan", "overdue"), ("perlu_perbaikan", "repairs")])
async def test_however_many_there_are_each_late_case_and_each_repair_is_looked_at(
    office: Office, state: str, asked: str
) -> None:
    _, case = await office.accepted()
    many = text("""insert into application (id, locus, service, conversation_id, state, agency, draft_sealed, created_at, updated_at,
        promised_on, paused_at) select gen_random_uuid(), locus, service, conversation_id, :state, agency, draft_sealed, created_at,
        updated_at, created_at, created_at from application, generate_series(1, 1500) where id = :id""")
    async with office.world.store.begin() as tx:
        await tx.run(many, {"id": case.id, "state": state})
        found = await (tx.overdue(office.world.clock.now()) if asked == "overdue" else tx.open_repairs())
    assert len(found) == 1500


async def test_a_case_that_waits_for_the_citizen_is_not_late(office: Office) -> None:
    who, case = await office.accepted()
    await office.push(case, "perlu_perbaikan", note="x", fields=("anak.nama",))
    await office.world.news(who)
    office.pass_by(days=14)
    await watch_cases(office.world.deps)
    assert await office.alarms() == []


async def test_a_document_that_was_asked_for_again_is_received_and_the_case_is_finished(office: Office) -> None:
    who, case = await office.accepted()
    await office.push(case, "terbit", document=True)
    assert await office.errands() == ["done"]
    await office.world.say(who, payload="niat:download_document")
    assert (await office.seen(case.id)).state == "selesai"
    assert (await office.world.say(who, payload="niat:download_document"))[-1]["attachments"]


async def test_the_agencys_word_finishes_a_case_and_nothing_moves_it_afterwards(office: Office) -> None:
    who, case = await office.accepted()
    for state in ("terbit", "selesai", "diproses", "ditolak"):
        await office.push(case, state)
    assert (await office.seen(case.id)).state == "selesai" and len(await office.texts(who)) == 2


async def test_the_citizen_sees_the_way_their_case_came(office: Office) -> None:
    who, case = await office.accepted()
    office.pass_by(days=1)
    await office.push(case, "verifikasi_berkas")
    office.pass_by(days=1)
    await office.push(case, "diproses")
    await office.push(case, "verifikasi_berkas", at=office.world.clock.now() - timedelta(days=1, hours=5))  # late
    await office.world.news(who)
    (answer,) = await office.world.say(who, str(case.reference))
    assert "Riwayat: 2 Nov diajukan · 3 Nov diperiksa · 4 Nov diproses" in answer["text"]


async def test_a_clock_that_runs_ahead_at_the_agency_blocks_nothing(office: Office) -> None:
    who, case = await office.accepted()
    await office.push(case, "verifikasi_berkas", at=office.world.clock.now() + timedelta(days=400))
    await office.push(case, "diproses")
    assert (await office.seen(case.id)).state == "diproses"


async def test_a_push_for_another_integrations_case_finds_none(office: Office) -> None:
    _, case = await office.accepted()
    status = (await office.seen(case.id)).agency_ref
    from bot.ports import AgencyStatus

    pushed = AgencyStatus(str(status), "ditolak", office.world.clock.now(), "k", reference=case.reference)
    assert not await apply_status(office.world.deps, "sdmk", pushed)
    assert (await office.seen(case.id)).state == "diajukan"
