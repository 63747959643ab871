from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.canned import LANGUAGES, PLACES, fault, filled, normal, read_seeds
from bot.errors import ContentError
from bot.settings import ROOT


def test_every_office_begins_with_sound_ones_in_three_languages() -> None:
    seeds = read_seeds(ROOT / "data")
    assert {seed.language for seed in seeds} == set(LANGUAGES)
    assert len({seed.shortcut for seed in seeds if seed.language == "id"}) >= 8
    assert len({(seed.shortcut, seed.language) for seed in seeds}) == len(seeds)
    full = {place: place.title() for place in PLACES}
    for seed in seeds:
        assert not re.search(r"[{}]|  ", filled(seed.text, full)), seed
        assert not re.search(r"[{}]|^,| ,", filled(seed.text, {})), seed


def test_a_place_without_a_value_goes_with_the_space_before_it() -> None:
    assert filled("Halo {nama}, saya {petugas}.", {"petugas": "Wati"}) == "Halo, saya Wati."
    assert (
        filled("Halo {nama}, saya {petugas}.", {"nama": "{petugas}", "petugas": "Wati"}) == "Halo {petugas}, saya Wati."
    )


def test_chatwoots_own_places_are_understood() -> None:
    assert normal("Hi {{ contact.name }}, {{agent.first_name}}") == "Hi {nama}, {petugas}"
    assert fault("a", "id", normal("{{contact.email}}")) == "place"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("x: Halo {nik}", "place"), ("Dua Kata: Halo", "shortcut"), ("- satu", "mapping"), ("a: [", "YAML")],
)
def test_a_faulty_file_is_named(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "canned").mkdir()
    (tmp_path / "canned" / "id.yml").write_text(text)
    with pytest.raises(ContentError, match=rf"canned/id\.yml:1: .*{wrong}"):
        read_seeds(tmp_path)
    assert read_seeds(tmp_path / "nowhere") == ()
