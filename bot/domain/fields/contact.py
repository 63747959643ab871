"""How to reach a person, and the neighbourhood they live in."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question, with_look_alikes, words_of
from bot.domain.fields.numerals import with_digits

_MOBILE = re.compile(r"(?:\+|00)?(?:62)?0?(8[0-9]{8,11})")
_LANDLINE = re.compile(r"(?:\+|00)?(?:62|0)0?((?:2[1-9]|3[1-9]|4[0-9]|5[1-9]|6[1-9]|7[0-9]|9[0-9])[0-9]{6,9})")
_BETWEEN = re.compile(r"\s*(?:/|,|;|\||&|\b(?:atau|utawa|utawi|dan|sama|karo|kalih|lan|or|and)\b)\s*")
_RUN = re.compile(r"\+?[0-9][0-9\s().\-]*[0-9]|[0-9]")
_AREA_OF_TWO = ("21", "22", "24", "31", "61")
MAX_WORDS = 8
"""Words around a number; more is a story that happens to hold one."""


class Phone:
    """An Indonesian mobile number, kept as ``+628…``. Option ``landline: true``: also numbers such as 0283-491234. Of
    two numbers the first is taken, with a word about it.
    """

    name: ClassVar[str] = "phone"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        said = re.sub(r"(?:https?://)?wa\.me/", " ", text.casefold())
        digits = re.sub(r"\bkosong\b", "0", with_digits(re.sub(r"\bkosong\b", "nol", said)))
        mended = with_look_alikes(digits)
        landline = spec.options.get("landline") is True
        numbers = _numbers(mended, landline)
        words = [w for w in words_of(mended) if not w.isdecimal()]
        if is_question(text) or len(words) > MAX_WORDS:
            return no("field.phone.unclear")
        if not numbers:
            return wrong("field.phone.invalid") if _dialled(mended) else no("field.phone.unclear")
        if mended != digits:
            return wrong("field.phone.letters", guess=self.show(numbers[0], spec, ctx.language))
        if len(numbers) > 1:
            number = self.show(numbers[0], spec, ctx.language)
            return strong(numbers[0], warning="field.phone.first", interpreted=True, number=number)
        return strong(numbers[0])

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        local = "0" + str(value).removeprefix("+62")
        if not local.startswith("08"):
            area = 3 if local[1:3] in _AREA_OF_TWO else 4
            return f"{local[:area]}-{local[area:]}"
        return "-".join(filter(None, (local[:4], local[4:8], local[8:])))


def _numbers(text: str, landline: bool) -> list[str]:
    """The different numbers in a text, in the form they are kept in."""
    whole = _number("".join(_RUN.findall(text)), landline)
    if whole is not None:
        return [whole]
    runs = [run for part in _BETWEEN.split(text) for run in _RUN.findall(part)]
    # "0812 3456 7890  0857 1111 2222": nothing stands between them but a space.
    runs += [run for run in re.findall(r"(?:\+62|\b0|\b62)8[0-9\s.\-]{8,14}?(?=\s+(?:\+62|0|62)8|$)", text)]
    found = [number for run in runs if (number := _number(run, landline)) is not None]
    return list(dict.fromkeys(found))


def _number(run: str, landline: bool) -> str | None:
    bare = re.sub(r"[\s().\-]", "", run)
    match = _MOBILE.fullmatch(bare) or (_LANDLINE.fullmatch(bare) if landline else None)
    return "+62" + match[1] if match else None


def _dialled(text: str) -> bool:
    """Whether somebody meant to give a number: digits, and hardly anything else."""
    digits = sum(c.isdecimal() for c in text)
    return digits >= 5 and digits >= sum(c.isalpha() for c in text)


_EMAIL = re.compile(
    r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)*\.[A-Za-z]{2,24}"
)
_HOSTS = {
    "gmail.con": "gmail.com", "gmail.co": "gmail.com", "gmail.cm": "gmail.com", "gmail.om": "gmail.com",
    "gmai.com": "gmail.com", "gmial.com": "gmail.com", "gmal.com": "gmail.com", "gamil.com": "gmail.com",
    "gmail.co.id": "gmail.com", "gmaill.com": "gmail.com", "gmeil.com": "gmail.com",
    "yaho.com": "yahoo.com", "yahoo.con": "yahoo.com", "yahooo.com": "yahoo.com", "yahoo.co": "yahoo.com",
    "hotmail.con": "hotmail.com",
}  # fmt: skip
"""Hosts that are nearly always a typing error."""


class Email:
    """An e-mail address. The host is written small; the part before it stays as typed. A host that is probably mistyped
    is only a warning.
    """

    name: ClassVar[str] = "email"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        said = re.sub(r"\s*@\s*", "@", text)
        if "@" in said:
            said = re.sub(r"(?<=\w)\s*[.,]\s*(?=(?:com|co|id|net|org|ac|sch|go)\b)", ".", said, flags=re.IGNORECASE)
        words = [w.strip(".,;:<>()\"'") for w in said.split()]
        tried = [w for w in words if "@" in w]
        if not tried or is_question(text):
            return no("field.email.unclear")
        address = tried[0]
        local, _, host = address.partition("@")
        if ".." in address or not _EMAIL.fullmatch(address) or local.startswith(".") or local.endswith("."):
            return wrong("field.email.invalid")
        value = f"{local}@{host.lower()}"
        guess = _HOSTS.get(host.lower())
        warning = "field.email.host" if guess else None
        return strong(
            value, warning=warning, interpreted=value != text.strip(), guess=f"{local}@{guess}" if guess else ""
        )

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)


_RT_RW = re.compile(r"(?:rt[\s.:]*)?0*(\d{1,3})(?:\s*[/,\-]?\s*)(?:rw[\s.:]*)?0*(\d{1,3})")
_RW_RT = re.compile(r"rw[\s.:]*0*(\d{1,3})\s*[/,\-]?\s*rt[\s.:]*0*(\d{1,3})")
_ONE_OF = re.compile(r"(?:rt|rw)?[\s.:]*(\d{1,3})")
_AROUND = re.compile(r"\b(?:saya|kulo|nyong|di|nang|ning|ya|pak|bu|mas|mbak|kak|dan|lan|and|nomor|no)\b|[()]")


class RtRw:
    """Neighbourhood numbers, kept as ``003/002``: "rt 3 rw 2", "03/02", "rw 2 rt 3"."""

    name: ClassVar[str] = "rt_rw"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        said = " ".join(with_digits(_AROUND.sub(" ", text.casefold())).split()).strip(" .,!")
        if six := re.fullmatch(r"(\d{3})(\d{3})", said):
            rt, rw = six[1], six[2]
        elif turned := _RW_RT.fullmatch(said):
            rt, rw = turned[2], turned[1]
        elif (match := _RT_RW.fullmatch(said)) and re.search(r"\d\D+\d", said):
            rt, rw = match[1], match[2]
        else:
            return wrong("field.rt_rw.one") if _ONE_OF.fullmatch(said) else no("field.rt_rw.unclear")
        value = f"{int(rt):03}/{int(rw):03}"
        return strong(value, interpreted=value != text.strip())

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)
