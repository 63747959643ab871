"""The bot tells of closures and notices: on greeting, asked for hours and place, and for as long as they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.office_news import closures_of, notices_of
from tests.usecases.conftest import CATALOGUE, World


@pytest.fixture
def closing(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An office that closes for two days, with a notice on the day before."""
    office = replace(
        CATALOGUE.loci["33.28"],
        closures=closures_of([{"from": "2026-11-10", "until": "2026-11-11", "text": "Gedung diperbaiki."}]),
        notices=notices_of([{"from": "2026-11-09", "until": "2026-11-09 12.00", "text": "Listrik padam."}]),
    )
    monkeypatch.setitem(CATALOGUE.loci, "33.28", office)
    world.dialogue.words |= {"jam buka": "ask_hours", "halo": "greet"}
    return world


async def told(world: World, text: str) -> str:
    return "\n".join(said["text"] for said in await world.say(await world.session(), text))


async def test_a_notice_is_said_on_greeting_and_the_closure_with_the_hours(closing: World) -> None:
    closing.clock.at = datetime(2026, 11, 9, 3, tzinfo=UTC)  # 10.00 in Slawi
    greeting, hours = await told(closing, "halo"), await told(closing, "jam buka")
    assert "Pengumuman: Listrik padam." in greeting and "tutup" not in greeting
    assert "Pengumuman: Listrik padam." in hours
    assert "Kantor akan tutup 10 November 2026 sampai dengan 11 November 2026. Gedung diperbaiki." in hours
    closing.clock.at += timedelta(hours=3)
    assert "Listrik" not in await told(closing, "halo")
    closing.clock.at += timedelta(days=2)
    assert "Saat ini kantor tutup, sampai dengan 11 November 2026." in await told(closing, "jam buka")
    closing.clock.at += timedelta(days=1)
    assert "tutup" not in await told(closing, "jam buka")
