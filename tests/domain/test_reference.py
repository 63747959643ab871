from __future__ import annotations

import random
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reference import ALPHABET, find_reference, new_reference, new_ticket, parse_reference

BITS = st.integers(0, 2**40 - 1)


def number(bits: int) -> str:
    return new_reference(lambda n: bits)


@given(BITS)
def test_a_number_reads_back_to_itself(bits: int) -> None:
    assert parse_reference(number(bits)) == number(bits)


@given(BITS, BITS)
def test_different_bits_give_different_numbers(a: int, b: int) -> None:
    assert (number(a) == number(b)) == (a == b)


@given(BITS, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_noticed(bits: int, position: int, other: str) -> None:
    bare = number(bits).replace("-", "")[3:]
    wrong = bare[:position] + other + bare[position + 1 :]
    assert (parse_reference("LKT" + wrong) is None) == (wrong != bare)


@given(BITS, st.integers(0, 8), st.integers(0, 8))
def test_every_swap_of_two_characters_is_noticed(bits: int, a: int, b: int) -> None:
    bare = list(number(bits).replace("-", "")[3:])
    swapped = list(bare)
    swapped[a], swapped[b] = swapped[b], swapped[a]
    assert (parse_reference("LKT" + "".join(swapped)) is None) == (swapped != bare)


@given(BITS, st.randoms(use_true_random=False))
def test_typing_habits_are_forgiven(bits: int, dice: random.Random) -> None:
    canonical = number(bits)
    typed = "".join(
        {"0": dice.choice("0Oo"), "1": dice.choice("1Iil")}.get(c, dice.choice((c, c.lower()))) for c in canonical
    )
    spaced = typed.replace("-", dice.choice(("-", " ", "", " - ", ".")))
    assert parse_reference(spaced) == canonical
    assert parse_reference(spaced[3:]) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "LKT",
        "LKT-",
        "halo",
        "3328990101900001",
        "LKT-ABCD-EFGH-",
        "TKT-0000-0000-0",
        "LKT-0000-0000-00",
        "LKT-00é0-0000-0",
    ],
)
def test_other_texts_are_no_numbers(text: str) -> None:
    assert parse_reference(text) is None


def test_a_number_is_found_inside_a_message() -> None:
    reference = number(123456789)
    assert find_reference(f"pak nomor saya {reference.lower()}, sudah jadi?") == reference
    assert find_reference(f"cek {reference.replace('-', ' ')} dong") == reference
    assert find_reference(f"nomornya {reference[4:]}") == reference
    assert find_reference("cek permohonan saya dong pak sudah jadi belum") is None


@given(BITS)
def test_nine_characters_that_only_happen_to_check_are_no_number(bits: int) -> None:
    bare = number(bits).replace("-", "")[3:]
    assert find_reference(f"paspor saya {bare}") is None


def test_a_ticket_is_no_application() -> None:
    ticket = new_ticket(secrets.randbits)
    assert ticket.startswith("TKT-")
    assert parse_reference(ticket) is None
    assert parse_reference(ticket, "TKT") == ticket


def test_numbers_have_forty_random_bits() -> None:
    asked: list[int] = []
    new_reference(lambda n: asked.append(n) or 0)  # type: ignore[func-returns-value]
    assert sum(asked) >= 40
