"""Judging a text, a pressed button or a file as the answer to the open question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.domain.fields import TYPES
from bot.domain.fields.base import Context, Parsed, Verdict, no, strong, wrong
from bot.domain.fields.choice_words import numbers_in
from bot.domain.fields.choices import MAX_LISTED, yes_or_no
from bot.domain.fields.clean import MAX_LENGTH, clean, trouble, words_of
from bot.domain.fields.files import Document
from bot.domain.fields.identifiers import nik_birth_date
from bot.domain.form_commands import correction_target
from bot.domain.form_find import find_items
from bot.domain.form_model import Field
from bot.domain.form_sheet import Item, Sheet
from bot.domain.form_turn import Action
from bot.domain.messages import FileRef

YES, NO, SKIP, SUBMIT, EDIT = "ya", "tidak", "lewati", "kirim", "ubah"
"""Values of the engine's own buttons."""

_SKIPS = frozenset({
    "lewati", "lewat", "skip", "lewatin", "lewati saja", "kosong", "kosongkan", "tidak ada", "tdk ada", "ga ada",
    "gak ada", "nggak ada", "ngga ada", "tidak punya", "gak punya",
    "ga punya", "nggak punya", "ngga punya", "tidak tahu", "tidak tau", "tdk tahu", "tdk tau", "gak tau", "ga tau",
    "nggak tau", "ngga tau", "gak tahu", "ga tahu", "gatau", "lupa",
    "belum ada", "belum punya", "ora duwe", "ora nduwe", "laka", "ora ngerti", "ora reti", "mboten gadhah",
    "mboten wonten", "mboten ngertos", "kesupen", "none", "no", "tidak",
    "gak", "ga", "nggak", "ora", "mboten", "dont know", "i don t know", "don t know", "don t have", "i don t have",
    "not available", "n a", "na", "durung duwe", "strip", "nihil",
})  # fmt: skip
_INTO = re.compile(r"\s(?:jadi|menjadi|dadi|dados|to|seharusnya|harusnya|kudune)\s", re.IGNORECASE)
_SUBMITS = frozenset("kirim kirimkan kirimen kirimaken ajukan submit send kirim".split())


def is_skip(text: str) -> bool:
    """Whether a text says that there is no answer: "-", "tidak tahu", "lewati" …"""
    if set(text.strip()) <= {"-", "."} and text.strip():
        return True
    words = [
        w
        for w in words_of(text)
        if w
        not in (
            "pak",
            "bu",
            "mas",
            "mbak",
            "kak",
            "min",
            "saya",
            "nyong",
            "kulo",
            "email",
            "e",
            "mail",
            "sih",
            "aja",
            "saja",
            "bae",
            "dulu",
        )
    ]
    return " ".join(words) in _SKIPS


def judge_item(
    item: Item, sheet: Sheet, answer: str | FileRef, today: date, language: str, *, pressed: bool = False
) -> tuple[Parsed, Action]:
    """What the field of ``item`` makes of an answer. ``pressed``: it is a button's value, not typed."""
    field = item.field
    if isinstance(answer, FileRef):
        kind = TYPES[field.type]
        return (kind.take(answer) if isinstance(kind, Document) else no("form.text_expected")), Action.ANSWER
    offers = sheet.draft.offered.get(item.path, ())
    if pressed and answer not in offers:
        return _pressed(field, answer)
    text = clean(answer)
    bad = trouble(answer, text, _longest(field))
    if bad is not None:
        return wrong(bad) if bad != "field.text.too_long" else no(bad), Action.ANSWER
    meant = _numbered(text, offers)
    parsed = TYPES[field.type].parse(meant or text, field, Context(today, language))
    if meant is not None:
        return _compared(replace(parsed, interpreted=True), item, sheet, language), Action.ANSWER
    if parsed.verdict is not Verdict.STRONG and is_skip(text):
        if field.optional:
            return strong(None), Action.SKIP
        return no("form.cannot_skip"), Action.ANSWER
    return _compared(parsed, item, sheet, language), Action.ANSWER


def _longest(field: Field) -> int:
    """Characters of an answer; a field for a story says how many."""
    return max(MAX_LENGTH, int(field.options.get("max", 0))) if field.type == "text" else MAX_LENGTH


def judge_confirm(items: list[Item], answer: str, sheet: Sheet, language: str) -> tuple[Parsed, Action]:
    """An answer to "is this right?": the value lists the paths that are not."""
    free = [i.path for i in items if not i.field.locked]
    text = clean(answer)
    said = yes_or_no(text)
    if said is True:
        return strong([]), Action.CONFIRM
    if said is False and not any(w.isdecimal() for w in words_of(text)):
        return (strong(free) if free else wrong("form.locked")), Action.CONFIRM
    wrong_ones = [i for n, i in enumerate(items, 1) if str(n) in words_of(text)] or _named(
        items, correction_target(text) or text, language
    )
    if not wrong_ones:
        return no("form.confirm_unclear"), Action.CONFIRM
    if any(i.path not in free for i in wrong_ones):
        return wrong("form.locked"), Action.CONFIRM
    return strong([i.path for i in wrong_ones]), Action.CONFIRM


