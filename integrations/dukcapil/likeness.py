"""How the stand-in "compares" faces: it does not. It knows the pictures of its invented people, and which of them are whose.

So that the way over the agency's own face match can be tried: the pictures that should match get a high score, those an officer
has to look at one in between, everything else a low one. Of a person whom a tester has enrolled nothing is known: in between.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps

from integrations.sandbox.citizens import citizens

SURE, UNSURE, OTHER = 0.93, 0.68, 0.21
_SIDE = 24
_ALIKE = 0.5
"""Correlation from which on two pictures are one, taken again with the head a little moved (``pictures.taken_anew``): of the demo's
pictures the same one has 0.62 and more, another one 0.37 and less."""
_NEARER = 0.05


def of(folder: Path, nik: str, picture: bytes) -> float:
    """A score from 0 to 1, for somebody who is enrolled. ``folder``: where the pictures of the invented people are."""
    person = next((one for one in citizens() if one.nik == nik), None)
    if person is None:
        return UNSURE
    sent = _signature(picture)
    mine = {*person.enrolled, *person.selfies, *person.unsure_selfies}
    others = {name for one in citizens() for name in one.pictures} - mine
    own = max((_alike(sent, folder / name) for name in mine), default=0.0)
    # A grey copy of one's own picture is among the others, too, and no nearer.
    if own < _ALIKE or own + _NEARER < max((_alike(sent, folder / name) for name in others), default=0.0):
        return OTHER
    return UNSURE if person.unsure_selfies and _grey(picture) else SURE


def _grey(data: bytes) -> bool:
    """Whether a picture has no colour, as those that are meant to be unsure."""
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("HSV").resize((_SIDE, _SIDE))
    saturation = small.tobytes()[1::3]
    return sum(saturation) / len(saturation) < 12


def _signature(data: bytes) -> list[float]:
    """The picture as a few grey values around zero."""
    with Image.open(io.BytesIO(data)) as image:
        small = ImageOps.fit(image.convert("L"), (_SIDE, _SIDE), Image.Resampling.BILINEAR)
    values = [float(value) for value in small.tobytes()]
    mean = sum(values) / len(values)
    return [value - mean for value in values]


def _alike(sent: list[float], path: Path) -> float:
    """Correlation of two pictures, 1 for the same one."""
    if not path.is_file():
        return 0.0
    known = _signature(path.read_bytes())
    scale = sum(a * a for a in sent) * sum(b * b for b in known)
    return float(sum(a * b for a, b in zip(sent, known, strict=True)) / scale**0.5) if scale else 0.0
