"""The cohort: other people's faces, sealed on disk, and what is said of them."""

from __future__ import annotations

import stat

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import LoketError
from bot.storage import face_cohort
from bot.storage.crypto import KeyRing, new_key
from integrations.face import cohort, thresholds
from integrations.face.cohort import CohortError

POLICY = thresholds.load()
SHA = POLICY.recognition.sha256


def people(number: int, spread: float = 0.05, seed: int = 1) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).normal(0, spread, (number, 128)).astype(np.float32))


def test_a_cohort_gives_back_what_was_packed():
    strangers = people(60)
    assert np.array_equal(cohort.unpack(cohort.pack(SHA, strangers), POLICY), np.stack(strangers))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"XXXX" + data[4:],
        lambda data: data[:4] + b"otherone" + data[12:],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:16] + b"\xff" * 512 + data[528:],
        lambda data: cohort.pack(SHA, people(49)),
    ],
)
def test_a_damaged_foreign_or_small_cohort_is_refused(spoil):
    with pytest.raises(CohortError):
        cohort.unpack(spoil(cohort.pack(SHA, people(50))), POLICY)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_a_cohort_by_chance(data):
    with pytest.raises(CohortError):
        cohort.unpack(data, POLICY)


def test_somebody_twice_counts_once():
    one, other = people(2)
    assert len(cohort.people([one, other, one + np.float32(0.001)])) == 2


def test_a_cohort_of_people_who_resemble_nobody_is_said():
    near, far = people(160, spread=0.03), people(160, spread=0.2)
    assert cohort.check(np.stack(near), POLICY)["notes"] == []
    (note,) = cohort.check(np.stack(far), POLICY)["notes"]
    assert "100%" in note
    assert "60 people" in cohort.check(np.stack(near[:60]), POLICY)["notes"][0]


def test_on_disk_it_is_sealed_and_for_us_alone(tmp_path):
    keys, file = KeyRing(new_key("a")), tmp_path / "face" / "cohort"
    data = cohort.pack(SHA, people(50))
    assert face_cohort.read(file, keys) is None
    face_cohort.write(file, keys, data)
    assert face_cohort.read(file, keys) == data
    assert data[16:80] not in file.read_bytes() and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["cohort"]
    with pytest.raises(LoketError):
        face_cohort.read(file, KeyRing(new_key("b")))
    file.write_bytes(b"")
    with pytest.raises(LoketError):
        face_cohort.read(file, keys)
