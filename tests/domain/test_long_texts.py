"""The longest message there is, made to be slow to read, is read as quickly as any other: one worker reads everybody's."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from bot.domain.fields import TYPES
from bot.domain.fields.base import Context
from bot.domain.fields.clean import visible
from bot.domain.form_model import Field
from bot.domain.joining import MAX_CHARACTERS
from bot.log import scrub
from bot.usecases.masking import mask
from tests.domain.fields.said import regions

BITS = (", ", ",", "1", "_", ", a", "1/2 ", "ya ,", "a.", "\u00a0", "sip ", "0812 ", "@", "kode ", "a@a.", "antre ")
TEXTS = [(bit * MAX_CHARACTERS)[:MAX_CHARACTERS] + end for bit in BITS for end in ("", "!")]
SHARE_S = 1.0
"""Of the processor, for one text: those that were slow took four to nine seconds, all others take a few hundredths."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Processor time of this process, whatever else the machine does."""

    def late(_: int, __: object) -> None:
        raise AssertionError("reading it took too long")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("name", sorted(TYPES))
def test_no_field_thinks_long_about_a_hostile_text(name: str) -> None:
    field = Field("x", name, {"id": "Apa"}, {"id": "Apa?"}, options={"regions": regions()})
    for text in TEXTS:
        with within(SHARE_S):
            TYPES[name].parse(visible(text), field, Context(date(2026, 11, 22)))


@pytest.mark.parametrize("reader", [lambda text: mask(text, ["Karso Wijaya"]), scrub], ids=["masking", "log"])
def test_nobody_who_hides_what_is_personal_thinks_long_either(reader: Callable[[str], object]) -> None:
    for text in TEXTS:
        with within(SHARE_S):
            reader(text * 3)
