"""Closures and notices of an office: told while they matter, reckoned with for opening times."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.catalogue_desk import week
from bot.domain.office_news import closures_of, news, notices_of
from tests import content

ZONE = ZoneInfo("Asia/Jakarta")
TEXTS = content.texts()
CLOSURES = closures_of([{"from": "2026-12-24", "until": "2026-12-26", "text": {"id": "Libur.", "en": "Holidays."}}])
NOTICES = notices_of(
    [
        {"from": "2026-12-01", "until": "2026-12-31", "text": "Bawa KK."},
        {"from": "2026-12-10 08.00", "until": "2026-12-10 13.00", "urgent": True, "text": "Listrik padam."},
    ]
)


def told(day: int, hour: int = 9, language: str = "id", month: int = 12) -> list[str]:
    return news(CLOSURES, NOTICES, datetime(2026, month, day, hour, tzinfo=ZONE), language, TEXTS)


def test_a_notice_is_told_while_it_holds_and_the_urgent_one_first() -> None:
    assert told(30, month=11) == []
    assert told(9) == ["Pengumuman: Bawa KK."]
    closing = "Kantor akan tutup 24 Desember 2026 sampai dengan 26 Desember 2026. Libur."
    assert told(10) == ["PENTING: Listrik padam.", "Pengumuman: Bawa KK.", closing]
    assert told(10, 13)[0] == "Pengumuman: Bawa KK."


def test_a_closure_is_told_from_two_weeks_before_until_its_last_day() -> None:
    assert told(26, language="en")[-1] == "The office is closed now, up to and including 26 December 2026. Holidays."
    assert told(27) == ["Pengumuman: Bawa KK."]


def test_nobody_is_promised_an_hour_on_a_day_the_office_is_closed() -> None:
    hours = week({"week": {day: ["08.00-15.00"] for day in ("kamis", "jumat", "senin")}}, CLOSURES[0].days())
    assert hours is not None
    opening = hours.next_opening(datetime(2026, 12, 23, 16, tzinfo=ZONE), lambda day: False)
    assert opening is not None and opening.date() == date(2026, 12, 28)


@pytest.mark.parametrize(
    "node",
    [
        {"from": "2026-02-31", "text": "x"},
        {"from": "2026-03-02", "until": "2026-03-01", "text": "x"},
        {"from": "2026-03-02", "until": "2028-03-02", "text": "x"},
    ],
)
def test_a_closure_that_no_calendar_has_is_refused(node: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"day|closure"):
        closures_of([node])
