"""No case is lost, none is handed in twice, and the citizen hears both edges of an outage."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.domain.breaker import THRESHOLD
from bot.domain.working_hours import DAYS, working_hours
from bot.errors import AgencyError, AgencyUnavailable
from bot.storage.errands import ErrandQueue
from bot.usecases import errands as errands_module
from bot.usecases.errands import look_after_stuck, run_errand
from bot.usecases.poll import poll_case
from tests.usecases.agency_office import ALL, Office
from tests.usecases.conftest import World


@pytest.fixture
def office(world: World) -> Office:
    return Office.at(world)


async def test_a_lost_answer_is_found_by_asking_and_nothing_is_sent_twice(office: Office) -> None:
    who, case = await office.case()
    office.desk.lost = 1
    assert await office.errands() == ["due"]
    office.pass_by(seconds=10)
    assert await office.errands() == ["done"]
    assert office.desk.calls == ["submit", "find"]
    assert (await office.seen(case.id)).agency_ref == "AG-1"


async def test_a_submission_that_never_arrived_is_repeated_after_asking(office: Office) -> None:
    _, case = await office.case()
    office.desk.answers = [AgencyUnavailable("down")]
    await office.errands()
    office.pass_by(seconds=10)
    assert await office.errands() == ["done"]
    assert office.desk.calls == ["submit", "find", "submit"] and len(office.desk.submitted) == 1


async def test_an_agency_that_cannot_be_asked_gets_it_again_under_the_same_key(office: Office) -> None:
    _, case = await office.case()
    office.desk.manifest = replace(office.desk.manifest, capabilities=ALL - {"find"})
    office.desk.lost = 1
    await office.errands()
    office.pass_by(seconds=10)
    assert await office.errands() == ["done"]
    assert office.desk.calls == ["submit", "submit"] and list(office.desk.submitted) == [f"{case.id}:submit"]


async def test_nobody_knows_yet_means_wait_and_not_send(office: Office) -> None:
    await office.case()
    office.desk.lost = 1
    await office.errands()
    office.desk.answers = [AgencyUnavailable("who knows")]
    office.pass_by(seconds=10)
    assert await office.errands() == ["due"] and office.desk.calls == ["submit", "find"]


async def test_a_worker_that_died_in_the_middle_leaves_a_counted_try_and_the_next_one_asks_first(
    office: Office,
) -> None:
    await office.case()
    (due,) = await office.claim()  # and dies
    assert await office.claim() == []
    office.pass_by(seconds=100)
    (again,) = await office.claim()
    assert again.attempts == 2
    await run_errand(office.world.deps, again)
    assert office.desk.calls == ["find", "submit"]
    # The one that came back from the dead settles nothing any more.
    await ErrandQueue(office.world.store).settle(due, "failed", office.world.clock.now())
    assert (await office.errand(due.case_id)).state == "due"


async def test_a_push_that_comes_before_the_answer_tells_the_number_and_nothing_is_handed_in_again(
    office: Office,
) -> None:
    who, case = await office.case()
    office.desk.lost = 1
    await office.errands()
    assert await office.push(case, "verifikasi_berkas", agency_ref="AG-1", reference=case.reference)
    office.pass_by(seconds=10)
    assert await office.errands() == ["done"] and office.desk.calls == ["submit"]


async def test_after_an_unknown_outcome_what_was_pushed_meanwhile_is_asked_for(office: Office) -> None:
    who, case = await office.case()
    office.desk.lost = 1
    await office.errands()
    from bot.ports import AgencyStatus

    office.desk.history = [AgencyStatus("AG-1", "verifikasi_berkas", office.world.clock.now(), "h1")]
    office.pass_by(seconds=10)
    await office.errands()
    assert "diperiksa" in (await office.texts(who))[-1]


# -- a closed agency ---------------------------------------------------------------------------------------------------


async def test_an_agency_that_keeps_hours_is_waited_for_and_closing_time_is_neither_news_nor_a_reason_to_give_up(
    office: Office,
) -> None:
    who, case = await office.case()
    said = len(await office.texts(who))
    every_day = {"days": list(DAYS), "from": "08:00", "to": "09:00", "zone": "Asia/Jakarta"}
    office.desk.manifest = replace(office.desk.manifest, hours=working_hours(every_day))
    for _ in range(3):  # three days in which nothing could be tried
        office.desk.answers = [AgencyUnavailable("closed", closed=True, after=86_400.0)]
        assert await office.errands() == ["due"]
        office.pass_by(hours=12)
        assert await office.errands() == []  # it waits until the agency opens
        office.pass_by(hours=12, seconds=1)
    await look_after_stuck(office.world.deps)
    assert len(await office.texts(who)) == said
    assert await office.errands() == ["done"]
    assert len(office.desk.submitted) == 1


async def test_of_an_agency_that_gives_no_news_the_citizen_is_told_who_will_and_it_is_never_asked(
    office: Office,
) -> None:
    who, case = await office.case()
    office.desk.manifest = replace(office.desk.manifest, capabilities=frozenset({"submit"}))
    assert await office.errands() == ["done"]
    assert "Hasilnya nanti disampaikan petugas kami" in (await office.texts(who))[-1]
    calls = list(office.desk.calls)
    await poll_case(office.world.deps, await office.seen(case.id))
    assert office.desk.calls == calls


# -- an outage ----------------------------------------------------------------------------------------------------------


async def test_both_edges_of_an_outage_are_told_once_with_the_agencys_name(office: Office) -> None:
    who, case = await office.case()
    office.desk.error = AgencyUnavailable("down")
    for _ in range(4):
        await office.errands()
        office.pass_by(minutes=6)
    (away,) = await office.texts(who)
    assert "Dukcapil" in away and "gangguan" in away and "aman" in away and (case.reference or "?") in away
    office.desk.error = None
    office.pass_by(minutes=10)
    assert await office.errands() == ["done"]
    (back,) = await office.texts(who)
    assert "Dukcapil" in back and "pulih" in back and (case.reference or "?") in back


async def test_a_short_hiccup_is_not_told(office: Office) -> None:
    who, _ = await office.case()
    office.desk.answers = [AgencyUnavailable("once")]
    await office.errands()
    office.pass_by(seconds=10)
    assert await office.errands() == ["done"]
    assert await office.texts(who) == []


async def test_failures_in_a_row_open_the_breaker_for_all_workers_and_one_probe_closes_it(office: Office) -> None:
    for _ in range(THRESHOLD + 3):
        await office.case()
    office.desk.error = AgencyUnavailable("down")
    assert len(await office.errands()) >= THRESHOLD
    office.pass_by(seconds=5)
    assert await office.errands() == []  # left in peace, though many are due
    assert await office.alarms() == ["away"]
    office.desk.error = None
    office.pass_by(seconds=30)
    assert len(await office.claim()) == 1  # the probe
    assert await office.claim() == []
    office.pass_by(seconds=100)  # whoever probed has died
    assert await office.errands() == ["done"]
    assert await office.alarms() == []
    while states := await office.errands():
        assert set(states) == {"done"}
        office.pass_by(seconds=100)
    assert len(office.desk.submitted) == THRESHOLD + 3


async def test_citizens_whose_errand_an_open_breaker_holds_back_are_told_too(office: Office) -> None:
    who = [(await office.case())[0] for _ in range(THRESHOLD + 3)]
    office.desk.error = AgencyUnavailable("down")
    await office.errands()
    office.pass_by(minutes=3)
    await look_after_stuck(office.world.deps)
    await look_after_stuck(office.world.deps)
    for one in who:
        (said,) = await office.texts(one)
        assert "gangguan" in said


async def test_errands_that_nobody_hears_of_do_not_hide_one_whose_citizen_waits(office: Office) -> None:
    _, other = await office.accepted()
    many = text("""insert into submission (case_id, verb, next_at, created_at)
        select :case, 'document-' || n, :at, :at from generate_series(1, 600) as n""")
    async with office.world.store.begin() as tx:
        await tx.run(many, {"case": other.id, "at": office.world.clock.now()})
    who, case = await office.case()
    async with office.world.store.begin() as tx:
        await tx.put_breaker(replace(await tx.breaker("dukcapil"), opened_at=office.world.clock.now(), opens=1))
    office.pass_by(minutes=3)
    await look_after_stuck(office.world.deps)
    (said,) = await office.texts(who)
    assert "gangguan" in said and str(case.reference) in said


async def test_after_48_hours_a_person_has_to_look_and_the_citizen_knows(office: Office) -> None:
    who, case = await office.case()
    office.desk.error = AgencyUnavailable("down")
    await office.errands()
    office.pass_by(hours=49)
    await look_after_stuck(office.world.deps)
    assert (await office.errand(case.id)).state == "failed"
    said = await office.texts(who)
    assert any("petugas kami" in one.lower() and "tetap aman" in one for one in said)
    office.pass_by(hours=1)
    assert await office.errands() == []


async def test_an_agency_that_takes_very_long_is_broken_off_before_the_lease_ends(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.case()
    monkeypatch.setattr(errands_module, "LONGEST_S", 0.05)

    async def for_ever(submission: object) -> str:
        await asyncio.sleep(60)
        return ""

    office.desk.submit = for_ever  # type: ignore[method-assign]
    assert await office.errands() == ["due"]


async def test_a_bug_in_an_adapter_loses_no_case_and_an_operator_hears_of_it(office: Office) -> None:
    _, case = await office.case()
    office.desk.answers = [RuntimeError("a bug")]
    assert await office.errands() == ["due"]
    assert await office.alarms() == ["unexpected"]
    office.pass_by(seconds=10)
    assert await office.errands() == ["done"] and await office.alarms() == []


async def test_pauses_between_tries_grow_and_are_not_the_same_for_all(office: Office) -> None:
    first = {errands_module._pause(3) for _ in range(20)}
    assert len(first) > 10 and min(first) >= 5 and max(first) <= 10
    assert max(errands_module._pause(n) for n in range(1, 100)) <= 300


# -- refused --------------------------------------------------------------------------------------------------------------


async def test_a_refusal_that_names_fields_of_the_form_becomes_one_repair_with_all_of_them(office: Office) -> None:
    who, case = await office.case()
    reasons = (
        {"field": "anak.nama", "message": "Nama anak wajib diisi."},
        {"field": "dokumen.kk", "message": "KK tidak terbaca."},
        {"field": "saksi.0.nik", "message": "NIK saksi salah."},
    )
    office.desk.answers = [AgencyError("no", status=422, reasons=reasons)]
    assert await office.errands() == ["done"]
    (said,) = await office.world.news(who)
    assert all(reason["message"] in said["text"] for reason in reasons)
    asked = []
    answers = await office.world.say(who, payload=said["buttons"][0]["payload"])
    for reply in ("Siti Aminah Lestari", "3328990105800005"):
        asked.append(answers[-1]["meta"]["field"])
        answers = await office.world.say(who, reply)
    asked.append(answers[-1]["meta"]["field"])
    answers = await office.world.send(who, "document", b"paper")
    assert sorted(asked) == ["anak.nama", "dokumen.kk", "saksi.0.nik"] and answers[-1]["meta"]["kind"] == "review"
    await office.world.say(who, "kirim")
    assert await office.errands() == ["done"]
    (given,) = office.desk.submitted.values()
    assert given.key == f"{case.id}:repair-1" and given.data["anak"]["nama"] == "Siti Aminah Lestari"
    assert (await office.seen(case.id)).agency_ref == "AG-1"


async def test_a_refusal_for_another_reason_goes_to_a_persons_desk_with_the_agencys_words(office: Office) -> None:
    who, case = await office.case()
    reasons = ({"field": "", "message": "Layanan ditutup sementara."},)
    office.desk.answers = [AgencyError("no", status=422, reasons=reasons)]
    assert await office.errands() == ["failed"]
    errand = await office.errand(case.id)
    assert errand.state == "failed" and "Layanan ditutup" in errand.reason
    told = next(one for one in await office.world.news(who) if "menolak" in one["text"])
    assert told["buttons"]
    assert (await office.seen(case.id)).state == "diajukan"


async def test_a_document_that_no_chat_can_carry_is_a_persons_matter_and_the_citizen_is_told(office: Office) -> None:
    who, case = await office.accepted()
    await office.push(case, "terbit", document=True)
    office.desk.content = b"%PDF-" + bytes(16 * 1024 * 1024)
    assert await office.errands() == ["failed"]
    said = " ".join(await office.texts(who))
    assert "belum bisa kami ambil" in said and (await office.seen(case.id)).state == "terbit"


async def test_an_agencys_number_that_is_another_cases_is_an_alarm_and_both_cases_are_unharmed(office: Office) -> None:
    _, first = await office.accepted()
    _, second = await office.case()

    async def same(submission: object) -> str:
        return "AG-1"

    office.desk.submit = same  # type: ignore[method-assign]
    assert await office.errands() == ["failed"]
    assert await office.alarms() == ["foreign"]
    assert (await office.seen(first.id)).agency_ref == "AG-1" and (await office.seen(second.id)).agency_ref is None


# -- withdrawing --------------------------------------------------------------------------------------------------------------


async def test_a_case_that_never_reached_the_agency_is_withdrawn_without_it(office: Office) -> None:
    who, case = await office.case()
    office.desk.answers = [AgencyError("no")]
    await office.errands()
    async with office.world.store.begin() as tx:
        await tx.put_due(case.id, "cancel", office.world.clock.now())
    assert await office.errands() == ["done"]
    assert (await office.seen(case.id)).state == "dibatalkan" and office.desk.cancelled == []
    assert (await office.errand(case.id)).state == "done"  # nothing left for a person to do


async def test_a_case_whose_number_was_lost_is_found_and_withdrawn_there_too(office: Office) -> None:
    who, case = await office.case()
    office.desk.lost = 1
    await office.errands()
    async with office.world.store.begin() as tx:
        assert await tx.give_up(case.id, "submit", office.world.clock.now())
        await tx.put_due(case.id, "cancel", office.world.clock.now())
    assert await office.errands() == ["done"]
    assert office.desk.cancelled == ["AG-1"] and (await office.seen(case.id)).state == "dibatalkan"
