"""Times of a visit as they are wished for: "besok pagi", "jumat jam 9", "tanggal 5 jam setengah sepuluh"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from bot.domain.fields.base import Choice, Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import words_of
from bot.domain.fields.dates import Date, shown_date
from bot.domain.fields.numerals import with_digits
from bot.domain.fields.times import Time
from bot.domain.wished_time import PARTS, WishedTime

AHEAD = "+60d"
"""A wish for a later day is refused as too late."""
_DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "jv": ("Senen", "Selasa", "Rebo", "Kemis", "Jumat", "Setu", "Ahad"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_FULL_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = {
    "id": "Jan Feb Mar Apr Mei Jun Jul Agt Sep Okt Nov Des".split(),
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
}
_AT = {"id": "pukul", "en": "at", "jv": "jam"}
_TO = {"id": "sampai", "en": "to", "jv": "dugi"}
_LATER = {"id": "Jam lain", "en": "Other times", "jv": "Jam sanes"}
_SHOWN_PARTS = {
    "id": {"pagi": "pagi", "siang": "siang", "sore": "sore"},
    "en": {"pagi": "morning", "siang": "afternoon", "sore": "evening"},
    "jv": {"pagi": "enjing", "siang": "siang", "sore": "sonten"},
}
_PART_OF = {
    **dict.fromkeys("pagi esuk isuk enjing morning pgi".split(), "pagi"),
    **dict.fromkeys("siang awan siyang noon afternoon".split(), "siang"),
    **dict.fromkeys("sore sonten petang evening".split(), "sore"),
}
_PART_WORDS = re.compile(r"\b(?:" + "|".join(_PART_OF) + r")\b")
_LATER_WORDS = frozenset(
    "lain lainnya liyane sanes sanese berikutnya selanjutnya other others later more selain maning malih lagi".split()
)
_ASKS_LATER = frozenset("jam hari waktu pilihan opsi times time yang yg sing tanggal dinten wekdal ada wonten".split())
# Said around a wish, in any order; what is left has to be a day.
_AROUND = frozenset(
    "mau bisa saged ambil pilih saya aku nyong kulo kalau kalo klo misal misalnya masih ada wonten yang yg sing di ke "
    "untuk aja saja bae deh dong tolong minta jadwal jadwalnya antre antri antrean antrian nomor slot kosong datang "
    "rawuh dateng pak bu mas mbak kak min gak ga nggak tidak boleh dulu ya yah nggih lah sih apa apakah jadi wib pengin "
    "pengen pingin insyaallah please i want the can come would like on for me is there any pagi-pagi kira kira-kira sekitar "
    "waktu wekdal jamnya harinya booking pesan coba nek menawi".split()
)
_CLOCK = re.compile(
    r"(?<![\w./-])(?:"
    r"(?:jam|pukul|pkl|jm|at)\.?\s*(?:setengah\s+|stengah\s+|half\s+)?\d{1,2}(?:\s*[.:]\s*\d{2})?"
    r"(?:\s*(?:lebih|lewat|liwat|kurang|punjul)\s*(?:\d{1,2}|seperempat|prapat))?"
    r"|(?:setengah|stengah)\s+\d{1,2}"
    r"|\d{1,2}[.:]\d{2}"
    r"|\d{1,2}(?=\s*(?:am|pm|pagi|siang|sore|esuk|awan|enjing|sonten|petang)\b)"
    r")(?:\s*(?:am|pm|pagi|siang|sore|esuk|isuk|awan|enjing|sonten|petang))?(?![\d./-]*\d)(?!\s*(?:hari|dinten)\b)"
)
_WEEK = re.compile(r"(?:minggu|mgg|pekan|week)\s*(depan|ngarep|ini|kiye|niki)|(next|this) week")
_RANGE = re.compile(r"\s+(?:sampai|sampe|s/d|sd|dugi|hingga|to|until)\s+")
_OPEN_FROM = 7
"""No office opens before: "jam 2" is in the afternoon."""


@dataclass(frozen=True)
class _DaySpec:
    """What :class:`Date` is told of a visit's day."""

    choices: tuple[Choice, ...] = ()
    options: dict[str, Any] = field(default_factory=lambda: {"min": "today", "max": AHEAD})


class SlotTime:
    """A time at a counter, kept as ``YYYY-MM-DDTHH:MM`` (office time).

    What is typed gives a wish (:class:`bot.domain.wished_time.WishedTime`): only the office knows which times are free, so that an
    outside check (``check: slot``) makes it a time or offers others.
    """

    name: ClassVar[str] = "slot"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        kept = _kept(text)
        if kept is not None:
            return strong(kept.to_json())
        said = with_digits(text.casefold()).strip(" .,!?")
        if _wants_others(said):
            return strong(WishedTime(later=True).to_json(), interpreted=True)
        between = _RANGE.split(said)
        if len(between) == 2:
            return _between(between[0], between[1], ctx)
        return _read(said, ctx)

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        wish = WishedTime.from_json(str(value))
        if wish.later:
            return _LATER.get(language, _LATER["id"])
        if wish.at is not None:
            return f"{_day(wish.at.date(), language)} {_at(wish.at.time(), language)}"
        hours = _hours(wish, language)
        if wish.days is None:
            return hours
        first, last = wish.days
        days = _day(first, language)
        if last != first:
            days = f"{shown_date(first, language)} {_TO.get(language, _TO['id'])} {shown_date(last, language)}"
        return f"{days} {hours}".strip()

    def short(self, value: Any, language: str) -> str:
        """For a button: "Kamis 5 Nov, 09.00", at most 20 characters as WhatsApp takes them."""
        wish = WishedTime.from_json(str(value))
        if wish.at is None:
            return _LATER.get(language, _LATER["id"])
        day = _DAYS.get(language, _DAYS["id"])[wish.at.weekday()]
        month = _MONTHS.get(language, _MONTHS["id"])[wish.at.month - 1]
        return f"{day} {wish.at.day} {month}, {wish.at:%H.%M}"


