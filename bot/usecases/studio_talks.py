"""Conversations for editors: what was said in free talk, without anything that tells who said it.

What is shown is chosen, never what is hidden: a citizen's line appears only if it was free talk (then masked, as it was kept), a
pressed button that is a wish, or a reserved word. Answers of forms, words to a person, files, receipts and everything that
the bot says about a case stay covered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.domain.conversation import ThreadEntry
from bot.domain.form_commands import command_of
from bot.domain.messages import Kind
from bot.domain.offers import chosen
from bot.domain.payloads import CommandPayload, IntentPayload, parse_payload
from bot.domain.talk_test import Expected, TalkTest
from bot.domain.understood import Turned
from bot.errors import NotFound
from bot.usecases.masking import mask_more
from bot.usecases.store import Store
from bot.usecases.store_studio import Period, TalkFilter, TalkRow

PAGE = 25
_MOST_LINES = 500
_MOST_SEARCHED = 5000
_ABOUT_CASES = frozenset({Kind.REVIEW, Kind.RECEIPT, Kind.STATUS, Kind.IDENTITY})


@dataclass(frozen=True)
class TalkLine:
    """One line. ``side``: ``citizen``, ``bot`` or ``other``; ``covered`` says what is not shown: ``form``, ``file``, ``words``, ``case``,
    ``person``, ``system``; empty: nothing.
    """

    seq: int
    at: datetime
    side: str
    text: str = ""
    covered: str = ""
    choices: tuple[str, ...] = ()
    turned: Turned | None = None


@dataclass(frozen=True)
class Talk:
    """One conversation."""

    id: UUID
    channel: str
    language: str
    lines: tuple[TalkLine, ...]


async def search(
    store: Store, period: Period, wanted: TalkFilter, words: str = "", after: tuple[datetime, UUID] | None = None
) -> tuple[list[TalkRow], bool]:
    """One page of conversations, and whether there are more. ``words`` are looked for in the newest few thousand masked texts."""
    async with store.begin() as tx:
        if not words.strip():
            found = await tx.talks(period, wanted, PAGE + 1, after)
            return found[:PAGE], len(found) > PAGE
        needle = words.casefold().split()
        texts = await tx.heard_texts(period, _MOST_SEARCHED)
        hits = {id_ for id_, text in texts if all(word in text.casefold() for word in needle)}
        found = [row for row in await tx.talks(period, wanted, _MOST_SEARCHED, after) if row.id in hits]
        return found[:PAGE], len(found) > PAGE


async def replay(store: Store, conversation_id: UUID, locus: str, by: str, now: datetime) -> Talk:
    """The conversation, masked; that it was opened is on record.

    :raises bot.errors.NotFound: no such conversation at that office.
    """
    async with store.begin() as tx:
        conversation = await tx.conversation(conversation_id)
        if conversation.locus != locus:
            raise NotFound("conversation")
        entries = await tx.thread(conversation_id, limit=_MOST_LINES)
        turned = {one.heard.seq: one for one in await tx.understood_of(conversation_id)}
        names = (await tx.names_in([conversation_id])).get(conversation_id, ())
        await tx.audit(by, "talk.viewed", str(conversation_id), {"locus": locus}, now)
    shown = _Shown(turned, names)
    lines = tuple(shown.line(entry) for entry in entries)
    return Talk(conversation_id, conversation.account.partition(":")[0], conversation.language, lines)


class _Shown:
    """Goes through a thread in order: what the bot answers to a line that is covered is covered, too, since it may repeat it."""

    def __init__(self, turned: Mapping[int, Turned], names: Sequence[str]) -> None:
        self._turned = turned
        self._names = names
        self._open: set[int | None] = set()
        """Messages that are shown."""
        self._buttons: list[list[str]] = []
        """Of the last answer that was shown."""

    def line(self, entry: ThreadEntry) -> TalkLine:
        """The next one."""
        if entry.sender == "citizen":
            line = self._citizen(entry)
            if not line.covered:
                self._open.add(entry.inbox_id)
            return line
        if entry.sender != "bot":
            return TalkLine(entry.seq, entry.at, "other", covered="person" if entry.sender == "agent" else "system")
        covered = self._why_covered(entry)
        if covered:
            self._buttons = []
            return TalkLine(entry.seq, entry.at, "bot", covered=covered)
        buttons = entry.body.get("buttons") or ()
        self._buttons = [[str(button["title"]), str(button["payload"])] for button in buttons] or self._buttons
        choices = tuple(self._masked(button["title"]) for button in buttons)
        return TalkLine(entry.seq, entry.at, "bot", self._masked(entry.body.get("text")), choices=choices)

    def _why_covered(self, entry: ThreadEntry) -> str:
        meta = entry.body.get("meta") or {}
        if meta.get("kind") in _ABOUT_CASES or meta.get("application") or entry.body.get("attachments"):
            return "case"
        if meta.get("field") or (entry.inbox_id is not None and entry.inbox_id not in self._open):
            return "form"
        return "system" if entry.inbox_id is None and entry.seq > 1 else ""

    def _citizen(self, entry: ThreadEntry) -> TalkLine:
        body, turned = entry.body, self._turned.get(entry.seq)
        if turned is not None:
            return TalkLine(entry.seq, entry.at, "citizen", self._masked(turned.heard.text), turned=turned)
        if body.get("file") or body.get("media"):
            return TalkLine(entry.seq, entry.at, "citizen", covered="file")
        raw, text = body.get("payload"), str(body.get("text") or "")
        if raw is None and text:
            raw = chosen(text, {"buttons": self._buttons, "yes": self._buttons[0][1]} if self._buttons else {})
        pressed = parse_payload(str(raw)) if raw else None
        if isinstance(pressed, IntentPayload | CommandPayload):
            return TalkLine(entry.seq, entry.at, "citizen", self._masked(text or body.get("title")) or "…")
        if text and command_of(text, tolerant=False) is not None:
            return TalkLine(entry.seq, entry.at, "citizen", self._masked(text))
        return TalkLine(entry.seq, entry.at, "citizen", covered="form" if raw else "words")

    def _masked(self, text: object) -> str:
        return mask_more(str(text or ""), self._names)


def as_test(name: str, language: str, turns: Sequence[tuple[str, str, str]], slug: str) -> TalkTest:
    """A test conversation of (text, intent, service) turns, masked once more."""
    said = tuple(Expected(mask_more(text), intent, service) for text, intent, service in turns)
    return TalkTest(mask_more(name), said, language, slug)
