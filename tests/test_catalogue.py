"""The files of the catalogue: each is sound, and a broken one is reported with file, line and remedy."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.catalogue_cli import main
from bot.content import load_catalogue, read_catalogue
from bot.domain.fields import TYPES
from bot.errors import ContentError

DATA = Path(__file__).parents[1] / "data"
SERVICES = sorted(p.stem for p in (DATA / "services").glob("[!_]*.yml"))
Edit = Callable[[str, str, str], list[str]]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Replace ``old`` by ``new`` in a file of a copy of the content; gives the faults found then."""
    for folder in ("services", "loci", "wilayah"):
        shutil.copytree(DATA / folder, tmp_path / folder)

    def change(file: str, old: str, new: str) -> list[str]:
        path = tmp_path / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return [str(fault) for fault in read_catalogue(tmp_path)[1]]

    return change


def line_of(file: str, text: str) -> int:
    lines = (DATA / file).read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def test_the_catalogue_has_no_faults() -> None:
    assert read_catalogue(DATA)[1] == []


@pytest.mark.parametrize("slug", SERVICES)
def test_each_service_has_its_facts_sourced_and_a_form_or_an_owner(slug: str) -> None:
    service = load_catalogue(DATA).services[slug]
    facts = [service.summary, service.fee, service.duration.fact, service.in_person, *service.facts, *service.procedure]
    facts += [r.fact for v in service.variants for r in v.requirements]
    assert all(f.source and f.text["id"] for f in facts)
    assert all(set(f.text) >= {"id", "en"} for f in facts)


AKTA = "services/akta-kelahiran.yml"


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("also_called:", "also_caled:", "also_called:", "unknown key 'also_caled'; did you mean 'also_called'?"),
        (
            "working_days: 3",
            "working_days: tiga",
            "working_days: 3",
            "duration.working_days: 'tiga' does not fit here; write a whole number",
        ),
        (
            "certainty: unsure",
            "certainty: maybe",
            "certainty: unsure",
            "duration.certainty: 'maybe' is not possible here; use one of: sure, unsure",
        ),
        (
            "type: phone",
            "type: telephone",
            "id: telepon",
            "pelapor.telepon: there is no field type 'telephone'; types: ",
        ),
        ("choices: hubungan", "choices: relasi", "id: hubungan", "there is no code list 'relasi'; lists that exist: "),
        (
            "{.kewarganegaraan: WNA}",
            "{.warga: WNA}",
            "id: no_dokumen_perjalanan",
            "no field has the path '.warga'; paths are section.field",
        ),
        (
            "slug: akta-kelahiran",
            "slug: akta-lahir",
            "slug:",
            "the slug is 'akta-lahir' but the file is akta-kelahiran.yml; name both alike",
        ),
        (
            "extends: [_prelude, _akta]",
            "extends: [_prelude, _aktaa]",
            "extends:",
            "there is no sound base file _aktaa.yml; check the name",
        ),
        (
            "options: {unit: kg, min: 0.3, max: 8}",
            "options: {unit: kg, min: 9, max: 8}",
            "id: berat",
            "anak.berat: `min` is above `max`; swap them",
        ),
        (
            "options: {min: -120y, max: today, usual: -17y}",
            "options: {min: soon}",
            "id: tanggal_lahir",
            "anak.tanggal_lahir: a limit that cannot be read; dates: today, -120y",
        ),
        (
            "fill: [{known: telepon}]",
            "fill: [{known: hp}]",
            "id: telepon",
            "pelapor.telepon: the register knows no 'hp'; known: ",
        ),
        (
            "- use: warga",
            "- use: wargi",
            "- use: warga",
            "there is no part 'wargi'; parts that exist: warga, kewarganegaraan",
        ),
        (
            "nama: {fill: [{known: nama}], locked: true}",
            "nami: {locked: true}",
            "- use: warga",
            "part 'warga' has no field nami; check the names under `set`",
        ),
        (
            "when: {.surat_lahir: {skipped: true}}",
            "when: {.surat_lahir: {gone: true}}",
            "{skipped: true}",
            "a condition cannot 'gone'; use equals, in, not, exists or skipped",
        ),
        (
            "{code: P, label: {id: Perempuan",
            "{code: L, label: {id: Perempuan",
            "id: jenis_kelamin",
            "anak.jenis_kelamin: a code stands twice in its list; give every row its own code",
        ),
        (
            '{code: "2", label: {id: Kembar 2',
            '{code: "6", label: {id: Kembar 2',
            "id: jenis_kelahiran",
            "anak.jenis_kelahiran: the codes are numbers that differ from the numbers shown; number them 1, 2, 3",
        ),
        ("name: {id: Akta Kelahiran,", "name: {", "name:", "name: id missing; add it"),
    ],
)
def test_a_fault_names_its_file_and_line_and_what_to_do(edit: Edit, old: str, new: str, at: str, message: str) -> None:
    faults = edit(AKTA, old, new)
    mine = [f for f in faults if f.startswith(AKTA)]
    assert len(mine) == 1, faults
    assert message in mine[0]
    number = int(mine[0].split(":")[1])
    assert at in (DATA / AKTA).read_text("utf-8").splitlines()[number - 1]


