"""Take what a channel hands over: verify, store, answer. No thinking here (design 3.1)."""

from __future__ import annotations

import secrets
from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.messages import FileRef, Inbound
from bot.usecases.deps import Deps
from bot.usecases.replies import greeting

WEB = "web"


async def open_web_session(
    deps: Deps, token_hash: bytes, locus: str, language: str, *, greet: bool = False
) -> Conversation:
    """A new conversation on the web channel, reached by the bearer token behind ``token_hash``.

    ``greet``: say what Loket is before the person has written anything, as the widget does on opening.
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        conversation = await tx.open_conversation(WEB, secrets.token_urlsafe(18), locus, language, now)
        await tx.new_session(conversation.id, token_hash, now, now + deps.policy.session)
        if greet:
            await tx.say(conversation.id, [greeting(deps, conversation)], now)
    return conversation


async def receive_web(
    deps: Deps,
    conversation_id: UUID,
    client_id: str,
    *,
    text: str | None = None,
    payload: str | None = None,
    title: str | None = None,
    upload: tuple[str, str, str, bytes] | None = None,
) -> tuple[int, bool]:
    """Store one web message; returns its place in the thread and whether it is new.

    ``upload`` is (kind, name, type, content) of a file already made safe. The same ``client_id`` again gives the same place
    and nothing else.
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        file: FileRef | None = None
        if upload is not None:
            kind, name, type_, data = upload
            file = await tx.put_blob(conversation_id, kind, name, type_, data, now)
        inbound = Inbound(
            account=WEB,
            external_id=f"{conversation_id}:{client_id}",
            sender=str(conversation_id),
            at=now,
            text=text,
            payload=payload,
            title=title,
            file=file,
            file_kind=upload[0] if upload else None,
            client_id=client_id,
        )
        seq, fresh = await tx.put_inbound(conversation_id, inbound, now)
        if not fresh and file is not None:
            await tx.delete_blob(UUID(file.id))
    return seq, fresh
