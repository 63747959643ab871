"""Example files are edited line by line: what YAML reads is what was meant, and nothing else moves."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.nlu_file import MOST_CHARACTERS, NluFile, check_example, check_intent, new_file
from bot.errors import ContentError

ROOT = Path(__file__).parents[2]
FILE = """# Dari petugas konten.
version: "3.1"

nlu:
  # salam
  - intent: greet  # jangan diubah namanya
    examples: |
      - halo
      - selamat pagi

      - p
  - synonym: ktp
    examples: |
      - e-ktp
  - intent: goodbye
    examples:
      - text: dadah
        metadata: {x: 1}
# penutup
"""


def read(file: NluFile) -> dict[str, list[str]]:
    """As Rasa reads it."""
    found = {}
    for entry in yaml.safe_load(file.text)["nlu"] or ():
        kind = next(key for key in entry if key != "examples")
        examples = entry["examples"]
        lines = examples.splitlines() if isinstance(examples, str) else [one["text"] for one in examples]
        found[f"{kind}:{entry[kind]}"] = [line.strip().removeprefix("- ").strip() for line in lines if line.strip()]
    return found


def changed_lines(before: NluFile, after: NluFile) -> list[str]:
    diff = difflib.ndiff(before.text.splitlines(), after.text.splitlines())
    return [line for line in diff if line[:2] in ("+ ", "- ")]


def test_sections_are_found_with_their_lines() -> None:
    file = NluFile(FILE)
    assert [(one.kind, one.name, one.examples) for one in file.sections] == [
        ("intent", "greet", ("halo", "selamat pagi", "p")),
        ("synonym", "ktp", ("e-ktp",)),
        ("intent", "goodbye", ()),
    ]
    assert [FILE.split("\n")[line].strip() for line in file.section("greet").lines] == [
        "- halo",
        "- selamat pagi",
        "- p",
    ]


def test_an_added_example_is_one_line_more() -> None:
    before = NluFile(FILE)
    after = before.add("greet", ["assalamualaikum", "halo", "assalamualaikum"])
    assert changed_lines(before, after) == ["+       - assalamualaikum"]
    assert read(after)["intent:greet"] == ["halo", "selamat pagi", "p", "assalamualaikum"]


def test_a_changed_example_is_one_line_instead_of_another() -> None:
    before = NluFile(FILE)
    after = before.change("greet", "p", "ping")
    assert changed_lines(before, after) == ["-       - p", "+       - ping"]
    assert before.change("greet", "p", "halo").section("greet").examples == ("halo", "selamat pagi")
    assert before.change("greet", "p", " p ").text == FILE


def test_a_removed_example_is_one_line_less_and_the_last_one_stays() -> None:
    before = NluFile(FILE)
    assert changed_lines(before, before.remove("greet", ["halo"])) == ["-       - halo"]
    with pytest.raises(ContentError, match="without examples"):
        before.remove("greet", ["halo", "selamat pagi", "p"])
    with pytest.raises(ContentError, match="any more"):
        before.remove("greet", ["tidak ada"])


def test_a_new_name_keeps_the_comment_behind_the_old_one() -> None:
    before = NluFile(FILE)
    after = before.rename("greet", "salam")
    assert changed_lines(before, after) == [
        "-   - intent: greet  # jangan diubah namanya",
        "+   - intent: salam  # jangan diubah namanya",
    ]
    assert "intent:salam" in read(after)


def test_a_dropped_section_leaves_the_others_and_the_comments() -> None:
    after = NluFile(FILE).drop("greet")
    assert set(read(after)) == {"synonym:ktp", "intent:goodbye"}
    assert "# salam" in after.text and "# penutup" in after.text
    assert set(read(NluFile(FILE).drop("goodbye"))) == {"intent:greet", "synonym:ktp"}


def test_examples_with_metadata_are_shown_but_not_edited_here() -> None:
    with pytest.raises(ContentError, match="only edited in the file"):
        NluFile(FILE).add("goodbye", ["sampai jumpa"])


@pytest.mark.parametrize("name", ["../x", "nlu:", "A", "a b", "", "1a", "_x", "a" * 65, "halo\n", "intent: x", "élan"])
def test_what_could_be_anything_else_is_no_name(name: str) -> None:
    with pytest.raises(ContentError):
        check_intent(name)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u2028", "x" * (MOST_CHARACTERS + 1)])
def test_an_example_has_words_and_an_end(text: str) -> None:
    with pytest.raises(ContentError):
        check_example(text)


@pytest.mark.parametrize("path", sorted((ROOT / "data/nlu").glob("*.yml")), ids=lambda path: path.stem)
def test_our_own_files_are_read_as_yaml_reads_them(path: Path) -> None:
    file = NluFile(path.read_text("utf-8"))
    assert {f"{one.kind}:{one.name}": list(one.examples) for one in file.sections} == read(file)


words = st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()))


@given(st.lists(st.tuples(st.sampled_from(["add", "change", "remove"]), words), max_size=12))
def test_after_any_edits_yaml_reads_what_was_meant(edits: list[tuple[str, str]]) -> None:
    file, meant = NluFile(FILE), ["halo", "selamat pagi", "p"]
    for kind, text in edits:
        try:
            plain = check_example(text)
        except ContentError:
            continue
        if kind == "add":
            file = file.add("greet", [text])
            meant += [] if plain in meant else [plain]
        elif kind == "change":
            file = file.change("greet", meant[0], text)
            meant = meant[1:] if plain in meant[1:] else [plain, *meant[1:]]
        elif len(meant) > 1:
            file = file.remove("greet", [meant[-1]])
            meant = meant[:-1]
    assert list(file.section("greet").examples) == meant
    assert read(file)["intent:greet"] == meant
    assert read(file)["synonym:ktp"] == ["e-ktp"]
    assert "# jangan diubah namanya" in file.text and file.text.endswith("# penutup\n")


@given(st.lists(words, min_size=1, max_size=8))
def test_a_new_file_holds_its_examples(texts: list[str]) -> None:
    plain = []
    for text in texts:
        try:
            plain.append(check_example(text))
        except ContentError:
            return
    assert read(new_file("wish_baru", texts))["intent:wish_baru"] == list(dict.fromkeys(plain))
