"""Times of day as they are said."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question, words_of
from bot.domain.fields.numerals import with_digits
from bot.domain.fields.vocabulary import FILLERS

_PART = {
    "pagi": "morning", "esuk": "morning", "isuk": "morning", "enjing": "morning", "am": "morning",
    "subuh": "morning", "dini": "morning", "siang": "noon", "awan": "noon",
    "siyang": "noon", "sore": "evening", "sonten": "evening", "petang": "evening", "pm": "evening", "malam": "night",
    "malem": "night", "bengi": "night", "wengi": "night", "mlm": "night",
    "dalu": "night", "maghrib": "evening", "magrib": "evening",
}  # fmt: skip
_PRAYERS = frozenset({
    "subuh", "shubuh", "dhuha", "duha", "zuhur", "dhuhur", "dzuhur", "lohor", "luhur", "asar", "ashar", "asr", "maghrib",
    "magrib", "isya", "isak", "ngisa",
})  # fmt: skip
_AFTER = frozenset("habis bar sebelum sesudah setelah bakda bada ba da menjelang kira sekitar pas waktu pada".split())
_IGNORED = re.compile(
    r"\b(jam|pukul|pkl|jm|kira-kira|kira|sekitar|kurang lebih|wib|wita|wit|waktu|tadi|mau|lahir|lahirnya|hari|tepat|pas"
    r"|an|at|about|around|o'clock|tengah)\b"
)
_CLOCK = re.compile(
    r"^(setengah|stengah|stgh|stgah|1/2|half)?\s*(\d{1,2})(?:\s*[.:,\-]\s*(\d{2})(?:[.:]\d{2})?)?"
    r"\s*(?:(lebih|lewat|liwat|langkung|luwih|kurang|past|punjul)\s*(\d{1,2}|seperempat|prapat|seprapat)"
    r"|(\d{2}|seperempat|prapat|seprapat))?\s*(?:menit)?$"
)


class Time:
    """A time of day, kept as ``HH:MM``. "setengah 8 malam" is 19:30."""

    name: ClassVar[str] = "time"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        if is_question(text):
            return no("field.time.unclear")
        lowered = text.casefold()
        if re.search(r"\b(tengah malam|tengah wengi|midnight)\b", lowered) and not re.search(r"\d", lowered):
            return strong("00:00", interpreted=True)
        bare = re.sub(r"(?<=\d)(?=[a-z])", " ", with_digits(lowered))
        parts = {_PART[w] for w in re.findall(r"[a-z]+", bare) if w in _PART}
        bare = re.sub(r"\b(" + "|".join(_PART) + r")\b", " ", _IGNORED.sub(" ", bare))
        if re.fullmatch(r"\s*\d{3,4}\s*", bare):
            bare = re.sub(r"(\d{1,2})(\d{2})", r"\1:\2", bare.strip())
        match = _CLOCK.match(" ".join(bare.strip(" .,").split()))
        if not match or len(parts) > 1:
            words = set(words_of(text)) - _AFTER - FILLERS
            vague = words and words <= _PRAYERS | set(_PART) | {"hari"} and not match
            # "Subuh" or "sore" is meant as the answer, but an hour has to be known.
            return wrong("field.time.which") if vague else no("field.time.unclear")
        minutes = _minutes(match)
        value = None if minutes is None else _in_part(minutes, next(iter(parts), None))
        if value is None:
            return wrong("field.time.invalid")
        shown = f"{value // 60:02}:{value % 60:02}"
        return strong(shown, interpreted=lowered.strip() not in (shown, shown.replace(":", ".")))

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return str(value).replace(":", ".")


def _minutes(match: re.Match[str]) -> int | None:
    half, hour, minute, direction, more = match[1], int(match[2]), int(match[3] or 0), match[4], match[5] or match[6]
    if hour > 24 or minute > 59 or hour == 24 and minute:
        return None
    total = hour * 60 + minute - (30 if half else 0)
    if more:
        offset = 15 if not more.isdecimal() else int(more)
        total += -offset if direction == "kurang" else offset
    return total % (24 * 60)


def _in_part(minutes: int, part: str | None) -> int | None:
    """The minute of the day, given the part of the day that was said with it."""
    hour = minutes // 60
    if part is None or hour > 12:
        return minutes
    if part == "morning":
        return minutes - 720 if hour == 12 else minutes
    if part == "noon":
        return minutes if hour >= 9 else minutes + 720
    if part == "evening":
        return minutes if hour == 12 else minutes + 720
    # night: 6-11 belong to the evening, 12-4 to the small hours
    if hour == 12:
        return minutes - 720
    return minutes + 720 if hour >= 5 else minutes
