"""The bots of ``LOKET_TELEGRAM_BOTS``, and the library's objects that speak for them."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from telegram import Bot
from telegram.error import BadRequest, NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bot.errors import SettingsError
from bot.ports import ChannelAccount

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What Telegram shall tell us; everything else (channel posts, business messages, reactions …) stays away."""

POLL_S = 25
"""How long one ``getUpdates`` waits for a message."""

UNTOLD_WAIT_S = 5.0
"""How long to wait when 429 does not say."""

_TOKEN = re.compile(r"(\d{1,20}):([A-Za-z0-9_-]+)")
_REMEDY = "tulis / write LOKET_TELEGRAM_BOTS=33.28=123:ABC,33.29=456:DEF"


@dataclass(frozen=True, eq=False)
class BotAccount(ChannelAccount):
    """A bot as the port knows it. Whoever holds it sees its address (``@name``) once Telegram has told it."""

    def __hash__(self) -> int:
        return hash(self.id)

    def learn(self, username: str) -> None:
        """The bot's name, from Telegram."""
        if username:
            object.__setattr__(self, "address", f"@{username}")  # the one thing that is not known at start


@dataclass(frozen=True)
class BotToken:
    """One entry of the setting."""

    id: str
    locus: str
    token: str

    @property
    def account_id(self) -> str:
        """Id of the account that it stands for."""
        return f"{CHANNEL}:{self.id}"

    def account(self) -> BotAccount:
        """That account."""
        return BotAccount(self.account_id, self.locus, self.id)

    @property
    def secret(self) -> str:
        """What Telegram repeats in every webhook: 64 hex digits (it takes 1-256 of A-Z a-z 0-9 _ -).

        Derived, so that no other setting has to be kept; the token cannot be computed from it.
        """
        return hmac.new(self.token.encode(), b"loket telegram webhook", hashlib.sha256).hexdigest()


def read_bots(setting: str, locus: str) -> list[BotToken]:
    """The bots of ``<office>=<token>,<token>…``.

    :raises SettingsError: not of that form, or a bot twice; no token is repeated in the message.
    """
    bots: dict[str, BotToken] = {}
    for number, entry in enumerate(filter(None, (part.strip() for part in setting.split(","))), start=1):
        office, equals, token = entry.rpartition("=")
        found = _TOKEN.fullmatch(token.strip())
        if found is None or (equals and not office.strip()):
            raise SettingsError(f"LOKET_TELEGRAM_BOTS: bot ke-{number} salah / entry {number} is wrong: {_REMEDY}")
        if found[1] in bots:
            raise SettingsError(f"LOKET_TELEGRAM_BOTS: bot {found[1]} ada dua kali / is there twice: {_REMEDY}")
        bots[found[1]] = BotToken(found[1], office.strip() or locus, token.strip())
    return list(bots.values())


class ServerError(NetworkError):
    """Telegram answered 5xx."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Flood(TelegramError):
    """429: wait ``after`` seconds. (The library's own error warns of its coming change whenever it is made.)"""

    def __init__(self, after: float) -> None:
        super().__init__("Too Many Requests")
        self.after = after


class Request(HTTPXRequest):
    """The library's own request, which tells 429 and 5xx from a broken connection and keeps answers out of the log."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """As in the library.

        :raises Flood: 429.
        :raises ServerError: 5xx.
        """
        status, payload = await super().do_request(*args, **kwargs)
        if status == 429:
            raise Flood(_retry_after(payload))
        if status >= 500:
            raise ServerError(status)
        if status == 413:  # the library would take it for a network error, and we for one to be repeated
            raise BadRequest("Request Entity Too Large")
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """As in the library, which writes what it cannot read to the log; ours does not."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise TelegramError("Invalid server response") from error
        if not isinstance(answer, dict) or ("result" not in answer and "description" not in answer):
            raise TelegramError("Invalid server response")
        return answer


def _retry_after(payload: bytes) -> float:
    try:
        return max(float(json.loads(payload)["parameters"]["retry_after"]), 0.0)
    except (ValueError, TypeError, KeyError):  # a proxy's 429, without Telegram's answer
        return UNTOLD_WAIT_S


class Client(Bot):
    """The library's bot, which also gives updates as Telegram wrote them: one that it cannot read must not hide the others."""

    async def raw_updates(self, offset: int | None) -> list[Any]:
        """Updates from ``offset`` on (None: from the first that was not confirmed); waits up to ``POLL_S`` seconds."""
        data = {"timeout": POLL_S, "allowed_updates": list(ALLOWED_UPDATES), "limit": 100}
        if offset is not None:
            data["offset"] = offset
        result = await self._post("getUpdates", data, read_timeout=POLL_S + 10)
        return result if isinstance(result, list) else []

    async def hang_up(self) -> None:
        """Close the connections; the library's ``shutdown`` only does so for a bot that was initialised."""
        for request in self._request:
            await request.shutdown()


def client(token: str, api: str) -> Client:
    """A bot that speaks to ``api`` (Telegram, an own Bot API server, or a stand-in)."""
    base = api.rstrip("/")
    # A proxy of the operator's machine is for the outside, never for a server on this machine.
    outside = {"trust_env": not is_loopback(base), "verify": _certificates()}
    return Client(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=Request(
            connection_pool_size=64,
            connect_timeout=5,
            read_timeout=20,
            write_timeout=10,
            media_write_timeout=60,
            pool_timeout=5,
            httpx_kwargs=outside,
        ),
        get_updates_request=Request(connection_pool_size=2, connect_timeout=5, httpx_kwargs=outside),
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Read once, not for every client: it takes longer than a message."""
    return httpx.create_ssl_context()


def clients(bots: Sequence[BotToken], api: str) -> Mapping[str, Client]:
    """A client per account id."""
    return {bot.account_id: client(bot.token, api) for bot in bots}


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
