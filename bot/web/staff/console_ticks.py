"""How far our messages have come, in a thread that is open on a screen: what changed since it was last shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from bot.domain.conversation import ThreadEntry
from bot.usecases.store import Tx
from bot.usecases.store_delivery import Delivery

LOOKED_AT = 60
"""So many of the newest lines: what is older has arrived or never will."""
_FRESH = timedelta(seconds=30)
"""A change so young may have come between the making of the page and the beginning of its stream."""
_NEWEST = 2**62


@dataclass
class Ticks:
    """Of one conversation on one screen."""

    shown: dict[int, tuple[str, ...]] = field(default_factory=dict)
    begun: bool = False

    async def changed(self, tx: Tx, conversation_id: UUID, now: datetime) -> list[tuple[ThreadEntry, Delivery]]:
        """Lines whose delivery is not what the screen shows."""
        entries = await tx.thread_before(conversation_id, _NEWEST, LOOKED_AT, None)
        ours = {entry.seq: entry for entry in entries if entry.sender != "citizen"}
        found: list[tuple[ThreadEntry, Delivery]] = []
        for seq, delivery in (await tx.deliveries(conversation_id, list(ours))).items():
            mark = (delivery.state, delivery.error_code or "", delivery.via or "")
            young = delivery.at is not None and now - delivery.at < _FRESH
            if self.shown.get(seq, () if self.begun or young else mark) != mark:
                found.append((ours[seq], delivery))
            self.shown[seq] = mark
        self.begun = True
        return sorted(found, key=lambda one: one[0].seq)
