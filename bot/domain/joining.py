"""Which messages are one thought: "halo", "mau tanya", "syarat KTP apa ya" get one answer, not three."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.delivery import stop_word
from bot.domain.form_commands import command_of
from bot.domain.linking import linking_of
from bot.domain.offers import chosen
from bot.domain.reference import find_reference

MAX_CHARACTERS = 4000
"""Of a text that is read at all, joined or not."""

_ANSWERS: Mapping[str, Any] = {"yes": "ya", "buttons": [["", "number"]] * 99}
_NO = frozenset("tidak nggak ngga enggak gak ga tdk bukan ora mboten no nope".split())
_OTHER_THAN_TEXT = ("payload", "file", "media", "location", "unread", "edits", "start", "caption", "lost")


def joinable(body: Mapping[str, Any], memory: Mapping[str, Any]) -> bool:
    """Whether a message may be part of a turn with others.

    Not: anything but plain text, and what means something by itself: a reserved word, an application's number, a choice
    of what the last reply offered (``memory``), a yes, a no, a number.
    """
    text = (body.get("text") or "").strip()
    if not text or text.startswith("/") or any(body.get(key) for key in _OTHER_THAN_TEXT):
        return False
    if text.replace(" ", "").isdigit() or text.casefold() in _NO or find_reference(text) or stop_word(text):
        return False
    if linking_of(text) is not None:
        return False
    return command_of(text, tolerant=False) is None and not any(chosen(text, dict(m)) for m in (memory, _ANSWERS))


def one_thought(so_far: Mapping[str, Any], more: Mapping[str, Any]) -> bool:
    """Whether the next message joins those joined so far."""
    return joinable(more, {}) and len(so_far["text"]) + len(more["text"]) < MAX_CHARACTERS
