"""Pictures from a browser or a file made safe: re-encoded as JPEG, upright, without EXIF, of bounded size."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageEnhance, ImageOps, UnidentifiedImageError

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600


class BadPicture(ValueError):
    """The message is the sentence the person reads."""


def clean(data: bytes) -> bytes:
    """The picture as a plain JPEG.

    :raises BadPicture: too big, no picture, or a broken one.
    """
    if len(data) > MOST_BYTES:
        raise BadPicture("Berkas foto terlalu besar, paling besar 15 MB.")
    try:
        # The size stands in the header: a decompression bomb is refused before it is unpacked.
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadPicture("Foto terlalu besar, paling besar 50 megapiksel.")
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except BadPicture:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise BadPicture("Berkas ini bukan foto yang bisa dibuka. Pakai foto JPG, PNG, atau WEBP.") from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=90)
    return out.getvalue()


def taken_anew(data: bytes, chance: random.Random) -> bytes:
    """A stand-in picture as if the person had taken it again: a little turned, nearer and lighter or darker.

    Loket refuses a picture that was sent before, also in a demo; with these one can play the same person many times.
    """
    with Image.open(io.BytesIO(data)) as image:
        picture = image.convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    edge = picture.getpixel((0, 0))
    picture = picture.rotate(chance.uniform(-4, 4), Image.Resampling.BICUBIC, fillcolor=edge)
    width, height = picture.size
    left, top, right, bottom = (chance.uniform(0.02, 0.10) for _ in range(4))
    picture = picture.crop((int(width * left), int(height * top), int(width * (1 - right)), int(height * (1 - bottom))))
    picture = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.9, 1.1))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


def sniff(data: bytes) -> str:
    """Type by content: JPEG, PNG or PDF; anything else is ``application/octet-stream``."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    return "application/octet-stream"
