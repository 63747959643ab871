"""The verdict of the chaos bench must see what it is there to see."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.bench.chaos_people import _heard
from bot.bench.chaos_verdict import Verdict, answers_of, judge
from bot.domain.conversation import ThreadEntry

AT = datetime(2026, 1, 1, tzinfo=UTC)
WAIT = {"Sebentar ya"}
SENT = ["halo", "ya"]


def thread(*lines: str) -> list[ThreadEntry]:
    """Lines beginning with ``>`` are the citizen's."""
    return [
        ThreadEntry(n, AT, "citizen", {"text": line[1:]})
        if line[0] == ">"
        else ThreadEntry(n, AT, "bot", {"text": line, "buttons": []})
        for n, line in enumerate(lines)
    ]


MODEL = answers_of(thread("Selamat datang", "Berapa NIK Anda?"))


def counts(verdict: Verdict) -> tuple[int, int, int, int]:
    """Lost, twice, out of order, patience; whoever is at fault is named exactly then."""
    assert bool(verdict.notes) == bool(verdict.lost or verdict.twice or verdict.out_of_order)
    return verdict.lost, verdict.twice, verdict.out_of_order, verdict.patience


def test_messages_sent_at_once_may_stand_before_the_answers() -> None:
    assert counts(judge(SENT, thread(">halo", ">ya", "Selamat datang", "Berapa NIK Anda?"), MODEL, WAIT)) == (
        0,
        0,
        0,
        0,
    )


def test_a_lost_message_and_its_lost_answer_are_counted() -> None:
    assert counts(judge(SENT, thread(">halo", "Selamat datang"), MODEL, WAIT)) == (2, 0, 0, 0)


def test_an_answer_given_twice_is_counted() -> None:
    seen = thread(">halo", "Selamat datang", "Selamat datang", ">ya", "Berapa NIK Anda?")
    assert counts(judge(SENT, seen, MODEL, WAIT)) == (0, 1, 0, 0)


def test_another_order_of_answers_is_counted_once() -> None:
    assert counts(judge(SENT, thread(">halo", ">ya", "Berapa NIK Anda?", "Selamat datang"), MODEL, WAIT)) == (
        0,
        0,
        1,
        0,
    )


def test_another_order_of_messages_is_counted() -> None:
    assert judge(SENT, thread(">ya", ">halo", "Selamat datang", "Berapa NIK Anda?"), MODEL, WAIT).out_of_order == 1


def test_a_request_for_patience_is_counted_apart() -> None:
    seen = thread(">halo", "Sebentar ya", "Selamat datang", ">ya", "Berapa NIK Anda?")
    assert counts(judge(SENT, seen, MODEL, WAIT)) == (0, 0, 0, 1)


def test_an_answer_shown_twice_does_not_stand_for_the_next_one() -> None:
    assert _heard(["Selamat datang", "Berapa NIK Anda?"], ["Selamat datang", "Selamat datang", "Berapa NIK Anda?"])
    assert not _heard(["Selamat datang", "Selamat datang"], ["Selamat datang", "Berapa NIK Anda?"])


def test_choices_as_numbers_below_the_same_words_are_the_same_answer() -> None:
    question = "Yakin mau membatalkan?"
    assert _heard([question], ["halo", f"{question}\n\n1. Ya, batalkan\n2. Tidak"])
    assert not _heard([question], [f"{question} Semua isian akan dihapus."])
    assert not _heard([question, question], [question])


def test_a_question_that_was_held_back_while_more_messages_waited_is_not_missed() -> None:
    asked = frozenset({("Berapa NIK Anda?",)})
    model = [("Berapa NIK Anda?",), ("Itu bukan NIK",), ("Berapa NIK Anda?",)]
    for seen in (("Itu bukan NIK", "Berapa NIK Anda?"), ("Berapa NIK Anda?", "Itu bukan NIK", "Berapa NIK Anda?")):
        assert counts(judge(SENT, thread(">halo", ">ya", *seen), model, WAIT, asked)) == (0, 0, 0, 0)
    never = thread(">halo", ">ya", "Itu bukan NIK")
    assert judge(SENT, never, model, WAIT, asked).lost == 1
    twice = thread(">halo", ">ya", "Itu bukan NIK", "Itu bukan NIK", "Berapa NIK Anda?")
    assert judge(SENT, twice, model, WAIT, asked).twice == 1
