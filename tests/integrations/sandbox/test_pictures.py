"""Stand-in pictures that can be sent again and again, as a person's own selfies can."""

from __future__ import annotations

import io
import random

from PIL import Image

from bot.domain.picture_hash import same_picture
from integrations.face.engine import difference_hash
from integrations.sandbox.pictures import taken_anew


def test_a_stand_in_picture_is_a_little_different_each_time() -> None:
    chance = random.Random(4)
    blurred = Image.effect_noise((60, 80), 90).resize((600, 800), Image.Resampling.BICUBIC).convert("RGB")
    out = io.BytesIO()
    blurred.save(out, "JPEG")
    taken = [taken_anew(out.getvalue(), chance) for _ in range(6)]
    hashes = [difference_hash(Image.open(io.BytesIO(one))) for one in taken]
    assert not any(same_picture(a, b) for n, a in enumerate(hashes) for b in hashes[:n])