def judge_review(sheet: Sheet, answer: str, language: str) -> tuple[Parsed, Action]:
    """An answer to the review: send it, or what to correct (the value is the wish in words)."""
    text = clean(answer)
    words = words_of(text)
    target = correction_target(text)
    if target is not None:
        named = split_correction(target)[0]
        known = not named or find_items(sheet, named, language)
        return strong(named) if known else no("form.not_found", target=named[:40]), Action.EDIT
    if len(words) == 1 and words[0].isdecimal():
        return (
            (strong(words[0]), Action.EDIT)
            if find_items(sheet, words[0], language)
            else (wrong("form.no_such_number", max=len(sheet.reviewed)), Action.EDIT)
        )
    said = yes_or_no(text)
    if said is False:
        return strong(""), Action.EDIT
    # "Aja dikirim" is Javanese for "do not send", "kirim aja" Indonesian for "just send".
    negated = words[:1] == ("aja",) or any(
        w in ("jangan", "tidak", "belum", "ora", "gak", "not", "ampun") for w in words
    )
    if said or (len(words) <= 5 and any(w in _SUBMITS for w in words) and not negated):
        return strong(True), Action.SUBMIT
    if 1 <= len(words) <= 4 and len(find_items(sheet, text, language)) == 1:
        return strong(text), Action.EDIT
    return no("form.review_unclear"), Action.EDIT


def split_correction(text: str) -> tuple[str, str | None]:
    """ "nama anak jadi Siti" -> ("nama anak", "Siti"): the new value may come along with the wish to correct."""
    named, *value = _INTO.split(text, maxsplit=1)
    return named.strip(), value[0].strip() if value else None


def judge_choosing(sheet: Sheet, answer: str, language: str) -> tuple[Parsed, Action]:
    """An answer to "which one shall be changed?"."""
    text = clean(answer)
    target = correction_target(text) or text
    if find_items(sheet, target, language):
        return strong(target), Action.EDIT
    words = words_of(text)
    # "Tidak jadi" or "kirim": nothing is to be changed after all.
    if (
        yes_or_no(text) is not None
        or words
        and set(words) <= _SUBMITS | {"saja", "aja", "bae", "tidak", "gak", "jadi", "ya"}
    ):
        return strong(None), Action.KEEP
    return no("form.which_unclear"), Action.EDIT


def judge_cancel(answer: str) -> tuple[Parsed, Action]:
    """An answer to "really cancel?"."""
    text = clean(answer)
    words = words_of(text)
    said = yes_or_no(text)
    if said is False or any(w in ("lanjut", "lanjutkan", "teruskan", "jangan", "continue", "terusna") for w in words):
        return strong(False), Action.KEEP
    if said or any(w in ("batal", "batalkan", "batalin", "cancel") for w in words) and len(words) <= 4:
        return strong(True), Action.CANCEL
    return no("form.cancel_unclear"), Action.KEEP


def _pressed(field: Field, value: str) -> tuple[Parsed, Action]:
    if value == SKIP and field.optional:
        return strong(None), Action.SKIP
    if field.type == "choice" and len(field.choices) <= MAX_LISTED and any(c.code == value for c in field.choices):
        return strong(value), Action.ANSWER
    if field.type in ("yes_no", "consent") and value in (YES, NO):
        return (
            wrong("field.consent.refused") if field.type == "consent" and value == NO else strong(value == YES)
        ), Action.ANSWER
    return no("form.stale"), Action.ANSWER


def _numbered(text: str, offers: Sequence[str]) -> str | None:
    """What was offered under the one number that a text is; None when it is anything else."""
    match numbers_in(words_of(text), len(offers)):
        case [number] if 1 <= number <= len(offers):
            return offers[number - 1]
    return None


def _compared(parsed: Parsed, item: Item, sheet: Sheet, language: str) -> Parsed:
    """The same, after a look at the other answers."""
    if not parsed.ok:
        return parsed

    for path in item.field.differs_from:
        for other in _others(sheet, item, path):
            if other.value is not None and other.value == parsed.value:
                return wrong("form.same_as_other", other=_titled(other, language))
    nik = next((i.value for i in _others(sheet, item, str(item.field.options.get("nik", "")))), None)
    if nik and parsed.warning is None:
        # Only a warning: the NIK keeps the date of the first registration, which may have been corrected since.
        expected = nik_birth_date(nik, date.max)
        born = date.fromisoformat(parsed.value)
        if expected is None or (expected.day, expected.month, expected.year % 100) != (
            born.day,
            born.month,
            born.year % 100,
        ):
            return Parsed(
                parsed.verdict, parsed.value, None, parsed.params, "field.date.not_as_nik", parsed.interpreted
            )
    return parsed


def _others(sheet: Sheet, item: Item, path: str) -> list[Item]:
    """The other fields a path leads to: ``saksi.*.nik`` is that field in every group but the item's own."""
    if ".*." in path:
        section, _, field = path.partition(".*.")
        return [i for i in sheet.items if i.section.id == section and i.field.id == field and i.path != item.path]
    found = sheet.by_path.get(item.group + path if path.startswith(".") else path)
    return [] if found is None or found.path == item.path else [found]


def _titled(item: Item, language: str) -> str:
    return f"{item.words(item.field.label, language)} ({item.words(item.section.title, language)})"


def _named(items: list[Item], text: str, language: str) -> list[Item]:
    said = [w for w in words_of(text) if w not in ("salah", "keliru", "bukan", "yang", "tidak")]
    return [i for i in items if said and set(said) <= set(words_of(i.words(i.field.label, language)))]
