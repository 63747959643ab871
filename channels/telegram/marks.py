"""What Telegram needs to hear that a message was seen, and the saying of it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from dataclasses import dataclass

from telegram import Bot
from telegram.constants import ChatAction

from channels.telegram import buttons

log = logging.getLogger(__name__)

MOST_S = 5.0
"""A slow Telegram must not hold up the answer."""


@dataclass(frozen=True)
class Mark:
    """``Inbound.mark``: which message, and for a pressed button which press."""

    message_id: int
    query: str = ""
    """Id of the callback query."""
    data: str = ""
    """Its ``callback_data``."""
    title: str = ""
    """What the button said, as far as known."""

    def __str__(self) -> str:
        pairs = (("m", self.message_id), ("q", self.query), ("d", self.data), ("t", self.title))
        return json.dumps({key: value for key, value in pairs if value}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def read(cls, mark: str) -> Mark:
        """The inverse of ``str``.

        :raises ValueError: it is none of ours.
        """
        data = json.loads(mark)
        if not isinstance(data, dict) or not isinstance(data.get("m"), int):
            raise ValueError("no mark of a Telegram message")
        return cls(data["m"], *(str(data.get(key, "")) for key in ("q", "d", "t")))


async def show_seen(bot: Bot, recipient: str, mark: str | None) -> None:
    """Answer the press, mark its button, say "typing": whatever of it works."""
    try:
        seen, chat = Mark.read(mark) if mark else None, int(recipient)
        calls: list[Awaitable[object]] = [bot.send_chat_action(chat, ChatAction.TYPING)]
        if seen is not None and seen.query:
            calls.append(bot.answer_callback_query(seen.query))
        if seen is not None and seen.data and seen.title:
            keyboard = buttons.pressed(seen.title, seen.data)
            calls.append(bot.edit_message_reply_markup(chat, seen.message_id, reply_markup=keyboard))
        async with asyncio.timeout(MOST_S):
            results = await asyncio.gather(*calls, return_exceptions=True)
        failed = [type(result).__name__ for result in results if isinstance(result, Exception)]
    except Exception as error:  # nobody waits for this: the answer itself says that the message arrived
        failed = [type(error).__name__]
    if failed:
        log.debug("a message could not be shown as seen", extra={"errors": failed})
