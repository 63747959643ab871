"""One message of ours as calls of the Bot API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message
from telegram.error import BadRequest, TelegramError

from bot.domain.messages import OutFile, Outgoing
from bot.errors import ChannelError
from bot.ports import Sent
from channels.telegram import buttons
from channels.telegram.formatting import MOST_CAPTION, MOST_TEXT, Formatted, formatted, pieces
from channels.telegram.problems import cannot_parse_entities, translate

PHOTO_TYPES = frozenset({"image/jpeg", "image/png"})
MOST_PHOTO_BYTES = 10 * 1024 * 1024
MOST_FILE_BYTES = 50 * 1024 * 1024
"""Upload limits of the Bot API (core.telegram.org/bots/api#sending-files)."""

_PHOTO_REFUSED = ("photo_invalid_dimensions", "image_process_failed", "photo_ext_invalid")

# A preview would make Telegram open the link, and use up one that works only once.
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def send(bot: Bot, recipient: str, message: Outgoing) -> tuple[Sent, Message]:
    """Hand ``message`` over; with Telegram's own words about it.

    Nearly always one call. Only what is longer for Telegram (UTF-16 units) than for Python takes several; the id is
    then that of the last, which carries the buttons.

    :raises bot.errors.ChannelError: a typed failure.
    """
    try:
        chat = int(recipient)
    except ValueError as error:
        raise ChannelError("the recipient is no Telegram chat") from error
    try:
        last = await _send(bot, chat, message)
    except TelegramError as error:
        raise translate(error) from error
    return Sent(str(last.message_id)), last


async def _send(bot: Bot, chat: int, message: Outgoing) -> Message:
    keyboard = buttons.keyboard(message.buttons)
    words = formatted(message.text)
    if message.file is not None:
        if words.units <= MOST_CAPTION:
            return await _file(bot, chat, message.file, words, keyboard)
        await _file(bot, chat, message.file, Formatted(""), None)
    parts = pieces(words, MOST_TEXT)
    if not parts:
        raise ChannelError("a message without words cannot be sent")
    for part in parts[:-1]:
        await _text(bot, chat, part, None)
    return await _text(bot, chat, parts[-1], keyboard)


async def _text(bot: Bot, chat: int, words: Formatted, keyboard: InlineKeyboardMarkup | None) -> Message:
    async def call(entities: Any) -> Message:
        return await bot.send_message(
            chat, words.text, entities=entities, reply_markup=keyboard, link_preview_options=_NO_PREVIEW
        )

    return await _with_entities(call, words)


async def _file(
    bot: Bot, chat: int, file: OutFile, caption: Formatted, keyboard: InlineKeyboardMarkup | None
) -> Message:
    if len(file.data) > MOST_FILE_BYTES:
        raise ChannelError("the file is larger than Telegram takes")
    if file.type in PHOTO_TYPES and len(file.data) <= MOST_PHOTO_BYTES:
        try:
            return await _upload(bot.send_photo, "photo", chat, file, caption, keyboard)
        except BadRequest as error:
            if not any(word in error.message.lower() for word in _PHOTO_REFUSED):
                raise
    return await _upload(bot.send_document, "document", chat, file, caption, keyboard)


async def _upload(
    method: Callable[..., Awaitable[Message]],
    parameter: str,
    chat: int,
    file: OutFile,
    caption: Formatted,
    keyboard: InlineKeyboardMarkup | None,
) -> Message:
    async def call(entities: Any) -> Message:
        content = InputFile(file.data, filename=file.name or None)
        return await method(
            chat_id=chat,
            **{parameter: content},
            caption=caption.text or None,
            caption_entities=entities,
            reply_markup=keyboard,
        )

    return await _with_entities(call, caption)


async def _with_entities(call: Callable[[Any], Awaitable[Message]], words: Formatted) -> Message:
    """With bold stretches; without them when Telegram dislikes those (it has then sent nothing)."""
    entities = words.entities()
    try:
        return await call(entities or None)
    except BadRequest as error:
        if not entities or not cannot_parse_entities(error):
            raise
    return await call(None)
