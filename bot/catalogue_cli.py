"""``./loket catalogue check``: every fault of the catalogue with its file, line and remedy."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.content import read_catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the content lies, if not where the settings say."""
    parser.add_argument(
        "--content", type=Path, default=None, help="content directory (default: data, or LOKET_CONTENT_DIR)"
    )


def main(args: argparse.Namespace, settings: Any = None) -> int:
    """0 when all is sound, 1 with the faults on stderr otherwise."""
    directory = args.content or _content(settings)
    catalogue, faults = read_catalogue(directory)
    for fault in faults:
        print(f"{directory.as_posix()}/{fault}", file=sys.stderr)
    unsure = sum(
        not f.sure
        for s in catalogue.services.values()
        for f in (s.fee, s.duration.fact, s.in_person, *s.facts, *s.procedure, *s.result)
    )
    print(
        f"{len(catalogue.services)} layanan, {len(catalogue.loci)} MPP, {len(faults)} kesalahan, "
        f"{unsure} keterangan belum pasti"
    )
    return 1 if faults else 0


check = main


def _content(settings: Any) -> Path:
    configured = getattr(settings, "content_dir", None)
    if configured and (Path(configured) / "services").is_dir():
        return Path(configured)
    return Path(__file__).resolve().parent.parent / "data"
