"""What happens to an uploaded file, run in a child process (see :mod:`bot.storage.media`).

Nothing here raises on purpose: the answer is :class:`Cleaned` or :class:`Refused`. Why so strict: a 20 KB PNG may ask
for 800 MB of memory, and a transparent layer shows a machine another picture than a person sees.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import pi_heif
from PIL import Image, ImageFile, ImageOps

from bot.storage import media_pdf

QUALITY = 90
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}


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


def prepare() -> None:
    """Once per child."""
    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # we look at the header ourselves: Pillow only warns up to twice its limit
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("ignore")


def sniff(data: bytes) -> str | None:
    """``JPEG``, ``PNG``, ``WEBP``, ``HEIF`` or ``PDF`` by content; None for all the rest."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if _is_heif(data):
        return "HEIF"
    return "PDF" if media_pdf.looks_like_pdf(data) else None


def _is_heif(data: bytes) -> bool:
    """The first box is ``ftyp`` and one of its brands is HEVC-coded HEIF (``mif1`` alone may be AVIF)."""
    if data[4:8] != b"ftyp":
        return False
    box = data[: min(int.from_bytes(data[:4], "big"), 256)]
    brands = {box[8:12], *(box[i : i + 4] for i in range(16, len(box), 4))}
    return bool(brands & _HEIF_BRANDS)


def clean(data: bytes, limits: Limits) -> Cleaned | Refused:
    """The file made safe, or the reason why it cannot be used."""
    kind = sniff(data)
    if kind is None:
        return Refused("file.type", 415)
    if kind == "PDF":
        problem = media_pdf.problem(data)
        return Refused(problem, 422) if problem else Cleaned(data, "application/pdf")
    try:
        return _clean_picture(data, kind, limits)
    except MemoryError:
        return Refused("file.too_many_pixels", 422, "MemoryError")
    except Exception as error:  # decoders throw OSError, SyntaxError, ValueError, struct.error and more at bad data
        return Refused("file.broken", 422, type(error).__name__)


def _clean_picture(data: bytes, kind: str, limits: Limits) -> Cleaned | Refused:
    picture = Image.open(io.BytesIO(data), formats=(kind,))
    width, height = picture.size
    if width * height > limits.max_pixels:
        return Refused("file.too_many_pixels", 422)
    if min(width, height) < limits.min_side:
        return Refused("file.too_small", 422)
    # A JPEG with more than one frame is a phone's depth or HDR layer (MPO), and HEIC often has such layers too.
    if kind in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
        return Refused("file.animated", 422)
    box = (limits.longest_side, limits.longest_side)
    picture.draft("RGB", box)  # large JPEG: decoded at 1/2, 1/4 or 1/8, never below the box
    ImageOps.exif_transpose(picture, in_place=True)
    upright = _flat(picture)
    upright.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    upright.info.clear()  # else the colour profile and comments of the original travel along
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Cleaned(out.getvalue(), "image/jpeg", *upright.size)


def _flat(picture: Image.Image) -> Image.Image:
    """RGB on white, as a person sees it: the decoders give what is under a transparent layer."""
    if picture.mode.startswith("I"):  # 16-bit grey; convert() would clip instead of scaling
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        white = Image.new("RGB", rgba.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return picture.convert("RGB")
