"""Showing a person that their message arrived: "typing", the pressed button marked. Nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.domain.conversation import InboxRow
from bot.usecases.attachments import Channels
from bot.usecases.store import Begun

log = logging.getLogger(__name__)

_MOST = 64
"""At the same time; a provider that hangs must not pile up memory."""
_TIMEOUT_S = 5.0


class Seen:
    """Tells channels in the background. ``counted`` hears each outcome: ``shown``, ``failed`` or ``skipped``."""

    def __init__(self, channels: Channels, counted: Callable[[str], object] = lambda _: None) -> None:
        self._channels = channels
        self._counted = counted
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, row: InboxRow, begun: Begun) -> None:
        """The turn of a message begins. Only its first try is shown."""
        if begun.address is None or row.attempts or row.waits:
            return
        if len(self._tasks) >= _MOST:
            self._counted("skipped")
            return
        body = row.body
        work = self._tell(begun.conversation.account, begun.address, body.get("mark"), body.get("payload"))
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def types(self, account: str, address: str) -> None:
        """A member of staff writes: "typing" is shown, where the channel can."""
        if len(self._tasks) >= _MOST:
            self._counted("skipped")
            return
        task = asyncio.get_running_loop().create_task(self._tell(account, address, None, None))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, account: str, address: str, mark: str | None, pressed: str | None) -> None:
        found = self._channels.of(account)
        if found is None:
            return
        channel, known = found
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await channel.seen(known, address, mark, pressed)
            self._counted("shown")
        except Exception as error:  # a courtesy: the answer comes either way
            self._counted("failed")
            log.debug("seen could not be shown", extra={"account": account, "code": type(error).__name__})

    async def finish(self, timeout_s: float = 1.0) -> None:
        """Give what is under way a moment, then drop it."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=timeout_s)
            for task in late:
                task.cancel()
