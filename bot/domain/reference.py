"""Public numbers of applications and tickets: hard to guess, easy to read aloud, typing errors are noticed.

``LKT-7K3M-9QXP-4``: 8 characters of 5 random bits each (40 bits), then one check character. The alphabet is
Crockford's base 32 (no I, L, O, U). The check is a weighted sum in the field of 32 elements with a different weight
per position, so every single wrong character and every swap of two characters is noticed, and the check is always a
character of the alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
APPLICATION = "LKT"
TICKET = "TKT"

_LENGTH = 8
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive: the powers of x are 31 different weights
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_SPACES = dict.fromkeys(map(ord, " \t\n-–—_./:#"))


def new_reference(random_bits: Callable[[int], int], prefix: str = APPLICATION) -> str:
    """A fresh number; ``random_bits(n)`` gives n unpredictable bits (``secrets.randbits``)."""
    bits = random_bits(5 * _LENGTH)
    body = "".join(ALPHABET[bits >> 5 * i & 31] for i in range(_LENGTH))
    return _written(prefix, body, _check(body))


def new_ticket(random_bits: Callable[[int], int]) -> str:
    """A number for a handed-over conversation."""
    return new_reference(random_bits, TICKET)


def parse_reference(text: str, prefix: str = APPLICATION) -> str | None:
    """The canonical form of a typed number, or None when it cannot be one.

    Case, spaces, dashes, a missing prefix and O/0, I/L/1 mix-ups are forgiven.
    """
    bare = text.upper().translate(_SPACES)
    # The prefix is compared as typed: "LKT" itself must not become "1KT".
    if bare.startswith(prefix) and len(bare) == len(prefix) + _LENGTH + 1:
        bare = bare[len(prefix) :]
    bare = bare.translate(_FORGIVEN)
    if len(bare) != _LENGTH + 1 or any(c not in ALPHABET for c in bare):
        return None
    body, check = bare[:_LENGTH], bare[_LENGTH]
    return _written(prefix, body, check) if check == _check(body) else None


def find_reference(text: str, prefix: str = APPLICATION) -> str | None:
    """The first valid number inside a longer message, or None.

    It has to look like one, with its prefix or its two dashes: one number in 32 of nine characters has a right check
    character by chance, and people also write passports and dates.
    """
    gap = r"[\s.\-–—_]*"
    spoken = gap.join((prefix, r"[0-9A-Z]{4}", r"[0-9A-Z]{4}", r"[0-9A-Z]"))
    pattern = rf"\b{spoken}\b|\b[0-9A-Z]{{4}}-[0-9A-Z]{{4}}-[0-9A-Z]\b"
    found = (parse_reference(match[0], prefix) for match in re.finditer(pattern, text.upper()))
    return next((reference for reference in found if reference), None)


def _check(body: str) -> str:
    total = 0
    for character in body:
        total = _double(total ^ ALPHABET.index(character))
    return ALPHABET[total]


def _double(element: int) -> int:
    element <<= 1
    return element ^ _POLYNOMIAL if element & 32 else element


def _written(prefix: str, body: str, check: str) -> str:
    return f"{prefix}-{body[:4]}-{body[4:]}-{check}"
