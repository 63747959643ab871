"""The name a file is saved under, as a header says it."""

from __future__ import annotations

from urllib.parse import quote


def saved_as(name: str, usual: str = "berkas", *, inline: bool = False) -> str:
    """``Content-Disposition``. People and agencies name files as they like: no line, quote or folder of theirs gets into the header.

    ``usual``: for programs that read plain letters only, where none are left of it.
    """
    shown = "".join(letter for letter in name if letter.isprintable()).replace("/", "_").strip()
    plain = shown.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "").strip() or usual
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(shown or usual, safe='')}"
