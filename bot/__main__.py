"""``python -m bot <command>``, which ``./loket <command>`` calls.

A command is a line of :data:`COMMANDS`: the function ``(args, settings) -> exit code`` behind it, imported only when
it is called. A module may offer ``add_<function>_arguments(parser)`` or ``add_arguments(parser)``.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from bot import log
from bot.errors import LoketError
from bot.launch import command_words
from bot.setting_types import as_path
from bot.settings import Settings, environment, variable


@dataclass(frozen=True)
class Command:
    """One command."""

    target: str
    """``module:function``."""
    help: str
    database: bool = False
    """Called with a database that answers, whether or not the service runs (see :mod:`bot.launch.database`)."""
    existing: bool = False
    """Never makes an installation: with a wrong ``--var-dir`` it says so, in place of working on an empty one."""
    content: bool = False
    """Reads content files."""
    demo: bool = False
    """Sandbox and demo pages are on unless LOKET_DEMO says otherwise."""
    raw: bool = False
    """All arguments go to the function unread."""


def _there(target: str, help: str) -> Command:
    """A command that looks after what an installation has stored."""
    return Command(target, help, database=True, existing=True)


COMMANDS = {
    "run": Command("bot.launch.run:main", "jalankan seluruh layanan / run the whole service", demo=True),
    "serve": Command("bot.launch.commands:serve", "gateway saja / the gateway alone"),
    "worker": Command("bot.launch.commands:worker", "pekerja saja / one worker alone"),
    "sandbox": Command("bot.launch.commands:sandbox", "dinas tiruan saja / the sandbox agencies alone"),
    "migrate": Command(
        "bot.storage.migrate:main", "perbarui skema basis data / update the database schema", database=True
    ),
    "train": Command("bot.dialogue.train:main", "latih model Rasa / train the Rasa model", content=True),
    "doctor": Command("bot.doctor.main:main", "periksa pemasangan / check the installation", demo=True),
    "catalogue check": Command("bot.catalogue_cli:main", "periksa katalog / check the catalogue"),
    "nlu parse": Command(
        "bot.dialogue.nlu_cli:parse", "pahami pesan dari stdin / understand messages from stdin", content=True
    ),
    "nlu test": Command("bot.dialogue.nlu_cli:test", "ukur pemahaman / measure understanding on a file", content=True),
    "nlu cv": Command(
        "bot.dialogue.nlu_cli:cv", "ukur pada contoh sendiri / measure on the own examples", content=True
    ),
    "face eval": Command("bot.face_cli:main", "ukur pencocokan wajah / measure face matching on pairs"),
    "face cohort": Command("bot.face_cohort_cli:main", "kelompok pembanding wajah / faces that normalise the scores"),
    "bench": Command("bot.bench.main:main", "ukur kinerja / measure performance"),
    "rasa": Command("bot.launch.rasa_cli:main", "perintah Rasa / Rasa's own commands", raw=True),
    "demo fetch": Command("bot.launch.demo:main", "ambil gambar contoh / fetch the demo pictures"),
    "user add": Command("bot.user_cli:add", "tambah petugas / add a staff account", database=True),
    "user list": _there("bot.user_cli:listing", "semua petugas / all staff accounts"),
    "user disable": _there("bot.user_cli:disable", "kunci akun / lock an account out"),
    "user enable": _there("bot.user_cli:enable", "buka akun / let an account in again"),
    "user reset-second": _there("bot.user_cli:reset_second", "lepas langkah kedua / reset a second factor"),
    "inbox list": _there("bot.inbox_cli:listing", "pesan yang menyerah / messages given up"),
    "inbox replay": _there("bot.inbox_cli:replay", "coba lagi pesan itu / try such messages again"),
    "inbox drop": _there("bot.inbox_cli:drop", "singkirkan pesan itu / put such a message away"),
    "content prepare": Command("bot.launch.content:prepare", "siapkan, perbarui isi / make, update the content"),
    "content status": Command("bot.content_cli:status", "naskah yang belum terbit / what the draft has more"),
    "content log": _there("bot.content_cli:log", "riwayat terbitan / what was published"),
    "content publish": _there("bot.content_cli:publish", "terbitkan naskah / publish the draft"),
    "content rollback": _there("bot.content_cli:rollback", "kembali ke terbitan lama / go back"),
    "channel setup": Command("bot.channel_cli:setup", "pasang Telegram, WhatsApp / set Telegram, WhatsApp up"),
    "channel check": Command("bot.channel_cli:check", "periksa Telegram, WhatsApp / check Telegram, WhatsApp"),
    "keys new": Command("bot.launch.commands:keys_new", "kunci enkripsi baru / a new encryption key"),
    "keys rotate": _there("bot.launch.keys:rotate", "kunci baru, tanpa berhenti / a new key, without a stop"),
    "keys reseal": _there("bot.launch.keys:reseal", "sandi ulang semuanya / seal everything anew"),
    "keys status": _there("bot.launch.keys:status", "apa tersandi dengan apa / what is sealed under what"),
    "keys drop": _there("bot.launch.keys:drop", "keluarkan kunci lama / take an old key out"),
    "audit check": _there("bot.launch.audit:check", "periksa rantai audit / check the audit chain"),
    "backup": _there("bot.launch.backup:main", "cadangkan ke satu berkas / back up into one file"),
    "restore": Command("bot.launch.restore:main", "pulihkan ke folder baru / restore into a new folder"),
    "sbom": Command("bot.sbom:main", "daftar semua pustaka / bill of materials (CycloneDX)"),
    "settings": Command("bot.launch.commands:settings_page", "cetak docs/settings.md / print docs/settings.md"),
}

_SERVICES = ("run", "serve", "worker", "sandbox")
_VAR_DIR = "folder pemasangan / the installation's folder (LOKET_VAR_DIR)"


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = sys.argv[1:] if argv is None else argv
    name = find(words)
    if name is None:
        return _no_command(words)
    try:
        return _call(name, words[len(name.split()) :])
    except LoketError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        if error.filename is None or name in _SERVICES:  # not a file that the operator named: with its trace
            raise
        print(command_words.file_fault(error), file=sys.stderr)
        return 2


def _no_command(words: list[str]) -> int:
    if words[:1] in ([], ["help"], ["-h"], ["--help"]):
        print(usage())
        return 0 if words else 2
    if words[1:2] in (["help"], ["-h"], ["--help"]) and (
        own := [name for name in COMMANDS if name.split()[0] == words[0]]
    ):
        print(usage(own))
        return 0
    print(command_words.unknown(words, COMMANDS), file=sys.stderr)
    return 2


def find(words: list[str]) -> str | None:
    """The command that ``words`` start with; the longest name wins."""
    for length in (2, 1):
        name = " ".join(words[:length])
        if len(words) >= length and name in COMMANDS:
            return name
    return None


def usage(names: Sequence[str] = ()) -> str:
    """All commands, or those of ``names``, a line each."""
    lines = [f"  {name:<16} {COMMANDS[name].help}" for name in names or COMMANDS]
    if not names:
        lines.append(f"  {'test':<16} jalankan pengujian / run the tests")
    return "\n".join(["./loket PERINTAH [--help]", "", *lines])


def _call(name: str, words: list[str]) -> int:
    command = COMMANDS[name]
    module_name, _, function = command.target.partition(":")
    module = importlib.import_module(module_name)
    args = _arguments(name, module, function, words)
    env = environment()
    for flag in ("port", "var_dir"):  # flags win over the environment, and what is derived from a setting follows
        value = getattr(args, f"setting_{flag}", None)
        if value is not None:
            env[variable(flag)] = str(value)
    settings = Settings.from_env({"LOKET_DEMO": "1", **env} if command.demo else env)
    log.configure(settings, component={"run": "loket", "serve": "gateway"}.get(name, name))
    if command.content:
        from bot.launch.content import refuse_absent as refuse_no_content

        refuse_no_content(settings.content_dir)
    with contextlib.ExitStack() as stack:
        if command.database:
            from bot.launch.database import borrowed, refuse_absent, refuse_silent

            if command.existing:
                refuse_absent(settings)
            settings = stack.enter_context(borrowed(settings))
            refuse_silent(settings, empty=name == "migrate")
        return int(getattr(module, function)(args, settings))


def _arguments(name: str, module: ModuleType, function: str, words: list[str]) -> argparse.Namespace:
    if COMMANDS[name].raw:
        return argparse.Namespace(arguments=words)
    parser = command_words.Parser(prog=f"./loket {name}", description=COMMANDS[name].help)
    parser.add_argument("--var-dir", dest="setting_var_dir", type=as_path, metavar="FOLDER", help=_VAR_DIR)
    if name in ("run", "doctor"):
        parser.add_argument("--port", dest="setting_port", metavar="PORT", help="port umum / public port (LOKET_PORT)")
    add = getattr(module, f"add_{function}_arguments", None) or getattr(module, "add_arguments", None)
    if add is not None:
        add(parser)
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
