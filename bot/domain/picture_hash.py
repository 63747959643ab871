"""Is it the same picture again? A perceptual hash survives re-encoding and resizing; it does not tell who is on it."""

from __future__ import annotations

SAME_PICTURE = 6
"""Hashes that differ in no more bits are taken as one picture."""
REPLAY_DISTANCE = 0.15
"""A face distance below this to an earlier photo means that photo again: of 224 same-session pairs none came nearer."""


def hamming(a: str, b: str) -> int:
    """Number of bits in which two hashes of 16 hex digits differ."""
    return (int(a, 16) ^ int(b, 16)).bit_count()


def same_picture(a: str, b: str) -> bool:
    """Whether two hashes are of one picture, re-encoded or resized perhaps."""
    return hamming(a, b) <= SAME_PICTURE
