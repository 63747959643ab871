"""Telegram's errors in our words.

======================================================  ==========================  =============================================
what Telegram (or the line to it) says                  becomes                     why
======================================================  ==========================  =============================================
429, ``parameters.retry_after``                         Throttled(after)            per chat and per bot; the wait is told
403 ``bot was blocked by the user``                     RecipientBlocked            the person said no; ``my_chat_member`` tells
                                                                                    when that changes
403 ``user is deactivated``                             RecipientBlocked            the account was deleted
403 ``bot can't initiate conversation with a user``     RecipientBlocked            they never pressed Start (or deleted the chat)
403 ``bot was kicked …``, ``bot is not a member …``     RecipientBlocked            a group, where we do not speak anyway
403 ``bot can't send messages to the user``             ChannelUnavailable          seen to pass within minutes
                                                                                    (rss2tg.duck.consulting/bug.html)
400 ``chat not found``, ``PEER_ID_INVALID``,            RecipientBlocked            no such chat for this bot: also when a
``user not found``, ``user is deactivated`` …                                       conversation belongs to another bot
400 with ``parameters.migrate_to_chat_id``              RecipientBlocked            a group became a supergroup
400 ``wrong file_id …``, other 400; 413                 ChannelError                the same again would fail the same
401 ``Unauthorized``, 404 ``Not Found``                 ChannelMisconfigured        token revoked, or no token at all
409 ``terminated by other getUpdates request``          ChannelMisconfigured        another program reads this bot's messages
409 ``can't use getUpdates … while webhook is active``  ChannelMisconfigured        somebody has set a webhook
5xx, 3xx                                                ChannelUnavailable
no connection, TLS refused, no free connection here     ChannelUnavailable          nothing was sent
broken or timed out after connecting, answer no JSON    OutcomeUnknown              it may have been sent
======================================================  ==========================  =============================================

Descriptions as collected in github.com/TelegramBotAPI/errors; Telegram documents none of them, so they are compared in
small letters and by their heart.
"""

from __future__ import annotations

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bot.errors import (
    ChannelError,
    ChannelMisconfigured,
    ChannelUnavailable,
    OutcomeUnknown,
    RecipientBlocked,
    Throttled,
)
from channels.telegram.bots import Flood, ServerError

NO_SUCH_CHAT = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "user_is_blocked",
    "input_user_deactivated",
    "group chat was deactivated",
    "chat_write_forbidden",
    "not enough rights to send",
    "have no rights to send",
)
PASSING = ("bot can't send messages to the user",)

_NOT_WRITTEN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
_MOST_WORDS = 120


def translate(error: TelegramError) -> ChannelError:
    """Our error for one of the library's; to be raised ``from`` it."""
    if isinstance(error, Flood):
        return Throttled(error.after, provider_code="429")
    if isinstance(error, ChatMigrated):
        return RecipientBlocked("the chat became a supergroup", provider_code="400")
    if isinstance(error, BadRequest):
        return _bad_request(error)
    if isinstance(error, Forbidden):
        if _says(error, PASSING):
            return ChannelUnavailable("Telegram does not let us write just now", provider_code="403")
        return RecipientBlocked("the person blocked the bot, left, or never started it", provider_code="403")
    if isinstance(error, InvalidToken):
        return ChannelMisconfigured(
            "Telegram menolak token bot / does not accept the bot's token: periksa / check LOKET_TELEGRAM_BOTS, @BotFather",
            provider_code="401",
        )
    if isinstance(error, Conflict):
        return _conflict(error)
    return _connection(error)


def _bad_request(error: BadRequest) -> ChannelError:
    if _says(error, NO_SUCH_CHAT):
        return RecipientBlocked("there is no such chat for this bot", provider_code="400")
    return ChannelError(f"Telegram refused: {reason(error)}", provider_code="400")


def _conflict(error: Conflict) -> ChannelError:
    if _says(error, ("webhook",)):
        what = (
            "webhook bot ini aktif / this bot's webhook is active: LOKET_TELEGRAM_MODE=webhook, ./loket channel setup"
        )
    else:
        what = (
            "program lain sedang membaca pesan bot ini; hentikan salah satu / "
            "another program reads this bot's messages; stop one of them"
        )
    return ChannelMisconfigured(what, provider_code="409")


def _connection(error: TelegramError) -> ChannelError:
    if isinstance(error, ServerError):
        return ChannelUnavailable("Telegram has an error of its own", provider_code=str(error.status))
    cause = error.__cause__
    if isinstance(cause, _NOT_WRITTEN):
        return ChannelUnavailable("Telegram cannot be reached")
    # An answer with a status nobody expects, e.g. a redirect; the library names as its cause that it holds no JSON.
    if isinstance(error, NetworkError) and (cause is None or isinstance(cause, TelegramError)):
        return ChannelUnavailable("Telegram's address answers, but not as Telegram")
    return OutcomeUnknown("the connection to Telegram broke before its answer")


def _says(error: TelegramError, words: tuple[str, ...]) -> bool:
    said = error.message.lower()
    return any(word in said for word in words)


def cannot_parse_entities(error: TelegramError) -> bool:
    """Whether Telegram dislikes the formatting: the words alone may pass."""
    return isinstance(error, BadRequest) and _says(error, ("parse entities", "entit"))


def reason(error: TelegramError) -> str:
    """Telegram's own words without what it quotes: nothing of a message may reach a log."""
    return error.message.removeprefix("Bad Request: ").split(":")[0][:_MOST_WORDS]
