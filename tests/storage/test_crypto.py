"""Encryption at rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import LoketError, SettingsError
from bot.storage.crypto import KeyRing, new_key

RING = KeyRing(new_key("a"))


@given(st.binary(max_size=2000), st.text(max_size=50))
def test_what_is_sealed_opens_in_its_own_place_only(data: bytes, place: str) -> None:
    sealed = RING.seal(data, place)
    assert RING.open(sealed, place) == data
    with pytest.raises(LoketError):
        RING.open(sealed, place + "x")


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert RING.seal(b"3328", "c") != RING.seal(b"3328", "c")


def test_a_new_key_encrypts_and_the_old_one_still_opens_and_indexes() -> None:
    old = new_key("old")
    before, after = KeyRing(old), KeyRing(f"{new_key('new')},{old}")
    assert after.open(before.seal(b"x", "c"), "c") == b"x"
    assert before.blind_index("3328", "nik") == after.blind_index("3328", "nik")
    with pytest.raises(LoketError):
        before.open(after.seal(b"x", "c"), "c")


@pytest.mark.parametrize("ring", ["", "a", "a:zz", "a:" + "AAAA", ":" + "A" * 44])
def test_a_ring_that_is_none_is_refused_with_its_setting(ring: str) -> None:
    with pytest.raises(SettingsError, match="LOKET_KEYS"):
        KeyRing(ring)


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(RING.seal(b"data", "c"))
    sealed[-1] ^= 1
    with pytest.raises(LoketError):
        RING.open(bytes(sealed), "c")
