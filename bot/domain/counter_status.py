"""What staff say of today at the counters: are there card blanks, does the printer work, are there numbers left, which is closed.

It holds for the office's calendar day on which it was said; tomorrow nothing is known again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

KEYS = ("ktp_blanks", "kia_blanks", "printer", "numbers")
COUNTER = "counter"
"""Head of the items that say whether the counter of a team is open: ``counter:<team>``."""
OK = "ok"
"""All is as it should be: nothing need be told."""
_STOCK, _CLOSED = (OK, "few", "out"), (OK, "closed")


@dataclass(frozen=True)
class Item:
    """One thing that can be said. ``values``: what may be said of it; ``services``: slugs it concerns, empty: everybody who comes."""

    id: str
    values: tuple[str, ...]
    services: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """Its id, or ``counter``."""
        return self.id.partition(":")[0]


# Cards that an office prints itself; the other papers are PDF files that anybody prints (research/domain.md 1.0).
_ITEMS = (
    Item("ktp_blanks", _STOCK, frozenset({"ktp"})),
    Item("kia_blanks", _STOCK, frozenset({"kia"})),
    Item("printer", (OK, "broken"), frozenset({"ktp", "kia"})),
    Item("numbers", _STOCK),
)


def items(services: Iterable[str], teams: Mapping[str, frozenset[str]]) -> list[Item]:
    """What can be said at an office with these services; ``teams``: slugs that each team's counter serves."""
    offered = frozenset(services)
    mine = [item for item in _ITEMS if not item.services or item.services & offered]
    return [*mine, *(Item(f"{COUNTER}:{team}", _CLOSED, served) for team, served in teams.items())]


@dataclass(frozen=True)
class Said:
    """One word of staff about one item."""

    item: str
    value: str
    by: str
    at: datetime


def standing(said: Iterable[Said]) -> dict[str, Said]:
    """The last word about each item. ``said``: those of one day."""
    return {one.item: one for one in sorted(said, key=lambda one: one.at)}


def telling(
    offered: Iterable[Item], known: Mapping[str, Said], service: str | None, *, coming: bool = False
) -> list[tuple[Item, str]]:
    """What somebody has to hear, with its value: who asks about ``service`` what concerns it; who asks about the office (None)
    which counters are closed. ``coming``: they mean to come, so that the numbers left matter.
    """
    told = []
    for item in offered:
        said = known.get(item.id)
        if said is None or said.value == OK or said.value not in item.values:
            continue
        if not item.services:
            concerns = coming
        else:
            concerns = item.kind == COUNTER if service is None else service in item.services
        if concerns:
            told.append((item, said.value))
    return told
