"""Looks after conversations with people: agents who vanished, sleepers, silence, news of the line (:mod:`bot.usecases.handoff_sweep`).

What people do is told by NOTIFY at once; here is only what time does, so the tables are looked at every few seconds. Any number of
workers may do it at the same time.
"""

from __future__ import annotations

import asyncio
import logging

from bot.storage.pg import DatabaseAway
from bot.usecases.deps import Deps
from bot.usecases.handoff_sweep import sweep

log = logging.getLogger(__name__)

EVERY_S = 5.0


class DeskWorker:
    """Sweeps until cancelled."""

    def __init__(self, deps: Deps, every_s: float = EVERY_S) -> None:
        self._deps = deps
        self._every_s = every_s

    async def run(self) -> None:
        """Work until cancelled; a database that is away only costs time."""
        while True:
            try:
                done = await sweep(self._deps)
                if done:
                    log.info("conversations at the desk were looked after", extra={"rows": done})
            except DatabaseAway:
                log.warning("the desk cannot be looked after: the database is away")
            await asyncio.sleep(self._every_s)
