from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from bot.web.staff import strings, times
from bot.web.staff.desk import WEB
from bot.web.staff.masks import mask_number, mask_text

NOW = datetime(2025, 11, 24, 9, 5, tzinfo=UTC)


def test_both_languages_fill_the_same_places() -> None:
    for key, pair in strings._PAIRS.items():
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in pair]
        assert places[0] == places[1], key
        assert all(pair), key


def test_every_sentence_is_used_and_every_used_one_exists() -> None:
    sources = [*(WEB / "staff").glob("*.py"), *(WEB / "templates" / "staff").glob("*.html")]
    code = "\n".join(file.read_text("utf-8") for file in sources if not file.name.startswith("strings"))
    said = set(re.findall(r'say\("(\w+)"', code))
    assert {key for key in said if not key.endswith("_")} <= strings.keys()
    # Keys that are put together: f"view_{…}" in Python, "view_" ~ … in a template.
    built = (*re.findall(r"""f["'](\w+_)\{""", code), *re.findall(r'"(\w+_)" ~', code))
    unused = {key for key in strings.keys() if f'"{key}"' not in code and not key.startswith(built)}
    assert unused == set()


@pytest.mark.parametrize(
    ("minutes", "indonesian", "english"),
    [
        (0.9, "baru saja", "just now"),
        (1, "1 menit", "1 min"),
        (59, "59 menit", "59 min"),
        (60, "1 jam", "1 h"),
        (135, "2 jam 15 menit", "2 h 15 min"),
        (3000, "2 hari", "2 d"),
    ],
)
def test_how_long_somebody_waits_is_said_in_words(minutes: float, indonesian: str, english: str) -> None:
    span = timedelta(minutes=minutes)
    assert (times.how_long(span, "id"), times.how_long(span, "en")) == (indonesian, english)


def test_a_time_of_another_day_names_the_day() -> None:
    assert times.clock_time(NOW, NOW, "id") == "09.05"
    assert times.clock_time(NOW - timedelta(days=30), NOW, "id") == "25 Okt 09.05"
    assert times.clock_time(NOW - timedelta(days=30), NOW, "en") == "25 Oct 09:05"


@pytest.mark.parametrize(
    "written", ["3328990101900001", "3328 9901 0190 0001", "33.28.99.010190.0001", "3328-9901-0190-0001"]
)
def test_sixteen_digits_are_masked_however_they_are_written(written: str) -> None:
    assert mask_text(f"NIK {written}, ya") == "NIK 3328••••••••0001, ya"


def test_other_numbers_stay() -> None:
    text = "HP 081234567890, tanggal 01-01-1990, Rp 10.000"
    assert mask_text(text) == text
    assert mask_number("1234") == "••••"
