"""What the record of a health worker means for an application."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.licence import Finding, findings

PLACES = [[f"446/00{n}", f"Klinik {n}", "2027-01-01"] for n in range(1, 4)]
RECORD: dict[str, Any] = {"layanan": "sip-perawat", "skp_tercatat": "ya", "sip_berlaku": PLACES[:2]}
VARIANTS = ("baru", "perpanjangan", "perubahan", "tambah-tempat", "pencabutan", "cetak-ulang")


def keys(record: dict[str, Any], variant: str) -> list[str]:
    return [one.key for one in findings(record, "sip-perawat", variant)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_record_in_order_says_nothing(variant: str) -> None:
    assert findings(RECORD, "sip-perawat", variant) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_fourth_place_is_refused_with_the_three_there_are(variant: str) -> None:
    found = findings({**RECORD, "sip_berlaku": PLACES}, "sip-perawat", variant)
    if variant not in ("baru", "tambah-tempat"):
        assert found == []
        return
    assert [(one.key, one.stops) for one in found] == [("three_places", True)]
    assert [place for _, place, _ in found[0].params["places"]] == ["Klinik 1", "Klinik 2", "Klinik 3"]


def test_everything_is_told_at_once() -> None:
    record = {"layanan": "sip-bidan", "profesi": "Bidan", "str_berakhir": "2025-01-01", "skp_tercatat": "tidak"}
    assert keys(record, "perpanjangan") == ["other_profession", "registration_ended", "credits_short"]
    assert keys(record, "baru") == ["other_profession", "registration_ended"]
    assert keys(record, "pencabutan") == []
    assert findings(record, "sip-perawat", "baru")[0].service == "sip-bidan"


@given(st.sampled_from(VARIANTS), st.integers(0, 5), st.booleans())
def test_only_too_many_places_stop_an_application(variant: str, places: int, enough: bool) -> None:
    record = {**RECORD, "sip_berlaku": (PLACES * 2)[:places], "skp_tercatat": "ya" if enough else "tidak"}
    found: list[Finding] = findings(record, "sip-perawat", variant)
    assert any(one.stops for one in found) == (places >= 3 and variant in ("baru", "tambah-tempat"))
