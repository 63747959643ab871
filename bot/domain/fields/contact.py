"""How to reach a person."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question

_PHONE_WORDS = re.compile(
    r"\b(no|nomor|nomer|hp|wa|whatsapp|telp|telepon|tlp|saya|kulo|nyong|handphone|phone|my|number|is)\b|[:=]",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"(?:\+?62|0)?(8\d{8,11})")
_EMAIL = re.compile(
    r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)*\.[A-Za-z]{2,24}"
)


class Phone:
    """An Indonesian mobile number, kept as ``+628…``."""

    name: ClassVar[str] = "phone"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        bare = re.sub(r"[\s().\-/]", "", _PHONE_WORDS.sub("", text))
        if not re.fullmatch(r"\+?[0-9]+", bare):
            return no("field.phone.unclear")
        match = _MOBILE.fullmatch(bare)
        if not match:
            return wrong("field.phone.invalid")
        return strong("+62" + match[1])

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        local = "0" + str(value).removeprefix("+62")
        return "-".join(filter(None, (local[:4], local[4:8], local[8:])))


class Email:
    """An e-mail address."""

    name: ClassVar[str] = "email"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        found: list[str] = [w.strip(",;:<>()").rstrip(".") for w in text.split() if "@" in w]
        if len(found) != 1 or is_question(text) or len(text.split()) > 8:
            return no("field.email.unclear")
        if not _EMAIL.fullmatch(found[0]) or len(found[0]) > 120 or ".." in found[0]:
            return wrong("field.email.invalid")
        name, _, host = found[0].partition("@")
        return strong(f"{name}@{host.lower()}")

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)


_RT_RW = re.compile(r"(?:rt\s*[.:]?\s*)?0*(\d{1,3})\s*(?:/|,|-|\s)?\s*(?:rw\s*[.:]?\s*)?0*(\d{1,3})", re.IGNORECASE)


class RtRw:
    """Neighbourhood numbers, kept as ``003/002``."""

    name: ClassVar[str] = "rt_rw"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        match = _RT_RW.fullmatch(text.strip()) if re.search(r"\d\D+\d", text) else None
        if not match:
            return no("field.rt_rw.unclear")
        value = f"{int(match[1]):03}/{int(match[2]):03}"
        return strong(value, interpreted=value != text.strip())

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)
