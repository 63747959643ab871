"""The counter queue through its adapter: places, moves, the call of the numbers, and what the officers' pages do."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pytest

from bot.errors import AgencyError
from integrations.antrean.adapter import AntreanAgency
from integrations.antrean.book import Book, Refused
from integrations.antrean.counters import office
from integrations.antrean.paper import code
from tests.integrations.conftest import SECRET, MovableClock, Received, Sandbox, ticket, visit

NIKS = [f"33289901019000{n:02}" for n in range(1, 60)]
TODAY = date(2025, 11, 24)
"""A Monday; the clock of the tests stands at 09.00 in Tegal."""
TOMORROW = "2025-11-25"
NINE = f"{TOMORROW}T09:00"
LAST_OF_TODAY = "2025-11-24T13:30"


@pytest.fixture
async def agency(desk: Sandbox, clock: MovableClock) -> AsyncIterator[AntreanAgency]:
    made = AntreanAgency(f"{desk.url}/antrean", SECRET, clock, timeout=10)
    yield made
    await made.close()


@pytest.fixture
def book(tmp_path: Path, clock: MovableClock) -> Book:
    return Book(tmp_path / "nomor.sqlite", clock, office())


async def press(desk: Sandbox, action: str, letter: str = "A", **form: str) -> int:
    url = f"{desk.url}/petugas/antrean/loket/{letter}/{action}"
    async with desk.http.post(url, data=form or {"go": "1"}, allow_redirects=False) as response:
        return response.status


async def free_at(agency: AntreanAgency, starts: str, service: str = "ktp") -> int:
    slots = await agency.slots(service, "mpp", TODAY, date(2025, 12, 24))
    return next((s.free for s in slots if f"{s.starts_at:%Y-%m-%dT%H:%M}" == starts), 0)


# -- places ---------------------------------------------------------------------------------------------------------------


async def test_free_times_are_those_of_working_days_to_come_in_the_offices_time(agency: AntreanAgency) -> None:
    slots = await agency.slots("ktp", "mpp", date(2025, 11, 20), date(2026, 1, 20))
    assert slots[0].starts_at == datetime(2025, 11, 24, 2, 30, tzinfo=UTC)  # it is nine o'clock: that slot has begun
    assert slots == sorted(slots, key=lambda slot: slot.starts_at)
    assert all(slot.starts_at.weekday() < 5 for slot in slots)
    assert max(slot.starts_at for slot in slots).date() <= date(2025, 12, 8)
    assert await agency.slots("paspor", "mpp", TODAY, TODAY) == []


async def test_a_booked_place_is_gone_and_a_cancelled_one_is_there_again(agency: AntreanAgency) -> None:
    before = await free_at(agency, NINE)
    ref = await agency.submit(ticket(NINE))
    assert await free_at(agency, NINE) == before - 1
    held = await agency.ticket(ref)
    assert held.number == "A-013" and held.state == "waiting" and held.counter == "Loket A"
    assert held.starts_at == datetime(2025, 11, 25, 2, 0, tzinfo=UTC)
    await agency.cancel(ref, "pemohon", "batal-0001")
    assert await free_at(agency, NINE) == before
    again = await agency.submit(ticket(NINE, key="kunci-0002"))
    assert (await agency.ticket(again)).number == "A-013"


async def test_two_people_want_the_last_place_and_one_gets_it(agency: AntreanAgency) -> None:
    bookable = await free_at(agency, NINE)
    for n in range(bookable - 1):
        await agency.submit(ticket(NINE, NIKS[n], key=f"kunci-{n:04}"))
    both = [ticket(NINE, NIKS[40], key="kunci-siti"), ticket(NINE, NIKS[41], key="kunci-joko")]
    outcomes = await asyncio.gather(*(agency.submit(one) for one in both), return_exceptions=True)
    got = [one for one in outcomes if isinstance(one, str)]
    refused = [one for one in outcomes if isinstance(one, AgencyError)]
    assert len(got) == len(refused) == 1
    assert refused[0].params["status"] == 409
    assert [reason["field"] for reason in refused[0].params["reasons"]] == ["janji.slot"]
    assert await free_at(agency, NINE) == 0


async def test_the_share_of_walk_ins_cannot_be_booked_and_they_get_it(
    agency: AntreanAgency, desk: Sandbox, clock: MovableClock
) -> None:
    rules = office()
    for n in range(rules.places - rules.walk_ins):
        await agency.submit(ticket(LAST_OF_TODAY, NIKS[n], key=f"kunci-{n:04}"))
    with pytest.raises(AgencyError):
        await agency.submit(ticket(LAST_OF_TODAY, NIKS[50], key="kunci-0050"))
    clock.move(hours=4, minutes=30)  # only the last slot is left
    given = []
    for _ in range(rules.walk_ins):
        async with desk.http.post(f"{desk.url}/petugas/antrean/loket/A/datang") as response:
            given += re.findall(r"datang langsung: (A-\d+)", await response.text())
    assert given[-rules.walk_ins :] == ["A-059", "A-060"]


async def test_a_day_takes_no_more_bookings_than_its_quota(book: Book) -> None:
    rules = office()
    slots = [one.id for one in book.free("ktp", date(2025, 11, 25), date(2025, 11, 25))]
    made = 0
    with pytest.raises(Refused) as full:
        for slot in slots:
            for _ in range(rules.places - rules.walk_ins):
                book.book(f"kunci-{made}", "ktp", NIKS[made], "Nama", slot)
                made += 1
    assert full.value.code == "full" and made == rules.day_quota < len(slots) * (rules.places - rules.walk_ins)
    assert book.free("ktp", date(2025, 11, 25), date(2025, 11, 25)) == []
    assert book.walk_in("A").walk_in


@pytest.mark.parametrize(
    "starts", ["2025-11-29T09:00", "2025-12-25T09:00", "2025-11-24T08:00", "2026-03-02T09:00", "besok"]
)
async def test_a_time_that_cannot_be_is_refused_for_good(agency: AntreanAgency, starts: str) -> None:
    with pytest.raises(AgencyError) as refused:
        await agency.submit(ticket(starts))
    assert refused.value.params["status"] == 409


# -- one ticket per person and service --------------------------------------------------------------------------------------


async def test_a_second_ticket_for_the_same_service_is_refused_and_for_another_one_is_not(
    agency: AntreanAgency,
) -> None:
    await agency.submit(ticket(NINE))
    with pytest.raises(AgencyError) as refused:
        await agency.submit(ticket(f"{TOMORROW}T10:00", key="kunci-0002"))
    assert [reason["field"] for reason in refused.value.params["reasons"]] == ["pemohon.nik"]
    assert await agency.submit(ticket(NINE, service="kk", key="kunci-0003"))


# -- another time -----------------------------------------------------------------------------------------------------------


async def test_moving_gives_the_old_place_back_and_a_repeat_moves_nothing(agency: AntreanAgency) -> None:
    ref = await agency.submit(ticket(NINE))
    before = await free_at(agency, NINE)
    wanted = next(
        s
        for s in await agency.slots("ktp", "mpp", TODAY, date(2025, 11, 27))
        if f"{s.starts_at:%d %H:%M}" == "26 10:00"
    )
    moved = await agency.move(ref, wanted.id, "pindah-0001")
    assert moved.starts_at == wanted.starts_at == (await agency.ticket(ref)).starts_at
    assert await free_at(agency, NINE) == before + 1
    first = (await agency.ticket(ref)).number
    assert await agency.move(ref, wanted.id, "pindah-0001") == moved
    assert (await agency.ticket(ref)).number == first == "A-025"


async def test_a_full_time_cannot_be_moved_to_and_the_old_one_stays(agency: AntreanAgency) -> None:
    for n in range(office().places - office().walk_ins):
        await agency.submit(ticket(NINE, NIKS[n], key=f"kunci-{n:04}"))
    ref = await agency.submit(ticket(f"{TOMORROW}T10:00", NIKS[50], key="kunci-0050"))
    with pytest.raises(AgencyError) as refused:
        await agency.move(ref, "A-20251125-0900", "pindah-0001")
    assert refused.value.params["status"] == 409
    assert (await agency.ticket(ref)).number == "A-025"


# -- the day at the counter ---------------------------------------------------------------------------------------------------


async def test_who_is_soon_is_told_once_and_the_line_moves(
    agency: AntreanAgency, desk: Sandbox, received: Received, clock: MovableClock
) -> None:
    begins = ["10:00", "10:00", "10:00", "10:00", "10:30", "10:30", "10:30", "10:30"]
    refs = [
        await agency.submit(ticket(f"2025-11-24T{begin}", NIKS[n], key=f"kunci-{n:04}", callback_url=received.url))
        for n, begin in enumerate(begins)
    ]
    assert [(await agency.ticket(ref)).ahead for ref in refs] == list(range(8))
    clock.move(hours=1)
    assert await press(desk, "panggil") == 303
    await received.until(7)  # one is called, and six have at most five before them
    told = {(body["agency_ref"], body["state"]) for body in received.bodies}
    assert told == {(refs[0], "diproses")} | {(ref, "verifikasi_berkas") for ref in refs[1:7]}
    last = await agency.ticket(refs[7])
    assert (last.state, last.ahead, last.serving) == ("waiting", 6, "A-025")
    assert last.expected_at == datetime(2025, 11, 24, 3, 30, tzinfo=UTC)
    assert await press(desk, "panggil") == 303
    await received.until(9)
    assert (received.bodies[-1]["agency_ref"] in refs[1:8]) and received.states.count("verifikasi_berkas") == 7
    with pytest.raises(AgencyError):
        await agency.cancel(refs[0], "pemohon", "batal-0001")  # it is being served


async def test_who_is_not_there_when_called_loses_the_number_and_who_is_keeps_it(
    agency: AntreanAgency, desk: Sandbox, clock: MovableClock
) -> None:
    absent = await agency.submit(ticket("2025-11-24T09:30", NIKS[0], key="kunci-0001"))
    present = await agency.submit(ticket("2025-11-24T09:30", NIKS[1], key="kunci-0002"))
    async with desk.http.post(f"{desk.url}/petugas/antrean/loket/hadir", data={"nomor": "a-020"}) as response:
        assert "A-020 sudah hadir" in await response.text()
    clock.move(minutes=30)
    assert await press(desk, "panggil") == await press(desk, "panggil") == 303
    clock.move(minutes=office().no_show_minutes)
    assert ((await agency.ticket(absent)).state, (await agency.ticket(present)).state) == ("missed", "called")
    last = (await agency.status(absent))[-1]
    assert last.state == "dibatalkan" and "tidak hadir" in str(last.note)
    assert await press(desk, "selesai", key="kunci-0002") == 303
    assert (await agency.ticket(present)).state == "served"
    assert (await agency.status(present))[-1].state == "terbit"
    # Whoever lost a number may take another one.
    assert await agency.submit(ticket(NINE, NIKS[0], key="kunci-0003"))


async def test_a_number_of_a_day_that_is_over_holds_no_longer(agency: AntreanAgency, clock: MovableClock) -> None:
    await agency.submit(ticket(NINE))
    clock.move(days=2)
    assert await agency.submit(ticket("2025-11-27T09:00", key="kunci-0002"))


# -- the paper ----------------------------------------------------------------------------------------------------------------


async def test_the_ticket_is_a_pdf_and_its_code_says_number_and_day_alone(agency: AntreanAgency, book: Book) -> None:
    ref = await agency.submit(ticket(NINE))
    name, content = await agency.document(ref)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert name.endswith("A-013.pdf") and "A-013" in text and "CONTOH" in text and "25 November 2025" in text
    assert "Budi" not in text and "3328991708850001" not in text
    held = book.book("kunci-0009", "ktp", NIKS[9], "Nama", "A-20251125-0900")
    assert code(held) == "ANTREAN A-013 2025-11-25"


# -- visits -------------------------------------------------------------------------------------------------------------------


async def test_a_day_for_a_village_is_told_to_everybody_there_who_asked(
    agency: AntreanAgency, desk: Sandbox, received: Received
) -> None:
    here = [await agency.submit(visit(key=f"kunci-{n:04}", callback_url=received.url)) for n in range(2)]
    elsewhere = await agency.submit(visit(key="kunci-0009", lokasi={"desa": "33.28.10.1009", "alamat": "Jl. Contoh 2"}))
    form = {"desa": "33.28.10.1008", "tanggal": "2025-12-01", "mulai": "09:00", "selesai": "12:00"}
    async with desk.http.post(f"{desk.url}/petugas/antrean/kunjungan", data=form) as response:
        assert "1 Desember 2025" in await response.text()
    await received.until(2)
    assert {body["agency_ref"] for body in received.bodies} == set(here)
    assert all("Senin, 1 Desember 2025, antara pukul 09.00 dan 12.00" in body["note"] for body in received.bodies)
    assert (await agency.status(elsewhere))[-1].state == "diajukan"
    [planned] = await agency.slots("jemput-bola", "33.28.10.1008", TODAY, date(2025, 12, 31))
    assert planned.starts_at == datetime(2025, 12, 1, 2, 0, tzinfo=UTC) and planned.place == "33.28.10.1008"


async def test_a_visit_without_a_reason_that_counts_is_refused_with_all_that_is_missing(agency: AntreanAgency) -> None:
    with pytest.raises(AgencyError) as refused:
        await agency.submit(replace(visit(kontak={}, orang={}), variant="sibuk"))
    fields = {reason["field"] for reason in refused.value.params["reasons"]}
    assert fields == {"kontak.telepon", "orang.nama", "variant"}
