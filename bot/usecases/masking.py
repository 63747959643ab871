"""Take personal data out of a text before Rasa sees it (design 1: "Rasa gets no personal data")."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
# Runs of three or more digits, also when broken by the dots, dashes and spaces people write; short numbers ("2 anak") carry meaning.
_DIGITS = re.compile(r"(?<!\w)\+?\d(?:[ .\-/]?\d){2,}(?!\w)|\d{3,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

MAX_TEXT = 1000
"""Characters of a free text that Rasa gets; a wish is in there, and a flood does not slow everybody."""


def mask(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with digit runs, e-mail addresses and this person's ``known`` values replaced, and no leading slash."""
    text = _CONTROL.sub(" ", text).strip()
    while text.startswith("/"):
        text = text[1:].lstrip()
    text = _EMAIL.sub("email", text)
    for value in known:
        for part in _parts(value):
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "nama", text, flags=re.IGNORECASE)
    return _DIGITS.sub("nomor", text)[:MAX_TEXT]


def _parts(value: str) -> list[str]:
    """A name is masked whole and word by word; words of one or two letters are too common to be masked."""
    words = [word for word in re.split(r"\W+", value) if len(word) > 3 and not word.isdigit()]
    return [value, *words] if value.strip() else []


# -- for people's eyes --------------------------------------------------------------------------------------------------

# Words after which a name or an address ends: nobody is called so, and the wish begins there.
_ENDS = (
    r"(?:mau|ingin|pengin|pengen|pan|arep|ajeng|kulo|saya|aku|nyong|inyong|dari|saka|saking|di|ning|nang|yang|sing|apa|apakah|"
    r"bisa|sudah|udah|belum|sampun|nik|no|nomor|email|umur|usia|lahir|tanggal|tgl|alamat|tinggal|dan|karo|lan|untuk|buat|"
    r"bikin|daftar|urus|ngurus|minta|tolong|mohon|perlu|butuh|cek|status|kenapa|gimana|bagaimana|kapan|berapa|itu|ini|ya|mana|siapa|ke|kemana|menuju|"
    r"nya|sapa|sinten|ktp|kk|kia|sip|akta|akte|pindah|want|need|and|from|is|to|how|please)\b"
)
_WORD = rf"(?!{_ENDS})[^\W\d_][\w.'’-]*"
# "Nama" alone introduces one only where a sentence or an entry begins: elsewhere it is what a name was masked by.
_WHOSE = r"(?:saya|aku|kami|lengkap|anak|bayi|ibu|bapak|ayah|suami|istri|nya)"
_INTRODUCED = re.compile(
    rf"(?P<by>\b(?:(?:atas|dengan)\s+nama|nama(?:\s+{_WHOSE}){{1,2}}|nama(?=\s*[:=])|(?:^|(?<=[,.;(\n])|(?<=[,.;(]\s))nama|namanya|bernama|"
    r"jeneng(?:e|ku)?|asma(?:nipun)?|my\s+name\s+is|named?)\b\s*(?:[:=]|\badalah\b|\biku\b|\byaiku\b|\bis\b)?\s*|"
    r"\ba\.\s?n\.?\s*)"
    rf"(?P<name>{_WORD}(?:\s+{_WORD}){{0,3}})",
    re.IGNORECASE,
)
_TITLES = r"(?:rt|rw|lurah|camat|kades|dukuh|guru|bidan|dokter|dr|petugas|admin|kepala|bupati|penghulu|modin|loket|kantor|polisi|haji|nama)"
_HONOURED = re.compile(
    rf"(?P<by>\b(?:[Pp]ak|[Bb]apak|[Bb]u|[Ii]bu|[Mm]as|[Mm]bak|[Bb]p|[Ss]dr|[Ss]dri|[Tt]n|[Nn]y|[Mm]rs?|[Mm]s)\b\.?\s+)"
    rf"(?P<name>(?!(?i:{_TITLES})\b)[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){{0,3}})"
)
# One word with a capital may be a trade ("saya Perawat"); two are a name.
_CAPITAL = rf"(?!(?i:{_ENDS}))[A-Z][a-z'’-]+"
_CALLED = re.compile(rf"(?P<by>\b(?:[Ss]aya|[Aa]ku|I am|I'm)\s+)(?P<name>{_CAPITAL}(?:\s+{_CAPITAL}){{1,3}})")
_STREET = re.compile(
    r"\b(?:jl|jln|jalan|gg|gang|perum|perumahan|komplek|kompleks|dusun|dsn|dukuh|pedukuhan|griya)\b\.?\s+"
    rf"{_WORD}(?:\s+(?:{_WORD}|(?:no\.?\s*)?\d+\w*)){{0,4}}",
    re.IGNORECASE,
)
_NEIGHBOURHOOD = re.compile(r"\b(?:rt|rw)\b[\s.:/]*\d{1,3}(?:\s*/\s*(?:rw\b[\s.:]*)?\d{1,3})?", re.IGNORECASE)
# Numbers of applications and tickets, ours (:mod:`bot.domain.reference`) and others' of that form.
_REFERENCE = re.compile(
    r"\b(?:[A-Z]{2,4}(?:-[A-Z0-9]{1,8}){2,}|(?i:lkt|tkt)[\s.-]*[0-9A-Za-z]{4}[\s.-]+[0-9A-Za-z]{4}[\s.-]*[0-9A-Za-z])\b"
)
_HOUSE = re.compile(r"\balamat(?:\s+(?:no|nomor|blok)\b\.?\s*\w{0,4}\d\w*|[\s,/]+alamat)+", re.IGNORECASE)


def mask_more(text: str, known: Iterable[str] = ()) -> str:
    """:func:`mask`, and beyond it what a reader has no need to know: streets and neighbourhoods, names that are introduced ("nama saya
    …", "a.n. …") or addressed ("Bu …"). For texts that people read or that become content; what was masked stays as it is.
    """
    text = _REFERENCE.sub("nomor", mask(text, known))
    text = _NEIGHBOURHOOD.sub("alamat", _STREET.sub("alamat", text))
    text = _HOUSE.sub("alamat", text)
    text = _INTRODUCED.sub(r"\g<by>nama", text)
    return _CALLED.sub(r"\g<by>nama", _HONOURED.sub(r"\g<by>nama", text))
