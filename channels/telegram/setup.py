"""Makes a bot ready (webhook, commands, description), and says what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from telegram import BotCommand, WebhookInfo
from telegram.error import TelegramError

from bot.errors import ChannelError, ChannelMisconfigured
from bot.ports import ChannelAccount
from channels.telegram.bots import ALLOWED_UPDATES, CHANNEL, Client
from channels.telegram.problems import translate

PORTS = (443, 80, 88, 8443)
"""Where Telegram sends webhooks to (core.telegram.org/bots/webhooks)."""
CONNECTIONS = 40
"""Webhooks that may come at the same time; Telegram's own default."""
MOST_PENDING = 100
"""So many waiting updates say that something holds them up."""
SETUP = "./loket channel setup telegram"


def webhook_address(public_url: str, account: ChannelAccount) -> str:
    """Where Telegram shall send this bot's updates."""
    return f"{public_url.rstrip('/')}/webhooks/{CHANNEL}/{account.key}"


async def name(bot: Client) -> str:
    """The bot's ``username``.

    :raises bot.errors.ChannelError: Telegram does not answer, or does not know the token.
    """
    try:
        return (await bot.get_me()).username or ""
    except TelegramError as error:
        raise translate(error) from error


async def set_up(
    bot: Client, account: ChannelAccount, public_url: str | None, secret: str, *, insecure: bool = False
) -> tuple[str, list[str]]:
    """Set the webhook (``public_url`` None: remove it, we ask ourselves), the commands and the descriptions.

    ``insecure``: the Bot API is a stand-in on this machine, which takes any address.

    :raises bot.errors.ChannelError: it was not done.
    """
    problem = "" if public_url is None or insecure else address_problem(public_url)
    if problem:
        raise ChannelMisconfigured(problem)
    username = await name(bot)
    try:
        line = await _webhook(bot, account, public_url, secret)
        await _profile(bot)
    except TelegramError as error:
        raise translate(error) from error
    return username, [
        f"@{username}: {line}",
        f"@{username}: perintah dan keterangan terpasang / commands and texts set",
    ]


def address_problem(public_url: str) -> str:
    """Why Telegram would not send webhooks there; empty when it would."""
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.hostname:
        return (
            "LOKET_PUBLIC_URL harus https:// dan bisa dibuka dari internet, atau / must be https:// and open to the "
            "internet, or LOKET_TELEGRAM_MODE=polling"
        )
    if (parts.port or 443) not in PORTS:
        ports = ", ".join(map(str, PORTS))
        return f"LOKET_PUBLIC_URL: Telegram hanya mengirim ke port / only sends to ports {ports}"
    return ""


async def check(
    bot: Client, account: ChannelAccount, public_url: str | None, *, insecure: bool = False
) -> tuple[str, list[str]]:
    """The bot's name ("" when unknown) and what is wrong with it; the parameters are those of :func:`set_up`."""
    try:
        username = await name(bot)
        info = await bot.get_webhook_info()
    except (ChannelError, TelegramError) as error:
        known = error if isinstance(error, ChannelError) else translate(error)
        return "", [f"Telegram {account.key}: {_sentence(known)}"]
    expected = "" if public_url is None else webhook_address(public_url, account)
    wrong = [] if public_url is None or insecure else [address_problem(public_url)]
    return username, [f"@{username}: {what}" for what in [*wrong, *_webhook_problems(info, expected)] if what]


def _webhook_problems(info: WebhookInfo, expected: str) -> list[str]:
    if not expected:
        if info.url:
            return [
                f"masih ada webhook; ia dihapus saat Loket jalan / a webhook is set; it goes when Loket runs: {SETUP}"
            ]
        return []
    if not info.url:
        return [f"webhook belum dipasang / the webhook is not set: {SETUP}"]
    if info.url != expected:
        return [f"webhook menuju alamat lain / the webhook leads to another address: {SETUP}"]
    wrong = []
    if info.last_error_message and info.pending_update_count:
        wrong.append(
            f"pesan belum bisa diantar, kata Telegram / Telegram cannot deliver messages: “{info.last_error_message}”. "
            f"403: {SETUP}; 5xx, timeout: log, LOKET_PUBLIC_URL"
        )
    if info.pending_update_count > MOST_PENDING:
        wrong.append(f"{info.pending_update_count} pesan menunggu / messages are waiting: ./loket doctor, log")
    if info.allowed_updates is not None and set(ALLOWED_UPDATES) - set(info.allowed_updates):
        wrong.append(f"sebagian jenis pesan tidak dikirim / some kinds of updates are not sent: {SETUP}")
    return wrong


async def _webhook(bot: Client, account: ChannelAccount, public_url: str | None, secret: str) -> str:
    if public_url is None:
        await bot.delete_webhook(drop_pending_updates=False)
        return "webhook dihapus, pesan diambil sendiri / webhook removed, messages are asked for (polling)"
    address = webhook_address(public_url, account)
    await bot.set_webhook(
        address,
        secret_token=secret,
        allowed_updates=ALLOWED_UPDATES,
        max_connections=CONNECTIONS,
        drop_pending_updates=False,
    )
    return f"webhook {address}"


async def _profile(bot: Client) -> None:
    for language, words in profile().items():
        code = None if language == "default" else language
        commands = [BotCommand(command, text) for command, text in words["commands"].items()]
        await bot.set_my_commands(commands, language_code=code)
        await bot.set_my_description(words["description"], language_code=code)
        await bot.set_my_short_description(words["about"], language_code=code)


@cache
def profile() -> Mapping[str, Mapping[str, Any]]:
    """``profile.yml``."""
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        (Path(__file__).parent / "profile.yml").read_text(encoding="utf-8")
    )
    return loaded


def _sentence(error: ChannelError) -> str:
    if isinstance(error, ChannelMisconfigured):
        return str(error)
    return f"tidak menjawab ({error}) / does not answer: LOKET_TELEGRAM_API, internet"
