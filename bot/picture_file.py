"""Pictures from strangers, opened the one safe way: for cleaning uploads and for looking at faces alike.

Call in a child process with limits on memory and time (:mod:`bot.childpool`): the decoders are written in C. Imports
nothing else of ours.
"""

from __future__ import annotations

import io
import warnings

import pi_heif
from PIL import Image, ImageFile, ImageOps

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}


class UnusablePicture(Exception):
    """``reason``: ``type``, ``too_big``, ``too_many_pixels``, ``too_small``, ``animated``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def prepare() -> None:
    """Once per process: HEIC can be read, and nothing is guessed where a file ends too early."""
    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # open_upright() looks at the header itself: Pillow only warns up to twice its limit
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("ignore")


def sniff(data: bytes) -> str | None:
    """``JPEG``, ``PNG``, ``WEBP`` or ``HEIF`` by content; None for all the rest."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return "HEIF" if _is_heif(data) else None


def _is_heif(data: bytes) -> bool:
    """The first box is ``ftyp`` and one of its brands is HEVC-coded HEIF (``mif1`` alone may be AVIF)."""
    if data[4:8] != b"ftyp":
        return False
    box = data[: min(int.from_bytes(data[:4], "big"), 256)]
    brands = {box[8:12], *(box[i : i + 4] for i in range(16, len(box), 4))}
    return bool(brands & _HEIF_BRANDS)


def open_upright(
    data: bytes,
    *,
    longest_side: int,
    max_pixels: int,
    min_side: int = 1,
    enough_side: int = 0,
    resample: Image.Resampling = Image.Resampling.LANCZOS,
) -> Image.Image:
    """RGB on white as a person sees it, turned as EXIF says, scaled down to ``longest_side``, without metadata.

    ``enough_side``: a JPEG may be decoded as small as this (0: ``longest_side``), which saves most of the time of scaling.

    The numbers are taken as sRGB: a colour profile is dropped, never obeyed.

    :raises UnusablePicture: what a look at the header shows.
    :raises Exception: whatever the decoders throw at a damaged file: OSError, SyntaxError, ValueError, struct.error…
    """
    kind = sniff(data)
    if kind is None:
        raise UnusablePicture("type")
    picture = Image.open(io.BytesIO(data), formats=(kind,))
    width, height = picture.size
    if width * height > max_pixels:
        raise UnusablePicture("too_many_pixels")
    if min(width, height) < min_side:
        raise UnusablePicture("too_small")
    # A JPEG with more than one frame is a phone's depth or HDR layer (MPO), and HEIC often has such layers too.
    if kind in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
        raise UnusablePicture("animated")
    box = (longest_side, longest_side)
    share = (enough_side or longest_side) / max(width, height)
    picture.draft(
        "RGB", (max(1, int(width * share)), max(1, int(height * share)))
    )  # decoded at 1/2, 1/4 or 1/8, never below
    ImageOps.exif_transpose(picture, in_place=True)
    upright = _flat(picture)
    upright.thumbnail(box, resample, reducing_gap=2.0)
    upright.info.clear()  # else the colour profile and comments of the original travel along
    return upright


def _flat(picture: Image.Image) -> Image.Image:
    """RGB on white: the decoders give what is under a transparent layer."""
    if picture.mode.startswith("I"):  # 16-bit grey; convert() would clip instead of scaling
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        white = Image.new("RGB", rgba.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return picture.convert("RGB")
