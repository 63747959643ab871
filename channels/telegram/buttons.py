"""Inline buttons: payload and title to ``callback_data`` and back, and how they lie on a phone's screen.

``callback_data`` takes 1-64 bytes (core.telegram.org/bots/api#inlinekeyboardbutton). A payload that fits goes as it is
(:data:`bot.domain.payloads.MAX_BYTES` keeps the catalogue's below that). A longer one becomes ``~<place>:<start of the
title>``: such a press is read as if the person had typed the button's title, which the message itself still carries.
Nothing has to be remembered, so a button works after any restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.domain.messages import Button

MOST_BYTES = 64
PRESSED = "✓ "
"""Stands before the title of the button that was pressed."""
TYPED = "~"

_ROWS = ((8, 3), (14, 2))
"""(longest title, buttons in a row): short ones side by side, all others one below the other."""


@dataclass(frozen=True)
class Press:
    """A pressed button, read."""

    title: str
    payload: str | None
    """None: as if ``title`` had been typed."""


def keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """The buttons of a message; None without any."""
    if not buttons:
        return None
    made = [InlineKeyboardButton(_title(b), callback_data=data(b, place)) for place, b in enumerate(buttons)]
    width = _width(buttons)
    return InlineKeyboardMarkup([made[i : i + width] for i in range(0, len(made), width)])


def data(button: Button, place: int) -> str:
    """``callback_data`` of the button at ``place`` of its message."""
    payload = _sendable(button.payload)
    if payload and not payload.startswith(TYPED) and len(payload.encode()) <= MOST_BYTES:
        return payload
    return _cut(f"{TYPED}{place}:{_title(button)}")


def read(callback_data: str, shown: Sequence[tuple[str, str]]) -> Press:
    """The press of a button with ``callback_data`` in a message that shows ``(title, callback_data)``.

    The titles are unknown when Telegram no longer gives the message: ``shown`` is then empty.
    """
    title = next((title for title, of in shown if of == callback_data), "").removeprefix(PRESSED)
    if not callback_data.startswith(TYPED):
        return Press(title, callback_data)
    start = callback_data[len(TYPED) :].partition(":")[2]
    return Press(title or start, None)


def pressed(title: str, callback_data: str) -> InlineKeyboardMarkup:
    """The keyboard after a press: that button alone, marked. It keeps its meaning, so that pressing it again is answered."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"{PRESSED}{title}", callback_data=callback_data)]])


def _width(buttons: Sequence[Button]) -> int:
    longest = max(len(button.title) for button in buttons)
    return next((width for most, width in _ROWS if longest <= most), 1)


def _title(button: Button) -> str:
    return _sendable(button.title).strip() or "…"  # Telegram refuses a button without a title


def _sendable(words: str) -> str:
    return words.encode("utf-8", "replace").decode()


def _cut(words: str) -> str:
    return words.encode()[:MOST_BYTES].decode("utf-8", "ignore")
