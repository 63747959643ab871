from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from bot.domain.attempts import Attempts
from bot.domain.identity_desk import OfficersVerdict, Stand, reason_fits, stand, turn_of
from bot.domain.passwords import LENGTH, problem, temporary
from bot.domain.presence import SILENT, Here, Presence, present
from bot.domain.service_levels import Timer, promise
from bot.domain.sign_in_pace import FREE, PAUSES, after, free_at
from bot.domain.staff import ROLES, Right, StaffPolicy, may_give, may_manage, rights_of

NOW = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)
roles = st.frozensets(st.sampled_from(ROLES))


# -- rights ---------------------------------------------------------------------------------------------------------------


@given(roles, st.sampled_from(ROLES))
def test_nobody_gives_more_than_they_have(giver: frozenset[str], role: str) -> None:
    if may_give(giver, role):
        assert rights_of([role]) <= rights_of(giver) and Right.PEOPLE in rights_of(giver)


@given(roles, roles)
def test_nobody_manages_somebody_who_can_do_more(manager: frozenset[str], person: frozenset[str]) -> None:
    assert may_manage(manager, person) == (
        Right.PEOPLE in rights_of(manager) and rights_of(person) <= rights_of(manager)
    )


def test_a_supervisor_gives_agents_and_supervisors_but_no_officers_and_a_role_of_yesterday_gives_nothing() -> None:
    assert [role for role in ROLES if may_give({"supervisor"}, role)] == ["agent", "supervisor", "manager"]
    assert may_give({"supervisor", "officer"}, "officer") and not may_give({"agent"}, "agent")
    assert rights_of({"king"}) == frozenset() and not may_give({"supervisor"}, "king")


def test_an_offices_own_promise_wins_over_the_installations() -> None:
    policy = StaffPolicy(levels=(("33.29", timedelta(minutes=5), timedelta(hours=1)),), two_person=frozenset({"33.29"}))
    assert policy.promise("33.29") == (timedelta(minutes=5), timedelta(hours=1))
    assert policy.promise("33.28") == (policy.first_answer, policy.resolve)
    assert policy.by_two("33.29") and not policy.by_two("33.28")
    assert StaffPolicy(two_person=frozenset({"*"})).by_two("33.28")


# -- passwords --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("kopi pahit di pasar slawi", ""),
        ("sebelas kucing naik delman", ""),
        ("pendek", "length"),
        ("x" * 257, "length"),
        ("wati di pasar slawi", "name"),
        ("abababababab", "plain"),
        ("password123456", "common"),
        ("P4ssw0rd!!2025", "common"),
        ("SatyaDahayu2025", "common"),
        ("indonesiamerdeka45", "common"),
        ("1234567890123", "common"),
        ("17-08-1945-2025", "common"),
    ],
)
def test_a_password_is_long_and_none_that_everybody_tries_first(password: str, why: str) -> None:
    assert problem(password, "wati") == why


def test_no_password_of_the_list_of_most_used_ones_will_do() -> None:
    """Those of zxcvbn's 30,000 (by frequency, from 10 million of breaches) that are long enough."""
    found = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= LENGTH[0]]
    assert len(found) > 200
    assert [one for one in found if not problem(one, "wati")] == []


@pytest.mark.parametrize("password", ["1qaz2wsx3edc4rfv", "Unbelievable1!", "q1w2e3r4t5y6", "wati19900101wati"])
def test_words_and_rows_of_keys_that_are_guessed_soon_will_not_do_in_other_dress(password: str) -> None:
    assert problem(password, "wati") in ("common", "name")


def test_a_password_to_be_read_out_passes_the_rule_and_never_repeats() -> None:
    made = {temporary() for _ in range(200)}
    assert len(made) == 200 and all(problem(one, "wati") == "" and len(one) >= LENGTH[0] for one in made)


# -- pace ---------------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 60))
def test_pauses_never_shrink_and_always_end(failures: int) -> None:
    here = free_at(Attempts(failures, NOW), FREE, NOW) - NOW
    more = free_at(after(Attempts(failures, NOW), NOW), FREE, NOW) - NOW
    assert timedelta() <= here <= more <= PAUSES[-1]


