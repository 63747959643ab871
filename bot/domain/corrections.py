"""The editors' corrections (``eval/koreksi.tsv``): messages that were misunderstood, with what they mean.

They measure until they are released for training; the columns are those of every evaluation file. A file is edited line by line, so
that a change touches the lines it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.domain.nlu_file import check_example, check_intent

PATH = "eval/koreksi.tsv"
_HEADER = "text\tintent\tservice"


@dataclass(frozen=True)
class Correction:
    """One message and what it means; ``service`` empty: it names none."""

    text: str
    intent: str
    service: str = ""


def correction(text: str, intent: str, service: str = "") -> Correction:
    """Checked, and on one line.

    :raises bot.errors.ContentError: no words, too long, or no name of an intent.
    """
    return Correction(check_example(text), check_intent(intent), check_example(service) if service.strip() else "")


def read(text: str) -> list[Correction]:
    """Those of a file; lines that are none are left out (``./loket catalogue check`` is not the place to lose a page)."""
    return [found for line in text.splitlines()[1:] if (found := _of(line)) is not None]


def with_these(text: str, new: Iterable[Correction]) -> str:
    """The file with these at its end; what was said about the same text before gives way."""
    fresh = {one.text.casefold(): one for one in new}
    kept = _without(text, fresh)
    return "\n".join([*kept, *(_line(one) for one in fresh.values()), ""])


def without(text: str, gone: Collection[str]) -> str | None:
    """The file without these texts; None: nothing is left of it."""
    kept = _without(text, {one.casefold() for one in gone})
    return "\n".join([*kept, ""]) if any(_of(line) is not None for line in kept[1:]) else None


def _without(text: str, gone: Collection[str]) -> list[str]:
    lines = text.split("\n") if text.strip() else [_HEADER]
    while lines and not lines[-1].strip():
        lines.pop()
    return [lines[0], *(line for line in lines[1:] if line.split("\t")[0].strip().casefold() not in gone)]


def _of(line: str) -> Correction | None:
    cells = [cell.strip() for cell in line.rstrip("\r").split("\t")]
    if len(cells) < 2 or not cells[0] or not cells[1]:
        return None
    return Correction(cells[0], cells[1], cells[2] if len(cells) > 2 else "")


def _line(one: Correction) -> str:
    return "\t".join((one.text, one.intent, one.service))
