"""What a description offers, and what is wrong with it beyond its schema: each fault with its place and its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from integrations.generic_rest import mapping, signing
from integrations.generic_rest.paths import steps

Wrong = tuple[tuple[str | int, ...], str, str]
"""Place, message, remedy."""

_CASE = frozenset({"key", "reference", "service", "variant", "ending", "callback_url", "data", "files", "now"})
_SCOPES = {
    "check": frozenset({"now"}),
    "lookup": frozenset({"nik", "now"}),
    "submit": _CASE,
    "find": frozenset({"key", "reference", "now"}),
    "status": frozenset({"agency_ref", "now"}),
    "document": frozenset({"agency_ref", "now"}),
    "repair": _CASE | {"agency_ref"},
    "cancel": frozenset({"agency_ref", "reason", "key", "now"}),
}
"""What each call may name in its path and body."""
_NOT_IN_A_PATH = frozenset({"data", "files", "now"})
_PATHS = (
    ("success", "path"),
    *(("errors", name) for name in ("list", "field", "message", "text")),
    *(
        ("change", name)
        for name in ("agency_ref", "reference", "state", "at", "key", "note", "fields", "field_name", "valid_until")
    ),
    ("change", "document", "path"),
    ("callback", "change"),
)
"""Where a path into an answer stands, beside those of the calls."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def capabilities(data: Mapping[str, Any]) -> frozenset[str]:
    """What the agency offers: the calls that are described, and pushes."""
    offered = set(data["calls"]) - {"check"}
    return frozenset(offered | ({"callback"} if "callback" in data else set()))


def faults(data: Mapping[str, Any]) -> Iterator[Wrong]:
    """Everything wrong with a description that fits its schema."""
    yield from _address(data)
    for name, call in data["calls"].items():
        yield from _call(name, call)
    yield from _whole(data)
    yield from _paths(data)
    yield from _times(data.get("change", {}))
    hmac = data.get("authentication", {}).get("hmac")
    if hmac is not None:
        yield from _signature(hmac, signing.REQUEST_WORDS, ("authentication", "hmac"))
    if "callback" in data:
        yield from _signature(data["callback"], signing.CALLBACK_WORDS, ("callback",))


def _address(data: Mapping[str, Any]) -> Iterator[Wrong]:
    oauth = data.get("authentication", {}).get("oauth2", {})
    for where, url in (
        (("url",), data["url"]),
        (("authentication", "oauth2", "token_url"), oauth.get("token_url", {})),
    ):
        if isinstance(url, Mapping):
            continue
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            yield where, "no http address", "write https://, a host and a path, without a query"
        elif parts.scheme == "http" and parts.hostname not in _LOOPBACK and not data.get("plain_http"):
            yield (
                where,
                "what is sent could be read on the way",
                "use https, or say `plain_http: true` for a closed network",
            )
    certificate = data.get("authentication", {}).get("certificate", {})
    if ("cert" in certificate) != ("key" in certificate):
        yield ("authentication", "certificate"), "`cert` and `key` belong together", "give both"


def _call(name: str, call: Mapping[str, Any]) -> Iterator[Wrong]:
    where = ("calls", name)
    allowed = _SCOPES[name] - _NOT_IN_A_PATH
    for place in sorted(set(re.findall(r"\{([^{}]*)\}", call["path"])) - allowed):
        yield (*where, "path"), f"{{{place}}} is not known in this call", f"use some of: {', '.join(sorted(allowed))}"
    if "body" in call:
        if call["method"] == "GET":
            yield (*where, "body"), "a GET has no body", "use another method, or put it into the path"
        yield from mapping.faults(call["body"], _SCOPES[name], (*where, "body"))
    elif "send" in call:
        yield (*where, "send"), "`send` without `body`", "say what the body holds"
    if "person" in call:
        yield from mapping.faults(call["person"], frozenset({"answer"}), (*where, "person"))
        missing = [key for key in ("nik", "nama", "tanggal_lahir") if key not in call["person"]]
        if missing:
            yield (*where, "person"), f"{', '.join(missing)} missing", "say where it stands: {from: answer.…}"
    answer = call.get("answer", {})
    for key, path in answer.items():
        yield from mapping.path_faults(path, frozenset(), (*where, "answer", key))
    if name == "document" and answer and ("content" in answer) == ("link" in answer):
        yield (*where, "answer"), "the document is either in the answer or behind a link", "give `content` or `link`"
    if name == "status" and len(answer) > 1:
        yield (*where, "answer"), "either a history or one change", "give `history` or `change`"


def _whole(data: Mapping[str, Any]) -> Iterator[Wrong]:
    """What belongs together."""
    calls = data["calls"]
    if "submit" in calls and "idempotency_header" not in data and "find" not in calls:
        yield (
            ("calls", "submit"),
            "a repeated call would make a second case",
            "give `idempotency_header`, or calls.find",
        )
    if data["services"] and "submit" not in calls:
        yield ("services",), "there is no way to hand them in", "describe calls.submit"
    if "status" in calls or "callback" in data:
        for part in ("change", "states"):
            if part not in data:
                yield ("calls",), f"states are told, but not how to read them: {part} missing", f"describe `{part}`"
    if "callback" in data and "agency_ref" not in data.get("change", {}):
        yield ("callback",), "a push must say which case it is about", "give change.agency_ref"
    for part in ("repair", "cancel", "status", "document"):
        if part in calls and "submit" not in calls:
            yield ("calls", part), "nothing can be handed in", "describe calls.submit"


def _paths(data: Mapping[str, Any]) -> Iterator[Wrong]:
    for where in _PATHS:
        node: Any = data
        for step in where:
            node = node.get(step) if isinstance(node, Mapping) else None
        if node is None:
            continue
        try:
            steps(node)
        except ValueError as error:
            yield where, "no path", str(error).removeprefix("no path: ")


def _times(change: Mapping[str, Any]) -> Iterator[Wrong]:
    for name, known in (("at_format", ("iso", "unix", "unix_ms")), ("date_format", ("iso",))):
        form = change.get(name, "iso")
        if form not in known and "%" not in form:
            yield ("change", name), f"'{form}' is no format", f"use {', '.join(known)}, or one such as %d/%m/%Y %H:%M"
    if "zone" in change:
        try:
            ZoneInfo(change["zone"])
        except (ValueError, OSError, KeyError):
            yield ("change", "zone"), f"there is no time zone '{change['zone']}'", "use a name such as Asia/Jakarta"


def _signature(rule: Mapping[str, Any], known: frozenset[str], where: tuple[str, ...]) -> Iterator[Wrong]:
    used = set(re.findall(r"\{([^{}]*)\}", rule["text"]))
    for word in sorted(used - known):
        yield (*where, "text"), f"{{{word}}} is not known here", f"use some of: {', '.join(sorted(known))}"
    if ("timestamp" in used) != ("timestamp" in rule):
        yield (
            (*where, "text"),
            "a time stamp must be both sent and signed",
            "give `timestamp` and use {timestamp} in `text`",
        )
    if not used & {"body", "body_sha256", "body_sha256_base64"}:
        yield (*where, "text"), "the body is not signed", "use {body} or {body_sha256} in `text`"