def _kept(text: str) -> WishedTime | None:
    """A text that is a kept value, as buttons carry it."""
    try:
        return WishedTime.from_json(text)
    except ValueError:
        return None


def _wants_others(said: str) -> bool:
    words = set(words_of(said)) - _AROUND
    return bool(words & _LATER_WORDS) and words <= _LATER_WORDS | _ASKS_LATER


def _read(said: str, ctx: Context) -> Parsed:
    clock = _CLOCK.search(said)
    part = None if clock else _PART_WORDS.search(said)
    rest = said
    if clock is not None:
        rest = f"{said[: clock.start()]} {said[clock.end() :]}"
    elif part is not None:
        rest = f"{said[: part.start()]} {said[part.end() :]}"
    rest = _bare(_PART_WORDS.sub(" ", rest) if clock else rest)
    hours = clock[0] if clock else ""
    if not hours and part is None and (split := _with_bare_hour(rest, ctx)) is not None:
        rest, hours = split
    if not hours and part is None and not rest:
        return no("field.slot.unclear")
    at = _clock(hours, said, ctx) if hours else None
    if hours and at is None:
        return wrong("field.time.invalid")
    days = _days(rest, ctx) if rest else None
    if isinstance(days, Parsed):
        return days
    return _wish(at, days, PARTS[_PART_OF[part[0]]] if part is not None else None)


def _wish(at: time | None, days: tuple[date, date] | None, part: tuple[str, str] | None) -> Parsed:
    if at is not None and days is not None and days[0] == days[1]:
        wish = WishedTime(at=datetime.combine(days[0], at))
    elif at is not None:
        until = time.max.replace(microsecond=0, second=0) if at.hour == 23 else at.replace(hour=at.hour + 1)
        wish = WishedTime(days=days, hours=(at, until))
    else:
        hours = (time.fromisoformat(part[0]), time.fromisoformat(part[1])) if part is not None else None
        wish = WishedTime(days=days, hours=hours)
    return strong(wish.to_json(), interpreted=True)


def _bare(said: str) -> str:
    """Without the words around a wish; "hari" stays where "ini" follows."""
    said = re.sub(r"\b(?:hari|dinten|dina)\b(?!\s+(?:ini|niki|kiye))", " ", said.strip(" .,?"))
    kept = [word for word in re.sub(r"[?!,]", " ", said).split() if word not in _AROUND and word not in (".", "-")]
    return " ".join(kept).strip(" .,-")


def _with_bare_hour(rest: str, ctx: Context) -> tuple[str, str] | None:
    """ "Besok 9": a day and a number that can only be an hour; "9" alone likewise."""
    match = re.fullmatch(r"(.*?)\s*\b(\d{1,2})", rest)
    if match is None or not _OPEN_FROM <= int(match[2]) <= 16:
        return None
    day = match[1].strip()
    if day and (not isinstance(_days(rest, ctx), Parsed) or isinstance(_days(day, ctx), Parsed)):
        return None
    return day, f"jam {match[2]}"


def _clock(hours: str, said: str, ctx: Context) -> time | None:
    parsed = Time().parse(re.sub(r"\bat\b", "jam", hours), _DaySpec(), ctx)
    if not parsed.ok:
        return None
    at = time.fromisoformat(parsed.value)
    parted = re.search(r"\b(?:am|pm)\b", hours) or _PART_WORDS.search(said)
    return at.replace(hour=at.hour + 12) if at.hour < _OPEN_FROM and not parted else at


def _days(rest: str, ctx: Context) -> tuple[date, date] | Parsed:
    week = _WEEK.fullmatch(rest)
    if week is not None:
        monday = ctx.today - timedelta(days=ctx.today.weekday())
        if (week[1] or week[2]) in ("depan", "ngarep", "next"):
            return monday + timedelta(days=7), monday + timedelta(days=13)
        return ctx.today, monday + timedelta(days=6)
    parsed = Date().parse(rest, _DaySpec(), ctx)
    if not parsed.ok:
        return parsed if parsed.problem != "field.date.unclear" else no("field.slot.unclear")
    day = date.fromisoformat(parsed.value)
    return day, day


def _between(first: str, last: str, ctx: Context) -> Parsed:
    """ "Senin sampai rabu"; hours said with the second day hold for all of them."""
    begin, end = _read(first, ctx), _read(last, ctx)
    if not (begin.ok and end.ok):
        return no("field.slot.unclear")
    one, two = WishedTime.from_json(begin.value), WishedTime.from_json(end.value)
    if one.days is None or two.days is None or one.hours or one.days[0] > two.days[1]:
        return no("field.slot.unclear")
    return strong(WishedTime(days=(one.days[0], two.days[1]), hours=two.hours).to_json(), interpreted=True)


def _day(day: date, language: str) -> str:
    names = _FULL_EN if language == "en" else _DAYS.get(language, _DAYS["id"])
    return f"{names[day.weekday()]}, {shown_date(day, language)}"


def _at(at: time, language: str) -> str:
    return f"{_AT.get(language, _AT['id'])} {at:%H.%M}"


def _hours(wish: WishedTime, language: str) -> str:
    if wish.hours is None:
        return ""
    pair = (f"{wish.hours[0]:%H:%M}", f"{wish.hours[1]:%H:%M}")
    part = next((name for name, hours in PARTS.items() if hours == pair), None)
    return _SHOWN_PARTS.get(language, _SHOWN_PARTS["id"])[part] if part else _at(wish.hours[0], language)
