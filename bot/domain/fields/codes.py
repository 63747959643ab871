"""Numbers on papers: licences, deeds, letters. Kept in capitals, as they are printed."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question, without_pictures
from bot.domain.fields.vocabulary import ADDRESS, SENTENCE

_LABEL = re.compile(
    r"^(?:(?:no|nomor|nomer|nmr|number|kode|code|surat|akta|akte|saya|kulo|nyong|sy|punya|ini|iki|adalah|is|the|my)\b"
    r"[\s.:=]*|[:=#]\s*)+",
    re.IGNORECASE,
)
# One try per run of spaces, and none of them given back: what is made to be slow is read as quickly as the rest.
_TRAILING = re.compile(
    rf"(?<![\s,])(?:[\s,]++(?:{'|'.join(sorted(ADDRESS | {'ya', 'nggih'}))}))+[\s.!]*$", re.IGNORECASE
)
_TELLING = frozenset(
    "lahir tanggal tgl umur usia tahun bulan hari jam jalan jl rt rw alamat orang anak nama nik".split()
)


class Code:
    """Letters, digits and ``. / -`` with at least one digit. Options: ``min``, ``max`` length (3 and 40)."""

    name: ClassVar[str] = "code"
    accepts: ClassVar[str] = "text"
    least: ClassVar[int] = 3
    most: ClassVar[int] = 40
    signs: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z0-9][A-Z0-9./\- ]*")
    own: ClassVar[tuple[str, ...]] = ()
    """Words for this kind of number that people write in front of it."""

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        key = f"field.{self.name}"
        least, most = int(spec.options.get("min", self.least)), int(spec.options.get("max", self.most))
        if is_question(text):
            return no(f"{key}.unclear")
        code = self.bare(text)
        if sum(c.isdecimal() for c in code) < 2 or _is_talk(code):
            return no(f"{key}.unclear")
        if not self.signs.fullmatch(code):
            return wrong(f"{key}.letters")
        if not least <= len(code) <= most:
            return wrong(f"{key}.length", min=least, max=most)
        return strong(code, interpreted=code != text.strip())

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)

    def bare(self, text: str) -> str:
        """The number in capitals, without the words around it and the spaces that crept in beside its signs."""
        code = without_pictures(text)
        own = "|".join(self.own)
        while True:
            before = code
            code = _TRAILING.sub("", _LABEL.sub("", code)).strip(" ,;:.!")
            code = re.sub(rf"^(?:{own})(?:[\s:=]+|\.\s+)(?=\S)", "", code, flags=re.IGNORECASE) if own else code
            if code == before:
                break
        code = re.sub(r"\s*/\s*", "/", re.sub(r"(?<=\d)\s*-\s*(?=\d)", "-", code))
        return re.sub(r"\s+", " ", code).upper().replace("ß", "SS")


class StrNo(Code):
    """Number of a registration certificate of a health worker (STR): 8 to 30 characters. Old and new ones differ, so
    only the register of the ministry says whether it exists (domain.md 3).
    """

    name: ClassVar[str] = "str_no"
    least: ClassVar[int] = 8
    most: ClassVar[int] = 30
    own: ClassVar[tuple[str, ...]] = ("str", "nomor str", "strnya", "str-nya")


class SipNo(Code):
    """Number of a practice licence (SIP). Its form is each regency's own; often ``NNN/SIP…/DPMPTSP/ROMAN/YYYY``."""

    name: ClassVar[str] = "sip_no"
    most: ClassVar[int] = 60
    signs: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z0-9][A-Z0-9./\-_(),: ]*")
    own: ClassVar[tuple[str, ...]] = ("sip", "sipnya", "sip-nya")


def _is_talk(code: str) -> bool:
    """Whether it reads as a remark with a number in it rather than a number."""
    words = [w.casefold().strip(".,") for w in code.split()]
    return any(w in SENTENCE or w in _TELLING for w in words) or sum(w.isalpha() and len(w) > 3 for w in words) > 2
