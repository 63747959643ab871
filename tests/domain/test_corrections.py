"""The file of corrections: a change touches the lines it is about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.corrections import Correction, correction, read, with_these, without

CORRECTIONS = st.lists(
    st.builds(
        correction,
        st.text(min_size=1, max_size=40).filter(lambda text: text.strip() and _plain(text)),
        st.sampled_from(["ask_cost", "greet", "out_of_scope"]),
        st.sampled_from(["", "ktp", "akta-kelahiran"]),
    ),
    max_size=8,
    unique_by=lambda one: one.text.casefold(),
)


def _plain(text: str) -> bool:
    return all(32 <= ord(c) < 127 or c in "éñ" for c in text)


@given(CORRECTIONS, CORRECTIONS)
def test_what_was_put_in_is_read_and_the_last_word_about_a_text_counts(
    first: list[Correction], then: list[Correction]
) -> None:
    text = with_these(with_these("", first), then)
    later = {one.text.casefold() for one in then}
    assert read(text) == [one for one in first if one.text.casefold() not in later] + then
    assert with_these(text, []) == text


@given(CORRECTIONS)
def test_what_is_taken_out_is_gone_and_an_empty_file_is_none(some: list[Correction]) -> None:
    text = with_these("", some)
    kept = some[1:]
    left = without(text, [one.text for one in some[:1]])
    assert (read(left) if left is not None else []) == kept
    assert without(text, [one.text for one in some]) is None


def test_lines_that_are_no_corrections_stay_as_they_are_and_do_no_harm() -> None:
    text = "text\tintent\tservice\nhanya teks\nbayar berapa\task_cost\t\n"
    assert read(text) == [Correction("bayar berapa", "ask_cost")]
    assert with_these(text, [Correction("halo", "greet")]) == f"{text}halo\tgreet\t\n"
