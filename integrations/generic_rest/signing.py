"""HMAC in the words of a description: which text is signed, how the signature is written, and where it goes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_PLACE = re.compile(r"\{([a-z0-9_]+)\}")
REQUEST_WORDS = frozenset({"timestamp", "method", "path", "key", "body", "body_sha256", "body_sha256_base64"})
CALLBACK_WORDS = frozenset({"timestamp", "body", "body_sha256", "body_sha256_base64"})


def words(template: str) -> list[str]:
    """The names between braces."""
    return _PLACE.findall(template)


def canonical(template: str, values: Mapping[str, str | bytes], body: bytes) -> bytes:
    """The text to be signed; the body goes in byte for byte."""
    known: dict[str, str | bytes] = {
        **values,
        "body": body,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "body_sha256_base64": base64.b64encode(hashlib.sha256(body).digest()).decode(),
    }
    out = []
    for n, part in enumerate(_PLACE.split(template)):
        value = known[part] if n % 2 else part
        out.append(value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape"))
    return b"".join(out)


def signature(rule: Mapping[str, Any], secret: str, text: bytes) -> str:
    """As it is written into the header: ``value`` with ``{signature}`` in it."""
    digest = hmac.new(secret.encode(), text, getattr(hashlib, rule.get("algorithm", "sha256"))).digest()
    written = digest.hex() if rule.get("encoding", "hex") == "hex" else base64.b64encode(digest).decode()
    return str(rule.get("value", "{signature}")).replace("{signature}", written)


def stamp(form: str, now: datetime) -> str:
    """A time stamp: ``seconds`` or ``milliseconds`` since 1970, or ``iso`` in UTC."""
    if form == "iso":
        return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(int(now.timestamp() * (1000 if form == "milliseconds" else 1)))


def age_s(form: str, text: str, now: datetime) -> float | None:
    """How far a time stamp lies from now, either way; None: it is none."""
    try:
        if form == "iso":
            at = datetime.fromisoformat(text)
            return None if at.tzinfo is None else abs((now - at).total_seconds())
        if not re.fullmatch(r"[0-9]{1,15}", text):
            return None
        return abs(now.timestamp() - int(text) / (1000 if form == "milliseconds" else 1))
    except ValueError:
        return None


def verify(rule: Mapping[str, Any], secret: str, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """Whether a push carries the signature of the agency, and is fresh where it carries a time stamp. Constant time."""
    lower = {name.lower(): value for name, value in headers.items()}
    given = lower.get(rule["header"].lower(), "")
    timed = rule.get("timestamp")
    timestamp = lower.get(timed["header"].lower(), "") if timed else ""
    expected = signature(rule, secret, canonical(rule["text"], {"timestamp": timestamp}, body))
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode()):
        return False
    if timed is None:
        return True
    age = age_s(timed.get("format", "seconds"), timestamp, now)
    return age is not None and age <= timed.get("window_s", 300)
