"""Asks providers, now and then, for what people wrote while no webhook got through: an outage of ours costs nobody an answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.errors import ChannelError
from bot.ports import ChannelAccount, Recovers
from bot.usecases.attachments import Channels
from bot.usecases.deps import Deps
from bot.usecases.receive import receive
from bot.workers.figures import RECEIVED, RECOVERED

log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(hours=24)
"""How far back the first look of a process goes: as long as an answer may still be free text."""
OVERLAP = timedelta(minutes=2)
GRACE = timedelta(seconds=20)
"""A message so young may still come by its webhook: Twilio tries for 15 seconds."""


class Missed:
    """Remembers, per account, up to when it has looked."""

    def __init__(self, deps: Deps, channels: Channels) -> None:
        self._deps = deps
        self._channels = channels
        self._seen: dict[str, datetime] = {}

    async def look(self, grace: timedelta = GRACE) -> int:
        """One look at every account; returns how many messages had been missed."""
        return sum([await self._account(channel, account, grace) for channel, account in self._asked()])

    def unasked(self) -> frozenset[str]:
        """Accounts that were never successfully looked at."""
        return frozenset(account.id for _, account in self._asked()) - frozenset(self._seen)

    def _asked(self) -> Iterator[tuple[Recovers, ChannelAccount]]:
        for channel in self._channels.by_id.values():
            if isinstance(channel, Recovers):
                yield from ((channel, account) for account in channel.accounts.values())

    async def _account(self, channel: Recovers, account: ChannelAccount, grace: timedelta) -> int:
        until = self._deps.now() - grace
        seen = self._seen.get(account.id)
        if (
            seen is None or seen > until
        ):  # the first look; or the clock was set back, and nobody looked at what came meanwhile
            seen = until - FIRST_LOOK
        since = seen - OVERLAP
        try:
            listed = await channel.missed(account, since, until)
        except ChannelError as error:
            log.warning(
                "provider cannot be asked for missed messages", extra={"account": account.id, "code": error.code}
            )
            return 0
        async with self._deps.store.begin() as tx:
            known = await tx.known_inbound(account.id, [message.external_id for message in listed])
        unknown = [message for message in listed if message.external_id not in known]
        fresh = await receive(self._deps, account, unknown) if unknown else 0
        self._seen[account.id] = until
        if fresh:
            name = account.id.partition(":")[0]
            RECEIVED.labels(name).inc(fresh)
            RECOVERED.labels(name).inc(fresh)
            log.warning(
                "messages whose webhook never came were asked for", extra={"account": account.id, "rows": fresh}
            )
        return fresh
