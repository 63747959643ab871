"""YAML files are changed where they have to be, and in no other line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.yaml_edit import edited, parsed
from bot.domain.yaml_path import at, drop, put, same
from bot.errors import ContentError

DATA = Path(__file__).parents[2] / "data"

FILE = """\
# About the file.
slug: ktp  # never changes
name: {id: KTP-el, en: "Card", jv: KTP-el}
also_called:
  - ktp
  # spoken
  - e katepe
  - id card

duration:
  working_days: 3 # by rule
  text:
    id: |-
      Dua baris
      di sini.
    en: 'It''s short'
variants:
  - id: baru
    name: Baru
    # why not
    free: true
  # the second
  - {id: rusak, name: Rusak, synonyms: [rusak, pecah]}
hours: null
empty: []
last: end
"""


def change(path: tuple[str | int, ...], value: Any) -> str:
    return edited(FILE, put(parsed(FILE), path, value))


def differing(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("path", "value", "gone", "come"),
    [
        (("name", "en"), "Identity: card", ["name: {"], ['name: {id: KTP-el, en: "Identity: card", jv: KTP-el}']),
        (("name", "id"), "KTP, baru", ["name: {"], ['name: {id: "KTP, baru", en: "Card", jv: KTP-el}']),
        (("duration", "working_days"), 5, ["  working_days: 3"], ["  working_days: 5 # by rule"]),
        (("duration", "text", "en"), "It's", ["    en:"], ["    en: 'It''s'"]),
        (("duration", "text", "id"), "Satu\ndi sini.", ["      Dua"], ["      Satu"]),
        (("also_called", 1), "yes", ["  - e katepe"], ['  - "yes"']),
        (("variants", "baru", "free"), False, ["    free: true"], ["    free: false"]),
        (("variants", "rusak", "synonyms"), ["rusak", "pecah", "sobek"], ["  - {id: rusak"],
         ["  - {id: rusak, name: Rusak, synonyms: [rusak, pecah, sobek]}"]),
        (("variants", 2), {"id": "hilang", "name": {"id": "Hilang"}}, [], ["  - id: hilang", "    name: {id: Hilang}"]),
        (("hours",), {"text": {"id": "Buka"}, "week": {"senin": ["08.00-15.00"]}}, ["hours: null"],
         ["hours:", "  text: {id: Buka}", "  week:", "    senin: [08.00-15.00]"]),
        (("empty",), ["a"], ["empty: []"], ["empty: [a]"]),
        (("new",), "3", [], ['new: "3"']),
        (("slug",), "a: b", ["slug: ktp"], ['slug: "a: b"  # never changes']),
    ],
)  # fmt: skip
def test_an_edit_changes_the_lines_it_has_to(
    path: tuple[str | int, ...], value: Any, gone: list[str], come: list[str]
) -> None:
    after = change(path, value)
    old, new = differing(FILE, after)
    assert [line.startswith(start) for line, start in zip(old, gone, strict=True)] == [True] * len(gone)
    assert new == come
    assert same(at(parsed(after), path), value)


def test_entries_and_items_go_and_the_comments_around_them_stay() -> None:
    for path in (
        ("also_called", 1),
        ("variants", "baru", "free"),
        ("variants", "rusak"),
        ("duration", "text"),
        ("slug",),
    ):
        after = edited(FILE, drop(parsed(FILE), path))
        assert same(parsed(after), drop(parsed(FILE), path)), path
        assert "# spoken" in after and "# About the file." in after and "# the second" in after
        assert differing(FILE, after)[1] == []
    without_first = edited(FILE, drop(parsed(FILE), ("variants", "baru", "id")))
    assert "  - name: Baru\n    # why not\n" in without_first


def test_a_file_that_cannot_be_read_is_refused_with_its_line() -> None:
    with pytest.raises(ContentError, match="line 3"):
        parsed("a: 1\nb: [\n")
    with pytest.raises(ContentError, match="'a' stands there twice"):
        edited("a: 1\na: 2\n", {"a": 3})


WORDS = st.one_of(
    st.sampled_from(["", "yes", "no", "null", "3", "- a", "a: b", "# c", "a #b", "{x}", "'", '"', "1e3",
                     "08.00", "2026-01-02", "*a*", "a, b", "Dua\nbaris",
                     "satu\n\ndua\n", "akhir:",
                     "\ttab", "&a", "=", "~", "…", "emoji 🙂", "a\\n", "[", "0o7"]),
    st.text(max_size=12).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
)  # fmt: skip
KEYS = st.one_of(st.sampled_from(["id", "code", "a", "text", "no", "1", "x y", "a: b"]), st.text("abc", min_size=1))
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(-9, 99), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=14,
)
FILES = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)


def written(value: Any, flow: bool | None, comments: bool) -> str:
    """A file as somebody may have written it."""
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=flow, width=10_000)
    if comments and flow is False and "|" not in text and "\\\n" not in text and "\n\n" not in text and ">" not in text:
        text = "# above\n" + text.replace("\n", "\n# between\n", 1)
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES, FILES, st.sampled_from([None, False, True]), st.booleans())
def test_whatever_is_wanted_is_what_the_file_holds_afterwards(
    before: dict[str, Any], after: dict[str, Any], flow: bool | None, comments: bool
) -> None:
    text = written(before, flow, comments)
    if not same(parsed(text), before):
        return  # a text that the other writer leaves unquoted and we read otherwise (dates)
    assert same(parsed(edited(text, after)), after)


REAL = sorted(
    path for folder in ("messages", "faq", "services", "forms", "loci") for path in (DATA / folder).glob("*.yml")
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [path, *(found for key, inner in value.items() for found in paths(inner, (*path, key)))]
    if isinstance(value, list):
        return [path, *(found for n, inner in enumerate(value) for found in paths(inner, (*path, n)))]
    return [path]


READ = {file: (text, parsed(text)) for file in REAL for text in [file.read_text("utf-8")]}


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_in_the_real_files_one_edit_touches_no_line_but_its_own(data: st.DataObject) -> None:
    text, value = READ[data.draw(st.sampled_from(REAL))]
    path = data.draw(st.sampled_from([path for path in paths(value) if path]))
    if data.draw(st.booleans()):
        wanted = drop(value, path)
        after = edited(text, wanted)
        if " &" not in text:  # what an alias stands for is written out when it is taken out above
            assert len(_fresh(text, after)) <= 1
    else:
        old = at(value, path)
        wanted = put(value, path, data.draw(WORDS) if not isinstance(old, dict | list) else old)
        after = edited(text, wanted)
        if isinstance(old, str) and "\n" not in old:
            lines = after.splitlines()
            changed = [line for line in text.splitlines() if line not in lines]
            assert len(changed) <= 1
    assert same(parsed(after), wanted)


def _fresh(text: str, after: str) -> list[str]:
    """Lines that were not there: one, where what is left is empty now or begins with another key."""
    return [line for line in after.splitlines() if line not in set(text.splitlines())]


SHARED = """\
facts:
  - &five
    text: Lima tahun.  # by law
  - {text: Lain}
