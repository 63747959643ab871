"""Faces are compared 1:1 by real models on real photographs; a poor picture gets advice, never a verdict."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import yaml
from PIL import Image, ImageEnhance, ImageFilter

from bot.domain.picture_hash import hamming, same_picture
from bot.errors import RejectedFile
from bot.storage.media import SafeMedia
from integrations.face import cohort, thresholds
from integrations.face.adapter import LocalFaceMatcher
from integrations.face.pool import FaceUnavailable
from integrations.face.templates import TemplateError
from tests import pictures
from tests.faces import borderline_selfie, demo_pictures, portrait, selfie

ROOT = Path(__file__).resolve().parents[3]
MESSAGES = {
    language: yaml.safe_load((ROOT / "data" / "messages" / f"{language}.yml").read_text(encoding="utf-8"))
    for language in ("id", "en", "jv")
}
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matcher() -> AsyncIterator[LocalFaceMatcher]:
    made = LocalFaceMatcher()
    await made.warm()
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def enrolled(matcher: LocalFaceMatcher) -> bytes:
    return await matcher.enrol([read("obama")])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def media() -> AsyncIterator[SafeMedia]:
    made = SafeMedia(max_bytes=30_000_000)
    yield made
    await made.close()


def read(name: str) -> bytes:
    return demo_pictures()[name].read_bytes()


def brightness(name: str, factor: float) -> bytes:
    return selfie(ImageEnhance.Brightness(portrait(name)).enhance(factor))


def faded(name: str, spread: float, level: int) -> bytes:
    """Contrast squeezed around ``level``."""
    return selfie(portrait(name).point(lambda value: level + (value - 128) * spread), quality=98)


# -- verdicts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["obama2", "obama3", "obama_partial_face", "obama_partial_face2"])
async def test_another_photo_of_the_same_person_matches(matcher, enrolled, name):
    verdict = await matcher.verify(enrolled, [read(name)])
    assert (verdict.outcome, verdict.mode, verdict.problem) == ("match", "1x1", None)
    assert verdict.score is not None and 0.15 < verdict.score <= 0.40
    assert verdict.model == "55533b28a95800a5"


async def test_somebody_else_does_not_match(matcher, enrolled):
    verdict = await matcher.verify(enrolled, [read("biden")])
    assert verdict.outcome == "no_match"
    assert verdict.score is not None and verdict.score > 0.7


async def test_a_borderline_selfie_goes_to_the_officer(matcher):
    verdict = await matcher.verify(await matcher.enrol([read("obama3")]), [borderline_selfie()])
    assert verdict.outcome == "officer"
    assert verdict.score is not None and 0.42 < verdict.score < 0.48


async def test_two_enrolled_and_two_probes_are_judged_by_their_stricter_row(matcher):
    template = await matcher.enrol([read("obama"), read("obama3")])
    verdict = await matcher.verify(template, [read("obama2"), read("obama_partial_face")])
    assert (verdict.outcome, verdict.mode) == ("match", "2x2")
    other = await matcher.verify(template, [read("biden")])
    assert (other.outcome, other.mode) == ("no_match", "2x1")


async def test_the_same_frame_twice_is_no_second_piece_of_evidence(matcher, enrolled):
    verdict = await matcher.verify(enrolled, [read("obama2"), selfie(portrait("obama2"), quality=60)])
    assert verdict.mode == "1x1"


async def test_frames_of_two_people_give_no_verdict(matcher, enrolled):
    verdict = await matcher.verify(enrolled, [read("obama2"), read("biden")])
    assert (verdict.outcome, verdict.problem, verdict.score) == ("unusable", "face.different", None)


async def test_one_unusable_frame_is_enough_to_ask_again(matcher, enrolled):
    verdict = await matcher.verify(enrolled, [read("obama2"), pictures.jpeg()])
    assert (verdict.outcome, verdict.problem) == ("unusable", "face.none")


async def test_no_frame_at_all_is_unusable(matcher, enrolled):
    assert (await matcher.verify(enrolled, [])).outcome == "unusable"


# -- pictures that say nothing of a face ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (pictures.jpeg, "face.none"),
        (pictures.photo_12mp, "face.none"),
        (pictures.pixel, "face.small"),
        (lambda: pictures.hidden(portrait("obama")), "face.none"),
        (lambda: selfie(pictures.two_side_by_side(portrait("obama"), portrait("obama3"))), "face.several"),
        (lambda: selfie(portrait("obama").reduce(9)), "face.small"),
        (lambda: selfie(portrait("obama2").filter(ImageFilter.GaussianBlur(14))), "face.blurred"),
        (lambda: brightness("obama2", 0.3), "face.dark"),
        (lambda: faded("biden", 0.2, 240), "face.bright"),
        (lambda: faded("obama", 0.1, 128), "face.flat"),
        (pictures.truncated_jpeg, "face.unreadable"),
        (pictures.png_bomb, "face.unreadable"),
        (pictures.gif, "face.unreadable"),
        (pictures.exe, "face.unreadable"),
        (pictures.heic, "face.none"),
        (pictures.animated_png, "face.unreadable"),
        (pictures.animated_webp, "face.unreadable"),
        (pictures.pdf, "face.unreadable"),
        (lambda: b"", "face.unreadable"),
    ],
)
async def test_a_poor_picture_gets_advice_instead_of_a_verdict(matcher, enrolled, make, problem):
    verdict = await matcher.verify(enrolled, [make()])
    assert (verdict.outcome, verdict.problem, verdict.score) == ("unusable", problem, None)
    section, key = problem.split(".")
    assert all(said[section][key] for said in MESSAGES.values())


# -- good pictures in odd clothes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: pictures.turned(6, portrait("obama2").transpose(Image.Transpose.ROTATE_90)),
        lambda: pictures.turned(3, portrait("obama2").transpose(Image.Transpose.ROTATE_180)),
        lambda: selfie(portrait("obama2").transpose(Image.Transpose.ROTATE_90)),  # lying, and says nothing of it
        lambda: selfie(portrait("obama2").transpose(Image.Transpose.ROTATE_180)),
        lambda: selfie(portrait("obama2").transpose(Image.Transpose.ROTATE_270)),
        lambda: pictures.save(portrait("obama2").convert("CMYK")),
        lambda: pictures.save(portrait("obama2").convert("RGBA"), "PNG"),
        lambda: pictures.save(portrait("obama2"), "WEBP"),
        lambda: selfie(portrait("obama2").resize((2504, 4800))),  # 12 megapixels
    ],
)
async def test_a_good_selfie_matches_in_any_position_and_kind(matcher, media, enrolled, make):
    data = make()
    assert (await matcher.verify(enrolled, [data])).outcome == "match"
    assert (await matcher.verify(enrolled, [(await media.clean(data)).data])).outcome == "match"


async def test_a_passer_by_in_the_background_does_no_harm(matcher, enrolled):
    picture = portrait("obama2")
    passer_by = portrait("biden").crop((250, 150, 800, 900)).resize((110, 150))
    picture.paste(passer_by, (0, picture.height - 150))
    assert (await matcher.verify(enrolled, [selfie(picture)])).outcome == "match"


async def test_a_face_turned_far_to_the_side_is_asked_to_look_straight():
    """The real pictures are frontal: so the gate is moved, not the head."""
    policy = thresholds.load()
    strict = dataclasses.replace(policy, gates=dataclasses.replace(policy.gates, turned=0.0))
    matcher = LocalFaceMatcher(policy=strict)
    try:
        look = await matcher.look(read("obama"))
        assert look.problem == "face.turned" and look.pose is not None
        assert all(said["face"]["turned"] for said in MESSAGES.values())
    finally:
        await matcher.close()


async def test_a_phones_second_layer_is_no_animation(matcher, enrolled):
    layered = pictures.save(portrait("obama2"), "MPO", save_all=True, append_images=[portrait("biden")])
    assert (await matcher.verify(enrolled, [layered])).outcome == "match"


async def test_a_colour_profile_is_neither_obeyed_nor_a_reason_to_refuse(matcher, enrolled):
    odd = pictures.save(portrait("obama2"), icc_profile=b"no profile at all" * 99)
    plain = await matcher.verify(enrolled, [pictures.save(portrait("obama2"))])
    verdict = await matcher.verify(enrolled, [odd])
    assert verdict.outcome == "match" and verdict.score == pytest.approx(plain.score)


async def test_sixteen_bit_grey_is_scaled_and_not_clipped(matcher, enrolled):
    grey = np.asarray(portrait("obama3").convert("L")).astype(np.uint16) * 256
    verdict = await matcher.verify(enrolled, [pictures.save(Image.fromarray(grey), "PNG")])
    assert verdict.outcome in ("match", "officer") and verdict.score < 0.5


async def test_more_bytes_than_any_selfie_has_are_not_even_decoded(matcher, enrolled):
    verdict = await matcher.verify(enrolled, [read("obama2") + bytes(30_000_000)])
    assert (verdict.outcome, verdict.problem) == ("unusable", "face.unreadable")


async def test_a_normalised_verdict_says_so(enrolled):
    people = np.random.default_rng(1).normal(0, 0.04, (60, 128)).astype(np.float32)
    policy = thresholds.load()
    matcher = LocalFaceMatcher(strangers=cohort.pack(policy.recognition.sha256, list(people)))
    try:
        verdict = await matcher.verify(enrolled, [read("obama2")])
        assert verdict.mode == "1x1+cohort" and verdict.score is not None
    finally:
        await matcher.close()


# -- enrolment --------------------------------------------------------------------------------------------------------


async def test_enrolling_skips_the_unusable_pictures(matcher):
    template = await matcher.enrol([pictures.jpeg(), read("obama")])
    assert (await matcher.verify(template, [read("obama2")])).mode == "1x1"


async def test_enrolling_without_any_face_is_refused_with_advice(matcher):
    with pytest.raises(RejectedFile) as refusal:
        await matcher.enrol([pictures.jpeg(), pictures.truncated_jpeg()])
    assert (refusal.value.text_key, refusal.value.status) == ("face.none", 422)
    with pytest.raises(RejectedFile):
        await matcher.enrol([])


async def test_one_picture_enrolled_twice_counts_once(matcher):
    template = await matcher.enrol([read("obama"), selfie(portrait("obama"), quality=60)])
    assert (await matcher.verify(template, [read("obama2")])).mode == "1x1"


async def test_two_people_cannot_be_enrolled_as_one(matcher):
    with pytest.raises(RejectedFile) as refusal:
        await matcher.enrol([read("obama"), read("biden")])
    assert refusal.value.text_key == "face.different"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: b"",
        lambda t: b"XXXX" + t[4:],
        lambda t: t[:-1],
        lambda t: t[:12] + b"\0" + t[13:],
        lambda t: t[:13] + b"\xff" * 512 + t[525:],
        lambda t: t[:4] + b"otherone" + t[12:],
    ],
)
async def test_a_damaged_or_foreign_template_is_an_error_not_a_verdict(matcher, enrolled, spoil):
    with pytest.raises(TemplateError):
        await matcher.verify(spoil(enrolled), [read("obama2")])


# -- the same picture again -------------------------------------------------------------------------------------------


async def test_the_same_picture_is_known_again_after_re_encoding_and_scaling(matcher, enrolled):
    first = (await matcher.verify(enrolled, [read("obama2")])).perceptual_hash
    again = [selfie(portrait("obama2"), quality=40), selfie(portrait("obama2").resize((400, 767)))]
    for data in again:
        seen = (await matcher.verify(enrolled, [data])).perceptual_hash
        assert first and seen and same_picture(first, seen)
    other = (await matcher.verify(enrolled, [read("obama3")])).perceptual_hash
    assert other and hamming(first, other) > 12


async def test_the_enrolled_picture_itself_is_conspicuously_near(matcher, enrolled):
    verdict = await matcher.verify(enrolled, [selfie(portrait("obama"), quality=70)])
    assert verdict.score is not None and verdict.score < 0.15


# -- processes --------------------------------------------------------------------------------------------------------


async def test_a_killed_engine_is_replaced_and_the_verdict_comes_all_the_same(matcher, enrolled):
    for pid in matcher.pids:
        os.kill(pid, signal.SIGKILL)
    assert (await matcher.verify(enrolled, [read("obama2")])).outcome == "match"


async def test_a_picture_that_takes_too_long_is_unusable(enrolled):
    hasty = LocalFaceMatcher(timeout_s=0.001)
    try:
        assert (await hasty.verify(enrolled, [read("obama2")])).problem == "face.unreadable"
    finally:
        await hasty.close()


async def test_an_exchanged_model_file_is_not_loaded():
    policy = thresholds.load()
    other = dataclasses.replace(policy, recognition=dataclasses.replace(policy.recognition, sha256="00" * 32))
    matcher = LocalFaceMatcher(policy=other)
    with pytest.raises(FaceUnavailable) as error:
        await matcher.warm()
    assert error.value.retryable and error.value.alert
    with pytest.raises(FaceUnavailable):
        await matcher.enrol([read("obama")])
    await matcher.close()


async def test_face_recognition_is_never_imported_and_dlib_only_in_the_child():
    code = (
        "import sys; from integrations.face import adapter, pool, thresholds;"
        "assert not {'dlib', 'face_recognition'} & sys.modules.keys();"
        "pool._load(thresholds.load(), False); d = pool._describe(open(sys.argv[1], 'rb').read());"
        "from PIL import ImageFile; assert d.problem is None and not ImageFile.LOAD_TRUNCATED_IMAGES;"
        "assert 'dlib' in sys.modules and not {'face_recognition', 'face_recognition_models'} & sys.modules.keys()"
    )
    command = [sys.executable, "-c", code, str(demo_pictures()["obama"])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: ASYNC221
    assert done.returncode == 0, done.stderr
