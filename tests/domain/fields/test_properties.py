"""What holds for every field type: nothing raises, what is shown is understood again, looks do not matter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.fields import TYPES
from bot.domain.fields.base import Context, Verdict
from bot.domain.fields.clean import clean, trouble
from tests.domain.fields.said import SAID, regions, spec_of
from tests.domain.spec import TODAY

LANGUAGES = st.sampled_from(["id", "en", "jv"])
TYPED = sorted(name for name, kind in TYPES.items() if kind.accepts == "text")
KEEPS_CASE = {"name", "place", "text", "address", "email"}
INVISIBLE = ["\u200b", "\u200d", "\u200e", "\ufeff", "\u00ad", "\u2060", "\ufe0f"]
SPACES = [" ", "  ", "\u00a0", "\t", "\n", "\u3000"]

typed = st.sampled_from(TYPED)
phrases = st.sampled_from([(name, text) for name in TYPED for text in SAID[name]])
wild = st.one_of(
    st.text(max_size=80),
    st.text("0123456789oOlI .,/-'\u0663\u00bd\u2160\u2460\uff11rtwjamkgRpsu", max_size=40),
    st.lists(st.sampled_from([w for texts in SAID.values() for t in texts for w in t.split()]), max_size=8).map(
        " ".join
    ),
)


def value_of(name: str, text: str, language: str = "id") -> Any:
    parsed = TYPES[name].parse(clean(text), spec_of(name), Context(TODAY, language))
    assert parsed.ok, (name, text, parsed)
    return parsed.value


def test_every_type_that_takes_text_has_its_material() -> None:
    assert set(SAID) == set(TYPED)


@given(typed, wild, LANGUAGES)
@example("integer", "9" * 5000, "id")
@example("number", "9" * 400, "id")
@example("money", "9" * 400 + " juta", "id")
@example("date", "99999999", "id")
@example("date", "999 minggu lalu", "id")
@example("time", "setengah 0", "id")
@example("rt_rw", "\u0663/\u0664", "id")
def test_no_text_makes_a_type_raise(name: str, raw: str, language: str) -> None:
    parsed = TYPES[name].parse(clean(raw) or "x", spec_of(name), Context(TODAY, language))
    assert isinstance(parsed.verdict, Verdict)
    assert parsed.ok == (parsed.problem is None and parsed.verdict is not Verdict.NO)


@given(typed, wild, LANGUAGES)
def test_whatever_is_accepted_is_understood_again_from_what_is_shown(name: str, raw: str, language: str) -> None:
    text = clean(raw)
    if trouble(raw, text) is not None:
        return
    parsed = TYPES[name].parse(text, spec_of(name), Context(TODAY, language))
    if parsed.ok:
        shown = TYPES[name].show(parsed.value, spec_of(name), language)
        again = TYPES[name].parse(clean(shown), spec_of(name), Context(TODAY, language))
        assert (again.ok, again.value) == (True, parsed.value), shown


@given(phrases, LANGUAGES)
def test_what_people_say_is_understood_again_from_what_is_shown(phrase: tuple[str, str], language: str) -> None:
    name, text = phrase
    value = value_of(name, text, language)
    assert value_of(name, TYPES[name].show(value, spec_of(name), language), language) == value


@given(phrases, st.sampled_from([str.upper, str.lower, str.title]))
def test_capitals_do_not_matter(phrase: tuple[str, str], written: Any) -> None:
    name, text = phrase
    before, after = value_of(name, text), value_of(name, written(text))
    if name in KEEPS_CASE:
        before, after = before.casefold(), after.casefold()
    assert after == before


@given(phrases, st.lists(st.sampled_from(SPACES), min_size=12, max_size=12), st.sampled_from(["", " ", "\n", "\u00a0"]))
def test_white_space_does_not_matter(phrase: tuple[str, str], spaces: list[str], around: str) -> None:
    name, text = phrase
    words = text.split(" ")
    spread = "".join(w + spaces[n % len(spaces)] for n, w in enumerate(words)).rstrip()
    assert value_of(name, around + spread + around) == value_of(name, text)


@given(phrases, st.lists(st.tuples(st.integers(0, 60), st.sampled_from(INVISIBLE)), max_size=6))
def test_invisible_signs_do_not_matter(phrase: tuple[str, str], signs: list[tuple[int, str]]) -> None:
    name, text = phrase
    spoiled = text
    for at, sign in signs:
        spoiled = spoiled[: at % (len(spoiled) + 1)] + sign + spoiled[at % (len(spoiled) + 1) :]
    assert value_of(name, spoiled) == value_of(name, text)


# -- all values a type can give ----------------------------------------------------------------------------------------


@given(st.integers(0, 10**12), LANGUAGES)
def test_every_amount_of_money_is_understood_again(value: int, language: str) -> None:
    assert value_of("money", TYPES["money"].show(value, spec_of("money"), language), language) == value


@given(st.sampled_from([v.code for v in regions().villages]), LANGUAGES)
def test_every_village_is_understood_again(code: str, language: str) -> None:
    assert value_of("village", TYPES["village"].show(code, spec_of("village"), language), language) == code


@given(st.sampled_from([d.code for d in regions().districts]), LANGUAGES)
def test_every_district_is_understood_again(code: str, language: str) -> None:
    assert value_of("district", TYPES["district"].show(code, spec_of("district"), language), language) == code


@given(st.integers(10000, 99999), LANGUAGES)
def test_every_postcode_is_understood_again(code: int, language: str) -> None:
    assert value_of("postcode", str(code), language) == str(code)


@given(st.from_regex(r"\A[A-Z0-9][A-Z0-9./\- ]{7,29}\Z"), st.sampled_from(["str_no", "sip_no", "code"]))
def test_a_number_on_a_paper_is_kept_or_refused_but_never_changed_into_another(code: str, name: str) -> None:
    parsed = TYPES[name].parse(clean(code), spec_of(name), Context(TODAY))
    if parsed.ok:
        assert value_of(name, parsed.value) == parsed.value
        digits = [c for c in code if c.isdigit()]
        assert [c for c in parsed.value if c.isdigit()] == digits


@given(
    st.sampled_from(["21", "22", "24", "31", "61", "283", "285", "274", "778"]),
    st.integers(200_000, 9_999_999),
    LANGUAGES,
)
def test_every_landline_is_understood_again(area: str, number: int, language: str) -> None:
    value = f"+62{area}{number}"
    assert value_of("phone", TYPES["phone"].show(value, spec_of("phone"), language), language) == value


@pytest.mark.parametrize("name", TYPED)
def test_a_question_is_no_answer(name: str) -> None:
    for text in ("berapa biayanya?", "syaratnya apa", "priben carane", "jam berapa bukanya?"):
        assert TYPES[name].parse(clean(text), spec_of(name), Context(TODAY)).verdict is Verdict.NO, text
