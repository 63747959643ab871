"""What the stand-in knows: bots, chats, messages, files. In memory: a restart forgets."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

BUSY_S = 5.0
"""How long "typing" is shown (core.telegram.org/bots/api#sendchataction)."""
MOST_DOWNLOAD = 20_000_000


class ApiError(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def to_json(self) -> dict[str, Any]:
        """The documented body."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return {**body, "parameters": self.parameters} if self.parameters else body


def bad_request(what: str) -> ApiError:
    """400."""
    return ApiError(400, f"Bad Request: {what}")


@dataclass(frozen=True)
class StoredFile:
    """A file that one side sent."""

    id: str
    path: str
    name: str
    type: str
    data: bytes


@dataclass
class Chat:
    """One conversation with one bot, as both sides see it."""

    id: int
    person: dict[str, Any]
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By message id: the Bot API's Message, and ``_times``: which copy of the same content it is."""
    blocked: bool = False
    deleted: bool = False
    started: bool = False
    busy_until: float = 0.0
    notes: list[str] = field(default_factory=list)
    """What ``answerCallbackQuery`` showed."""

    @property
    def private(self) -> bool:
        """Whether it is a person's, not a group."""
        return self.id > 0

    def to_json(self) -> dict[str, Any]:
        """The Bot API's Chat."""
        if not self.private:
            return {"id": self.id, "type": "supergroup", "title": "Grup"}
        return {"id": self.id, "type": "private", "first_name": self.person["first_name"]}


@dataclass
class Query:
    """A pressed button that waits for its answer."""

    chat: Chat
    at: float
    answered: bool = False


class BotState:
    """One bot."""

    def __init__(self, token: str, first_id: int = 1) -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self.username = f"loket_{self.id}_bot"
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.queries: dict[str, Query] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}
        self.sends = 0
        """Messages of the bot, repeats included."""
        self._message_ids = itertools.count(first_id)
        self._file_ids = itertools.count(1)

    def user(self) -> dict[str, Any]:
        """The Bot API's User."""
        return {"id": self.id, "is_bot": True, "first_name": "Loket", "username": self.username}

    def chat(self, chat_id: int, person: dict[str, Any] | None = None) -> Chat:
        """The chat, made when a person is given.

        :raises ApiError: it does not exist.
        """
        if chat_id not in self.chats:
            if person is None:
                raise bad_request("chat not found")
            self.chats[chat_id] = Chat(chat_id, person)
        return self.chats[chat_id]

    def keep(self, chat: Chat, sender: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        """A new message in ``chat``; ``content`` is what the Bot API's Message says beside the usual."""
        number = next(self._message_ids)
        message = {"message_id": number, "from": sender, "chat": chat.to_json(), "date": int(time.time()), **content}
        same = _content_hash(self, message)
        message["_same"] = same
        message["_times"] = 1 + sum(1 for m in chat.messages.values() if m["_same"] == same)
        chat.messages[number] = message
        if sender["is_bot"]:
            self.sends += 1
            chat.busy_until = 0.0
        return message

    def store(self, data: bytes, name: str, kind: str, folder: str) -> StoredFile:
        """A new file."""
        number = next(self._file_ids)
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        ending = suffix if suffix.isalnum() and suffix.isascii() else "bin"
        digest = hashlib.sha256(data).hexdigest()[:16]
        stored = StoredFile(f"AgAC{number:06d}{digest}", f"{folder}/file_{number}.{ending}", name, kind, data)
        self.files[stored.id] = stored
        return stored


def told(message: dict[str, Any]) -> dict[str, Any]:
    """A message as the Bot API tells it, without our own notes."""
    return {key: value for key, value in message.items() if not key.startswith("_")}


def units(text: str) -> int:
    """Length as Telegram counts: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _content_hash(bot: BotState, message: dict[str, Any]) -> str:
    names = ("text", "caption", "reply_markup", "sticker", "location", "contact")
    content: dict[str, Any] = {name: message.get(name) for name in names}
    for stored in files_of(bot, message):
        content["file"] = hashlib.sha256(stored.data).hexdigest()
    author = message["from"]["id"]
    return hashlib.sha256(json.dumps([author, content], sort_keys=True).encode()).hexdigest()


def files_of(bot: BotState, message: dict[str, Any]) -> list[StoredFile]:
    """The file of a message, if it has one."""
    for kind in ("photo", "document", "voice"):
        found = message.get(kind)
        if found:
            stored = bot.files.get((found[-1] if isinstance(found, list) else found).get("file_id", ""))
            return [stored] if stored is not None else []
    return []