def test_failures_of_yesterday_count_no_more() -> None:
    old = Attempts(50, NOW - timedelta(hours=24))
    assert free_at(old, FREE, NOW) == NOW and after(old, NOW) == Attempts(1, NOW)


# -- presence -------------------------------------------------------------------------------------------------------------------


def test_silence_is_absence_and_busy_people_are_there_but_take_nothing() -> None:
    here = Presence("wati", "33.28", Here.ONLINE, NOW, NOW, skills=("ktp",), languages=("jv",))
    busy = Presence("budi", "33.28", Here.BUSY, NOW, NOW)
    assert here.takes(NOW + SILENT) and not here.takes(NOW + SILENT + timedelta(seconds=1)) and not busy.takes(NOW)
    assert [one.username for one in present([here, busy], NOW)] == ["wati", "budi"]
    assert present([here, busy], NOW + timedelta(minutes=3)) == []
    assert here.knows("ktp") and not here.knows("kk") and busy.knows("kk")
    assert here.speaks("jv") and not here.speaks("id") and busy.speaks("id")


# -- verdicts -------------------------------------------------------------------------------------------------------------------


def said(*verdicts: bool, final: bool | None = None) -> list[OfficersVerdict]:
    found = [OfficersVerdict(f"officer{n}", accepted, "x", NOW) for n, accepted in enumerate(verdicts)]
    return [*found, OfficersVerdict("tuti", final, "x", NOW, final=True)] if final is not None else found


@given(st.lists(st.booleans(), max_size=2), st.sampled_from([None, True, False]), st.booleans(), st.randoms())
def test_what_verdicts_amount_to_does_not_depend_on_their_order(
    verdicts: list[bool], final: bool | None, by_two: bool, random: object
) -> None:
    one = said(*verdicts, final=final)
    other = list(one)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert stand(one, by_two) is stand(other, by_two)
    if stand(one, by_two) is Stand.ACCEPTED:  # nobody gets in against every voice
        assert any(verdict.accepted for verdict in one)
    if by_two and final is None and len(verdicts) < 2:
        assert not stand(one, by_two).over


def test_who_has_spoken_waits_and_a_dispute_is_a_supervisors() -> None:
    def why(verdicts: list[OfficersVerdict], who: str, *, officer: bool, supervisor: bool) -> str:
        return turn_of(verdicts, True, who, officer=officer, supervisor=supervisor)

    assert why([], "officer0", officer=True, supervisor=False) == ""
    assert why([], "tuti", officer=False, supervisor=True) == "officer"
    assert why(said(True), "officer0", officer=True, supervisor=True) == "own"
    assert why(said(True, False), "officer9", officer=True, supervisor=False) == "supervisor"
    assert why(said(True, False), "officer1", officer=True, supervisor=True) == "own"
    assert why(said(True, False), "tuti", officer=False, supervisor=True) == ""


def test_a_reason_belongs_to_its_verdict() -> None:
    assert reason_fits(True, "same_face", "") and not reason_fits(True, "poor", "")
    assert reason_fits(False, "other", "telinga beda") and not reason_fits(False, "other", "  ")


# -- promises -------------------------------------------------------------------------------------------------------------------


def test_a_promise_warns_before_it_breaks() -> None:
    within = timedelta(minutes=20)

    def at(minutes: float, done: float | None = None) -> Timer:
        ended = None if done is None else NOW + timedelta(minutes=done)
        return promise(NOW, within, ended, NOW + timedelta(minutes=minutes)).timer

    assert [at(0), at(14.9), at(15), at(20), at(20.1)] == [
        Timer.RUNS,
        Timer.RUNS,
        Timer.SOON,
        Timer.SOON,
        Timer.LATE,
    ]
    assert (at(99, done=20), at(99, done=21)) == (Timer.KEPT, Timer.LATE)
