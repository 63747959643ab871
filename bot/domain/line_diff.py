"""Two versions of a text, line by line, as a person reads them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

CONTEXT = 2
MOST_LINES = 400


@dataclass(frozen=True)
class DiffLine:
    """``kind``: ``same``, ``out``, ``in`` or ``gap`` (lines left out). Numbers count from 1; None: not in that version."""

    kind: str
    text: str = ""
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class FileDiff:
    """One file. ``added`` and ``removed`` count lines; ``cut``: there are more than are shown."""

    path: str
    lines: tuple[DiffLine, ...]
    added: int
    removed: int
    cut: bool = False


def diff(path: str, before: bytes | None, after: bytes | None) -> FileDiff:
    """What changed in a file; None: it is not there."""
    old, new = (_lines(data) for data in (before, after))
    found: list[DiffLine] = []
    for group in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_grouped_opcodes(CONTEXT):
        if group[0][1] or group[0][3] or found:
            found.append(DiffLine("gap"))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                pairs = zip(range(old_from, old_to), range(new_from, new_to), strict=True)
                found += [DiffLine("same", old[i], i + 1, j + 1) for i, j in pairs]
                continue
            found += [DiffLine("out", old[i], i + 1, None) for i in range(old_from, old_to)]
            found += [DiffLine("in", new[j], None, j + 1) for j in range(new_from, new_to)]
    added, removed = (sum(line.kind == kind for line in found) for kind in ("in", "out"))
    return FileDiff(path, tuple(found[:MOST_LINES]), added, removed, len(found) > MOST_LINES)


def _lines(data: bytes | None) -> list[str]:
    return [] if data is None else data.decode("utf-8", "replace").splitlines()
