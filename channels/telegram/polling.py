"""Asking for messages (long polling), for machines without a public address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from telegram.error import Conflict, TelegramError

from bot.domain.messages import Event
from bot.errors import InvalidMessage
from bot.ports import ChannelAccount
from channels.telegram.bots import Client
from channels.telegram.parse import parse_update
from channels.telegram.problems import translate


class Poller:
    """Remembers per bot what is stored: Telegram forgets an update once a higher one is asked for, and no sooner.

    Asking with a webhook set is refused (409), so the webhook goes first. After a restart nothing is remembered:
    Telegram then begins with what was not confirmed, and the inbox knows repeats by their ids.
    """

    def __init__(self, clients: Mapping[str, Client]) -> None:
        self._clients = clients
        self._stored: dict[str, int] = {}
        self._given: dict[str, int] = {}
        self._without_webhook: set[str] = set()

    async def poll(self, account: ChannelAccount, at: datetime) -> Sequence[Event]:
        """See :meth:`bot.ports.Polled.poll`."""
        bot = self._clients[account.id]
        try:
            if account.id not in self._without_webhook:
                await bot.delete_webhook(drop_pending_updates=False)
                self._without_webhook.add(account.id)
            updates = await bot.raw_updates(self._stored.get(account.id))
        except TelegramError as error:
            if isinstance(error, Conflict):
                self._without_webhook.discard(account.id)
            raise translate(error) from error
        events: list[Event] = []
        for update in updates:
            try:
                events += parse_update(account.id, update, at)
            except InvalidMessage:  # Telegram's own, and yet no update: it must not hide those behind it
                continue
        ids = [u["update_id"] for u in updates if isinstance(u, dict) and isinstance(u.get("update_id"), int)]
        if ids:
            self._given[account.id] = max(ids) + 1
        return events

    async def polled(self, account: ChannelAccount) -> None:
        """See :meth:`bot.ports.Polled.polled`."""
        if account.id in self._given:
            self._stored[account.id] = self._given[account.id]
