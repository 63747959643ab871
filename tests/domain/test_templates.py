"""Message templates: ours are sound, and what a provider would refuse is refused here first."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.domain.templates import LANGUAGES, MOST_CHARACTERS, SERVES, check_templates, flat, read_templates, text_faults
from bot.errors import ContentError

DATA = Path(__file__).parents[2] / "data"
TEMPLATES = read_templates(DATA)


def test_there_is_one_for_every_kind_of_news() -> None:
    assert set(TEMPLATES) == set(SERVES)
    assert not {t.name for t in TEMPLATES.values() if t.complete} - {"loket_status", "loket_pengingat_sip"}


@pytest.mark.parametrize("serves", SERVES)
def test_each_reads_well_with_its_samples_and_fits_with_long_values(serves: str) -> None:
    template = TEMPLATES[serves]
    for language in LANGUAGES:
        wording = template.wordings[language]
        text = template.spoken(language, wording.samples)
        assert "{" not in text and all(sample in text for sample in wording.samples)
        long = template.filled({name: "panjang " * 200 for name in template.values})
        assert len(template.spoken(language, long)) <= MOST_CHARACTERS


def test_javanese_readers_get_the_indonesian_one() -> None:
    assert TEMPLATES["status"].language("jv") == "id" and TEMPLATES["status"].language("en") == "en"


def test_values_are_put_in_their_places_on_one_line_and_never_empty() -> None:
    status = TEMPLATES["status"]
    assert status.values == ("service", "reference", "state")
    assert status.filled({"state": "Sudah\n terbit. ", "service": "*KTP-el*"}) == ("KTP-el", "-", "Sudah terbit.")
    assert len(flat("x" * 5000)) == 200


@pytest.mark.parametrize(
    ("text", "places", "fault"),
    [
        ("{{1}} sudah terbit sekarang juga ya", 1, "begins or ends"),
        ("Permohonan Anda sudah: {{1}}.", 1, "begins or ends"),
        ("Nomor {{1}} {{2}} sudah bisa Anda ambil di kantor", 2, "side by side"),
        ("Nomor {{1}} dan {{3}} sudah bisa diambil di kantor", 2, "its places are"),
        ("Nomor {{1}} dan {{1}} sudah bisa diambil di kantor", 2, "its places are"),
        ("Nomor {1} sudah bisa diambil di kantor", 0, "stray"),
        ("Nomor {{1}} ya", 1, "too few words"),
        ("Kabar\n\n\n\nbaru untuk Anda", 0, "empty lines"),
        ("kata " * 200 + "{{1}} selesai", 1, "longer than"),
    ],
)
def test_what_a_provider_refuses(text: str, places: int, fault: str) -> None:
    assert any(fault in found for found in text_faults(text, places))


def test_faults_name_the_file_and_what_to_do(tmp_path: Path) -> None:
    good = yaml.safe_load((DATA / "templates/status.yml").read_text("utf-8"))
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "a.yml").write_text(yaml.safe_dump(good), "utf-8")
    (folder / "b.yml").write_text(yaml.safe_dump(good), "utf-8")
    (folder / "c.yml").write_text(yaml.safe_dump({**good, "category": "marketing", "colour": "red"}), "utf-8")
    (folder / "d.yml").write_text(": [", "utf-8")
    (folder / "e.yml").write_text("- 1", "utf-8")
    wordings = {**good["wordings"], "id": {"text": good["wordings"]["id"]["text"], "samples": ["satu"]}}
    (folder / "f.yml").write_text(yaml.safe_dump({**good, "wordings": wordings}), "utf-8")
    found, faults = check_templates(tmp_path)
    assert set(found) == {"status"} and {file for file, _ in faults} == {"b.yml", "c.yml", "d.yml", "e.yml", "f.yml"}
    said = "\n".join(fault for _, fault in faults)
    for words in ("another template serves 'status'", "unknown key 'colour'", "`category`", "1 samples for 3 values"):
        assert words in said
    with pytest.raises(ContentError, match=r"templates/d\.yml:1: no valid YAML"):
        read_templates(tmp_path)


def test_no_folder_means_no_templates(tmp_path: Path) -> None:
    assert read_templates(tmp_path) == {}
