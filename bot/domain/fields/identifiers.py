"""Numbers of the population register: NIK and family card."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from stdnum.exceptions import InvalidComponent, ValidationError
from stdnum.id import nik as stdnum_nik

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question

_WORDS = re.compile(
    r"\b(nik|no|nomor|nomer|kk|ktp|saya|nya|kulo|nyong|adalah|is|my|number|the|iki|kiye|kartu|keluarga)\b|niknya|kknya",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s.\-_/:,]+")


class _SixteenDigits:
    name: ClassVar[str]
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        """Sixteen digits however they are grouped."""
        bare = _SEPARATORS.sub("", _WORDS.sub(" ", text))
        digits = "".join(c for c in bare if c.isdecimal() and c.isascii())
        if not bare or bare != digits:
            if len(digits) >= 10 and not is_question(text):
                return wrong(f"field.{self.name}.letters")
            return no(f"field.{self.name}.unclear")
        if len(digits) != 16:
            return wrong(f"field.{self.name}.length", n=len(digits))
        if len(set(digits)) == 1:
            return wrong(f"field.{self.name}.impossible")
        return strong(digits, warning=self._odd(digits, ctx))

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)

    def _odd(self, digits: str, ctx: Context) -> str | None:
        raise NotImplementedError


class Nik(_SixteenDigits):
    """National identity number. Its region and date are those of the first registration, so a mismatch is only a
    warning.
    """

    name: ClassVar[str] = "nik"

    def _odd(self, digits: str, ctx: Context) -> str | None:
        try:
            stdnum_nik.validate(digits)
        except InvalidComponent:
            # Raised for the date as well as for the region; the district part is not looked up at all.
            return "field.nik.odd"
        except ValidationError:
            return "field.nik.odd"
        return "field.nik.odd" if digits.endswith("0000") else None


class NoKk(_SixteenDigits):
    """Number of the family card: region, date of issue, serial."""

    name: ClassVar[str] = "no_kk"

    def _odd(self, digits: str, ctx: Context) -> str | None:
        day, month = int(digits[6:8]), int(digits[8:10])
        return None if 1 <= day <= 31 and 1 <= month <= 12 else "field.no_kk.odd"


def nik_birth_date(nik: str, today: date) -> date | None:
    """The birth date as first registered, or None when the digits hold none. The century is a guess: the latest
    that is not in the future.
    """
    day = int(nik[6:8])
    day -= 40 if day > 40 else 0
    for century in (2000, 1900):
        try:
            born = date(century + int(nik[10:12]), int(nik[8:10]), day)
        except ValueError:
            continue
        if born <= today:
            return born
    return None
