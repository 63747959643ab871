"""Other governments that people take an office's one for: Kabupaten Tegal and Kota Tegal are two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.catalogue import Fact


@dataclass(frozen=True)
class Neighbour:
    """``called``: what people call it; ``but``: services in which its name says nothing about whose the matter is (moving there)."""

    called: tuple[str, ...]
    fact: Fact
    but: frozenset[str] = frozenset()
