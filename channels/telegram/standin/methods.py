"""The methods of the Bot API that Loket uses (core.telegram.org/bots/api#available-methods)."""

from __future__ import annotations

import ipaddress
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from channels.telegram.standin.config import TelegramSandbox
from channels.telegram.standin.delivery import Delivery, Webhook
from channels.telegram.standin.faults import Faults
from channels.telegram.standin.messages import check_text, keyboard, sent_document, sent_photo
from channels.telegram.standin.rates import Rates
from channels.telegram.standin.state import BUSY_S, MOST_DOWNLOAD, ApiError, BotState, Chat, bad_request, told

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class Methods:
    """One bot's view of the Bot API. Parameters come as they were sent: texts, or what JSON holds."""

    def __init__(self, bot: BotState, delivery: Delivery, faults: Faults, config: TelegramSandbox) -> None:
        self._bot = bot
        self._delivery = delivery
        self._faults = faults
        self._config = config
        self._rates = Rates(config.chat_rate_per_s, config.chat_burst, config.bot_rate_per_s)
        self._methods: dict[str, Callable[[Mapping[str, Any]], Awaitable[Any]]] = {
            name.lower(): method
            for name, method in {
                "getMe": self._get_me,
                "getUpdates": self._get_updates,
                "setWebhook": self._set_webhook,
                "deleteWebhook": self._delete_webhook,
                "getWebhookInfo": self._webhook_info,
                "sendMessage": self._send_message,
                "sendPhoto": self._send_photo,
                "sendDocument": self._send_document,
                "sendChatAction": self._chat_action,
                "answerCallbackQuery": self._answer_query,
                "editMessageReplyMarkup": self._edit_markup,
                "getFile": self._get_file,
                "setMyCommands": self._set_commands,
                "getMyCommands": self._get_commands,
                "setMyDescription": self._set_description,
                "setMyShortDescription": self._set_short_description,
            }.items()
        }

    async def call(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """The result of a method.

        :raises ApiError: as Telegram answers.
        """
        found = self._methods.get(method.lower())  # names of methods are in any case
        if found is None:
            raise ApiError(404, "Not Found")
        return await found(parameters)

    async def _get_me(self, p: Mapping[str, Any]) -> Any:
        more = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return {**self._bot.user(), **more}

    # -- updates

    async def _get_updates(self, p: Mapping[str, Any]) -> Any:
        allowed = structure(p, "allowed_updates")
        if allowed is not None:
            self._delivery.allowed = tuple(allowed)
        limit = min(max(number(p, "limit", 100), 1), 100)
        return await self._delivery.updates(number(p, "offset", 0), limit, min(number(p, "timeout", 0), 50))

    async def _set_webhook(self, p: Mapping[str, Any]) -> Any:
        url, secret = str(p.get("url", "")), str(p.get("secret_token", ""))
        if url:
            _check_url(url)
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = number(p, "max_connections", 40)
        if not 1 <= connections <= 100:
            raise bad_request("invalid max_connections value specified")
        allowed = structure(p, "allowed_updates")
        webhook = Webhook(url, secret, connections) if url else None
        wanted = None if allowed is None else tuple(allowed)
        await self._delivery.set_webhook(webhook, wanted, truth(p, "drop_pending_updates"))
        return True

    async def _delete_webhook(self, p: Mapping[str, Any]) -> Any:
        await self._delivery.set_webhook(None, None, truth(p, "drop_pending_updates"))
        return True

    async def _webhook_info(self, p: Mapping[str, Any]) -> Any:
        webhook = self._delivery.webhook
        info: dict[str, Any] = {
            "url": webhook.url if webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._delivery.pending),
        }
        if webhook is not None:
            info |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
        if self._delivery.allowed:
            info["allowed_updates"] = list(self._delivery.allowed)
        if self._delivery.last_error is not None:
            at, message = self._delivery.last_error
            info |= {"last_error_date": at, "last_error_message": message}
        return info

    # -- messages

    async def _send_message(self, p: Mapping[str, Any]) -> Any:
        return self._send(p, check_text(p, structure(p, "entities")))

    async def _send_photo(self, p: Mapping[str, Any]) -> Any:
        return self._send(p, sent_photo(self._bot, p, structure(p, "caption_entities")))

    async def _send_document(self, p: Mapping[str, Any]) -> Any:
        return self._send(p, sent_document(self._bot, p, structure(p, "caption_entities")))

    def _send(self, p: Mapping[str, Any], content: dict[str, Any]) -> Any:
        chat = self._writable(p)
        markup = structure(p, "reply_markup")
        if markup is not None:
            content["reply_markup"] = keyboard(markup)
        if self._faults.take("throttle"):
            raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
        if self._faults.take("server_error"):
            raise ApiError(502, "Bad Gateway")
        if ("entities" in content or "caption_entities" in content) and self._faults.take("entities"):
            raise bad_request("can't parse entities: unsupported entity at byte offset 0")
        wait = self._rates.wait(chat.id)
        if wait:
            raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        return told(self._bot.keep(chat, self._bot.user(), content))

    def _writable(self, p: Mapping[str, Any]) -> Chat:
        chat = self._bot.chat(number(p, "chat_id", 0))
        if chat.deleted:
            raise ApiError(403, "Forbidden: user is deactivated")
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat.private and not chat.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    async def _chat_action(self, p: Mapping[str, Any]) -> Any:
        if p.get("action") not in ("typing", "upload_photo", "upload_document"):
            raise bad_request("wrong parameter action in request")
        self._writable(p).busy_until = time.monotonic() + BUSY_S
        return True

    async def _answer_query(self, p: Mapping[str, Any]) -> Any:
        query = self._bot.queries.get(str(p.get("callback_query_id", "")))
        if query is None or time.monotonic() - query.at > self._config.query_life_s:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        query.answered = True
        if p.get("text"):
            query.chat.notes.append(str(p["text"])[:200])
        return True

    async def _edit_markup(self, p: Mapping[str, Any]) -> Any:
        chat = self._bot.chat(number(p, "chat_id", 0))
        message = chat.messages.get(number(p, "message_id", 0))
        if message is None:
            raise bad_request("message to edit not found")
        if message["from"]["id"] != self._bot.id:
            raise bad_request("message can't be edited")
        markup = keyboard(structure(p, "reply_markup") or {"inline_keyboard": []})
        if message.get("reply_markup", {"inline_keyboard": []}) == markup:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same as a "
                "current content and reply markup of the message"
            )
        message["reply_markup"] = markup
        message["edit_date"] = int(time.time())
        return told(message)

    async def _get_file(self, p: Mapping[str, Any]) -> Any:
        stored = self._bot.files.get(str(p.get("file_id", "")))
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if len(stored.data) > MOST_DOWNLOAD:
            raise bad_request("file is too big")
        size = len(stored.data)
        return {"file_id": stored.id, "file_unique_id": stored.id[-8:], "file_size": size, "file_path": stored.path}

    # -- the bot's face

    async def _set_commands(self, p: Mapping[str, Any]) -> Any:
        commands = structure(p, "commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad_request("can't parse BotCommand")
        for command in commands:
            if not _COMMAND.fullmatch(command["command"]) or not 1 <= len(command["description"]) <= 256:
                raise bad_request("BOT_COMMAND_INVALID")
        self._bot.commands[_language(p)] = commands
        return True

    async def _get_commands(self, p: Mapping[str, Any]) -> Any:
        return self._bot.commands.get(_language(p), [])

    async def _set_description(self, p: Mapping[str, Any]) -> Any:
        return _describe(self._bot.descriptions, p, "description", 512)

    async def _set_short_description(self, p: Mapping[str, Any]) -> Any:
        return _describe(self._bot.short_descriptions, p, "short_description", 120)


def number(p: Mapping[str, Any], name: str, default: int) -> int:
    """A parameter that is a whole number.

    :raises ApiError: it is none.
    """
    try:
        return int(p.get(name, default))
    except (TypeError, ValueError):
        raise bad_request(f"invalid {name} specified") from None


def truth(p: Mapping[str, Any], name: str) -> bool:
    """A parameter that is yes or no."""
    return str(p.get(name, "")).lower() in ("true", "1")


def structure(p: Mapping[str, Any], name: str) -> Any:
    """A parameter that is JSON, itself or as text; None when it is not there.

    :raises ApiError: it is no JSON.
    """
    value = p.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name} JSON object") from None


def _language(p: Mapping[str, Any]) -> str:
    code = str(p.get("language_code", ""))
    if code and not re.fullmatch("[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code


def _describe(texts: dict[str, str], p: Mapping[str, Any], name: str, most: int) -> bool:
    text = str(p.get(name, ""))
    if len(text) > most:
        raise bad_request(f"{name} is too long")
    texts[_language(p)] = text
    return True


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    try:
        here = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        here = parts.hostname == "localhost"
    if here:  # Telegram would refuse it, too; but this stand-in delivers to this machine only
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    raise bad_request("bad webhook: the stand-in delivers to this machine only")
