"""Numbers of the population register: NIK and family card."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from stdnum.exceptions import ValidationError
from stdnum.id import nik as stdnum_nik

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question, with_look_alikes, words_of
from bot.domain.fields.numerals import number_of, with_digits

_RUN = re.compile(r"[0-9](?:[\s.\-_/:,]*[0-9])*")
MAX_WORDS = 6
"""Words around a number ("ini NIK saya ya pak"); more is a story that happens to hold one."""


class _SixteenDigits:
    name: ClassVar[str]
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        """Sixteen digits however they are grouped."""
        said = with_digits(text) if _dictated(text) else text
        mended = with_look_alikes(said)
        digits = "".join(c for c in mended if c in "0123456789")
        words = [w for w in words_of(mended) if not w.isdecimal()]
        if is_question(text) or len(words) > MAX_WORDS or len(digits) < 6:
            return no(f"field.{self.name}.unclear")
        runs = [re.sub(r"[^0-9]", "", run) for run in _RUN.findall(mended)]
        whole = [run for run in runs if len(run) == 16] or ([digits] if len(digits) == 16 else [])
        if len(set(whole)) > 1 or len(digits) == 32:
            return wrong(f"field.{self.name}.several")
        if not whole:
            return self._not_sixteen(digits, words)
        if mended != said:
            return wrong(f"field.{self.name}.look_alike", guess=whole[0])
        if any(c.isalpha() for run in re.findall(r"\S*[0-9]\S*", mended) for c in run):
            return wrong(f"field.{self.name}.letters")
        if len(set(whole[0])) == 1:
            return wrong(f"field.{self.name}.impossible")
        return strong(whole[0], warning=self._odd(whole[0], ctx))

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)

    def _not_sixteen(self, digits: str, words: list[str]) -> Parsed:
        if any(any(c.isdecimal() for c in w) for w in words):
            return wrong(f"field.{self.name}.letters") if len(digits) >= 10 else no(f"field.{self.name}.unclear")
        # A number with many words around it that is far too short was about something else.
        if len(digits) < 10 and len(words) > 3:
            return no(f"field.{self.name}.unclear")
        return wrong(f"field.{self.name}.length", n=len(digits))

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
        except ValidationError:
            # Raised for the date as well as for the region; the district part is not looked up at all.
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


def _dictated(text: str) -> bool:
    """Whether the digits were spelled out as words."""
    return not any(c.isdecimal() for c in text) and sum(number_of(w) is not None for w in words_of(text)) >= 8
