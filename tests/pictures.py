"""Synthetic files for tests: good ones, and every bad one a citizen or an attacker may send. None shows a person."""

from __future__ import annotations

import base64
import io
import struct
import zlib

from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

ORIENTATION = 0x0112
RED, BLUE, WHITE = (200, 30, 30), (30, 30, 200), (255, 255, 255)

# 160 x 120, red top left, blue bottom right, white elsewhere. Drawn by us; Pillow and pi-heif cannot write HEIC.
_HEIC = """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA
ACJpbG9jAAAAAERAAAEAAQAAAAABegABAAAAAAAAAIcAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt
AAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA
AAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoBQgeWW6kkprm4CGgwIAAAMAMgAAAwACEGIAAQAHRAHBcrBiQAAAABNjb2xy
bmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAACgAAAAeAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAI9t
ZGF0AAAAgygBrxlHtXM16tWQpv/+/xj/r7V/xSDJ8lajXtH+U+MWxwLG6r5L0XEzlKqe5FAsln5/buz9JZW8+sf8t2F+SNnZ0C/v
g0a2L5ofMmE+W/jWy2a/OkSkQE/HbzCLENShq4BtWeCyjkZZR6ClL4AAAAMAAuG5WFAO//UTF8BuCMEA6gSM
"""


def flag(width: int = 160, height: int = 120) -> Image.Image:
    """Red top left, blue bottom right, white elsewhere: shows how a picture was turned."""
    picture = Image.new("RGB", (width, height), WHITE)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill=RED)
    draw.rectangle((width // 2, height // 2, width, height), fill=BLUE)
    return picture


def save(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(width: int = 160, height: int = 120) -> bytes:
    """An ordinary picture."""
    return save(flag(width, height), quality=95)


def photo_12mp() -> bytes:
    """A phone's 4000 x 3000 JPEG with texture; no face."""
    noise = Image.effect_noise((500, 375), 60).resize((4000, 3000), Image.Resampling.BICUBIC)
    return save(noise.convert("RGB"), quality=85)


def turned(orientation: int, picture: Image.Image | None = None) -> bytes:
    """A JPEG that says by EXIF how it has to be turned; orientation 6: the camera lay on its side."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return save(picture or flag(), exif=exif, quality=95)


def with_metadata() -> bytes:
    """A JPEG with EXIF (place included), a comment and a colour profile."""
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(0x8825)[1] = "SECRET-PLACE"
    return save(flag(), exif=exif, comment=b"SECRET-COMMENT", icc_profile=b"SECRET-PROFILE" * 20)


def heic() -> bytes:
    """What an iPhone sends."""
    return base64.b64decode(_HEIC)


def truncated_jpeg() -> bytes:
    """The first half of a photo: the connection broke."""
    whole = photo_12mp()
    return whole[: len(whole) // 2]


def png_bomb(side: int = 13_000) -> bytes:
    """20 KB that decode to 169 million pixels."""
    row = b"\0" * (1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def gif() -> bytes:
    """A moving GIF."""
    return save(flag(), "GIF", save_all=True, append_images=[flag().rotate(180)])


def animated_png() -> bytes:
    """An APNG of two frames."""
    return save(flag(), "PNG", save_all=True, append_images=[flag().rotate(180)])


def animated_webp() -> bytes:
    """A WebP of two frames."""
    return save(flag(), "WEBP", save_all=True, append_images=[flag().rotate(180)])


def phone_mpo() -> bytes:
    """A phone's JPEG with a second layer (depth, HDR): several frames, but no animation."""
    return save(flag(), "MPO", save_all=True, append_images=[flag().rotate(180)])


def exe() -> bytes:
    """A Windows program, whatever its name says."""
    return b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 512 + b"PE\0\0" + b"\0" * 512


def cmyk() -> bytes:
    """A JPEG from a print shop."""
    return save(flag().convert("CMYK"), quality=95)


def grey_16bit() -> bytes:
    """A PNG of 16 bits at half brightness."""
    return save(Image.new("I;16", (160, 120), 32_768), "PNG")


def hidden(picture: Image.Image | None = None) -> bytes:
    """A PNG whose every pixel is transparent: a machine sees the picture, a person sees nothing."""
    under = (picture or flag()).convert("RGBA")
    under.putalpha(0)
    return save(under, "PNG")


def pixel() -> bytes:
    """1 x 1."""
    return save(Image.new("RGB", (1, 1), RED))


def two_side_by_side(left: Image.Image, right: Image.Image, height: int = 600) -> Image.Image:
    """Two pictures pasted together at one height."""
    parts = [part.resize((round(part.width * height / part.height), height)) for part in (left, right)]
    pasted = Image.new("RGB", (sum(part.width for part in parts), height), WHITE)
    pasted.paste(parts[0], (0, 0))
    pasted.paste(parts[1], (parts[0].width, 0))
    return pasted


# -- PDF ------------------------------------------------------------------------------------------------------------


def pdf(pages: int = 1) -> bytes:
    """A harmless PDF."""
    return _written(_writer(pages))


def encrypted_pdf() -> bytes:
    """Needs a password."""
    writer = _writer()
    writer.encrypt("rahasia", algorithm="RC4-128")
    return _written(writer)


def javascript_pdf() -> bytes:
    """Runs a script when opened."""
    writer = _writer()
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
    )
    return _written(writer)


def launching_pdf(indirect: bool = False) -> bytes:
    """Starts a program when opened; ``indirect`` hides the action's name in an object of its own."""
    writer = _writer()
    kind = NameObject("/Launch")
    action = DictionaryObject(
        {
            NameObject("/S"): writer._add_object(kind) if indirect else kind,
            NameObject("/F"): TextStringObject("calc.exe"),
        }
    )
    writer.root_object[NameObject("/OpenAction")] = action
    return _written(writer)


def embedding_pdf() -> bytes:
    """Carries another file."""
    writer = _writer()
    writer.add_attachment("surat.exe", exe())
    return _written(writer)


def escaped_javascript_pdf() -> bytes:
    """The same script with its names spelt ``/J#61vaScript``."""
    return javascript_pdf().replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS ", b"/#4aS ")


def packed_javascript_pdf() -> bytes:
    """The script inside a compressed object stream, where a search of the bytes does not see it."""
    inner = b"<< /S /JavaScript /JS (app.alert(1)) >>"
    packed = zlib.compress(b"4 0 " + inner)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        5: b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
        + packed
        + b"\nendstream",
    }
    out, offsets = b"%PDF-1.5\n", {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    offsets[6] = len(out)
    rows = [struct.pack(">BIH", 0, 0, 65535)]
    for number in range(1, 7):
        rows.append(struct.pack(">BIH", 2, 5, 0) if number == 4 else struct.pack(">BIH", 1, offsets[number], 0))
    table = b"".join(rows)
    out += b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n" % len(table)
    return out + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % offsets[6]


def _writer(pages: int = 1) -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    return writer


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
