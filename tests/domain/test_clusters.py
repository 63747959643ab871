"""Texts that say nearly the same come together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.nlu.normalise import words
from bot.domain.clusters import clusters


def test_spellings_orders_and_dialects_of_one_question_are_one_matter() -> None:
    texts = [
        "syarat ktp hilang apa",
        "bayar pajak motor",
        "ktp ilang syarate apa bae",
        "syarat apa saja kalau ktp hilang",
        "bayar pajak motor dimana",
        "paspor anak",
    ]
    assert sorted(map(sorted, clusters(texts, words))) == [[0, 2, 3], [1, 4], [5]]


def test_what_weighs_most_leads_and_comes_first() -> None:
    texts = ["pajak motor", "pajak motor dimana", "antar paspor", "pajak motor dimana"]
    first, second = clusters(texts, words, [1, 1, 1, 5])
    assert texts[first[0]] == "pajak motor dimana" and sorted(first) == [0, 1, 3] and second == [2]


@given(st.lists(st.text(max_size=30), max_size=30))
def test_every_text_is_in_exactly_one_group(texts: list[str]) -> None:
    found = clusters(texts, words)
    assert sorted(at for group in found for at in group) == list(range(len(texts)))
