"""How a message leaves: the table of decisions, retries, quiet hours, STOP words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.delivery import (
    MOST_TRIES,
    TOO_OLD,
    Elsewhere,
    Held,
    Quiet,
    Situation,
    Way,
    decide,
    quiet_hours,
    retry_in,
    stop_word,
    window_open,
)
from bot.domain.messages import Standing, Template

NOON = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
WIB = ZoneInfo("Asia/Jakarta")
TEMPLATE = Template("loket_status", "id", ("KTP",))
RINGS, WEB = UUID(int=1), UUID(int=2)
PHONE = Elsewhere(RINGS, Standing.OPEN, pull=False, open=True)
PAGE = Elsewhere(WEB, Standing.OPEN, pull=True, open=True)

NEWS = Situation(NOON, notice=True, written_at=NOON, quiet=Quiet(21, 7, WIB))
ANSWER = replace(NEWS, notice=False)
CLOSED: dict[str, Any] = {"window_hours": 24, "last_inbound_at": NOON - timedelta(hours=25)}
OPEN: dict[str, Any] = {"window_hours": 24, "last_inbound_at": NOON - timedelta(hours=23)}
FULL: dict[str, Any] = {"template": TEMPLATE, "complete": True}


@pytest.mark.parametrize(
    ("situation", "way", "reason"),
    [
        (NEWS, Way.TEXT, ""),
        (ANSWER, Way.TEXT, ""),
        (replace(NEWS, **OPEN), Way.TEXT, ""),
        (replace(NEWS, **OPEN, refused=True), Way.HOLD, Held.WINDOW),
        (replace(NEWS, **OPEN, refused=True, **FULL), Way.TEMPLATE, ""),
        (replace(NEWS, **CLOSED), Way.HOLD, Held.WINDOW),
        (replace(NEWS, window_hours=24), Way.HOLD, Held.WINDOW),
        (replace(NEWS, **CLOSED, **FULL), Way.TEMPLATE, ""),
        (replace(NEWS, **CLOSED, template=TEMPLATE), Way.TEMPLATE, Held.WINDOW),
        (replace(NEWS, **CLOSED, template=TEMPLATE, nudged=True), Way.HOLD, Held.WINDOW),
        (replace(NEWS, **CLOSED, template=TEMPLATE, others=[PHONE]), Way.ELSEWHERE, "window_closed"),
        (replace(NEWS, **CLOSED, others=[PAGE]), Way.ELSEWHERE, "window_closed"),
        (replace(NEWS, **CLOSED, others=[replace(PHONE, open=False)]), Way.HOLD, Held.WINDOW),
        (replace(ANSWER, **CLOSED, others=[PHONE]), Way.HOLD, Held.WINDOW),
        (replace(ANSWER, **CLOSED, template=TEMPLATE), Way.TEMPLATE, Held.WINDOW),
        (replace(NEWS, now=NIGHT), Way.HOLD, Held.QUIET),
        (replace(NEWS, now=NIGHT, **CLOSED, **FULL), Way.HOLD, Held.QUIET),
        (replace(ANSWER, now=NIGHT), Way.TEXT, ""),
        (replace(NEWS, standing=Standing.STOPPED), Way.DROP, "stopped"),
        (replace(NEWS, standing=Standing.STOPPED, others=[PHONE]), Way.ELSEWHERE, "stopped"),
        (replace(NEWS, standing=Standing.STOPPED, others=[replace(PHONE, standing=Standing.STOPPED)]), Way.DROP, "stopped"),
        (replace(ANSWER, standing=Standing.STOPPED), Way.TEXT, ""),
        (replace(ANSWER, standing=Standing.STOPPED, now=NIGHT), Way.TEXT, ""),
        (replace(NEWS, standing=Standing.BLOCKED), Way.DROP, "blocked"),
        (replace(NEWS, standing=Standing.BLOCKED, others=[PAGE, PHONE]), Way.ELSEWHERE, "blocked"),
        (replace(ANSWER, standing=Standing.BLOCKED, others=[PHONE]), Way.DROP, "blocked"),
        (replace(NEWS, written_at=NOON - TOO_OLD - timedelta(seconds=1)), Way.DROP, "too_old"),
        (replace(ANSWER, written_at=NOON - TOO_OLD * 2), Way.TEXT, ""),
    ],
)  # fmt: skip
def test_the_table_of_decisions(situation: Situation, way: Way, reason: str) -> None:
    decision = decide(situation)
    assert (decision.way, decision.reason) == (way, reason)
    assert (decision.conversation is not None) == (way is Way.ELSEWHERE)
    assert (decision.template is not None) == (way is Way.TEMPLATE)


def test_a_template_that_says_not_all_is_followed_by_the_message() -> None:
    asks = decide(replace(NEWS, **CLOSED, template=TEMPLATE))
    assert asks.then and not decide(replace(NEWS, **CLOSED, **FULL)).then


def test_a_channel_that_rings_comes_before_a_web_thread() -> None:
    stopped = replace(NEWS, standing=Standing.STOPPED)
    assert decide(replace(stopped, others=[PAGE, PHONE])).conversation == RINGS
    assert decide(replace(stopped, others=[PAGE])).conversation == WEB


@given(
    st.builds(
        Situation,
        now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
        notice=st.booleans(),
        standing=st.sampled_from(Standing),
        window_hours=st.sampled_from([0, 24]),
        last_inbound_at=st.sampled_from([None, NOON, NIGHT]),
        refused=st.booleans(),
        template=st.sampled_from([None, TEMPLATE]),
        complete=st.booleans(),
        nudged=st.booleans(),
        others=st.lists(st.sampled_from([PHONE, PAGE, replace(PHONE, standing=Standing.BLOCKED)])),
        quiet=st.sampled_from([None, Quiet(21, 7, WIB)]),
    )
)
def test_what_never_happens(s: Situation) -> None:
    decision = decide(s)
    if s.standing is Standing.BLOCKED:
        assert decision.way in (Way.DROP, Way.ELSEWHERE)
    if not s.notice:  # answers are neither held for the night nor taken elsewhere
        assert decision.way is not Way.ELSEWHERE and decision.reason != Held.QUIET
    if decision.way is Way.TEXT:
        assert window_open(s.window_hours, s.last_inbound_at, s.now) and not s.refused
        assert not (s.notice and s.standing is not Standing.OPEN)
    if decision.until is not None:
        assert s.now < decision.until <= s.now + timedelta(hours=10)


# -- quiet hours --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "local", "until"),
    [
        ("Asia/Jakarta", "20:59", None),
        ("Asia/Jakarta", "21:00", "07:00"),
        ("Asia/Jakarta", "23:59", "07:00"),
        ("Asia/Jakarta", "00:00", "07:00"),
        ("Asia/Jakarta", "06:59", "07:00"),
        ("Asia/Jakarta", "07:00", None),
        ("Asia/Jayapura", "22:00", "07:00"),
    ],
)
def test_the_night_is_that_of_the_office(zone: str, local: str, until: str | None) -> None:
    hour, minute = map(int, local.split(":"))
    at = datetime(2026, 11, 2, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = Quiet(21, 7, ZoneInfo(zone)).until(at)
    assert (found is None) == (until is None)
    if found is not None:
        assert f"{found.astimezone(ZoneInfo(zone)):%H:%M}" == until
        assert timedelta(0) < found - at <= timedelta(hours=10)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = datetime(2026, 11, 2, 12, 30, tzinfo=WIB)
    assert Quiet(12, 13, WIB).until(noon) == noon.replace(hour=13, minute=0)
    assert Quiet(0, 0, WIB).until(noon) is None
    assert quiet_hours("21-7") == (21, 7)
    for wrong in ("21", "21-25", "x-y", "1-2-3"):
        with pytest.raises(ValueError):
            quiet_hours(wrong)


# -- retries ------------------------------------------------------------------------------------------------------------


def test_the_first_retry_is_at_once_and_the_pauses_grow_to_four_hours() -> None:
    pauses = [retry_in(n, timedelta(0)) for n in range(1, MOST_TRIES)]
    assert pauses[0] == timedelta(0) and pauses[-1] == timedelta(hours=4)
    assert pauses == sorted(p for p in pauses if p is not None)
    assert retry_in(MOST_TRIES, timedelta(0)) is None
    assert sum((p for p in pauses if p is not None), timedelta()) < timedelta(hours=24)


def test_after_a_day_it_is_over_but_for_what_had_no_fair_chance_yet() -> None:
    assert retry_in(3, timedelta(hours=25)) is None
    assert retry_in(1, timedelta(days=9)) == timedelta(0)  # it was held for days, and this is its first failure


# -- words --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop", " Stop. ", "BERHENTI", "berhenti!", "berhenti kirim", "Unsubscribe", "tolong stop", "stop ya kak",
     "stop notifikasi", "jangan kirim lagi"],
)  # fmt: skip
def test_words_that_ask_for_silence(text: str) -> None:
    assert stop_word(text) is Standing.STOPPED


@pytest.mark.parametrize("text", ["START", "mulai", "Mulai notifikasi", "/start", "unstop", "aktifkan notifikasi"])
def test_words_that_end_the_silence(text: str) -> None:
    assert stop_word(text) is Standing.OPEN


@pytest.mark.parametrize(
    "text",
    ["", "berhenti di tengah jalan", "stop formulir", "batal", "jangan berhenti", "kapan mulai buka", "ya", "mulai dari mana",
     "saya mau berhenti kerja, bagaimana dengan SIP saya", "🛑", "end", "cancel"],
)  # fmt: skip
def test_words_that_mean_something_else(text: str) -> None:
    assert stop_word(text) is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert stop_word(text) in (None, Standing.OPEN, Standing.STOPPED)
