"""What an operator reads after a slip at the command line: one sentence in both languages, and where to look."""

from __future__ import annotations

import argparse
import difflib
import errno
import re
from collections.abc import Iterable
from typing import Any, NoReturn

_SAID = (
    (r"the following arguments are required: (.+)", r"kurang \1", r"\1 is missing"),
    (r"one of the arguments (.+) is required", r"perlu salah satu dari: \1", r"one of these is needed: \1"),
    (r"argument ([^:]+): invalid int value: (.+)", r"\1 harus angka, bukan \2", r"\1 is a number, not \2"),
    (
        r"argument ([^:]+): invalid choice: ('.*?') \(choose from (.+)\)",
        r"\1: \2 tidak dikenal; pilih \3",
        r"\1: \2 is not known; choose from \3",
    ),
    (r"argument ([^:]+): expected .*argument.*", r"\1 perlu sebuah nilai", r"\1 needs a value"),
    (r"argument ([^:]+): not allowed with argument (.+)", r"\1 tidak bisa bersama \2", r"\1 does not go with \2"),
    (r"unrecognized arguments: (.+)", r"tidak dikenal: \1", r"not known: \1"),
)
"""What argparse says, and how we say it; anything else is passed on as it is."""


class _Help(argparse.HelpFormatter):
    """Says "usage" in both languages."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """See :meth:`argparse.HelpFormatter.add_usage`."""
        super().add_usage(usage, actions, groups, "pemakaian / usage: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Ends with exit code 2 and one sentence, not with a page of usage; its help is in both languages."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more, add_help=False, formatter_class=_Help)
        self._positionals.title, self._optionals.title = "isian / arguments", "pilihan / options"
        self.add_argument("-h", "--help", action="help", help="tampilkan bantuan ini / show this help")

    def error(self, message: str) -> NoReturn:
        """See :meth:`argparse.ArgumentParser.error`."""
        self.exit(2, f"{slip(self.prog, message)}\n")


def slip(command: str, message: str) -> str:
    """The sentence for what argparse found."""
    said = (message, message)
    for pattern, indonesian, english in _SAID:
        found = re.fullmatch(pattern, message)
        if found is not None:
            said = (found.expand(indonesian), found.expand(english))
            break
    return f"{command}: {said[0]}. Lihat {command} --help. / {said[1]}. See {command} --help."


_FILES = {
    errno.ENOENT: ("tidak ada", "there is none"),
    errno.EACCES: ("akun ini tidak boleh", "this account may not"),
    errno.EPERM: ("akun ini tidak boleh", "this account may not"),
    errno.EROFS: ("hanya bisa dibaca", "it can only be read"),
    errno.ENOSPC: ("disk penuh", "the disk is full"),
    errno.EDQUOT: ("jatah disk habis", "the disk quota is used up"),
    errno.EISDIR: ("itu folder", "it is a folder"),
    errno.ENOTDIR: ("itu bukan folder", "it is no folder"),
}


def file_fault(error: OSError) -> str:
    """The sentence for a file or folder that cannot be used."""
    other = error.strerror or type(error).__name__
    why = _FILES.get(error.errno or 0, (other, other))
    return (
        f"{error.filename}: {why[0]}. Perbaiki lalu ulangi; ./loket doctor memeriksa pemasangan. / "
        f"{error.filename}: {why[1]}. Mend it and try again; ./loket doctor checks the installation."
    )


def unknown(words: list[str], commands: Iterable[str]) -> str:
    """The sentence for a command that there is none of: the nearest one, or those that begin with the same word."""
    names, typed = list(commands), " ".join(words[:2])
    begun = [name for name in names if name.split()[0] == words[0]]
    near = difflib.get_close_matches(typed, begun, 1, 0.8) or begun or difflib.get_close_matches(typed, names, 1)
    near = near or difflib.get_close_matches(words[0], names, 1)
    meant = ", ".join(f"./loket {name}" for name in near) or "./loket --help"
    said = typed if begun else words[0]
    return f"./loket {said}: tidak ada. Mungkin: {meant} / there is no such command. Perhaps: {meant}"
