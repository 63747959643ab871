"""What happens to an uploaded file, run in a child process (see :mod:`bot.storage.media`).

Nothing here raises on purpose: the answer is :class:`Cleaned` or :class:`Refused`. Why so strict: a 20 KB PNG may ask
for 800 MB of memory, and a transparent layer shows a machine another picture than a person sees.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from bot import picture_file
from bot.storage import media_pdf

QUALITY = 90
_REFUSALS = {
    "too_many_pixels": "file.too_many_pixels",
    "too_small": "file.too_small",
    "animated": "file.animated",
}


@dataclass(frozen=True)
class Limits:
    """``max_pixels`` before decoding, ``longest_side`` after it; ``min_side`` is the least that shows anything."""

    max_pixels: int
    longest_side: int
    min_side: int


@dataclass(frozen=True)
class Cleaned:
    """The safe file."""

    data: bytes
    type: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Refused:
    """Why not: ``text_key`` of ``data/messages`` and HTTP status. ``detail`` is for the log and never personal."""

    text_key: str
    status: int
    detail: str = ""


def sniff(data: bytes) -> str | None:
    """``JPEG``, ``PNG``, ``WEBP``, ``HEIF`` or ``PDF`` by content; None for all the rest."""
    return picture_file.sniff(data) or ("PDF" if media_pdf.looks_like_pdf(data) else None)


def clean(data: bytes, limits: Limits) -> Cleaned | Refused:
    """The file made safe, or the reason why it cannot be used."""
    kind = sniff(data)
    if kind is None:
        return Refused("file.type", 415)
    if kind == "PDF":
        problem = media_pdf.problem(data)
        return Refused(problem, 422) if problem else Cleaned(data, "application/pdf")
    try:
        return _clean_picture(data, limits)
    except picture_file.UnusablePicture as error:
        return Refused(_REFUSALS[error.reason], 422)
    except MemoryError:
        return Refused("file.too_many_pixels", 422, "MemoryError")
    except Exception as error:  # decoders throw OSError, SyntaxError, ValueError, struct.error and more at bad data
        return Refused("file.broken", 422, type(error).__name__)


def _clean_picture(data: bytes, limits: Limits) -> Cleaned:
    upright = picture_file.open_upright(
        data, longest_side=limits.longest_side, max_pixels=limits.max_pixels, min_side=limits.min_side
    )
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Cleaned(out.getvalue(), "image/jpeg", *upright.size)
