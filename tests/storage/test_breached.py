"""Passwords known from breaches, in a file as Have I Been Pwned hands it out."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.storage.breached import Breached, PasswordRules

KNOWN = "kereta malam ke tegal"
"""Nothing a list of words would find: only the breach tells."""


def sha(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def listed(folder: Path, *passwords: str, ending: str = ":3\r\n") -> Path:
    file = folder / "breached.txt"
    file.write_bytes("".join(f"{one}{ending}" for one in sorted(map(sha, passwords))).encode())
    return file


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sets(st.text(st.characters(codec="utf-8"), max_size=8), min_size=1, max_size=60),
    st.sets(st.text(st.characters(codec="utf-8"), max_size=8), max_size=20),
    st.sampled_from([":3\r\n", ":12345678\n", "\n", "\r\n"]),
)
def test_every_password_on_the_list_is_found_and_no_other(
    tmp_path: Path, known: set[str], others: set[str], ending: str
) -> None:
    breached = Breached(listed(tmp_path, *known, ending=ending))
    for one in known:
        assert breached.knows(one)
    hashes = {sha(one) for one in known}
    for one in others - known:
        assert breached.knows(one) is (sha(unicodedata.normalize("NFKC", one)) in hashes)


def test_lines_of_different_lengths_and_small_letters_are_found_too(tmp_path: Path) -> None:
    many = [f"password number {n}" for n in range(500)]
    lines = [f"{one.lower() if n % 2 else one}:{10 ** (n % 9)}\n" for n, one in enumerate(sorted(map(sha, many)))]
    (file := tmp_path / "list").write_text("".join(lines).removesuffix("\n"))
    breached = Breached(file)
    assert all(breached.knows(one) for one in many)
    assert not any(breached.knows(f"{one}!") for one in many)


async def test_a_password_from_a_breach_will_not_do_however_long_it_is(tmp_path: Path) -> None:
    rules = PasswordRules(listed(tmp_path, KNOWN, "x", "y"))
    assert await rules.problem(KNOWN, "wati") == "breached"
    assert await rules.problem(KNOWN + " pagi", "wati") == ""
    assert await rules.problem("password123456", "wati") == "common"
    assert await PasswordRules().problem(KNOWN, "wati") == ""


async def test_while_the_list_cannot_be_read_no_password_is_taken(tmp_path: Path) -> None:
    rules = PasswordRules(file := listed(tmp_path, KNOWN))
    file.unlink()
    assert await rules.problem("sebelas kucing naik delman", "wati") == "unchecked"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        (b"", "no list"),
        (b"password\n123456\n", "no list"),
        (b"\n".join(sha(str(n)).encode() for n in range(64)), "not ordered"),
        (b"\x00" * 5000, "no list"),
    ],
    ids=["missing", "empty", "plain", "unordered", "binary"],
)
def test_a_file_that_is_no_such_list_is_told_at_the_start(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "list"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=why):
        Breached(file)
