"""Days and hours of a practice, as one line."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, weak, wrong
from bot.domain.fields.clean import is_question, is_small_talk, without_pictures, words_of
from bot.domain.fields.date_words import weekday_of

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_DAY_SHORT = {
    "sen": 0, "snn": 0, "sn": 0, "mon": 0, "sel": 1, "sls": 1, "slasa": 1, "tue": 1, "rab": 2, "rb": 2, "wed": 2,
    "kam": 3, "kms": 3, "thu": 3, "jum": 4, "jmt": 4, "jmat": 4, "fri": 4, "sab": 5, "sbtu": 5, "sbt": 5, "sat": 5,
    "min": 6, "mgg": 6, "mggu": 6, "sun": 6,
}  # fmt: skip
_WORDS = {
    "tiap": "Setiap", "setiap": "Setiap", "saben": "Setiap", "every": "Setiap", "hari": "hari", "dina": "hari",
    "dinten": "hari", "day": "hari", "pagi": "pagi", "esuk": "pagi", "isuk": "pagi", "enjing": "pagi",
    "morning": "pagi", "siang": "siang", "awan": "siang", "sore": "sore", "sonten": "sore", "afternoon": "sore",
    "malam": "malam", "malem": "malam", "bengi": "malam", "evening": "malam", "kerja": "kerja", "libur": "libur",
    "tutup": "tutup", "kecuali": "kecuali", "kejaba": "kecuali", "except": "kecuali", "selesai": "selesai",
    "rampung": "selesai", "24": "24", "jam": "jam", "hours": "jam",
}  # fmt: skip
_TO = r"(?:s\s?/\s?d\.?|s\.d\.?|sd|sampai(?: dengan)?|sampe|smp|tekan|ngantek|dugi|hingga|till?|to|until|-)"
_CLOCK = re.compile(r"(?<![\d.:])(\d{1,2})(?:\s?[.:]\s?(\d{2}))?(?![\d.:])")
_HOUR, _PART = r"\d\d\.\d\d", r"\b(?:pagi|siang|sore|malam)\b"
_PRACTICE = re.compile(
    r"^(?:jadwal|praktik|praktek|buka|hari praktik|jam praktik|saya|kulo|nyong|:|\s)+\b", re.IGNORECASE
)
MAX_LENGTH = 120


class Schedule:
    """Practice days and hours, e.g. "Senin-Jumat 08.00-14.00". What is understood is written alike; the rest stays as
    typed, as long as a day, an hour or a part of the day is in it.
    """

    name: ClassVar[str] = "schedule"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        said = without_pictures(text)
        if is_question(text) or is_small_talk(said):
            return no("field.schedule.unclear")
        value = _written_alike(said)
        days = any(d.casefold() in words_of(value) for d in (*DAYS, "Setiap"))
        hours = bool(re.search(rf"{_HOUR}|\b24 jam\b", value))
        if _impossible(value):
            return wrong("field.schedule.hours")
        if len(value) > MAX_LENGTH:
            return wrong("field.text.longer_than", n=MAX_LENGTH)
        known = {w.casefold() for w in (*DAYS, *_WORDS.values())} | {"dan"}
        strangers = [w for w in words_of(value) if not w.isdecimal() and w not in known]
        if not (days or hours) or len(strangers) > 4:
            return no("field.schedule.unclear")
        judged = strong if days and not strangers else weak
        return judged(value, interpreted=value != text.strip())

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value)


def _written_alike(text: str) -> str:
    """Days and words in full, hours as ``08.00``, ranges with a hyphen."""
    said = _PRACTICE.sub("", text).casefold() if _PRACTICE.match(text) else text.casefold()
    said = re.sub(r"jum'at|jum at", "jumat", said)
    said = re.sub(rf"(?<=[\w.])\s*(?:\b|(?<=\W)){_TO}\s*(?=[\w])", "-", said) if re.search(_TO, said) else said
    said = re.sub(r"\s*-\s*", "-", said)
    said = re.sub(r"\b(?:jam|pukul|pkl|at)\b\.?\s*(?=\d)", "", said)
    said = re.sub(r"(?<=\d)\s*wib\b|\bwib\b", "", said)
    said = re.sub(r"\s*(?:&|\+|\bkaro\b|\bkalih\b|\blan\b|\bsama\b|\band\b)\s*", " dan ", said)
    said = _CLOCK.sub(_clock, said)
    said = re.sub(r"[a-z']+", _word, said)
    said = re.sub(rf"({_HOUR})-({_HOUR})(?:\s*({_PART}))?", _range, said)
    said = re.sub(rf"({_HOUR})\s*({_PART})", _in_part, said)
    said = re.sub(r"\s*([,;])\s*", r"\1 ", said)
    said = " ".join(said.split()).strip(" ,;.-")
    return said[:1].upper() + said[1:]


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[2] is None and match.string[match.end() :].lstrip().startswith(("jam", "hour", "hari")):
        return match[0]
    return f"{hour:02}.{minute:02}"


def _range(match: re.Match[str]) -> str:
    """ "08.00-04.00 sore" ends at 16.00; a range that would end before it began ends in the afternoon."""
    start, end, part = match[1], match[2], match[3]
    if part:
        end = _moved(end, part)
        later = _moved(start, part)
        return f"{later if later < end else start}-{end}"
    afternoon = _moved(end, "sore")
    return f"{start}-{afternoon if end < start < '12.00' else end}"


def _in_part(match: re.Match[str]) -> str:
    return _moved(match[1], match[2])


def _moved(hour: str, part: str) -> str:
    """The same on the 24-hour clock."""
    number = int(hour[:2])
    late = part in ("sore", "malam") and number < 12 or part == "siang" and number < 6
    return f"{number + 12:02}{hour[2:]}" if late else hour


def _word(match: re.Match[str]) -> str:
    word = match[0]
    day = weekday_of(word)
    day = _DAY_SHORT.get(word) if day is None else day
    return DAYS[day] if day is not None else _WORDS.get(word, word)


def _impossible(value: str) -> bool:
    return any(int(h) > 24 or int(m) > 59 for h, m in re.findall(r"(\d\d)\.(\d\d)", value))
