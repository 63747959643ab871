"""Pictures from a browser or a file made safe: re-encoded as JPEG, upright, without EXIF, of bounded size."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

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


def sniff(data: bytes) -> str:
    """Type by content: JPEG, PNG or PDF; anything else is ``application/octet-stream``."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    return "application/octet-stream"
