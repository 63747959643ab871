"""Two editors of one file."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.yaml_merge import GONE, Disagreement, merged
from bot.domain.yaml_path import put, same

BASE: dict[str, Any] = {
    "name": {"id": "KTP", "en": "Card"},
    "also_called": ["ktp"],
    "variants": [{"id": "baru", "name": "Baru"}, {"id": "rusak", "name": "Rusak"}],
}


def test_different_keys_are_both_kept() -> None:
    mine = put(BASE, ("variants", "rusak", "name"), "Rusak atau hilang")
    theirs = put(put(BASE, ("variants", 2), {"id": "pindah", "name": "Pindah"}), ("name", "en"), "Identity card")
    result, apart = merged(BASE, mine, theirs)
    assert apart == []
    assert result["name"] == {"id": "KTP", "en": "Identity card"}
    assert [(v["id"], v["name"]) for v in result["variants"]] == [
        ("baru", "Baru"), ("rusak", "Rusak atau hilang"), ("pindah", "Pindah"),
    ]  # fmt: skip


def test_the_same_key_is_a_disagreement_that_names_it() -> None:
    mine, theirs = (
        put(BASE, ("variants", "baru", "name"), "Pertama"),
        put(BASE, ("variants", "baru", "name"), "Perdana"),
    )
    assert merged(BASE, mine, theirs)[1] == [Disagreement(("variants", "baru", "name"), "Pertama", "Perdana")]
    without = {**BASE, "variants": BASE["variants"][1:]}
    (one,) = merged(BASE, mine, without)[1]
    assert (one.path, one.theirs) == (("variants", "baru"), GONE)


VALUES = st.recursive(
    st.integers(0, 2),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        st.lists(st.fixed_dictionaries({"id": st.sampled_from("xyz"), "v": inner}), max_size=3),
    ),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_one_who_changed_nothing_gets_the_others_version_and_equal_changes_agree(base: object, other: object) -> None:
    for pair in ((base, other), (other, base), (other, other)):
        result, apart = merged(base, *pair)
        assert apart == [] and same(result, other)
