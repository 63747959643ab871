"""What a citizen says about the handoff itself: reserved words, as "petugas" is one, and the buttons of its messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.payloads import CommandPayload, parse_payload
from bot.domain.privacy_words import privacy_wish
from bot.domain.revocation import wants_face_deleted

_WORD = re.compile(r"[^\W_]+")
# Whole messages only.
_BACK = frozenset(
    "kembali ke bot|ke bot|balik ke bot|kembali ke loket|ke loket|balik ke loket|bot saja|bot aja|dengan bot saja|"
    "batal antre|batal antri|tidak jadi petugas|back to bot|back to the bot|bot please|cancel the queue|"
    "bali bot|bali maring bot|wangsul dhateng bot|kaliyan bot mawon".split("|")
)
_BUTTONS = ("bot-", "benar-", "salah-", "ustop-", "umulai-", "saran-", *(f"u{n}" for n in range(1, 10)))
"""Taken by the bot although a person holds the conversation."""
_RIGHTS = frozenset(
    {
        "data-saya",
        "unduh-data",
        "cabut-izin",
        "cabut-izin-ya",
        "keberatan",
        "hapus-data",
        "hapus-data-ya",
        "tidak-jadi",
        "hapus-petugas",
        "hapus-wajah",
    }
)
"""Buttons of the rights over one's own data: whoever speaks here, they are given at once, and the person sees them in the thread."""


def wants_bot(text: str) -> bool:
    """Whether a message means that the bot is to go on."""
    return " ".join(_WORD.findall(text.casefold())) in _BACK


def for_the_bot(body: Mapping[str, Any]) -> bool:
    """Whether a message (as stored in the inbox) is the bot's to answer although a person holds the conversation."""
    payload = parse_payload(body["payload"]) if body.get("payload") else None
    if isinstance(payload, CommandPayload):
        return payload.command.startswith(_BUTTONS) or payload.command in _RIGHTS
    text = body.get("text") or ""
    return wants_bot(text) or privacy_wish(text) is not None or wants_face_deleted(text)
