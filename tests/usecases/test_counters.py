"""The counters' status of today: told where somebody asks about it, gone tomorrow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.counter_status import Said, items, standing, telling
from bot.errors import InvalidMessage, NotFound
from bot.usecases.counters import say_today
from tests.usecases.conftest import World

KTP = "berapa biaya ktp"


async def answer(world: World, text: str) -> str:
    return "\n".join(said["text"] for said in await world.say(await world.session(), text))


async def test_who_asks_about_the_card_hears_that_blanks_are_out_and_who_asks_for_a_deed_does_not(world: World) -> None:
    assert "Hari ini" not in await answer(world, KTP)
    await say_today(world.deps, "33.28", "ktp_blanks", "out", "wati")
    told = await answer(world, KTP)
    assert "*Hari ini* (kabar petugas pukul 10.00): blangko KTP habis" in told
    assert "Hari ini" not in await answer(world, "berapa biaya akta")


async def test_the_last_word_counts_and_all_well_is_no_news(world: World) -> None:
    for value in ("few", "out", "few"):
        await say_today(world.deps, "33.28", "ktp_blanks", value, "wati")
    assert "tinggal sedikit" in await answer(world, KTP)
    await say_today(world.deps, "33.28", "ktp_blanks", "ok", "wati")
    assert "Hari ini" not in await answer(world, KTP)
    async with world.store.begin() as tx:
        said = await tx.counter_status("33.28", date(2026, 11, 2), date(2026, 11, 2))
    assert [one.value for _, one in said] == ["few", "out", "few", "ok"]


async def test_it_holds_until_midnight_of_the_office(world: World) -> None:
    world.clock.at = datetime(2026, 11, 2, 16, 50, tzinfo=UTC)  # 23.50 in Slawi
    await say_today(world.deps, "33.28", "printer", "broken", "wati")
    assert "pencetak kartu sedang rusak" in await answer(world, KTP)
    world.clock.at += timedelta(minutes=15)
    assert "pencetak" not in await answer(world, KTP)


async def test_who_means_to_come_hears_of_numbers_and_closed_counters(world: World) -> None:
    world.dialogue.words["jam buka"] = "ask_hours"
    await say_today(world.deps, "33.28", "numbers", "out", "wati")
    await say_today(world.deps, "33.28", "counter:kependudukan", "closed", "wati")
    told = await answer(world, "jam buka")
    assert "sudah habis" in told and "loket petugas kependudukan tutup" in told
    licence = await answer(world, "berapa biaya bidan")
    assert "tutup" not in licence and "Hari ini" not in licence


async def test_only_what_can_be_said_is_taken(world: World) -> None:
    with pytest.raises(NotFound):
        await say_today(world.deps, "33.28", "coffee", "out", "wati")
    with pytest.raises(NotFound):
        await say_today(world.deps, "99.99", "numbers", "out", "wati")
    with pytest.raises(InvalidMessage):
        await say_today(world.deps, "33.28", "printer", "few", "wati")


def test_an_office_says_only_what_concerns_its_services() -> None:
    offered = items(["akta-kelahiran"], {"a": frozenset({"akta-kelahiran"})})
    assert [item.id for item in offered] == ["numbers", "counter:a"]
    at = datetime(2026, 11, 2, tzinfo=UTC)
    known = standing([Said("counter:a", "closed", "x", at), Said("numbers", "nonsense", "x", at)])
    assert [item.id for item, _ in telling(offered, known, "akta-kelahiran", coming=True)] == ["counter:a"]
    assert telling(offered, known, "ktp") == []
