"""The files of the catalogue: each is sound, and a broken one is reported with file, line and remedy."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from bot.catalogue_cli import check_content, main
from bot.content import load_catalogue, read_catalogue
from bot.domain.catalogue import Catalogue, Ending, Topic, answer
from bot.domain.fields import TYPES
from bot.domain.payloads import MAX_BYTES, intent
from bot.errors import ContentError
from tests import content

DATA = Path(__file__).parents[1] / "data"
AKTA, LOCUS = "services/akta-kelahiran.yml", "loci/33.28.yml"
FEW = ("akta-kelahiran", "ktp", "sip-bidan")
TEXTS = content.texts()
SERVICES = sorted(p.stem for p in (DATA / "services").glob("[!_]*.yml"))
Edit = Callable[[str, str, str], list[str]]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Replace ``old`` by ``new`` in a file of a copy of the content (few services: it is read again and again); gives the
    faults found then.
    """
    shutil.copytree(DATA / "wilayah", tmp_path / "wilayah")
    (tmp_path / "services").mkdir()
    for path in (DATA / "services").glob("*.yml"):
        if path.stem.startswith("_") or path.stem in FEW:
            shutil.copy(path, tmp_path / "services")
    (tmp_path / "loci").mkdir()
    listed = re.sub(rf"(?m)^  - (?!(?:{'|'.join(FEW)})$)[a-z-]+\n", "", (DATA / LOCUS).read_text("utf-8"))
    (tmp_path / LOCUS).write_text(listed, "utf-8")

    def change(file: str, old: str, new: str) -> list[str]:
        path = tmp_path / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return [str(fault) for fault in read_catalogue(tmp_path)[1]]

    return change


@cache
def catalogue() -> Catalogue:
    return content.catalogue()


def test_the_catalogue_has_no_faults() -> None:
    assert list(map(str, check_content(DATA)[1])) == []


@pytest.mark.parametrize("slug", SERVICES)
def test_each_service_has_its_facts_sourced_and_a_form_or_an_owner(slug: str) -> None:
    service = catalogue().services[slug]
    facts = [service.summary, service.fee, service.duration.fact, service.in_person, *service.facts, *service.procedure]
    facts += [r.fact for v in service.variants for r in v.requirements]
    assert all(f.source and f.text["id"] for f in facts)
    assert all(set(f.text) >= {"id", "en"} for f in facts)


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
            "fill: [{known: telepon, confirm: false}]",
            "fill: [{known: hp, confirm: false}]",
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


def test_a_mall_that_lists_an_unknown_service_is_reported(edit: Edit, tmp_path: Path) -> None:
    faults = edit(LOCUS, "- akta-kelahiran", "- akta-kelahiran\n  - akta-bulan")
    line = (tmp_path / LOCUS).read_text("utf-8").splitlines().index("  - akta-bulan") + 1
    assert faults == [f"{LOCUS}:{line}: there is no sound service 'akta-bulan'; take it out, or add or mend its file"]


def test_an_agency_without_integration_is_reported(edit: Edit) -> None:
    faults = edit(LOCUS, "{dukcapil: dukcapil, ", "{")
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
    said = capsys.readouterr()
    variants = sum(len(s.variants) for s in catalogue().services.values())
    assert f"{len(SERVICES)} layanan, {variants} keperluan, 1 MPP, 0 kesalahan" in said.out and said.err == ""
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
    for part in ("field", "section", "variant", "choice", "fill", "refer", "extra_requirement", "duration"):
        keys |= set(schema["$defs"][part]["properties"])
    assert {key for key in keys if not re.search(rf"\b{key}\b", guide)} == set()


# -- families of services, variants and their endings --------------------------------------------------------------------


