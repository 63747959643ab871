"""``./loket face cohort build`` and ``check``: faces of other people that normalise the scores of this installation."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bot.errors import LoketError
from bot.launch.vardir import VarDir
from bot.settings import Settings
from bot.storage import face_cohort
from bot.storage.crypto import KeyRing


class CohortRefused(LoketError):
    """No cohort was made or found; the message says why."""

    code = "face_cohort"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``face cohort``."""
    parser.add_argument(
        "action",
        choices=("build", "check"),
        help="build: buat berkasnya / make the file; check: nilainya / what it is worth",
    )
    parser.add_argument(
        "pictures",
        nargs="*",
        type=Path,
        metavar="DIR|FILE",
        help="satu foto dari tiap orang, 150 atau lebih, yang setuju atau tidak nyata; mirip warga Anda / one picture "
        "each of 150 or more people who consented, or of faces that nobody has; like your citizens",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="berkas hasil / the file to make (LOKET_FACE_COHORT)")
    parser.add_argument("--json", action="store_true", help="satu objek JSON / one JSON object")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="proses serentak / processes at once"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run ``face cohort``; what is to be said about the cohort are its ``notes``.

    :raises bot.errors.LoketError: it cannot be made or used.
    """
    target = args.out or settings.face_cohort
    keys = KeyRing(settings.keys or VarDir(settings.var_dir).keys())
    policy = importlib.import_module("integrations.face.adapter").policy_of(
        settings.face_profile, settings.face_calibration
    )
    plugin = importlib.import_module("integrations.face.cohort")
    if args.action == "build":
        report = asyncio.run(_build(args, policy, plugin, target, keys))
    else:
        opened = face_cohort.read(args.pictures[0] if args.pictures else target, keys)
        if opened is None:
            raise CohortRefused(
                f"{target}: belum ada kelompok di sana; buat dengan / no cohort there; make one with ./loket face cohort build FOLDER"
            )
        report = plugin.check(plugin.unpack(opened, policy), policy)
    print(json.dumps(report) if args.json else _readable(report))
    return 0


async def _build(args: argparse.Namespace, policy: Any, plugin: Any, target: Path, keys: KeyRing) -> dict[str, Any]:
    evaluation = importlib.import_module("integrations.face.evaluation")
    files: list[Path] = []
    for path in args.pictures:
        if not path.exists():
            raise CohortRefused(f"{path}: tidak ada berkas atau folder itu / no such file or folder")
        files += evaluation.pictures(path) if path.is_dir() else [path]
    if not files:
        raise CohortRefused("name a folder of pictures, or files")
    files = list(dict.fromkeys(files))
    described = await evaluation.describe(files, policy, max(1, args.processes), _progress)
    problems = [one.problem for one in described.values() if one.problem]
    usable = evaluation.embeddings(files, described)
    people = plugin.people(usable)
    if len(people) < policy.cohort.smallest:
        raise CohortRefused(
            f"{len(people)} people from {len(files)} pictures ({len(problems)} unusable, {len(usable) - len(people)} of "
            f"somebody twice); {policy.cohort.smallest} are needed"
        )
    data = plugin.pack(policy.recognition.sha256, people)
    face_cohort.write(target, keys, data)
    counted = {problem: problems.count(problem) for problem in sorted(set(problems))}
    figures = plugin.check(np.stack(people), policy)
    return {
        "file": str(target),
        "pictures": len(files),
        "unusable": counted,
        "twice": len(usable) - len(people),
        **figures,
    }


def _progress(done: int, of: int) -> None:
    print(f"{done}/{of} pictures", file=sys.stderr)


def _readable(report: dict[str, Any]) -> str:
    lines = [f"{name:<14}{value}" for name, value in report.items() if name != "notes"]
    return "\n".join([*lines, *(f"note          {line}" for line in report["notes"])])
