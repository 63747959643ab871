"""A description of an agency is taken whole or refused, with file, line and remedy of every fault."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import agency_files
from bot.errors import RegistryError, SettingsError
from bot.launch.vardir import new_key
from bot.settings import Settings
from tests.fakes import FixedClock
from tests.integrations.generic_rest.office import CONFIG, example, put


def faults(folder: Path, text: str, name: str = "dinsos.yml") -> list[str]:
    _, found = agency_files.read(put(folder, text, name))
    return [str(fault) for fault in found]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize("name", ["dinsos.yml", "kecamatan.yml"])
def test_the_examples_of_the_page_have_no_fault(tmp_path: Path, name: str) -> None:
    assert faults(tmp_path / "agencies", example(name), name) == []


def test_no_directory_means_no_such_agencies(tmp_path: Path) -> None:
    assert agency_files.read(tmp_path / "tidak-ada") == ({}, [])


WRONG = {
    "an unknown key": ("idempotency_header:", "idempotency_heder:", "did you mean 'idempotency_header'?"),
    "an unknown kind": ("kind: generic_rest", "kind: soap", "use one of: email, generic_rest"),
    "an unknown state of ours": ("SELESAI: terbit", "SELESAI: beres", "use one of: diajukan"),
    "a secret in the file": (
        "client_secret: {secret: LOKET_X_DINSOS_CLIENT_SECRET}",
        "client_secret: rahasia",
        "a mapping",
    ),
    "a setting of somebody else": ("LOKET_X_DINSOS_CALLBACK", "LOKET_KEYS", "see docs/add-an-agency.md"),
    "an id that is not the file's name": ("id: dinsos", "id: dinsoss", "name both alike"),
    "an unknown field of a template": ("{from: service,", "{from: servis,", "a path begins with one of"),
    "an unknown word in a path": ("/warga/{nik}", "/warga/{nomor}", "use some of: nik"),
    "a path that is none": ("reference: data.nomor", "reference: data..nomor", "write names with dots"),
    "an instruction with a strange word": ("{from: .nama}", "{from: .nama, huruf: besar}", "possible: codes"),
    "each without item": (
        "{each: data.keluarga, item: {nama: {from: .nama}, hubungan: {from: .hubungan}}}",
        "{each: data.keluarga}",
        "say what each entry looks like",
    ),
    "an address anybody could read": ("url: https://", "url: http://", "use https"),
    "an address that is none": ("url: https://api.dinsos.example/v2", "url: dinsos", "write https://"),
    "hours that end before they begin": ('to: "16:00"', 'to: "06:00"', "docs/add-an-agency.md"),
    "hours without quotes": ('from: "07:00"', "from: 7:30", "in quotes"),
    "a time zone that is none": ("zone: Asia/Jakarta                       #", "zone: Asia/Tegal #", "Asia/Jakarta"),
    "a format that is none": ('at_format: "%d/%m/%Y %H:%M:%S"', "at_format: hari ini", "%d/%m/%Y %H:%M"),
    "a push that does not say which case": ("  agency_ref: nomor\n", "", "give change.agency_ref"),
    "states nobody can read": ("\nstates:", "\nkeadaan:", "possible keys"),
    "a signature without the body": ('text: "{timestamp}.{body}"', 'text: "{timestamp}"', "use {body}"),
    "a time stamp that is not signed": ('text: "{timestamp}.{body}"', 'text: "{body}"', "give `timestamp`"),
    "a body of a GET": ("{method: GET, path: /sehat}", "{method: GET, path: /sehat, body: {a: b}}", "another method"),
    "a person without a birth date": (
        '      tanggal_lahir: {from: answer.data.tglLahir, read_date: "%d/%m/%Y"}\n',
        "",
        "say where it stands",
    ),
    "a status of one and of all": ("{history: data}", "{history: data, change: data}", "give `history` or `change`"),
    "a timeout without end": ("timeout_s: 10", "timeout_s: 1000", "docs/add-an-agency.md"),
    "a key twice": ("timeout_s: 10", "timeout_s: 10\nid: dinsos", "keep one"),
}


@pytest.mark.parametrize(("old", "new", "remedy"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_with_its_line_and_its_remedy(tmp_path: Path, old: str, new: str, remedy: str) -> None:
    text = example("dinsos.yml")
    assert old in text
    found = faults(tmp_path / "agencies", text.replace(old, new))
    assert found and any(remedy in fault for fault in found), found
    for fault in found:
        assert re.match(r"(agencies/)?dinsos\.yml:[1-9][0-9]*: ", fault), fault


def test_the_line_is_that_of_the_mistake(tmp_path: Path) -> None:
    text = example("dinsos.yml").replace("SELESAI: terbit", "SELESAI: beres")
    assert faults(tmp_path / "agencies", text)[0].startswith(f"agencies/dinsos.yml:{line_of(text, 'SELESAI')}: ")


def test_repeating_without_a_key_and_without_a_search_is_refused(tmp_path: Path) -> None:
    text = example("dinsos.yml").replace("idempotency_header: X-Request-Id\n", "")
    assert faults(tmp_path / "agencies", text) == []
    text = re.sub(r"  find:\n(    .*\n)+", "", text)
    assert any("second case" in fault for fault in faults(tmp_path / "agencies", text))


MAIL = {
    "no address": ("to: pelayanan@kecamatan.example", "to: pelayanan", "name@office.go.id"),
    "in the clear": ("security: starttls", "security: none", "use starttls or tls"),
    "encryption not thought of": ("encryption: transport\n", "", "add it"),
    "a subject without our number": ('"Permohonan {reference}: {service}"', '"Permohonan"', "{reference}"),
    "an unknown word in the subject": ("{service}", "{layanan}", "use some of"),
    "a user without a password": ("  password: {secret: LOKET_X_KECAMATAN_PASSWORD}\n", "", "give both"),
}


@pytest.mark.parametrize(("old", "new", "remedy"), MAIL.values(), ids=MAIL)
def test_a_mistake_of_a_mailbox_is_told_too(tmp_path: Path, old: str, new: str, remedy: str) -> None:
    text = example("kecamatan.yml")
    assert old in text
    found = faults(tmp_path / "agencies", text.replace(old, new), "kecamatan.yml")
    assert found and any(remedy in fault for fault in found), found


def test_all_faults_of_all_files_are_told_at_once_and_refuse_the_start(tmp_path: Path) -> None:
    put(tmp_path / "agencies", example("dinsos.yml").replace("kind: generic_rest", "kind: soap"))
    (tmp_path / "agencies" / "rusak.yml").write_text("id: [")
    put(tmp_path / "agencies", example("kecamatan.yml").replace("to: ", "untuk: "), "kecamatan.yml")
    with pytest.raises(RegistryError) as refused:
        agency_files.every(tmp_path / "agencies")
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "agencies/dinsos.yml",
        "agencies/kecamatan.yml",
        "agencies/kecamatan.yml",
        "agencies/rusak.yml",
    ]


def test_an_id_of_a_folder_is_refused(tmp_path: Path) -> None:
    text = example("dinsos.yml").replace("id: dinsos", "id: dukcapil")
    assert any("choose another id" in fault for fault in faults(tmp_path / "agencies", text, "dukcapil.yml"))


def test_a_missing_secret_is_named_at_start(tmp_path: Path) -> None:
    plugin = agency_files.described(put(tmp_path / "agencies", example("dinsos.yml")))["dinsos"]
    with pytest.raises(SettingsError, match="LOKET_X_DINSOS_CALLBACK"):
        plugin.build({**CONFIG, "LOKET_X_DINSOS_CALLBACK": ""}, FixedClock())


def test_secrets_reach_the_agency_through_the_settings(tmp_path: Path) -> None:
    settings = Settings.from_env({**CONFIG, "LOKET_AGENCIES_DIR": str(tmp_path), "LOKET_KEYS": new_key("k")})
    assert settings.agencies_dir == tmp_path
    assert CONFIG.items() <= settings.to_env().items()
    assert Settings.from_env({"LOKET_VAR_DIR": str(tmp_path)}).agencies_dir == tmp_path / "agencies"


async def test_the_doctor_names_each_fault_and_each_agency_that_does_not_answer(tmp_path: Path) -> None:
    from bot.doctor.agencies import files
    from bot.doctor.check import Level

    text = example("dinsos.yml").replace("https://api.dinsos.example/v2", "http://127.0.0.1:9/v2")
    text = re.sub(r"hours: .*\n", "", text)
    put(tmp_path / "agencies", text)
    put(tmp_path / "agencies", example("kecamatan.yml").replace("to: ", "untuk: "), "kecamatan.yml")
    settings = Settings.from_env({"LOKET_AGENCIES_DIR": str(tmp_path / "agencies")})
    told = [(finding.level, finding.what) for finding in await files(settings)]
    assert all(level is Level.BROKEN for level, _ in told)
    assert [what.split(":")[0] for _, what in told] == ["agencies/kecamatan.yml"] * 2 + ["dinsos"]
    assert "LOKET_X_DINSOS_CALLBACK" in told[-1][1]
    settings = Settings.from_env({"LOKET_AGENCIES_DIR": str(tmp_path / "agencies"), **CONFIG})
    (tmp_path / "agencies" / "kecamatan.yml").unlink()
    assert [finding.what.split(":")[0] for finding in await files(settings)] == ["dinsos does not answer"]


async def test_the_doctor_does_not_say_that_an_agency_answers_which_is_closed_and_was_not_asked(tmp_path: Path) -> None:
    from bot.doctor.agencies import files

    put(tmp_path / "agencies", example("dinsos.yml"))
    moved = (datetime(2030, 1, 6, 12, tzinfo=UTC) - datetime.now(UTC)).total_seconds()  # a Sunday
    (tmp_path / "clock").write_text(str(moved))
    env = {"LOKET_AGENCIES_DIR": str(tmp_path / "agencies"), "LOKET_CLOCK_FILE": str(tmp_path / "clock"), **CONFIG}
    (finding,) = await files(Settings.from_env(env))
    assert "outside its working hours, not asked" in finding.what