def test_a_member_of_a_family_adds_only_what_is_its_own() -> None:
    midwife, nurse = catalogue().services["sip-bidan"], catalogue().services["sip-perawat"]
    assert [v.id for v in midwife.variants] == [v.id for v in nurse.variants]
    asked = next(f for s in midwife.form.sections for f in s.fields if f.id == "kualifikasi")  # type: ignore[union-attr]
    assert "bidan" in asked.ask["id"] and "midwife" in asked.ask["en"] and "{profesi}" not in str(midwife)
    assert midwife.duration == nurse.duration and midwife.facts != nurse.facts


MIDWIFE = "services/sip-bidan.yml"
EXTRA = """requirements_extra:
  - {text: {id: Ijazah {profesi}, en: Diploma, jv: Ijazah}, source: uji, certainty: sure}
  - {text: {id: Surat lolos butuh, en: Release, jv: Surat}, source: uji, certainty: unsure, variants: [baru]}
codes_extra:
  alasan_cabut:
    - {code: pensiun, label: {id: Pensiun dini, en: Retired, jv: Pensiun}, synonyms: [pensiun dini]}
    - {code: hamil, label: {id: Hamil, en: Pregnant, jv: Mbobot}, synonyms: [hamil]}
terms:""".replace("{profesi}, en", "'{profesi}', en").replace("id: Ijazah '{profesi}'", "id: 'Ijazah {profesi}'")


