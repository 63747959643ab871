"""What fuzzing needs of a real sandbox: it runs in a thread of its own, and every request is signed as it leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import requests
from requests.auth import AuthBase

from integrations.sandbox import signing
from tests.integrations.conftest import SECRET, MovableClock

T = TypeVar("T")


def _raw(request: requests.PreparedRequest) -> bytes:
    body = request.body or b""
    assert isinstance(body, str | bytes)
    return body.encode() if isinstance(body, str) else body


class Signed(AuthBase):
    """Signs a request as the gateway does; its own headers of that kind are overwritten."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        raw = _raw(request)
        timestamp = str(int(self._clock.now().timestamp()))
        key = request.headers.get("Idempotency-Key", "")
        if isinstance(key, bytes):  # requests keeps a header as it was given
            key = key.decode("latin-1")
        request.headers["X-Loket-Timestamp"] = timestamp
        request.headers["X-Loket-Signature"] = signing.request_signature(
            SECRET, timestamp, request.method or "", request.path_url, key, raw
        )
        return request


class Pushed(AuthBase):
    """Signs a push as an agency does."""

    def __init__(self, secret: str, now: float) -> None:
        self._secret, self._now = secret, now

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        raw = _raw(request)
        timestamp = str(int(self._now))
        request.headers["X-Loket-Timestamp"] = timestamp
        request.headers["X-Loket-Signature"] = signing.callback_signature(self._secret, timestamp, raw)
        return request


class Loop:
    """An event loop in a thread, for servers that a test calls from outside."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)


@contextmanager
def looping() -> Iterator[Loop]:
    """A loop that runs as long as it is wanted."""
    made = Loop()
    thread = threading.Thread(target=made.loop.run_forever)
    thread.start()
    try:
        yield made
    finally:
        made.loop.call_soon_threadsafe(made.loop.stop)
        thread.join(timeout=30)
        made.loop.close()
