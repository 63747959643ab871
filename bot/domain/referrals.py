"""Whose matter it is, when it is not Loket's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain.catalogue import Catalogue, Locus, Referral
from bot.domain.neighbours import Neighbour

_WORD = re.compile(r"[^\W_]+")


def referral(catalogue: Catalogue, locus: Locus, text: str, topic: str | None = None) -> Referral | None:
    """The neighbour whose matter ``text`` names; the longest name wins. ``topic``: one that was understood already
    (the referral's ``id``).
    """
    everyone = list(_referrals(catalogue, locus))
    if topic is not None:
        known = next((one for one in everyone if one.id == topic), None)
        if known is not None:
            return known
    said = f" {' '.join(_WORD.findall(text.casefold()))} "
    found = [
        (len(name), one) for one in everyone for name in map(_plain, one.also_called) if name and f" {name} " in said
    ]
    return max(found, key=lambda hit: hit[0])[1] if found else None


def neighbour(locus: Locus, text: str, service: str | None) -> Neighbour | None:
    """The other government that ``text`` names, when that matters for ``service``."""
    said = f" {_plain(text)} "
    named = (one for one in locus.neighbours if any(f" {_plain(name)} " in said for name in one.called))
    return next((one for one in named if service not in one.but), None)


def _referrals(catalogue: Catalogue, locus: Locus) -> Iterator[Referral]:
    yield from locus.referrals
    for service in catalogue.services.values():
        yield from service.referrals


def _plain(name: str) -> str:
    return " ".join(_WORD.findall(name.casefold()))