variants:
  - id: a
    facts: [*five]
  - id: b
    facts:
      - *five
      - text: Sendiri
  - id: c
    papers: &papers
      - text: KK
      - text: KTP
  - {id: d, papers: *papers}
"""


def test_what_is_shared_by_an_anchor_stays_shared_or_is_written_out() -> None:
    value = parsed(SHARED)
    shared = put(put(put(value, ("facts", 0), {"text": "Enam."}), ("variants", "a", "facts"), [{"text": "Enam."}]),
                 ("variants", "b", "facts", 0), {"text": "Enam."})  # fmt: skip
    assert edited(SHARED, shared) == SHARED.replace("Lima tahun.", "Enam.")
    alone = edited(SHARED, put(value, ("variants", "b", "facts", 0), {"text": "Tujuh."}))
    assert differing(SHARED, alone) == (["      - *five"], ["      - text: Tujuh."])
    both = put(
        put(value, ("variants", "c", "papers", 1, "text"), "Akta"), ("variants", "d", "papers", 1, "text"), "Akta"
    )
    assert differing(SHARED, edited(SHARED, both)) == (["      - text: KTP"], ["      - text: Akta"])
    gone = edited(SHARED, drop(value, ("facts", 0)))
    assert same(parsed(gone), drop(value, ("facts", 0))) and "*five" not in gone