def test_a_member_may_add_papers_to_all_variants_or_to_some_and_rows_to_a_code_list(edit: Edit, tmp_path: Path) -> None:
    before = len(catalogue().services["sip-bidan"].variant("baru").requirements)
    assert edit(MIDWIFE, "terms:", EXTRA) == []
    service = load_catalogue(tmp_path).services["sip-bidan"]
    texts = {v.id: [r.fact.text["id"] for r in v.requirements] for v in service.variants}
    assert texts["baru"][before:] == ["Ijazah bidan", "Surat lolos butuh"]
    assert texts["perpanjangan"][-1] == "Ijazah bidan"
    reasons = next(f for s in service.form.sections if s.id == "pencabutan" for f in s.fields if f.id == "alasan")  # type: ignore[union-attr]
    codes = [c.code for c in reasons.choices]
    assert codes[-1] == "hamil" and codes.count("pensiun") == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (MIDWIFE, "terms:", EXTRA.replace("[baru]", "[anyar]"), "there is no variant 'anyar'; variants: baru, "),
        (MIDWIFE, "terms:", EXTRA.replace("alasan_cabut", "alesan"), "there is no code list 'alesan' to add to; lists"),
        (MIDWIFE, "extends: [_sip]", "extends: [_sipp]", "there is no sound base file _sipp.yml; check the name"),
        ("services/_sip.yml", "extends: [_prelude]", "extends: [_prelude, _sip]", "_sip.yml extends itself; take it out"),
        (AKTA, "ends: submission", "ends: referral", "variant 'baru' is a referral without `refer`; add `refer:`"),
        (AKTA, "    requirements:", "    papers:", "variants.0: unknown key 'papers'; possible keys: "),
        ("services/ktp.yml", "when: {_variant: hilang}", "when: {_variant: ilang}", "'_variant' is never 'ilang'; possible: "),
        (AKTA, "when: {pelapor.hubungan: ibu}", "when: {pelapor.hubungan: mama}", "'pelapor.hubungan' is never 'mama'"),
        (AKTA, 'title: {id: "Saksi {n}"', 'title: {id: "Saksi"', "the title of the repeated section 'saksi' is the same"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_a_fault(edit: Edit, file: str, old: str, new: str, message: str) -> None:
    faults = edit(file, old, new)
    assert any(message in fault for fault in faults), faults


KTP, VISITS = "services/ktp.yml", "[pemula, luar-domisili]"
ALL = "[pemula, hilang, rusak, perubahan-data, pindah-datang, luar-domisili]"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (AKTA, ", jv: Akta Kelahiran}", "}", ": `name` has no text in jv; add `jv:`"),
        (AKTA, "en: Name of the child, ", "", ": `label` has no text in en; add `en:`"),
        (KTP, "synonyms: [hilang, ", "synonyms: [rusak, hilang, ", "'rusak' also stands for the variant 'hilang'"),
        (KTP, "use: kunjungan\n", "use: pengambilan\n", "the booking 'pemula' does not ask for kunjungan.tanggal"),
        (KTP, f"when: {{_variant: {{in: {VISITS}}}}}", f"when: {{_variant: {{not: {ALL}}}}}", "nobody reaches the section"),
        (LOCUS, "  - ktp\n", "", "services/ktp.yml:1: no office offers this service; add it"),
    ],
)  # fmt: skip
def test_what_should_be_mended_is_said_by_the_check_though_it_can_be_loaded(
    edit: Edit, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    assert edit(file, old, new) == []
    found = [str(f) for f in check_content(tmp_path)[1]]
    assert any(message in f for f in found), found
    (fault,) = [f for f in found if message in f]
    number = int(fault.split(":")[1])
    assert number >= 1 and (tmp_path / fault.split(":")[0]).exists()
    if file != LOCUS:
        assert number > 1


def test_an_id_too_long_for_a_button_is_reported_where_it_stands(edit: Edit, tmp_path: Path) -> None:
    long = f"tambah-tempat-{'x' * 30}"
    family = tmp_path / "services/_sip.yml"
    family.write_text(family.read_text("utf-8").replace("tambah-tempat", long), "utf-8")
    assert edit(KTP, "{code: agama", f"{{code: agama{'x' * 41}") == []
    found = [str(f) for f in check_content(tmp_path)[1]]
    over = len(f"niat:start_application:sip-bidan:{long}") - MAX_BYTES
    assert any(re.match(rf"services/_sip.yml:\d+: .*'{long}'.*shorten its id by {over}$", f) for f in found), found
    assert any(re.match(rf"{KTP}:\d+: .*shorten the code by 1$", f) for f in found), found


@pytest.mark.parametrize("language", ["id", "en", "jv"])
def test_no_answer_is_longer_than_a_message_with_buttons_may_be(language: str) -> None:
    lengths = {
        (service.slug, variant, topic.value): len(answer(service, topic, language, TEXTS, variant))
        for service in catalogue().services.values()
        for variant in (None, *(v.id for v in service.variants))
        for topic in Topic
    }
    assert {which: length for which, length in lengths.items() if length >= 1024} == {}


def test_the_longest_button_of_a_variant_still_fits() -> None:
    longest = max(
        len(intent("start_application", s.slug, v.id)) for s in catalogue().services.values() for v in s.variants
    )
    assert longest <= MAX_BYTES


def test_a_variant_without_synonyms_is_reported_at_its_line(edit: Edit, tmp_path: Path) -> None:
    text = (tmp_path / "services/ktp.yml").read_text("utf-8")
    line = next(ln for ln in text.splitlines() if ln.strip().startswith("synonyms: [hilang"))
    edit("services/ktp.yml", line + "\n", "")
    (fault,) = [str(f) for f in check_content(tmp_path)[1]]
    assert "the variant 'hilang' has no synonyms; add the words people use for it" in fault
    number = int(fault.split(":")[1])
    assert (tmp_path / "services/ktp.yml").read_text("utf-8").splitlines()[number - 1].strip() == "- id: hilang"


def test_a_fault_of_a_shared_part_is_told_once(edit: Edit, tmp_path: Path) -> None:
    shutil.copy(DATA / "services/sip-perawat.yml", tmp_path / "services")
    edit(LOCUS, "  - sip-bidan", "  - sip-bidan\n  - sip-perawat")
    edit("services/_sip.yml", "synonyms: [baru, ", "synonyms: [perpanjang, baru, ")
    found = [str(f) for f in check_content(tmp_path)[1]]
    assert len(found) == 1 and found[0].startswith("services/_sip.yml:")


def test_every_ending_is_there() -> None:
    endings = {v.ends for s in catalogue().services.values() for v in s.variants}
    assert endings == set(Ending)
