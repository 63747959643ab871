"""Texts as WhatsApp takes them. ``*bold*`` and ``_italic_`` are its own marks, so Loket's sentences pass as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.messages import Button

# Control characters, lone surrogates and those that turn the writing direction around; line feed and tab stay.
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_MANY_LINES = re.compile(r"\n{4,}")


def clean(text: str) -> str:
    """The text without what a phone cannot show."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _MANY_LINES.sub("\n\n\n", _UNSENDABLE.sub("", lines)).strip()


def one_line(text: str) -> str:
    """The same on one line, as titles and the values of a template have to be (WhatsApp refuses line feeds and tabs there)."""
    return " ".join(clean(text).split())


def readable(text: str) -> str:
    """What a person wrote, without what no database stores."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def length(text: str) -> int:
    """How long a text is as Twilio counts: UTF-16 units (an emoji is two)."""
    return len(text.encode("utf-16-le")) // 2


def numbered(text: str, buttons: Sequence[Button]) -> str:
    """The text with its choices as lines "1. …": a typed number stands for the choice."""
    lines = [f"{number}. {one_line(button.title)}" for number, button in enumerate(buttons, start=1)]
    return "\n".join([clean(text), "", *lines]).strip()
