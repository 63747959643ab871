"""``./loket face eval`` on real pictures, as an operator runs it."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pytest

from bot import face_cli
from tests import pictures
from tests.faces import demo_pictures


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    face_cli.add_arguments(parser)
    return face_cli.main(parser.parse_args(arguments), None)


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
    assert (report["fmr"], report["fnmr"]) == (0.0, 0.0)
    assert report["failures"]["face_not_found"] == 1
    limits = {mode: (row["match"], row["officer"]) for mode, row in report["modes"].items()}
    assert limits == {"1x1": (0.40, 0.50), "2x2": (0.35, 0.45)}
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
        ("path_a,path_b,same\nnowhere.jpg,nowhere.jpg,1", "pairs.csv:2: nowhere.jpg: no such file"),
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
    with pytest.raises(face_cli.PairsError, match="no such folder"):
        run(str(tmp_path / "pairs.csv"), "--cohort", str(tmp_path / "none"))
