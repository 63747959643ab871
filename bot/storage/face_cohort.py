"""The cohort of this installation on disk: biometric data, and so sealed with the key ring and readable for us alone."""

from __future__ import annotations

import os
from pathlib import Path

from bot.storage.crypto import KeyRing

_CONTEXT = "face cohort"


def read(file: Path, keys: KeyRing) -> bytes | None:
    """The opened bytes; None when there is no such file.

    :raises bot.errors.LoketError: it does not open with these keys.
    """
    if not file.is_file():
        return None
    sealed = file.read_bytes()
    return keys.open(sealed if len(sealed) > 32 else b"\0" * 64, _CONTEXT)


def write(file: Path, keys: KeyRing, data: bytes) -> None:
    """Put the cohort in place at once, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(file.name + ".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(keys.seal(data, _CONTEXT))
    draft.replace(file)
