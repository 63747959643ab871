"""The clock, and a test's way to move it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import SystemClock

SLACK = timedelta(minutes=1)


def test_the_time_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_writing_the_file_moves_a_clock_that_is_already_running(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = SystemClock(file)
    assert abs(clock.now() - datetime.now(UTC)) < SLACK  # no file yet
    file.write_text("86400\n")
    assert abs(clock.now() - datetime.now(UTC) - timedelta(days=1)) < SLACK
    file.write_text("-3600")
    assert abs(clock.now() - datetime.now(UTC) + timedelta(hours=1)) < SLACK


def test_a_half_written_file_leaves_the_clock_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("86400")
    clock = SystemClock(file)
    clock.now()
    for broken in ("", "abc", "1e999"):
        file.write_text(broken)
        assert abs(clock.now() - datetime.now(UTC) - timedelta(days=1)) < SLACK
