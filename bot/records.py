"""Reads the records of processing (``data/pdp/pemrosesan.yml``). They come with the code, whose tables they describe."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from bot.domain.processing import Records, records_of
from bot.errors import ContentError

FILE = Path(__file__).parents[1] / "data" / "pdp" / "pemrosesan.yml"


@cache
def load_records(file: Path = FILE) -> Records:
    """The records.

    :raises ContentError: the file is not what it should be.
    """
    try:
        return records_of(yaml.safe_load(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ContentError(f"{file.name}: {error}") from error
