"""HMAC of requests to an agency and of its callbacks. The adapter has its own copy of the rule, as a partner would."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

_SECONDS = re.compile(r"[0-9]{1,12}")
WINDOW_S = 300
"""A signed request older or newer than this is refused."""


def request_signature(secret: str, timestamp: str, method: str, path: str, key: str, body: bytes) -> str:
    """Signature of a request; ``path`` includes the query, ``key`` is the Idempotency-Key or empty."""
    digest = hashlib.sha256(body).hexdigest()
    text = "\n".join(("loket-request-v1", timestamp, method, path, key, digest))
    return "v1=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def callback_signature(secret: str, timestamp: str, body: bytes) -> str:
    """Signature of a push to the gateway."""
    text = b"loket-callback-v1\n" + timestamp.encode() + b"\n" + body
    return "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def fresh(timestamp: str, now: datetime) -> bool:
    """Whether the time stamp (whole seconds since 1970) lies in the window."""
    return bool(_SECONDS.fullmatch(timestamp)) and abs(now.timestamp() - int(timestamp)) <= WINDOW_S


def same(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())
