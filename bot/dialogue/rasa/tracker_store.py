"""Where Rasa keeps its trackers: in memory, bounded, nothing written anywhere.

Rasa's own in-memory store grows without end and turns every tracker into JSON and back twice per turn. Here the tracker
object itself is kept. That is safe because only :mod:`bot.dialogue.rasa.channel` starts turns: it never runs two turns
on one sender id and never goes on with the sender id of a turn that failed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class LruTrackerStore(TrackerStore):
    """Holds the ``limit`` most recently used trackers; the gateway can rebuild any other (endpoints.yml)."""

    def __init__(
        self, domain: Domain | None, event_broker: EventBroker | None = None, limit: int = 5000, **kwargs: Any
    ) -> None:
        self._limit = max(1, int(limit))
        self._trackers: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker, forgetting the one unused for longest when there are too many."""
        self._trackers[tracker.sender_id] = tracker
        self._trackers.move_to_end(tracker.sender_id)
        while len(self._trackers) > self._limit:
            self._trackers.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The very tracker that was saved, or None."""
        tracker = self._trackers.get(sender_id)
        if tracker is not None:
            self._trackers.move_to_end(sender_id)
        return tracker

    async def keys(self) -> Iterable[str]:
        """Sender ids, the longest unused first."""
        return list(self._trackers)
