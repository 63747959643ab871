"""The channel ``telegram``. What is said and heard is in the modules beside this one."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot.domain.messages import Event, MediaRef, Outgoing
from bot.errors import ChannelError
from bot.ports import ChannelAccount, ChannelManifest, Clock, Sent, WebhookRequest
from bot.registry import channel_manifest
from channels.telegram import marks, send, setup
from channels.telegram import media as files
from channels.telegram.bots import clients, is_loopback, read_bots
from channels.telegram.parse import parse_body
from channels.telegram.polling import Poller

API = "https://api.telegram.org"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 (the header's name)


class TelegramChannel:
    """One account per bot: ``telegram:<bot id>``."""

    def __init__(self, manifest: ChannelManifest, config: Mapping[str, str]) -> None:
        self.manifest = manifest
        bots = read_bots(config.get("LOKET_TELEGRAM_BOTS", ""), config.get("LOKET_LOCUS", ""))
        self._api = config.get("LOKET_TELEGRAM_API") or API
        self._secrets = {bot.account_id: bot.secret for bot in bots}
        self._clients = clients(bots, self._api)
        self._poller = Poller(self._clients)
        self._public_url = config.get("LOKET_PUBLIC_URL", "")
        self.polls = _polls(config.get("LOKET_TELEGRAM_MODE", ""), self._public_url)
        self._bots = {bot.account_id: bot.account() for bot in bots}
        self.accounts: Mapping[str, ChannelAccount] = self._bots

    def verify(self, account: ChannelAccount, request: WebhookRequest) -> bool:
        """Whether the secret is there that only Telegram was told (``setWebhook``)."""
        sent = [value for name, value in request.headers.items() if name.lower() == SECRET_HEADER]
        secret = self._secrets.get(account.id)
        if secret is None or len(sent) != 1:
            return False
        return hmac.compare_digest(sent[0].encode("utf-8", "replace"), secret.encode())

    def parse(self, account: ChannelAccount, request: WebhookRequest, at: datetime) -> Sequence[Event]:
        """See :mod:`channels.telegram.parse`."""
        return parse_body(account.id, request.body, at)

    async def send(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        """See :mod:`channels.telegram.send`."""
        sent, said = await send.send(self._clients[account.id], recipient, message)
        self._bots[account.id].learn((said.from_user.username or "") if said.from_user is not None else "")
        return sent

    async def fetch(self, account: ChannelAccount, media: MediaRef, most_bytes: int) -> bytes:
        """See :mod:`channels.telegram.media`."""
        return await files.fetch(self._clients[account.id], media, most_bytes)

    async def seen(self, account: ChannelAccount, recipient: str, mark: str | None, pressed: str | None) -> None:
        """See :mod:`channels.telegram.marks`."""
        await marks.show_seen(self._clients[account.id], recipient, mark)

    async def sent_before(
        self,
        account: ChannelAccount,
        recipient: str,
        message: Outgoing,
        since: datetime,
        known: Collection[str] = (),
    ) -> Sent | None:
        """Telegram cannot be asked what a bot has sent, nor does it know idempotency keys."""
        return None

    async def setup(self, public_url: str) -> list[str]:
        """Webhook (or none, when asking), commands and description of every bot."""
        url = None if self.polls else public_url
        done: list[str] = []
        for bot in self._bots.values():
            name, lines = await setup.set_up(
                self._clients[bot.id], bot, url, self._secrets[bot.id], insecure=is_loopback(self._api)
            )
            bot.learn(name)
            done += lines
        return done

    async def check(self) -> list[str]:
        """What Telegram says of every bot and its webhook."""
        wrong: list[str] = []
        for bot in self._bots.values():
            url = None if self.polls else self._public_url
            name, lines = await setup.check(self._clients[bot.id], bot, url, insecure=is_loopback(self._api))
            bot.learn(name)
            wrong += lines
        return wrong

    async def poll(self, account: ChannelAccount, at: datetime) -> Sequence[Event]:
        """See :mod:`channels.telegram.polling`."""
        return await self._poller.poll(account, at)

    async def polled(self, account: ChannelAccount) -> None:
        """See :mod:`channels.telegram.polling`."""
        await self._poller.polled(account)

    async def introduce(self) -> None:
        """Ask Telegram for the names of the bots, which links are made of; whoever does not answer stays without."""
        for bot in self._bots.values():
            if not bot.address:
                with contextlib.suppress(ChannelError):
                    bot.learn(await setup.name(self._clients[bot.id]))

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.hang_up()


def _polls(mode: str, public_url: str) -> bool:
    return mode == "polling" or (mode != "webhook" and not public_url.startswith("https://"))


def build(config: Mapping[str, str], clock: Clock) -> TelegramChannel:
    """The factory the registry calls.

    :raises bot.errors.SettingsError: a bot of the setting is wrong.
    """
    return TelegramChannel(channel_manifest(Path(__file__).parent), config)
