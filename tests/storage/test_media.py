"""Uploaded files are made safe or refused with a reason."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml
from PIL import Image

from bot.errors import RejectedFile
from bot.storage import media_work
from bot.storage.media import LONGEST_SIDE, SafeMedia
from tests import pictures

ROOT = Path(__file__).resolve().parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def media() -> AsyncIterator[SafeMedia]:
    safe = SafeMedia(max_bytes=15_000_000)
    await safe.warm()
    yield safe
    await safe.close()


MESSAGES = {
    language: yaml.safe_load((ROOT / "data" / "messages" / f"{language}.yml").read_text(encoding="utf-8"))
    for language in ("id", "en", "jv")
}
pytestmark = pytest.mark.asyncio(loop_scope="module")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("JPEG",))


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 30 for a, b in zip(pixel, colour, strict=True))


def shows_the_flag(picture: Image.Image) -> bool:
    width, height = picture.size
    left, right, top, bottom = width // 4, 3 * width // 4, height // 4, 3 * height // 4
    corners = [((left, top), pictures.RED), ((right, bottom), pictures.BLUE), ((right, top), pictures.WHITE)]
    return all(near(picture.getpixel(at), colour) for at, colour in corners)


@pytest.mark.parametrize(
    ("make", "text_key", "status"),
    [
        (lambda: b"", "file.empty", 422),
        (lambda: b"\xff\xd8\xff" + b"\0" * 15_000_000, "file.too_big", 413),
        (pictures.exe, "file.type", 415),
        (pictures.gif, "file.type", 415),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file.type", 415),
        (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "file.type", 415),
        (lambda: pictures.exe() + pictures.pdf(), "file.type", 415),
        (lambda: b"PK\x03\x04" + pictures.pdf(), "file.type", 415),
        (lambda: pictures.save(pictures.flag(), "AVIF"), "file.type", 415),
        (pictures.truncated_jpeg, "file.broken", 422),
        (lambda: pictures.jpeg()[:40], "file.broken", 422),
        (lambda: pictures.heic()[:300], "file.broken", 422),
        (lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 100, "file.broken", 422),
        (pictures.png_bomb, "file.too_many_pixels", 422),
        (pictures.animated_png, "file.animated", 422),
        (pictures.animated_webp, "file.animated", 422),
        (pictures.pixel, "file.too_small", 422),
        (pictures.encrypted_pdf, "file.pdf_locked", 422),
        (pictures.javascript_pdf, "file.pdf_active", 422),
        (pictures.escaped_javascript_pdf, "file.pdf_active", 422),
        (pictures.packed_javascript_pdf, "file.pdf_active", 422),
        (pictures.launching_pdf, "file.pdf_active", 422),
        (lambda: pictures.launching_pdf(indirect=True), "file.pdf_active", 422),
        (pictures.embedding_pdf, "file.pdf_active", 422),
        (lambda: b"%PDF-1.7\nnothing follows", "file.broken", 422),
        (lambda: pictures.pdf()[:200], "file.broken", 422),
        (lambda: pictures.pdf(pages=0), "file.broken", 422),
    ],
)
async def test_a_bad_file_is_refused_with_its_reason(media, make, text_key, status):
    with pytest.raises(RejectedFile) as refusal:
        await media.clean(make())
    assert (refusal.value.text_key, refusal.value.status) == (text_key, status)


@pytest.mark.parametrize(
    "make",
    [
        pictures.jpeg,
        pictures.heic,
        pictures.phone_mpo,
        pictures.cmyk,
        lambda: pictures.save(pictures.flag(), "PNG"),
        lambda: pictures.save(pictures.flag(), "WEBP", lossless=True),
        lambda: pictures.save(pictures.flag().convert("P"), "PNG"),
    ],
)
async def test_every_accepted_kind_of_picture_becomes_a_plain_jpeg(media, make):
    clean = await media.clean(make())
    picture = opened(clean.data)
    assert clean.type == "image/jpeg"
    assert (picture.mode, picture.size) == ("RGB", (clean.width, clean.height)) == ("RGB", (160, 120))
    assert shows_the_flag(picture)


@pytest.mark.parametrize(
    ("orientation", "undo"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
async def test_a_picture_is_turned_as_its_exif_says(media, orientation, undo):
    clean = await media.clean(pictures.turned(orientation, pictures.flag().transpose(undo)))
    assert (clean.width, clean.height) == (160, 120)
    assert shows_the_flag(opened(clean.data))


async def test_a_transparent_png_is_turned_as_its_exif_says_too(media):
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = 6
    lying = pictures.flag().transpose(Image.Transpose.ROTATE_90).convert("RGBA")
    assert shows_the_flag(opened((await media.clean(pictures.save(lying, "PNG", exif=exif))).data))


async def test_nothing_of_the_metadata_survives(media):
    dirty = pictures.with_metadata()
    assert dirty.count(b"SECRET") > 3
    clean = await media.clean(dirty)
    assert b"SECRET" not in clean.data
    assert not opened(clean.data).getexif()
    assert not {"icc_profile", "comment", "exif"} & opened(clean.data).info.keys()


async def test_what_lies_under_a_transparent_layer_is_not_shown(media):
    clean = await media.clean(pictures.hidden())
    assert opened(clean.data).convert("L").getextrema() == (255, 255)


async def test_sixteen_bits_of_grey_are_scaled_not_clipped(media):
    clean = await media.clean(pictures.grey_16bit())
    assert near(opened(clean.data).getpixel((80, 60)), (128, 128, 128))


async def test_a_12_megapixel_photo_is_scaled_to_a_readable_size(media):
    clean = await media.clean(pictures.photo_12mp())
    assert (clean.width, clean.height) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)


async def test_a_harmless_pdf_passes_byte_for_byte(media):
    data = pictures.pdf(pages=3)
    clean = await media.clean(data)
    assert (clean.data, clean.type, clean.width) == (data, "application/pdf", None)


async def test_a_pdf_with_a_little_white_space_in_front_passes(media):
    assert (await media.clean(b"\r\n" + pictures.pdf())).type == "application/pdf"


async def test_a_killed_child_costs_nothing(media):
    (pid,) = media._pool.pids
    os.kill(pid, signal.SIGKILL)
    assert (await media.clean(pictures.jpeg())).type == "image/jpeg"
    assert media._pool.pids != [pid]


async def test_a_picture_that_needs_too_much_memory_is_refused_and_the_next_one_is_served():
    small = SafeMedia(max_bytes=15_000_000, max_pixels=400_000_000, memory_mib=400)
    try:
        with pytest.raises(RejectedFile) as refusal:
            await small.clean(pictures.save(Image.new("RGB", (9_000, 9_000)), "PNG"))
        assert refusal.value.status == 422
        assert (await small.clean(pictures.jpeg())).type == "image/jpeg"
    finally:
        await small.close()


async def test_a_picture_that_takes_too_long_is_refused():
    hasty = SafeMedia(max_bytes=15_000_000, timeout_s=0.02)
    try:
        await hasty.warm()
        with pytest.raises(RejectedFile) as refusal:
            await hasty.clean(pictures.save(Image.new("RGBA", (6_000, 6_000)), "PNG"))
        assert refusal.value.text_key == "file.broken"
    finally:
        await hasty.close()


async def test_every_reason_has_its_sentence_in_every_language():
    used = {"empty", "too_big", "type", "broken", "too_many_pixels", "animated", "too_small"}
    for said in MESSAGES.values():
        assert used | {"pdf_locked", "pdf_active"} <= said["file"].keys()
        assert "15 MB" in said["file"]["too_big"].format(megabytes=15)


async def test_the_content_decides_not_the_first_brand():
    assert media_work.sniff(pictures.heic()) == "HEIF"
    assert media_work.sniff(b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf") is None
    assert media_work.sniff(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic") == "HEIF"
