"""Which of several Rasa servers gets a conversation: always the same one, as long as it answers.

Rendezvous hashing: each conversation has its own order of servers, so that the loss of one spreads its conversations evenly over
the others and moves nobody else. A server that did not answer goes to the end of everybody's order for some seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from hashlib import blake2b

_SHUNNED_S = 5.0


class Replicas:
    """The servers between commas, e.g. ``http://127.0.0.1:5005,http://127.0.0.1:5006``."""

    def __init__(self, urls: str, now: Callable[[], float] = time.monotonic) -> None:
        self.urls = tuple(dict.fromkeys(one.strip().rstrip("/") for one in urls.split(",") if one.strip()))
        self._now = now
        self._shunned: dict[str, float] = {}

    def order(self, conversation: str) -> Sequence[str]:
        """All servers, the one to ask first at the beginning."""
        if len(self.urls) < 2:
            return self.urls
        now = self._now()
        return sorted(self.urls, key=lambda url: (self._shunned.get(url, 0.0) > now, _weight(url, conversation)))

    def failed(self, url: str) -> None:
        """Nothing answers there."""
        self._shunned[url] = self._now() + _SHUNNED_S


def _weight(url: str, conversation: str) -> bytes:
    return blake2b(f"{url} {conversation}".encode(), digest_size=8).digest()
