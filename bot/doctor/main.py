"""The command ``doctor``."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import sys

from bot.doctor.check import CHECKS, Finding, Level, findings
from bot.settings import Settings

MODULES = (
    "bot.doctor.machine",
    "bot.doctor.place",
    "bot.doctor.service",
    "bot.doctor.addresses",
    "bot.doctor.safety",
    "bot.doctor.agencies",
    "bot.doctor.desks",
    "bot.doctor.content",
    "bot.doctor.faces",
)
"""Modules that register checks; the report follows this order."""

_MARKS = {Level.OK: ("ok    ", "32"), Level.NOTE: ("info  ", "33"), Level.BROKEN: ("RUSAK ", "31")}


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Print a line per finding; exit code 1 when something is broken."""
    logging.getLogger().setLevel(logging.ERROR)  # the report speaks for itself
    for module in MODULES:
        importlib.import_module(module)
    worst = asyncio.run(_report(settings))
    if worst is Level.BROKEN:
        print("\nAda yang rusak; lihat petunjuk di atas. / Something is broken; see the remedies above.")
    else:
        print("\nSemua baik. / All is well.")
    return 1 if worst is Level.BROKEN else 0


async def _report(settings: Settings) -> Level:
    worst = Level.OK
    for name, function in CHECKS:
        for finding in await findings(name, function, settings):
            print(line(name, finding, colour=sys.stdout.isatty()), flush=True)
            if finding.level is Level.BROKEN:
                worst = Level.BROKEN
    return worst


def line(name: str, finding: Finding, *, colour: bool = False) -> str:
    """``ok     ports      8080 is free``, and the remedy below when there is one."""
    mark, code = _MARKS[finding.level]
    shown = f"\033[{code}m{mark}\033[0m" if colour else mark
    remedy = f"\n{'':20}-> {finding.remedy}" if finding.remedy else ""
    return f"{shown} {name:<12} {finding.what}{remedy}"
