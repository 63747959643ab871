"""A conversation's thread, as a member of staff reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup, escape

from bot.domain.conversation import ThreadEntry
from bot.ports import Texts
from bot.usecases.store_delivery import Delivery, Exchange
from bot.usecases.store_notes import Note
from bot.web.staff.strings import Say

_HELD = {"held:quiet": "delivery_quiet", "held:window": "delivery_window"}
_OUTCOMES = frozenset({"ok", "found", "sent", "delivered", "read", "failed", "taken", "repeat", "fetched"})


# The same rule as the web widget's richtext.js; an address comes first, so that a star in it stays.
_PIECE = re.compile(
    r"""(https?://[^\s<>"'*]+)"""
    r"""|(?:(?<=[\s(\[{"'“‘–—-])|(?<![\s\S]))\*([^\s*]|[^\s*][^*\n]*[^\s*])\*(?=$|[\s.,;:!?)\]}"'”’–—-])"""
)


def bold(text: str) -> Markup:
    """A text with its ``*bold*`` stretches as the citizen sees them; whatever else is in it stays text."""
    pieces, at = [], 0
    for found in _PIECE.finditer(text):
        if found[2] is not None:
            pieces += [escape(text[at : found.start()]), Markup("<strong>{}</strong>").format(found[2])]
            at = found.end()
    return Markup("").join([*pieces, escape(text[at:])])


@dataclass(frozen=True)
class File:
    """An attachment that can be downloaded."""

    id: str
    name: str
    kilobytes: int


@dataclass(frozen=True)
class Said:
    """One entry, ready to be shown. ``side``: ``citizen``, ``bot``, ``agent``, ``system`` or ``note``."""

    seq: int
    """Place in the thread; 0: a note, which has none."""
    side: str
    who: str
    at: str
    text: str
    key: str
    """Of the element that shows it."""
    sort: datetime
    note: str = ""
    choices: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    delivery: str = ""
    """How far it has come, in words; empty on channels that fetch."""
    failed: bool = False
    hidden: bool = False
    """Numbers in it are masked."""
    mentions: tuple[str, ...] = ()
    """Colleagues named in a note."""


@dataclass(frozen=True)
class Passed:
    """One line of "Riwayat kirim": when, which way, what became of it, and figures without content."""

    at: str
    direction: str
    outcome: str
    figures: str


@dataclass(frozen=True)
class Reader:
    """How entries become lines: sentences, local times, and what is done to numbers."""

    say: Say
    time: Callable[[datetime], str]
    mask: Callable[[str], str]
    reason: Callable[[str], str] = str
    """Why something was not delivered, in words, from its code."""

    def line(self, entry: ThreadEntry, delivery: Delivery | None = None) -> Said:
        """One entry of the thread."""
        body = entry.body
        if entry.sender == "citizen":
            return self._citizen(entry, body)
        said = self._ours(entry, body)
        if delivery is None:
            return said
        return replace(said, delivery=self.delivery(delivery), failed=delivery.state == "failed")

    def note(self, note: Note, names: Mapping[str, str]) -> Said:
        """What an agent wrote for colleagues."""
        shown = self.mask(note.text)
        return Said(
            seq=0,
            side="note",
            who=names.get(note.author, note.author),
            at=self.time(note.at),
            text=shown,
            key=f"n{note.id}",
            sort=note.at,
            mentions=tuple(names.get(one, one) for one in note.mentions),
        )

    def delivery(self, delivery: Delivery) -> str:
        """How far a message has come, and why not further."""
        why = self.reason(delivery.error_code) if delivery.error_code else ""
        if delivery.via == "elsewhere":
            return self.say("delivery_elsewhere")
        if delivery.state == "created" and delivery.via in _HELD:
            key = _HELD[delivery.via]
            return self.say(key, time=self.time(delivery.next_at)) if key == "delivery_quiet" else self.say(key)
        if delivery.state == "created" and why:
            return self.say("delivery_again", why=why, time=self.time(delivery.next_at))
        key = f"delivery_{delivery.state}"
        if delivery.state in ("failed", "dropped"):
            return self.say(key, why=why or self.reason("unexpected"))
        words = self.say(key)
        words = (
            f"{words} {self.time(delivery.at)}" if delivery.at is not None and delivery.state != "created" else words
        )
        return f"{words} · {self.say('delivery_template')}" if delivery.via == "template" else words

    def exchange(self, exchange: Exchange) -> Passed:
        """One line of the log of sending."""
        outcome = (
            self.say(f"exchange_{exchange.outcome}") if exchange.outcome in _OUTCOMES else self.reason(exchange.outcome)
        )
        parts = [f"#{exchange.seq}" if exchange.seq is not None else "", exchange.provider_code or ""]
        parts += [f"{exchange.ms} ms" if exchange.ms is not None else ""]
        parts += (
            [self.say("exchange_characters", n=exchange.detail["characters"])]
            if exchange.detail.get("characters")
            else []
        )
        parts += [str(exchange.detail[key]) for key in ("file", "template") if exchange.detail.get(key)]
        return Passed(self.time(exchange.at), exchange.direction, outcome, " · ".join(part for part in parts if part))

    def _citizen(self, entry: ThreadEntry, body: dict[str, Any]) -> Said:
        text, note = body.get("text") or body.get("caption") or body.get("title") or "", ""
        if body.get("payload"):
            text, note = body.get("title") or "", self.say("pressed")
        file = body.get("file")
        files: tuple[File, ...] = ()
        if file and body.get("file_kind") == "selfie":
            note = self.say("selfie_sent")
        elif file:
            files = (_file(file),)
        return self._said(entry, "citizen", self.say("from_citizen"), text, note=note, files=files)

    def _ours(self, entry: ThreadEntry, body: dict[str, Any]) -> Said:
        side = entry.sender if entry.sender in ("bot", "agent") else "system"
        meta = body.get("meta") or {}
        who = self.say(f"from_{side}")
        if side == "agent" and meta.get("agent"):
            who = f"{who} · {meta['agent']}"
        choices = tuple(self.mask(button["title"]) for button in body.get("buttons", ()))
        files = tuple(_file(file) for file in body.get("attachments", ()))
        return self._said(entry, side, who, body.get("text") or "", choices=choices, files=files)

    def _said(self, entry: ThreadEntry, side: str, who: str, text: str, **more: Any) -> Said:
        shown = self.mask(text)
        more["hidden"] = shown != text
        return Said(entry.seq, side, who, self.time(entry.at), shown, f"m{entry.seq}", entry.at, **more)


def _file(file: dict[str, Any]) -> File:
    return File(id=str(UUID(str(file["id"]))), name=str(file["name"]), kilobytes=max(1, int(file["size"]) // 1024))


def together(lines: Sequence[Said], notes: Sequence[Said]) -> list[Said]:
    """A thread with the notes where they were written."""
    return sorted((*lines, *notes), key=lambda said: (said.sort, said.seq == 0))


def reasons(texts: Texts, language: str) -> Callable[[str], str]:
    """Says what a code of ours or of a provider means (``channel.error.<code>`` of the texts)."""

    def reason(code: str) -> str:
        key = f"channel.error.{code}"
        return texts.say(key, language) if texts.has(key) else texts.say("channel.error.other", language, code=code)

    return reason
