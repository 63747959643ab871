"""The hash that names a model, and the names of services that go into it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from bot.dialogue import generate
from bot.dialogue.train import content_hash, ensure, model_path
from bot.errors import ContentError
from bot.settings import ROOT

SERVICE = """
slug: akta-kelahiran
name: {id: Akta Kelahiran, en: Birth certificate}
also_called: [akta lahir, LOAKK]
fee: {text: {id: gratis}}
"""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    for part in ("nlu", "rules", "domain"):
        shutil.copytree(ROOT / "data" / part, folder / part)
    (folder / "services").mkdir()
    (folder / "services" / "akta-kelahiran.yml").write_text(SERVICE, encoding="utf-8")
    (folder / "services" / "_prelude.yml").write_text("name: {id: bagian bersama}\n", encoding="utf-8")
    return folder


def test_equal_content_in_another_place_has_the_same_hash(content: Path, tmp_path: Path) -> None:
    shutil.copytree(content, tmp_path / "copy")
    assert content_hash(ROOT, content) == content_hash(ROOT, tmp_path / "copy")


def test_a_new_example_asks_for_another_model(content: Path) -> None:
    before = content_hash(ROOT, content)
    with (content / "nlu" / "ask_cost.yml").open("a", encoding="utf-8") as file:
        file.write("      - satu contoh lagi\n")
    assert content_hash(ROOT, content) != before


def test_a_renamed_service_asks_for_another_model_but_a_new_fee_does_not(content: Path) -> None:
    before = content_hash(ROOT, content)
    file = content / "services" / "akta-kelahiran.yml"
    file.write_text(SERVICE.replace("gratis", "Rp0"), encoding="utf-8")
    assert content_hash(ROOT, content) == before
    file.write_text(SERVICE.replace("akta lahir", "akta bayi"), encoding="utf-8")
    assert content_hash(ROOT, content) != before


def test_names_in_every_language_become_synonyms_and_shared_parts_do_not(content: Path) -> None:
    (synonym,) = yaml.safe_load(generate.training_data(content))["nlu"]
    assert synonym["synonym"] == "akta-kelahiran"
    assert synonym["examples"].splitlines() == ["- Birth certificate", "- Akta Kelahiran", "- akta lahir", "- LOAKK"]


def test_referrals_with_a_topic_become_synonyms_unless_a_service_has_the_name(content: Path) -> None:
    (content / "loci").mkdir()
    (content / "loci" / "33.28.yml").write_text(
        "referrals:\n  - {id: sim, also_called: [sim c, akta lahir]}\n  - {also_called: [tanpa topik]}\n",
        encoding="utf-8",
    )
    synonyms = {one["synonym"]: one["examples"] for one in yaml.safe_load(generate.training_data(content))["nlu"]}
    assert synonyms["other:sim"].splitlines() == ["- sim c"]
    assert set(synonyms) == {"akta-kelahiran", "other:sim"}


def test_a_broken_service_file_is_named(content: Path) -> None:
    (content / "services" / "ktp.yml").write_text("name: {id: KTP?, en", encoding="utf-8")
    with pytest.raises(ContentError, match=r"ktp\.yml"):
        content_hash(ROOT, content)


def test_a_model_that_exists_is_not_trained_again(content: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    ready = model_path(ROOT, content, models)
    ready.write_bytes(b"a model")
    steps: list[str] = []
    assert ensure(ROOT, content, models, Path("/nonexistent/python"), steps.append) == ready
    assert steps == []
    assert list(models.iterdir()) == [ready], "an image that holds the model is read-only: not even a lock is written"


def test_a_model_that_is_missing_where_nothing_can_be_written_is_a_sentence(content: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way of a folder", "utf-8")
    with pytest.raises(ContentError, match="LOKET_MODEL_DIR"):
        ensure(ROOT, content, tmp_path / "a file" / "models", Path("/nonexistent/python"), print)


@pytest.mark.rasa
def test_content_that_rasa_refuses_is_reported_in_its_words_and_leaves_no_model(content: Path, tmp_path: Path) -> None:
    (content / "domain" / "domain.yml").write_text('version: "3.1"\nintents: {broken\n', encoding="utf-8")
    models = tmp_path / "models"
    with pytest.raises(ContentError, match="Rasa"):
        ensure(ROOT, content, models, ROOT / ".venv/rasa/bin/python", lambda step: None)
    assert list(models.glob("*.tar.gz")) == []
