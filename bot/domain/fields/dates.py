"""Dates in every way they are written; the day comes first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from bot.domain.fields.base import Context, FieldSpec, Parsed, no, strong, wrong
from bot.domain.fields.clean import is_question, with_look_alikes, words_of
from bot.domain.fields.date_words import MONTHS_EN, MONTHS_ID, is_vague, month_of, relative_day, weekday_of
from bot.domain.fields.numerals import with_digits

_NUMERIC = re.compile(
    r"(?<![0-9])([0-9]{1,2})\s*[-/., |:_]\s*([0-9]{1,2})\s*[-/., |:_]\s*([0-9]{4}|'?[0-9]{2})(?![0-9])"
)
_ISO = re.compile(r"(?<![0-9])([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])")
_NAMED = re.compile(
    r"(?<![0-9])([0-9]{1,2})(?:st|nd|rd|th)?\s*[-/.,]?\s*([a-z]{3,10})\.?(?:\s*[-/.,]?\s*([0-9]{4}|'?[0-9]{2})(?![0-9]))?"
)
_MONTH_FIRST = re.compile(r"\b([a-z]{3,10})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})\b")
_RUN = re.compile(r"(?<![0-9])([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})(?![0-9])")
_BACKWARD_RUN = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?![0-9])")
_NO_YEAR = re.compile(r"(?:(?:tgl|tanggal)\.?\s*)?([0-9]{1,2})\s*[-/]\s*([0-9]{1,2})")
_MARKERS = re.compile(r"\b(?:tgl|tg|tanggal|bln|bulan|wulan|sasi|th|thn|tahun|taun|warsa|of|the)\b\.?")
_SPOKEN_YEAR = re.compile(r"\b(19|20) ([0-9]{2})$")


@dataclass(frozen=True)
class _Read:
    """Day, month and year as written; ``year`` is None when missing and below 100 when it has two digits."""

    day: int
    month: int
    year: int | None


@dataclass(frozen=True)
class _Bounds:
    least: date
    most: date
    usual: date | None
    """Two-digit and missing years are settled within ``usual`` … ``most`` when the wider bounds leave a doubt."""


class Date:
    """A calendar day, kept as ``YYYY-MM-DD``.

    Options: ``min``, ``max`` (``today``, ``-120y``, ``+30d`` or a date), ``usual`` (how far back is usual; settles
    short years).
    """

    name: ClassVar[str] = "date"
    accepts: ClassVar[str] = "text"

    def parse(self, text: str, spec: FieldSpec, ctx: Context) -> Parsed:
        bounds = _bounds(spec.options, ctx.today)
        if is_question(text):
            return no("field.date.unclear")
        if is_vague(text):
            return wrong("field.date.vague", said=text[:40])
        spoken = relative_day(text, ctx.today, past=bounds.most <= ctx.today)
        if spoken is not None:
            return _within(spoken, bounds, ctx, interpreted=True)
        read = _read(_written(text))
        if read is None:
            digits = re.fullmatch(r"\D*\d{1,8}\D*", text) and len(words_of(text)) <= 3
            return wrong("field.date.incomplete") if digits else no("field.date.unclear")
        parsed = _settled(read, bounds, ctx)
        return _weekday_checked(parsed, text)

    def show(self, value: Any, spec: FieldSpec, language: str) -> str:
        return shown_date(date.fromisoformat(value), language)


def shown_date(day: date, language: str) -> str:
    """ "17 Agustus 1990"."""
    months = MONTHS_EN if language == "en" else MONTHS_ID
    return f"{day.day} {months[day.month - 1]} {day.year}"


def _written(text: str) -> str:
    """The text in small letters and digits, without the words that stand between day, month and year."""
    said = with_look_alikes(with_digits(text.casefold()))
    return _SPOKEN_YEAR.sub(r"\1\2", " ".join(_MARKERS.sub(" ", said).split()))


def _read(text: str) -> _Read | None:
    iso = _ISO.search(text)
    if iso:
        return _Read(int(iso[3]), int(iso[2]), int(iso[1]))
    numeric = _NUMERIC.search(text) or _RUN.search(text)
    backward = _BACKWARD_RUN.search(text)
    if backward and numeric and not 1 <= int(numeric[2]) <= 12:
        return _Read(int(backward[3]), int(backward[2]), int(backward[1]))
    if numeric:
        return _Read(int(numeric[1]), int(numeric[2]), int(numeric[3].lstrip("'")))
    named = next((m for m in _NAMED.finditer(text) if month_of(m[2])), None)
    if named:
        return _Read(int(named[1]), month_of(named[2]) or 0, int(named[3].lstrip("'")) if named[3] else None)
    first = _MONTH_FIRST.search(text)
    if first and month_of(first[1]):
        return _Read(int(first[2]), month_of(first[1]) or 0, int(first[3]))
    short = _NO_YEAR.fullmatch(text)
    return _Read(int(short[1]), int(short[2]), None) if short and 1 <= int(short[2]) <= 12 else None


def _settled(read: _Read, bounds: _Bounds, ctx: Context) -> Parsed:
    if read.year is not None and read.year >= 100:
        day = _day(read.year, read)
        return wrong("field.date.invalid") if day is None else _within(day, bounds, ctx, interpreted=False)
    years = (
        range(bounds.least.year, bounds.most.year + 1) if read.year is None else (1900 + read.year, 2000 + read.year)
    )
    possible = [d for d in (_day(y, read) for y in years) if d is not None]
    if not possible and all(_day(y, read) is None for y in (2000, 2001)):
        return wrong("field.date.invalid")
    inside = [d for d in possible if bounds.least <= d <= bounds.most]
    if len(inside) > 1 and bounds.usual is not None:
        inside = [d for d in inside if d >= bounds.usual] or inside
    if len(inside) == 1:
        return strong(inside[0].isoformat(), interpreted=True)
    if read.year is None:
        return wrong("field.date.year_missing")
    if inside:
        return wrong("field.date.ambiguous", a=inside[0].year, b=inside[1].year)
    return wrong("field.date.year_short")


def _day(year: int, read: _Read) -> date | None:
    try:
        return date(year, read.month, read.day)
    except ValueError:
        return None


def _within(day: date, bounds: _Bounds, ctx: Context, *, interpreted: bool) -> Parsed:
    if day > bounds.most:
        key = "field.date.future" if bounds.most == ctx.today else "field.date.too_late"
        return wrong(key, limit=shown_date(bounds.most, ctx.language), date=shown_date(day, ctx.language))
    if day < bounds.least:
        key = "field.date.past" if bounds.least == ctx.today else "field.date.too_early"
        return wrong(key, limit=shown_date(bounds.least, ctx.language), date=shown_date(day, ctx.language))
    return strong(day.isoformat(), interpreted=interpreted)


def _weekday_checked(parsed: Parsed, text: str) -> Parsed:
    said = next((d for d in map(weekday_of, re.findall(r"[a-z']+", text.casefold())) if d is not None), None)
    if not parsed.ok or said is None or date.fromisoformat(parsed.value).weekday() == said:
        return Parsed(
            parsed.verdict, parsed.value, parsed.problem, parsed.params, parsed.warning, parsed.interpreted or parsed.ok
        )
    return strong(parsed.value, warning="field.date.weekday", interpreted=True)


def _bounds(options: Mapping[str, Any], today: date) -> _Bounds:
    least = bound(options["min"], today) if "min" in options else date(1880, 1, 1)
    most = bound(options["max"], today) if "max" in options else date(today.year + 100, 12, 31)
    return _Bounds(least, most, bound(options["usual"], today) if "usual" in options else None)


def bound(written: Any, today: date) -> date:
    """A limit from the catalogue: ``today``, years or days from today (``-120y``, ``+30d``), or a date.

    :raises ValueError: none of these.
    """
    text = str(written)
    if text == "today":
        return today
    match = re.fullmatch(r"([+-]\d+)([yd])", text)
    if not match:
        return date.fromisoformat(text)
    if match[2] == "d":
        return today + timedelta(days=int(match[1]))
    year = today.year + int(match[1])
    return date(year, today.month, min(today.day, 28))
