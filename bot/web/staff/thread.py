"""A conversation's thread, as a member of staff reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.domain.conversation import ThreadEntry, Ticket
from bot.usecases.store import Tx
from bot.web.staff.strings import Say

_CHUNK = 500
SHOWN = 200
"""Newest entries on a page; earlier ones come on request."""


@dataclass(frozen=True)
class File:
    """An attachment that can be downloaded."""

    id: str
    name: str
    kilobytes: int


@dataclass(frozen=True)
class Said:
    """One entry, ready to be shown. ``side``: ``citizen``, ``bot``, ``agent`` or ``system``."""

    seq: int
    side: str
    who: str
    at: str
    text: str
    note: str = ""
    choices: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Reader:
    """How entries become lines: sentences, local times, and what is done to numbers."""

    say: Say
    time: Callable[[datetime], str]
    mask: Callable[[str], str]

    def line(self, entry: ThreadEntry) -> Said:
        """One entry of the thread."""
        body = entry.body
        return self._citizen(entry, body) if entry.sender == "citizen" else self._ours(entry, body)

    def _citizen(self, entry: ThreadEntry, body: dict[str, Any]) -> Said:
        text, note = body.get("text") or "", ""
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
        return Said(entry.seq, side, who, self.time(entry.at), self.mask(text), **more)


def _file(file: dict[str, Any]) -> File:
    return File(id=str(UUID(str(file["id"]))), name=str(file["name"]), kilobytes=max(1, int(file["size"]) // 1024))


async def entries(tx: Tx, ticket: Ticket, after: int = 0) -> Sequence[ThreadEntry]:
    """The thread behind a ticket; of a closed one only what was said until it was closed."""
    found: list[ThreadEntry] = []
    while True:
        chunk = await tx.thread(ticket.conversation_id, after=after, limit=_CHUNK)
        found += chunk
        if len(chunk) < _CHUNK:
            break
        after = chunk[-1].seq
    if ticket.closed_at is None:
        return found
    return [entry for entry in found if entry.at <= ticket.closed_at]
