"""Saying "I am here" with a ticket, through the adapter and against the stand-in."""

from __future__ import annotations

import pytest

from bot.errors import AgencyError
from integrations.antrean.adapter import AntreanAgency
from tests.integrations.antrean.test_numbers import NIKS, TOMORROW, agency, press
from tests.integrations.conftest import MovableClock, Sandbox, ticket

__all__ = ["agency"]
SOON = "2025-11-24T09:30"  # the clock of the tests stands at 09.00


async def refused(agency: AntreanAgency, code: str) -> tuple[int, str]:
    with pytest.raises(AgencyError) as error:
        await agency.check_in(code, "hadir-0001")
    return error.value.params["status"], "".join(one["field"] for one in error.value.params["reasons"])


async def test_a_booking_its_qr_and_its_number_all_say_who_is_there_and_the_number_is_kept(
    agency: AntreanAgency, desk: Sandbox, clock: MovableClock
) -> None:
    refs = [await agency.submit(ticket(SOON, NIKS[n], key=f"kunci-000{n}")) for n in range(3)]
    numbers = [(await agency.ticket(ref)).number for ref in refs]
    told = [refs[0], f"ANTREAN {numbers[1]} 2025-11-24", numbers[2].lower()]
    for code, number in zip(told, numbers, strict=True):
        for _ in range(2):  # a repeat says the same
            assert (await agency.check_in(code, "hadir-0001")).number == number
    late = await agency.submit(ticket(SOON, NIKS[5], key="kunci-0009"))
    clock.move(minutes=31)
    for _ in range(4):
        await press(desk, "panggil")
    clock.move(minutes=30)
    assert (await agency.ticket(late)).state == "missed" and (await agency.ticket(refs[0])).state != "missed"


async def test_too_early_over_and_unknown_are_told_apart(agency: AntreanAgency) -> None:
    tomorrow = await agency.submit(ticket(f"{TOMORROW}T09:00"))
    assert await refused(agency, tomorrow) == (409, "early")
    await agency.cancel(tomorrow, "tidak jadi", "batal-0001")
    assert await refused(agency, tomorrow) == (409, "over")
    for unknown in ("Z-999", "ANTREAN A-001 2025-99-99", "bukan kode", "A-0001; DROP"):
        assert await refused(agency, unknown) == (404, "")
    assert (await refused(agency, " "))[0] == 400
