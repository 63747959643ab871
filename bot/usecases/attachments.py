"""Files that still lie at the provider: fetched before the turn, made safe, stored in the conversation, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.conversation import Case, Conversation, InboxRow
from bot.domain.messages import MediaRef
from bot.errors import ChannelError, ChannelUnavailable, RejectedFile
from bot.ports import Channel, ChannelAccount, Media
from bot.usecases.deps import Deps
from bot.usecases.store import Begun, Tx

MAX_WAITS = 8
"""Waits of a message whose file cannot be fetched; then it is given up with a sentence."""
DOCUMENT = "document"
_GONE: Mapping[str, Any] = {"key": "file.gone", "params": {}}


@dataclass(frozen=True)
class Channels:
    """The channels of this installation by id, and the account of a conversation among them."""

    by_id: Mapping[str, Channel] = field(default_factory=dict)

    def of(self, account: str) -> tuple[Channel, ChannelAccount] | None:
        """The channel and account with that account id; None when it is not configured (any more)."""
        channel = self.by_id.get(account.partition(":")[0])
        found = channel.accounts.get(account) if channel is not None else None
        return (channel, found) if channel is not None and found is not None else None

    def at(self, channel: str, key: str) -> tuple[Channel, ChannelAccount] | None:
        """The push channel and account behind ``/webhooks/<channel>/<key>``."""
        found = self.by_id.get(channel)
        if found is None or found.manifest.pull:
            return None
        return next(((found, account) for account in found.accounts.values() if account.key == key), None)


class Attachments:
    """Fetches files for turns. ``most_bytes``: the largest that is taken."""

    def __init__(self, deps: Deps, channels: Channels, media: Media | None, most_bytes: int) -> None:
        self._deps = deps
        self._channels = channels
        self._media = media
        self._most = most_bytes

    async def settle(self, row: InboxRow, begun: Begun) -> InboxRow:
        """``row`` with the file stored in place of its reference, or with the reason why there is none (``lost``).

        :raises bot.errors.ChannelError: the provider is away; the message waits.
        :raises bot.errors.Fenced: another worker has the message now.
        """
        media = MediaRef(**row.body["media"])
        try:
            data = await self._fetch(begun.conversation, media)
            if self._media is None:
                raise RejectedFile("file.type", 415)
            clean = await self._media.clean(data)
        except RejectedFile as error:
            if error.status == 503 and row.waits < MAX_WAITS:  # the scanner is away: the file is good for later
                raise ChannelUnavailable(error.text_key) from error
            return await self._lost(begun, row, {"key": error.text_key, "params": error.params}, error.code)
        except ChannelError as error:
            if error.retryable and row.waits < MAX_WAITS:
                raise
            return await self._lost(begun, row, _GONE, error.code)
        kind = self._kind(begun)
        body = {key: value for key, value in row.body.items() if key != "media"}
        async with self._deps.store.begin() as tx:
            name = stored_name(media.name, clean.type)
            file = await tx.put_blob(begun.conversation.id, kind, name, clean.type, clean.data, self._deps.now())
            await self._note(tx, begun, "fetched", {"file": clean.type, "bytes": len(data)})
            return await tx.put_body(row, {**body, "file": vars(file), "file_kind": kind})

    async def _fetch(self, conversation: Conversation, media: MediaRef) -> bytes:
        found = self._channels.of(conversation.account)
        if found is None:
            raise ChannelError("no such account")
        if media.size is not None and media.size > self._most:
            raise RejectedFile("file.too_big", 413, megabytes=self._most // 1_000_000)
        channel, account = found
        return await channel.fetch(account, media, self._most)

    async def _note(self, tx: Tx, begun: Begun, outcome: str, detail: Mapping[str, Any]) -> None:
        now, conversation = self._deps.now(), begun.conversation
        await tx.put_exchange(conversation.account, "in", outcome, now, detail=detail, conversation_id=conversation.id)

    async def _lost(self, begun: Begun, row: InboxRow, why: Mapping[str, Any], code: str) -> InboxRow:
        body = {key: value for key, value in row.body.items() if key != "media"}
        async with self._deps.store.begin() as tx:
            await self._note(tx, begun, code, {"kind": "media"})
            return await tx.put_body(row, {**body, "lost": why})

    def _kind(self, begun: Begun) -> str:
        """What the open question asks for: a selfie is deleted after its verdict, whoever sent it."""
        wanted = self._wanted(begun.conversation, begun.case)
        return wanted or DOCUMENT

    def _wanted(self, conversation: Conversation, case: Case | None) -> str | None:
        if case is None or not conversation.form_active:
            return None
        engine, draft = self._deps.form_of(conversation, case)
        question = engine.question(draft)
        return question.file_kind if question is not None else None


def stored_name(name: str, type_: str) -> str:
    """The name a file is kept under: the sender's own, with the ending of what it is."""
    ending = {"application/pdf": ".pdf"}.get(type_, ".jpg")
    plain = "".join(
        letter for letter in name if letter.isprintable()
    )  # a header, and a list of files, has one line for it
    return (plain.rsplit(".", 1)[0].strip()[:80] or "berkas") + ending
