"""``./loket face eval``: the error rates of face verification on an operator's own pictures."""

from __future__ import annotations

import argparse
import asyncio
import csv
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from bot.errors import LoketError
from bot.launch.vardir import VarDir
from bot.settings import Settings
from bot.storage import face_cohort
from bot.storage.crypto import KeyRing

PLUGIN = "integrations.face.evaluation"
"""Loaded by name, as the registry loads plugins: the command must work without a configured service."""
_YES = {"1", "true", "yes", "same", "ya"}
_NO = {"0", "false", "no", "different", "tidak"}


class PairsError(LoketError):
    """The CSV is wrong; the message is ``file:line: what``."""

    code = "face_pairs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``face eval``."""
    parser.add_argument(
        "pairs_file",
        type=Path,
        metavar="PAIRS.csv",
        help="kolom / columns path_a,path_b,same[,group]; satu sel boleh beberapa berkas dengan | (terdaftar di kiri, "
        "yang diuji di kanan); alamat relatif dari folder CSV, lalu dari sini / a cell may hold several files joined by | "
        "(enrolled left, probes right); relative paths start at the CSV's folder, else at the current one",
    )
    parser.add_argument(
        "--cohort",
        type=Path,
        metavar="DIR|FILE",
        help="pembanding: folder foto 50 orang lain atau lebih, atau hasil `face cohort build` / to normalise: a folder of pictures "
        "of 50 or more other people, or what `face cohort build` made",
    )
    parser.add_argument(
        "--calibrate",
        type=float,
        metavar="FMR",
        help="ambang untuk tingkat salah cocok ini (0.001) … / thresholds for this false match rate …",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="… ke berkas ini, untuk / … into this file, for LOKET_FACE_CALIBRATION"
    )
    parser.add_argument("--json", action="store_true", help="satu objek JSON / one JSON object")
    parser.add_argument("--pairs", action="store_true", help="jarak tiap pasangan juga / with every pair's distance")
    parser.add_argument(
        "--without-gates",
        action="store_true",
        help="bandingkan juga foto yang terlalu buruk / compare pictures that are too poor, too",
    )
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="proses serentak / processes at once"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run ``face eval``. Only the report goes to stdout, progress to stderr.

    :raises PairsError: the input is wrong.
    """
    plugin = importlib.import_module(PLUGIN)
    if args.cohort is not None and not args.cohort.exists():
        raise PairsError(f"{args.cohort}: no such folder or file")
    if args.calibrate is not None and not (0 < args.calibrate < 0.1 and args.out):
        raise PairsError("--calibrate wants a rate between 0 and 0.1, and --out a file")
    policy = _policy(settings, calibrating=args.calibrate is not None)
    strangers = args.cohort
    if strangers is not None and strangers.is_file():
        strangers = face_cohort.read(strangers, KeyRing(settings.keys or VarDir(settings.var_dir).keys()))
    pairs = read_pairs(args.pairs_file, plugin.Pair)
    evaluation = plugin.evaluate(
        pairs,
        strangers,
        policy=policy,
        gates=not args.without_gates,
        processes=max(1, args.processes),
        progress=_progress,
    )
    report = asyncio.run(evaluation)
    if args.calibrate is not None:
        made = plugin.calibrate(report, policy, args.calibrate)
        args.out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        report["calibration"] = {"file": str(args.out), "thresholds": made["thresholds"]}
    if not args.pairs:
        del report["pairs"]
    print(json.dumps(report) if args.json else _readable(report))
    return 0


def _policy(settings: Settings, *, calibrating: bool) -> Any:
    """The engine in use; a calibration to be made starts from the profile alone."""
    if calibrating:
        thresholds = importlib.import_module("integrations.face.thresholds")
        return thresholds.load(settings.face_profile or thresholds.DLIB)
    return importlib.import_module("integrations.face.adapter").policy_of(
        settings.face_profile, settings.face_calibration
    )


def read_pairs(file: Path, pair: Any) -> list[Any]:
    """The rows of the CSV, each made a ``pair(enrolled, probes, same, group)``.

    :raises PairsError: the file, a column or a picture is missing, or ``same`` is neither yes nor no.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in ("path_a", "path_b", "same") if name not in (reader.fieldnames or ())]
            if missing:
                raise PairsError(f"{file}:1: column {', '.join(missing)} is missing")
            pairs = [_pair(row, f"{file}:{reader.line_num}", file.parent, pair) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise PairsError(f"{file}: tidak terbaca / cannot be read") from error
    if not pairs:
        raise PairsError(f"{file}: no pairs")
    return pairs


def _pair(row: dict[str, str | None], place: str, folder: Path, pair: Any) -> Any:
    same = (row["same"] or "").strip().lower()
    if same not in _YES | _NO:
        raise PairsError(f"{place}: same is {same!r}; it must be 1 or 0")
    sides = [_files(row[name] or "", place, folder) for name in ("path_a", "path_b")]
    return pair(*sides, same in _YES, (row.get("group") or "").strip())


def _files(cell: str, place: str, folder: Path) -> tuple[Path, ...]:
    files = []
    for name in filter(None, map(str.strip, cell.split("|"))):
        found = [path for path in (folder / name, Path(name)) if path.is_file()]
        if not found:
            raise PairsError(f"{place}: {name}: tidak ada / no such file")
        files.append(found[0])
    if not files:
        raise PairsError(f"{place}: no file named")
    return tuple(files)


def _progress(done: int, of: int) -> None:
    print(f"{done}/{of} pictures", file=sys.stderr)


def _readable(report: dict[str, Any]) -> str:
    """The main figures as lines."""
    failures = report["failures"]
    lines = [
        f"pairs        {report['n']} ({report['n_same']} same, {report['n_different']} different)",
        f"unusable     {report['unusable']} pairs; {failures['pictures']} of {failures['of']} pictures, "
        f"{failures['face_not_found']} of them without a face",
        f"FMR          {_range(report, 'fmr')} (with the officer's band {_percent(report['fmr_officer'])})",
        f"FNMR         {_range(report, 'fnmr')} (with the officer's band {_percent(report['fnmr_officer'])})",
        f"officer      {report['officer_pairs']} pairs",
    ]
    lines += [
        _part(mode, row, f"match <= {row['match']}, officer <= {row['officer']}")
        for mode, row in report["modes"].items()
    ]
    lines += [_part(group, row) for group, row in report["groups"].items()]
    lines += [f"{stage:12} {ms['p50']:.1f} ms (95 %: {ms['p95']:.1f})" for stage, ms in report["timing_ms"].items()]
    if report["cohort"] and report["cohort"]["note"]:
        lines.append(f"cohort       {report['cohort']['note']}")
    for line in report.get("pairs", ()):
        shown = line["problem"] or f"{line['score']:.4f} {line['outcome']}"
        lines.append(f"{line['path_a']}  {line['path_b']}  {'same' if line['same'] else 'different'}  {shown}")
    return "\n".join(lines)


def _part(name: str, row: dict[str, Any], more: str = "") -> str:
    at = row["at_fmr"]["0.001"]
    found = f", FNMR at FMR 0.1 %: {_percent(at['fnmr'])}" if at else ""
    rates = f"FMR {_range(row, 'fmr')}, FNMR {_range(row, 'fnmr')}, not acquired {_percent(row['failure_to_acquire'])}"
    return f"{name:12} {row['n']} pairs: {rates}{found}{'; ' + more if more else ''}"


def _range(row: dict[str, Any], name: str) -> str:
    if row[name] is None:
        return "-"
    low, high = row[f"{name}_ci95"]
    return f"{_percent(row[name])} [{_percent(low)}-{_percent(high)}]"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.3%}"
