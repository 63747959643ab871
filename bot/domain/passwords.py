"""What will do as a password: length counts (SP 800-63B-4, 3.1.1.2), and it must not be one that everybody tries first."""

from __future__ import annotations

import re
import secrets
import unicodedata

LENGTH = (12, 256)
"""Least and most characters."""

# What guessing begins with, here and elsewhere; own list, kept short: words that long passwords are padded out of.
_COMMON = frozenset(
    """
    password passw0rd passwort katasandi sandi rahasia kunci masuk admin administrator operator petugas pegawai kantor
    loket layanan mpp dukcapil disdukcapil capil kependudukan kecamatan kelurahan kabupaten tegal slawi satyadahayu indonesia
    merdeka garuda pancasila bismillah alhamdulillah insyaallah assalamualaikum sayang sayangku cinta cintaku kamu akucintakamu
    iloveyou qwerty qwertyuiop asdfghjkl zxcvbnm qazwsx letmein welcome selamat selamatdatang selamatpagi dragon monkey
    football sepakbola persib persija superman batman sunshine princess putri putra mama papa ibu bapak anak keluarga
    satu dua tiga empat lima abcdefgh abcdefghijkl abcdefghijklmnop januari agustus desember test testing coba percobaan
    """.split()
)
_SOON = 10**10
"""Guesses that an attacker with lists, names, keyboards and dates in mind needs at most (zxcvbn; Wheeler, USENIX Security 2016): below it
a password is as good as common."""
_JUDGED = 72
"""Characters that the estimator looks at: its time grows with the square of them."""
_LEET = str.maketrans("01345789@$!", "oleastbgasi")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no letters that look like others


def normal(password: str) -> str:
    """The same letters typed on another keyboard give the same password; nothing is cut off (see :func:`too_long`)."""
    return unicodedata.normalize("NFKC", password)


def too_long(password: str) -> bool:
    """Whether it can be nobody's: refused before anything is computed with it, never compared in part."""
    return len(password) > LENGTH[1]


def problem(password: str, username: str) -> str:
    """Why it will not do: ``length``, ``name``, ``plain``, ``common``; or nothing. No rules about kinds of characters."""
    least, most = LENGTH
    low = password.lower()
    if not least <= len(password) <= most:
        return "length"
    if username and username in low:
        return "name"
    if len(set(low)) < 5:
        return "plain"
    return "common" if _common(low) or _guessed_soon(password, username) else ""


def _guessed_soon(password: str, username: str) -> bool:
    """Whether it is on the estimator's lists (30,000 passwords by how often they are used, words, names, films), or put together from
    them and from rows of keys in a way that is tried early.
    """
    from zxcvbn import zxcvbn  # half a second to load, for the few who ever choose a password

    found = zxcvbn(password[:_JUDGED], user_inputs=sorted({username, *_COMMON}))
    return bool(found["guesses"] < _SOON)


def _common(low: str) -> bool:
    """Whether nothing is left of it but words that everybody tries, digits and signs."""
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", low)  # what was only put before or behind it
    for reading in (low, core.translate(_LEET)):
        rest = re.sub(r"[^a-z]", "", reading)
        if not rest and _climbs(low):
            return True
        if rest and _made_of_common(rest):
            return True
    return False


def _climbs(low: str) -> bool:
    """A row of digits without any word: dates and rows are what is guessed."""
    digits = re.sub(r"\D", "", low)
    steps = {(int(b) - int(a)) % 10 for a, b in zip(digits, digits[1:], strict=False)}
    return 2 * len(digits) >= len(low) and (len(digits) <= 16 or len(steps) <= 2)


def _made_of_common(letters: str) -> bool:
    """Whether ``letters`` is nothing but up to three such words, one after the other."""
    ends = {0}
    for _ in range(3):
        ends = {end + len(word) for end in ends for word in _COMMON if letters.startswith(word, end)}
        if len(letters) in ends:
            return True
    return False


def temporary() -> str:
    """A password to be read out once and changed at the first sign-in: four groups, about 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
