"""When a licence's end is worth a reminder."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.payloads import MAX_BYTES, intent
from bot.domain.reminders import RENEWAL, Later, needless, schedule
from tests.usecases.conftest import CATALOGUE

WIB = ZoneInfo("Asia/Jakarta")
UNTIL = date(2031, 8, 17)


def kinds(now: datetime) -> list[str]:
    return [kind for kind, _ in schedule(UNTIL, now, WIB)]


def test_three_reminders_at_nine_in_the_morning_of_the_office() -> None:
    found = dict(schedule(UNTIL, datetime(2026, 8, 17, tzinfo=UTC), WIB))
    assert list(found) == ["sip-180", "sip-90", "sip-30"]
    assert found["sip-30"] == datetime(2031, 7, 18, 9, tzinfo=WIB) == datetime(2031, 7, 18, 2, tzinfo=UTC)


def test_what_is_past_when_the_licence_is_issued_is_left_out() -> None:
    assert kinds(datetime(2031, 4, 1, tzinfo=UTC)) == ["sip-90", "sip-30"]
    assert kinds(datetime(2031, 8, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("variant", "state", "named", "expected"),
    [
        ("perpanjangan", "terbit", None, True),
        ("perpanjangan", "diproses", "2031-08-17", True),
        ("perpanjangan", "diproses", "2031-12-31", False),  # of another place
        ("perpanjangan", "ditolak", None, False),
        ("perpanjangan", "dibatalkan", None, False),
        ("perpanjangan", "draft", None, False),
        ("pencabutan", "terbit", None, True),
        ("tambah-tempat", "terbit", None, False),
        ("cetak-ulang", "terbit", None, False),
    ],
)
def test_what_makes_a_reminder_needless(variant: str, state: str, named: str | None, expected: bool) -> None:
    answers = {"sip_lama.sampai": named} if named else {}
    assert needless(UNTIL, [Later(variant, state, answers)]) is expected


def test_the_button_that_starts_a_renewal_fits_every_licence() -> None:
    licences = [service for slug, service in CATALOGUE.services.items() if slug.startswith("sip-")]
    assert len(licences) == 31
    for service in licences:
        assert any(variant.id == RENEWAL for variant in service.variants)
        assert len(intent("start_application", service.slug, RENEWAL).encode()) <= MAX_BYTES
