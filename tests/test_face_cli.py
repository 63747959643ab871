"""``./loket face eval`` on real pictures, as an operator runs it."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest

from bot import face_cli, face_cohort_cli
from bot.doctor import faces as doctor_faces
from bot.doctor.check import Level
from bot.errors import LoketError
from bot.settings import Settings
from bot.storage import face_cohort
from bot.storage.crypto import KeyRing
from integrations.face import thresholds
from integrations.face.cohort import pack
from tests import pictures
from tests.faces import demo_pictures

VISIBLE_KEY = "test:" + base64.b64encode(b"a visibly invented key, 32 bytes").decode()


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    face_cli.add_arguments(parser)
    return face_cli.main(parser.parse_args(arguments), Settings())


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    for name, file in demo_pictures().items():
        (tmp_path / f"{name}.jpg").symlink_to(file)
    (tmp_path / "flag.jpg").write_bytes(pictures.jpeg())
    rows = [
        "path_a,path_b,same,group",
        "obama.jpg,obama2.jpg,1,portrait",
        "obama.jpg,biden.jpg,0,portrait",
        "obama.jpg|obama3.jpg,obama2.jpg|obama_partial_face.jpg,true,",
        "obama.jpg,flag.jpg,1,",
    ]
    file = tmp_path / "pairs.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    return file


def test_the_report_is_one_json_object_on_stdout(pairs_file, capsys):
    assert run(str(pairs_file), "--json", "--pairs", "--processes", "1") == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert "pictures" in err
    assert (report["n"], report["n_same"], report["n_different"], report["unusable"]) == (4, 3, 1, 1)
    assert (report["fmr"], report["fnmr"], report["failure_to_acquire"]) == (0.0, 1 / 3, 1 / 4)
    assert report["failures"]["face_not_found"] == 1
    limits = {mode: (row["match"], row["officer"]) for mode, row in report["modes"].items()}
    assert limits == {"1x1": (0.40, 0.50), "2x2": (0.35, 0.43)}
    assert report["timing_ms"]["embed"]["p50"] > 0
    assert [line["outcome"] for line in report["pairs"]] == ["match", "no_match", "match", "unusable"]
    assert 0.3 < report["pairs"][0]["distance"] < 0.4 and report["pairs"][1]["distance"] > 0.8
    assert report["groups"]["portrait"]["n"] == 2


def test_without_json_the_figures_are_lines_and_a_small_cohort_is_said(pairs_file, tmp_path, capsys):
    cohort = tmp_path / "others"
    cohort.mkdir()
    (cohort / "biden.jpg").symlink_to(demo_pictures()["biden"])
    assert run(str(pairs_file), "--cohort", str(cohort), "--processes", "1") == 0
    out = capsys.readouterr().out
    assert "FMR          0.000%" in out and "1 usable pictures, 50 are needed" in out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("path_a,same\na,1", "pairs.csv:1: column path_b is missing"),
        ("path_a,path_b,same\nnowhere.jpg,nowhere.jpg,1", "pairs.csv:2: nowhere.jpg: tidak ada / no such file"),
        ("path_a,path_b,same\npairs.csv,pairs.csv,perhaps", "pairs.csv:2: same is 'perhaps'"),
        ("path_a,path_b,same\npairs.csv,,1", "pairs.csv:2: no file named"),
        ("path_a,path_b,same", "no pairs"),
        ("", "pairs.csv:1: column"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, capsys, content, said):
    file = tmp_path / "pairs.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(face_cli.PairsError, match=re.escape(said)):
        run(str(file), "--json")
    assert capsys.readouterr().out == ""


def test_a_missing_file_or_cohort_is_refused(tmp_path):
    with pytest.raises(face_cli.PairsError, match="cannot be read"):
        run(str(tmp_path / "none.csv"))
    with pytest.raises(face_cli.PairsError, match="no such"):
        run(str(tmp_path / "pairs.csv"), "--cohort", str(tmp_path / "none"))


def test_calibrating_wants_a_rate_a_file_and_enough_pairs(pairs_file, tmp_path):
    for rate in ("0", "0.5"):
        with pytest.raises(face_cli.PairsError, match="calibrate"):
            run(str(pairs_file), "--calibrate", rate, "--out", str(tmp_path / "out"))
    with pytest.raises(face_cli.PairsError, match="calibrate"):
        run(str(pairs_file), "--calibrate", "0.001")
    with pytest.raises(LoketError, match="3000"):
        run(str(pairs_file), "--calibrate", "0.001", "--out", str(tmp_path / "out"), "--processes", "1")
    assert not (tmp_path / "out").exists()


def cohort(settings: Settings, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    face_cohort_cli.add_arguments(parser)
    return face_cohort_cli.main(parser.parse_args(arguments), settings)


async def doctor(settings: Settings) -> list[tuple[Level, str]]:
    return [(one.level, one.what) for one in await doctor_faces.face_thresholds(settings)]


def test_a_cohort_of_too_few_people_is_not_made_and_a_missing_one_not_checked(tmp_path):
    settings = Settings(var_dir=tmp_path / "var", keys=VISIBLE_KEY)
    with pytest.raises(face_cohort_cli.CohortRefused, match="2 people from 3 pictures .0 unusable, 1 of"):
        files = [str(demo_pictures()[name]) for name in ("obama", "biden")]
        copy = tmp_path / "copy.jpg"
        copy.write_bytes(demo_pictures()["obama"].read_bytes())
        cohort(settings, "build", *files, str(copy), "--processes", "1")
    assert not settings.face_cohort.exists()
    with pytest.raises(face_cohort_cli.CohortRefused, match="no cohort"):
        cohort(settings, "check")
    with pytest.raises(face_cohort_cli.CohortRefused, match="no such"):
        cohort(settings, "build", str(tmp_path / "nowhere"))


def test_a_sealed_cohort_is_checked_and_used_and_the_doctor_counts_it(pairs_file, tmp_path, capsys):
    settings = Settings(var_dir=tmp_path / "var", keys=VISIBLE_KEY)
    (engine, missing) = asyncio.run(doctor(settings))
    assert engine[0] is Level.OK and missing[0] is Level.NOTE and "stricter plain thresholds" in missing[1]
    people = np.random.default_rng(1).normal(0, 0.03, (160, 128)).astype(np.float32)
    face_cohort.write(settings.face_cohort, KeyRing(VISIBLE_KEY), pack(thresholds.load().recognition.sha256, people))
    assert cohort(settings, "check", "--json") == 0
    assert json.loads(capsys.readouterr().out)["people"] == 160
    assert asyncio.run(doctor(settings))[1] == (Level.OK, "kelompok pembanding / cohort: 160 orang / people")
    parser = argparse.ArgumentParser()
    face_cli.add_arguments(parser)
    arguments = [str(pairs_file), "--cohort", str(settings.face_cohort), "--json", "--processes", "1"]
    assert face_cli.main(parser.parse_args(arguments), settings) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["score"] == "normalised" and report["cohort"]["people"] == 160
    settings.face_cohort.write_bytes(b"damaged")
    assert asyncio.run(doctor(settings))[1][0] is Level.BROKEN
