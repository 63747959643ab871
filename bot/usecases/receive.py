"""Take what a channel hands over: verify, store, answer. No thinking here (design 3.1)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bot import tracing
from bot.domain.conversation import Conversation
from bot.domain.delivery import stop_word
from bot.domain.fields.clean import visible
from bot.domain.messages import Event, FileRef, Inbound, Receipt, Standing, StandingChange, Unread
from bot.ports import ChannelAccount
from bot.usecases.deps import Deps
from bot.usecases.replies import greeting
from bot.usecases.store import Tx

WEB = "web"
LANGUAGE = "id"
"""Of a new conversation; from then on it follows what is written (an English telephone says little about its owner)."""


async def receive(deps: Deps, account: ChannelAccount, events: Iterable[Event]) -> int:
    """Store what a push channel handed over, all of it in one transaction; returns how many messages were new.

    Repeats change nothing. STOP words silence notices from here on, before any turn, until a START word; whoever writes has
    not blocked us (any more).
    """
    fresh = 0
    async with deps.store.begin() as tx:
        # Stable, so each person's order stays; the same order everywhere, so that no two webhooks wait for each other.
        for event in sorted(events, key=_whose):
            if isinstance(event, Receipt):
                await tx.put_receipt(event)
            elif isinstance(event, StandingChange):
                await tx.put_standing(event)
            else:
                fresh += await _message(deps, tx, account, event)
    return fresh


def _whose(event: Event) -> str:
    return "" if isinstance(event, Receipt) else event.sender


async def _message(deps: Deps, tx: Tx, account: ChannelAccount, inbound: Inbound) -> bool:
    now = deps.now()
    conversation = await tx.open_conversation(
        inbound.account, inbound.sender, account.locus, LANGUAGE, now, inbound.aliases
    )
    inbound = _fit(deps, conversation, inbound, now)
    if inbound.edits and inbound.text and await tx.replace_waiting(conversation.id, inbound, now):
        return False
    channel = inbound.account.partition(":")[0]
    with tracing.send("inbox", channel=channel, conversation=conversation.id):
        _, fresh = await tx.put_inbound(conversation.id, inbound, now)
    outcome = "taken" if fresh else "repeat"
    detail = {"kind": _kind(inbound), "characters": len(inbound.text or "")}
    await tx.put_exchange(account.id, "in", outcome, now, detail=detail, conversation_id=conversation.id)
    if fresh and inbound.unread is not Unread.GROUP:
        known = conversation.standing
        wanted = stop_word(inbound.text or "") or (Standing.OPEN if known is Standing.BLOCKED else known)
        if wanted is not conversation.standing:
            await tx.put_standing(StandingChange(inbound.account, inbound.sender, wanted, now))
    return fresh


def _kind(inbound: Inbound) -> str:
    """What a message is, for the log of exchanges; nothing of its content."""
    if inbound.unread is not None:
        return inbound.unread.value
    kinds = ("payload", "media", "location", "edits", "text")
    return next((kind for kind in kinds if getattr(inbound, kind) is not None), "other")


def _fit(deps: Deps, conversation: Conversation, inbound: Inbound, now: datetime) -> Inbound:
    """What is stored of a message: texts without invisible characters, a word for people who read the thread, and of a
    group nothing but that it wrote, once a day.
    """
    if inbound.unread is Unread.GROUP:
        day = now.astimezone(deps.zone(conversation)).date()
        return Inbound(
            inbound.account,
            f"group:{conversation.id}:{day}",
            inbound.sender,
            inbound.at,
            unread=Unread.GROUP,
            title=deps.say("unread.shown.group", conversation),
        )
    shown = {"text": inbound.text, "caption": inbound.caption, "title": inbound.title, "name": inbound.name}
    tidy = {key: visible(value) for key, value in shown.items() if value is not None}
    if inbound.unread is not None:
        tidy["title"] = deps.say(f"unread.shown.{inbound.unread.value}", conversation)
    elif inbound.location is not None:
        place = ", ".join(f"{degrees:.5f}" for degrees in inbound.location)
        tidy["title"] = deps.say("unread.shown.location", conversation, place=place)
    return replace(inbound, **tidy)  # type: ignore[arg-type]  # texts only


async def open_web_session(
    deps: Deps, token_hash: bytes, locus: str, language: str, *, greet: bool = False, origin: bytes | None = None
) -> Conversation:
    """A new conversation on the web channel, reached by the bearer token behind ``token_hash``.

    ``greet``: say what Loket is before the person has written anything, as the widget does on opening. ``origin``: blind
    index of the network address.
    """
    now = deps.now()
    async with deps.store.begin() as tx:
        conversation = await tx.open_conversation(WEB, secrets.token_urlsafe(18), locus, language, now)
        await tx.new_session(conversation.id, token_hash, now, now + deps.policy.session)
        if origin is not None:
            await tx.put_origin(conversation.id, origin)
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
            text=None if text is None else visible(text),
            payload=payload,
            title=title,
            file=file,
            file_kind=upload[0] if upload else None,
            client_id=client_id,
        )
        with tracing.send("inbox", channel=WEB, conversation=conversation_id):
            seq, fresh = await tx.put_inbound(conversation_id, inbound, now)
        if not fresh and file is not None:
            await tx.delete_blob(UUID(file.id))
    return seq, fresh
