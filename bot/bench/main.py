"""`./loket bench NAME [--json]`: progress on standard error, the result on standard output."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from bot.bench import agencies, chaos, console, dashboard, face, nlu, studio, swap, turns
from bot.bench.report import Result
from bot.settings import Settings

Say = Callable[[str], None]
Bench = Callable[[argparse.Namespace, Settings, Say], Result]


def _turns(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return turns.run(settings, args.seconds, args.rounds, say)


def _nlu(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return nlu.run(settings, say)


def _face(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return face.run(settings, args.rounds, say)


def _chaos(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return chaos.run(settings, args.conversations, say)


def _console(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return console.run(settings, say)


def _studio(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return studio.run(settings, say)


def _dashboard(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return dashboard.run(settings, args.messages, say)


def _swap(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return swap.run(settings, args.seconds, say)


def _agencies(args: argparse.Namespace, settings: Settings, say: Say) -> Result:
    return agencies.run(settings, args.applications, say)


BENCHES: dict[str, Bench] = {
    "agencies": _agencies,
    "chaos": _chaos,
    "console": _console,
    "dashboard": _dashboard,
    "face": _face,
    "nlu": _nlu,
    "studio": _studio,
    "swap": _swap,
    "turns": _turns,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``./loket bench``."""
    parser.add_argument("name", choices=sorted(BENCHES), metavar="NAME", help=", ".join(sorted(BENCHES)))
    parser.add_argument(
        "--json", action="store_true", help="hasil sebagai satu baris JSON / the result as one line of JSON"
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="tiap pengukuran / of each measurement (8)")
    parser.add_argument(
        "--conversations", type=int, default=chaos.CONVERSATIONS, help="chaos: percakapan / conversations (300)"
    )
    parser.add_argument(
        "--applications", type=int, default=agencies.APPLICATIONS, help="agencies: permohonan / applications (1000)"
    )
    parser.add_argument(
        "--messages", type=int, default=dashboard.MESSAGES, help="dashboard: pesan / messages of its year (1000000)"
    )
    parser.add_argument("--rounds", type=int, default=2, help="pengulangan / how often all is measured (2)")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Measure, and print the result as the last line (``--json``) or as a table."""
    began = time.monotonic()

    def say(step: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] {step}", file=sys.stderr, flush=True)

    result = BENCHES[args.name](args, settings, say)
    print(result.json() if args.json else result.table(), flush=True)
    return 0