def test_a_broken_indentation_is_reported_where_it_is(edit: Edit) -> None:
    fault = next(f for f in edit(AKTA, "slug: akta-kelahiran", "slug: akta-kelahiran\n  oops: 1") if f.startswith(AKTA))
    assert fault.startswith(f"{AKTA}:3: no valid YAML")
    assert "check indentation" in fault


def test_a_key_written_twice_is_reported_with_both_lines(edit: Edit) -> None:
    faults = edit(AKTA, "slug: akta-kelahiran", "slug: akta-kelahiran\nslug: akta-kelahiran")
    assert any("'slug' stands here twice (first in line 2); keep one" in f for f in faults)


def test_a_missing_part_of_a_service_is_named(edit: Edit) -> None:
    faults = edit("services/_dukcapil.yml", "agency: dukcapil\n", "")
    assert any("agency missing; add it here or in a base file" in f for f in faults)


def test_a_mall_that_lists_an_unknown_service_is_reported(edit: Edit) -> None:
    faults = edit("loci/33.28.yml", "- akta-kelahiran", "- akta-kelahiran\n  - akta-bulan")
    line = line_of("loci/33.28.yml", "- akta-kelahiran") + 1
    assert faults == [
        f"loci/33.28.yml:{line}: there is no sound service 'akta-bulan'; take it out, or add or mend its file"
    ]


def test_an_agency_without_integration_is_reported(edit: Edit) -> None:
    faults = edit("loci/33.28.yml", "{dukcapil: dukcapil, ", "{")
    assert any("no integration for agency 'dukcapil'" in f for f in faults)
    assert any("no integration for the register 'dukcapil'; add it under `agencies`" in f for f in faults)


def test_words_that_look_like_booleans_stay_words(edit: Edit, tmp_path: Path) -> None:
    assert edit(AKTA, "synonyms: [ayah,", "synonyms: [yes, no, on, ayah,") == []
    form = load_catalogue(tmp_path).services["akta-kelahiran"].form
    assert form is not None
    choices = next(f.choices for s in form.sections for f in s.fields if f.id == "hubungan")
    assert choices[0].synonyms[:3] == ("yes", "no", "on")


def test_two_services_may_not_claim_one_name(edit: Edit, tmp_path: Path) -> None:
    other = (tmp_path / AKTA).read_text("utf-8").replace("slug: akta-kelahiran", "slug: akta-kembar")
    (tmp_path / "services/akta-kembar.yml").write_text(other, "utf-8")
    assert any("is also a name of" in f for f in edit(AKTA, "slug", "slug"))


def test_loading_a_broken_catalogue_raises_with_all_faults(edit: Edit, tmp_path: Path) -> None:
    edit(AKTA, "type: phone", "type: telephone")
    with pytest.raises(ContentError, match=r"services/akta-kelahiran.yml:\d+: .*telephone"):
        load_catalogue(tmp_path)


def test_the_check_command_prints_faults_and_fails(
    edit: Edit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argparse.Namespace(content=DATA)) == 0
    assert "0 kesalahan" in capsys.readouterr().out
    edit(AKTA, "type: phone", "type: telephone")
    assert main(argparse.Namespace(content=tmp_path)) == 1
    assert "akta-kelahiran.yml:" in capsys.readouterr().err


def test_the_revision_changes_with_the_content(edit: Edit, tmp_path: Path) -> None:
    before = load_catalogue(tmp_path)
    edit(AKTA, "Contoh: Tegal", "Contoh: Slawi")
    after = load_catalogue(tmp_path)
    assert before.revision != after.revision
    assert before.services["akta-kelahiran"].revision != after.services["akta-kelahiran"].revision


def test_the_guide_names_every_key_and_every_field_type() -> None:
    guide = (DATA.parent / "docs/add-a-service.md").read_text("utf-8")
    schema = json.loads((DATA.parent / "bot/schemas/service.schema.json").read_text("utf-8"))
    keys = {*schema["properties"], *TYPES}
    for part in ("field", "section", "variant", "choice", "fill"):
        keys |= set(schema["$defs"][part]["properties"])
    assert {key for key in keys if not re.search(rf"\b{key}\b", guide)} == set()
