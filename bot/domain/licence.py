"""What the record of a health worker means for an application: told at once, before anything else is asked.

Facts: one licence for one place, three places at most (Permenkes 13/2025, article 149); no licence without a registration (STR) in
force; a renewal needs enough credits (SKP) of three fields (UU 17/2023, article 263). The keys of the record: ``data/services/_sip.yml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

MOST_PLACES = 3
NEW_PLACE = frozenset({"baru", "tambah-tempat"})
WITH_REGISTRATION = NEW_PLACE | {"perpanjangan"}


@dataclass(frozen=True)
class Finding:
    """One thing to be told. ``key`` is the sentence (``prefill.<key>``), ``params`` its parts; dates are dates."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    stops: bool = False
    """The application cannot go on."""
    service: str = ""
    """The licence that the record is about, where it is another one."""


def findings(record: Mapping[str, Any], service: str, variant: str) -> list[Finding]:
    """Everything that stands against an application, gravest first. ``record``: keys as the agency's adapter gives them."""
    found = []
    in_force = record.get("sip_berlaku") or []
    if variant in NEW_PLACE and len(in_force) >= MOST_PLACES:
        places = [(number, place, date.fromisoformat(until)) for number, place, until in in_force]
        found.append(Finding("three_places", {"places": places, "most": MOST_PLACES}, stops=True))
    if variant not in WITH_REGISTRATION:
        return found
    other = record.get("layanan", service)
    if other != service:
        found.append(Finding("other_profession", {"recorded": record.get("profesi", "")}, service=str(other)))
    if ended := record.get("str_berakhir"):
        found.append(Finding("registration_ended", {"date": date.fromisoformat(ended)}))
    if variant == "perpanjangan" and record.get("skp_tercatat") == "tidak":
        found.append(Finding("credits_short", {"points": dict(record.get("skp_ranah") or {})}))
    return found
