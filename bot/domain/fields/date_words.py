"""Names of months and days, and days counted from today, in Indonesian, Javanese and English."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.domain.fields.clean import near
from bot.domain.fields.numerals import with_digits

MONTHS_ID = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_MONTHS: dict[str, int] = {
    **{name.lower(): n for n, name in enumerate(MONTHS_ID, 1)},
    **{name.lower(): n for n, name in enumerate(MONTHS_EN, 1)},
    "jan": 1, "feb": 2, "peb": 2, "pebruari": 2, "mar": 3, "mrt": 3, "apr": 4, "jun": 6, "juny": 6, "jul": 7, "agt": 8,
    "agu": 8, "ags": 8, "agst": 8, "agus": 8, "aug": 8, "agts": 8,
    "sep": 9, "sept": 9, "spt": 9, "okt": 10, "oct": 10, "nov": 11, "nop": 11, "nopember": 11, "des": 12, "dec": 12,
    "mai": 5, "mey": 5,
}  # fmt: skip
_DAYS: dict[str, int] = {
    "senin": 0, "senen": 0, "monday": 0, "selasa": 1, "seloso": 1, "tuesday": 1, "rabu": 2, "rebo": 2,
    "wednesday": 2, "kamis": 3, "kemis": 3, "thursday": 3, "jumat": 4,
    "jum'at": 4, "jemuah": 4, "jumuah": 4, "friday": 4, "sabtu": 5, "setu": 5, "saturday": 5, "minggu": 6, "ahad": 6,
    "ngahad": 6, "sunday": 6,
}  # fmt: skip
_PHRASES: dict[str, int] = {
    "hari ini": 0, "hr ini": 0, "saiki": 0, "dina kiye": 0, "dinten niki": 0, "today": 0, "sekarang": 0, "barusan": 0,
    "baru saja": 0, "tadi": 0,
    "kemarin": -1, "kemaren": -1, "kmrn": -1, "kmren": -1, "kmarin": -1, "wingi": -1, "yesterday": -1, "tadi malam": -1,
    "td malam": -1, "td mlm": -1, "tadi malem": -1, "semalam": -1, "smlm": -1, "kala wingi": -1, "mau bengi": -1,
    "wau dalu": -1, "last night": -1, "kemarin lusa": -2, "kemarin dulu": -2, "wingenane": -2, "wingi nane": -2,
    "wingi kae": -2, "besok": 1, "bsk": 1, "besuk": 1, "ngesuk": 1, "sesuk": 1, "suk": 1, "mbesuk": 1, "mbenjing": 1,
    "benjing": 1, "enjing": 1, "tomorrow": 1, "esok": 1, "esok hari": 1, "lusa": 2, "besok lusa": 2, "ngesuk emben": 2,
    "emben": 2, "seminggu lalu": -7, "seminggu yang lalu": -7, "seminggu yg lalu": -7, "seminggu kepungkur": -7,
    "a week ago": -7, "seminggu lagi": 7, "seminggu maning": 7, "sehari lalu": -1, "sehari sebelumnya": -1,
}  # fmt: skip
_TODAY_WITH_PART = frozenset({"tadi", "td", "mau", "wau", "nanti", "mengko", "mangke", "this"})
"""Today only when a part of the day follows: "mau esuk"; alone, "mau" is Indonesian for "I want"."""
_PAST = r"(?:kemarin|kemaren|kmrn|lalu|yang lalu|yg lalu|kmren|wingi|kepungkur|last)"
_FUTURE = r"(?:depan|dpn|besok|yang akan datang|mendatang|ngarep|ngesuk|next|sesuk)"
_WEEK = r"(?:minggu|mgg|mggu|pekan|week)"
_PERIOD = rf"(?:{_WEEK}|bulan|bln|wulan|sasi|tahun|thn|taun|month|year)"
_VAGUE = re.compile(
    r"(?:[a-z]+ )?(?:awal|akhir|tengah|pertengahan|early|late|end of|tanggal tua|tanggal muda)(?: [a-z]+){0,3}(?: \d{4})?"
    rf"|sekitar {_PERIOD} .*|{_PERIOD} (?:ini|kiye|{_PAST}|{_FUTURE})|(?:last|next|this) {_PERIOD}"
    r"|(?:\d+|se|beberapa|pirang-pirang)? ?(?:bulan|bln|wulan|sasi|tahun|thn|taun|months?|years?)"
    r" (?:yang |yg )?(?:lalu|kepungkur|ago|lagi|maning|ke ?depan)"
    r"|(?:habis|sebelum|sesudah|setelah|bar|bakda|ba'da|pas)? ?(?:lebaran|puasa|ramadan|ramadhan|idul fitri|idul adha"
    r"|natal|tahun baru|mudik|panen)(?: [a-z]+){0,2}(?: \d{4})?"
    r"|secepatnya|segera|kapan-kapan|suatu hari|beberapa hari (?:lagi|lalu|yang lalu|yg lalu)|nanti-nanti|akhir pekan"
)
_PART_OF_DAY = re.compile(
    r" (?:pagi|siang|sore|malam|malem|mlm|subuh|esuk|isuk|awan|sonten|bengi|wengi|dalu|petang|dini hari|morning"
    r"|afternoon|evening|night)(?: .*)?$"
)
_HOUR = re.compile(r" (?:sekitar )?(?:jam|pukul|pkl|at) .*$")
_MARKET = re.compile(r" (?:legi|pahing|paing|pon|wage|kliwon)\b")
"""Days of the Javanese market week, said after the weekday."""


def month_of(word: str) -> int | None:
    """1–12 for the name or abbreviation of a month, one typing error forgiven in longer ones."""
    word = word.casefold().strip(".")
    if word in _MONTHS:
        return _MONTHS[word]
    close = {n for name, n in _MONTHS.items() if len(name) >= 5 and near(word, name)}
    return close.pop() if len(close) == 1 else None


def weekday_of(word: str) -> int | None:
    """0 (Monday) – 6 for the name of a day."""
    return _DAYS.get(word.casefold())


def relative_day(text: str, today: date, *, past: bool) -> date | None:
    """The day that words such as "kemarin", "senin depan", "tgl 5 kemarin", "3 hari lalu" mean. ``past``: a bare
    day lies behind, not ahead.
    """
    said = _said(text)
    daily = _PART_OF_DAY.sub("", _HOUR.sub("", said))
    if daily in _TODAY_WITH_PART and daily != said and said not in _PHRASES:
        return today
    for tried in dict.fromkeys((said, _HOUR.sub("", said), daily)):
        if tried in _PHRASES:
            return today + timedelta(days=_PHRASES[tried])
        day = _days_away(tried, today) or _weekday(tried, today, past) or _day_of_month(tried, today, past)
        if day is not None:
            return day
    return None


def is_vague(text: str) -> bool:
    """Whether a text names a time that is no single day: "awal bulan depan", "minggu lalu" (the Sunday or the week?),
    "habis lebaran".
    """
    said = _said(text)
    return said != "" and _VAGUE.fullmatch(said) is not None and not re.match(r"hari ", text.casefold())


def _said(text: str) -> str:
    said = " ".join(with_digits(re.sub(r"[,.!]", " ", text.casefold())).split())
    said = re.sub(
        r"^(?:(?:pas|dina|dinten|on|lahir|lahire|lahirnya|sejak|mulai|pada|kira-kira|insyaallah|insya allah|the) )+",
        "",
        re.sub(r"\b(?:pak|bu|mas|mbak|kak|min|ya|yah|nggih|saja|aja|bae|sih)\b", "", said).strip(),
    ).strip()
    return " ".join(_MARKET.sub("", re.sub(r"^(?:hari|hr) (?!ini)", "", said)).split())


def _days_away(said: str, today: date) -> date | None:
    match = re.fullmatch(
        rf"(\d{{1,3}}) (hari|hr|dina|dinten|{_WEEK}|days?|weeks) (?:yang |yg )?(lalu|kepungkur|wingi|kemarin|ago|lagi|maning"
        r"|malih|ke ?depan|mendatang)",
        said,
    )
    if not match:
        return None
    days = int(match[1]) * (1 if match[2] in ("hari", "hr", "dina", "dinten", "day", "days") else 7)
    return today + timedelta(days=-days if match[3] in ("lalu", "kepungkur", "wingi", "kemarin", "ago") else days)


def _weekday(said: str, today: date, past: bool) -> date | None:
    match = re.fullmatch(rf"(?:(last|next|this) )?([a-z']+)(?: (?:{_WEEK} )?({_PAST}|{_FUTURE}|ini|kiye|niki))?", said)
    wanted = weekday_of(match[2]) if match else None
    if match is None or wanted is None:
        return None
    turn = match[3] or match[1] or ""
    monday = today - timedelta(days=today.weekday())
    if turn in ("ini", "kiye", "niki", "this"):
        return monday + timedelta(days=wanted)
    if re.search(rf" {_WEEK} ", said):
        # "Senin minggu lalu": the week is named, whatever today is.
        return monday + timedelta(days=wanted + (7 if re.fullmatch(_FUTURE, turn) else -7))
    if re.fullmatch(_FUTURE, turn):
        # "Senin depan" is the Monday of the coming week, whatever today is.
        return monday + timedelta(days=7 + wanted)
    back = (today.weekday() - wanted) % 7 or 7
    ahead = (wanted - today.weekday()) % 7 or 7
    return today - timedelta(days=back) if turn or past else today + timedelta(days=ahead)


def _day_of_month(said: str, today: date, past: bool) -> date | None:
    match = re.fullmatch(rf"(?:tgl|tanggal|tg) ?(\d{{1,2}})(?: (bulan )?({_PAST}|{_FUTURE}|ini|kiye))?", said)
    if not match:
        return None
    turn, month_said = match[3] or "", bool(match[2])
    if turn in ("ini", "kiye"):
        return _in_month(today, 0, int(match[1]))
    ahead = bool(re.fullmatch(_FUTURE, turn)) if turn else not past
    if month_said:
        return _in_month(today, 1 if ahead else -1, int(match[1]))
    for months in (0, 1, 2) if ahead else (0, -1, -2):
        day = _in_month(today, months, int(match[1]))
        if day is not None and (day > today if ahead else day <= today):
            return day
    return None


def _in_month(today: date, months: int, day: int) -> date | None:
    index = today.year * 12 + today.month - 1 + months
    try:
        return date(index // 12, index % 12 + 1, day)
    except ValueError:
        return None
