"""Fewer, shorter collections of Python's cycle collector in the processes of the message path."""

from __future__ import annotations

import gc

_YOUNG = 20_000
"""Objects made before the youngest are looked through: a turn makes some thousands, nearly all freed by their counts."""


def settle() -> None:
    """Call when everything is loaded: catalogue, texts and libraries are never looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
