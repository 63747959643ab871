"""Sentences: complete, with the same placeholders in every language, and every key that the domain speaks is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.texts import YamlTexts
from tests import content

ROOT = Path(__file__).parents[1]
TEXTS = content.texts()
_KEY = re.compile(r'"((?:form|field|answer)\.[a-z_.]+)"')


def _spoken() -> list[str]:
    found: set[str] = set()
    for path in (ROOT / "bot/domain").rglob("*.py"):
        found |= set(_KEY.findall(path.read_text("utf-8")))
    return sorted(key for key in found if not key.endswith("."))


@pytest.mark.parametrize("key", _spoken())
def test_every_sentence_of_the_domain_exists(key: str) -> None:
    assert TEXTS.has(key)


@pytest.mark.parametrize("language", ["en", "jv"])
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    for key in TEXTS.keys(language):
        ours, theirs = (set(re.findall(r"{(\w+)}", TEXTS.template(key, tongue) or "")) for tongue in ("id", language))
        assert ours == theirs, key


@pytest.mark.parametrize("language", ["en", "jv"])
def test_english_and_javanese_are_complete(language: str) -> None:
    assert TEXTS.keys() - TEXTS.keys(language) == set()


def test_a_sentence_falls_back_to_indonesian_and_a_missing_key_or_parameter_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "id.yml").write_text('a:\n  b: "Halo {nama}"\n', "utf-8")
    (tmp_path / "jv.yml").write_text("a: {}\n", "utf-8")
    texts = YamlTexts(tmp_path)
    assert texts.say("a.b", "jv", nama="Budi") == "Halo Budi"
    with pytest.raises(KeyError):
        texts.say("a.c", "id")
    with pytest.raises(KeyError):
        texts.say("a.b", "id")


def test_a_key_that_yaml_reads_as_a_truth_value_is_refused(tmp_path: Path) -> None:
    (tmp_path / "id.yml").write_text("a: {b: 1}\n", "utf-8")
    with pytest.raises(ContentError, match="a.b is int, not a sentence"):
        YamlTexts(tmp_path)


def test_what_the_content_of_an_installation_lacks_is_said_in_the_words_of_the_program(tmp_path: Path) -> None:
    own, ours = tmp_path / "own", tmp_path / "ours"
    for folder, files in (
        (own, {"id": "hai: Hai dari kami\n"}),
        (ours, {"id": "hai: Halo\nbaru: Baru {n}\n", "en": "hai: Hello\nbaru: New {n}\n", "jv": "baru: Enggal {n}\n"}),
    ):
        folder.mkdir()
        for language, text in files.items():
            (folder / f"{language}.yml").write_text(text, "utf-8")
    texts = YamlTexts(own, ours)
    assert [texts.say("baru", language, n=1) for language in ("id", "en", "jv")] == ["Baru 1", "New 1", "Enggal 1"]
    assert texts.say("hai", "en") == "Hai dari kami"
