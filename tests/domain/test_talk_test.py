"""Conversations that must go as written: the file and what is made of a model's answers."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.talk_test import (
    LANGUAGES,
    NOT_UNDERSTOOD,
    Expected,
    Failure,
    TalkTest,
    check,
    check_slug,
    parse,
    run_talk,
    slug_of,
    write,
)
from bot.errors import ContentError
from bot.ports import Understanding
from bot.ports_studio import Looked

NAME = st.from_regex(r"[a-z][a-z0-9_]{1,20}", fullmatch=True)
SLUG = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
KEY = st.from_regex(r"say\.[a-z_]{1,20}", fullmatch=True)
WORDS = st.text(min_size=1, max_size=80)
TURNS = st.builds(Expected, WORDS, NAME | st.just(""), SLUG | st.just(""), KEY | st.just(""))


@given(st.builds(TalkTest, WORDS, st.lists(TURNS, max_size=4).map(tuple), st.sampled_from(LANGUAGES)))
def test_what_is_written_is_read_back_or_refused_with_a_reason(test: TalkTest) -> None:
    try:
        wanted = check(test)
    except ContentError as error:
        assert str(error)
        return
    text = write(test)
    assert parse(text, "percakapan/x.yml") == wanted
    assert write(parse(text, "percakapan/x.yml")) == text


@given(st.text(alphabet=string.printable, max_size=200) | st.text(max_size=60))
def test_any_text_is_a_test_or_a_fault_with_its_line(text: str) -> None:
    try:
        parse(text, "percakapan/x.yml")
    except ContentError as error:
        assert str(error).startswith("percakapan/x.yml:")


@given(st.text(max_size=100))
def test_every_title_gives_a_name_for_a_file(name: str) -> None:
    check_slug(slug_of(name))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: A\nturns:\n  - said: halo\n", "turn 1 expects nothing"),
        ("name: A\nturns: []\n", "1 to 50 turns"),
        ("name: A\nturn: []\n", ":2: 'turn' is not known here"),
        ("name: A\nname: B\n", ":2: 'name' stands here twice"),
        ("name: A\nturns:\n  - said: halo\n    intent: ../x\n", "no name of intent"),
        ("name: A\nturns:\n  - halo\n", ":3: a turn is"),
        ("name: A\nlanguage: fr\nturns:\n  - {said: a, intent: greet}\n", "language"),
        ("- a\n", ":1:"),
    ],
)
def test_a_fault_is_named_with_its_line_and_a_remedy(text: str, says: str) -> None:
    with pytest.raises(ContentError, match="percakapan/x.yml:") as caught:
        parse(text, "percakapan/x.yml")
    assert says in str(caught.value)


@pytest.mark.parametrize("slug", ["../x", "", "A", "-a", "a" * 70, "a/b", "x.yml"])
def test_no_other_file_can_be_named(slug: str) -> None:
    with pytest.raises(ContentError):
        check_slug(slug)


def looked(intent: str, confidence: float = 0.9, service: str | None = None, action: str = "action_say") -> Looked:
    return Looked(Understanding("x", intent, confidence, service), "x", action=action)


def test_a_run_tells_what_is_otherwise_and_only_that() -> None:
    test = TalkTest(
        "A",
        (
            Expected("syarat ktp", "ask_requirements", "ktp"),
            Expected("jam buka", answer="say.ask_hours"),
            Expected("xqzt", answer=NOT_UNDERSTOOD),
            Expected("bayar?", "ask_cost", answer="action_answer_service"),
        ),
    )
    right = [
        looked("ask_requirements", service="ktp", action="action_answer_service"),
        looked("ask_hours"),
        looked("greet", 0.2),
        looked("ask_cost", action="action_answer_service"),
    ]
    assert run_talk(test, right) == []
    wrong = [looked("ask_cost", service="kk"), *right[1:3], looked("ask_cost", 0.1, action="action_answer_service")]
    assert run_talk(test, wrong) == [
        Failure(1, "syarat ktp", "intent", "ask_requirements", "ask_cost"),
        Failure(1, "syarat ktp", "service", "ktp", "kk"),
        Failure(4, "bayar?", "answer", "action_answer_service", NOT_UNDERSTOOD),
    ]
    with pytest.raises(ValueError, match="zip"):
        run_talk(test, right[:2])
