"""What Chatwoot's answers and webhooks hold, read carefully: nothing in them is taken for granted."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.ports_desk import Answered, Change, DeskRefused, DeskUnavailable, TheirFile, Told

FRESH_S = 300
"""A webhook older than this is a repeat by somebody else."""
MOST_FILES = 5
_LONGEST_NAME = 80


def object_of(raw: bytes) -> dict[str, Any]:
    """An object; a list becomes its ``payload``.

    :raises DeskUnavailable: a 200 that is none is the answer of something in between.
    """
    try:
        found = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        raise DeskUnavailable("an answer that is no JSON") from error
    return found if isinstance(found, dict) else {"payload": found}


def list_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its ``payload``: the objects with an id."""
    found = answer.get("payload", [])
    return [one for one in found if isinstance(one, dict) and _is_id(one.get("id"))] if isinstance(found, list) else []


def number(of: Mapping[str, Any]) -> int:
    """:raises DeskRefused: there is no id in the answer."""
    found = of.get("id")
    if not _is_id(found):
        raise DeskRefused("an answer without an id")
    return int(found)  # type: ignore[arg-type]  # just looked at


def _is_id(found: Any) -> bool:
    """A number that the database of either house can hold."""
    if isinstance(found, bool) or not isinstance(found, int | str):
        return False
    digits = str(found)
    return digits.isascii() and digits.isdigit() and len(digits) < 19


def ref_of(ref: str) -> str:
    """:raises DeskRefused: not an id of ours."""
    if not _is_id(ref):
        raise DeskRefused("no such id")
    return ref


def keys_of(message: Mapping[str, Any]) -> set[str]:
    """What a message was given by us to be known by."""
    attributes = message.get("content_attributes")
    own = attributes.get("loket_key") if isinstance(attributes, dict) else None
    return {str(key) for key in (message.get("source_id"), own) if key}


def incoming(message: Mapping[str, Any]) -> bool:
    """Whether it is the citizen's."""
    return message.get("message_type") in (0, "incoming")


def answer_of(message: Mapping[str, Any], nobody: str) -> Answered | None:
    """An agent's words to the citizen; None: a private note, one of ours, what the machine says, or taken back again."""
    public = message.get("message_type") in (1, "outgoing") and not message.get("private")
    attributes = message.get("content_attributes")
    taken_back = isinstance(attributes, dict) and attributes.get("deleted")
    if not public or taken_back:
        return None
    said = message.get("content")
    text = said.strip() if isinstance(said, str) else ""
    files = _files(message.get("attachments"))
    if not text and not files:
        return None
    agent = at(message, "sender", "available_name") or at(message, "sender", "name") or nobody
    return Answered(number(message), text, str(agent)[:_LONGEST_NAME], files)


def _files(given: Any) -> tuple[TheirFile, ...]:
    listed = given if isinstance(given, list) else []
    links = [one["data_url"] for one in listed if isinstance(one, dict) and isinstance(one.get("data_url"), str)]
    return tuple(TheirFile(_name(link), link) for link in links[:MOST_FILES])


def _name(link: str) -> str:
    try:
        return unquote(urlsplit(link).path.rpartition("/")[2])[-_LONGEST_NAME:] or "berkas"
    except ValueError:
        return "berkas"


# -- webhooks ---------------------------------------------------------------------------------------------------------------


def signed(secret: bytes, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """:raises PermissionError: not signed by this account's webhook, or an old one played again."""
    lower = {name.lower(): value for name, value in headers.items()}
    stamp, given = lower.get("x-chatwoot-timestamp", ""), lower.get("x-chatwoot-signature", "")
    expected = "sha256=" + hmac.digest(secret, stamp.encode() + b"." + body, hashlib.sha256).hex()
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise PermissionError("signature")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise PermissionError("timestamp")
    if abs(now.timestamp() - int(stamp)) > FRESH_S:
        raise PermissionError("old")


def told_of(body: bytes, account: str, inbox: int) -> Told | None:
    """What a webhook is about.

    :raises ValueError: it cannot be read.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("a webhook that is no JSON") from error
    # Events of conversations name no account (app/listeners/webhook_listener.rb); inboxes have numbers of their own everywhere.
    if not isinstance(told, dict) or ("account" in told and str(at(told, "account", "id")) != account):
        return None
    if told.get("event") == "message_created":
        conversation = told.get("conversation")
        if isinstance(conversation, dict) and conversation.get("inbox_id") == inbox and _to_citizen(told):
            return Told(_ref(conversation), Change.SAID)
    if told.get("event") == "conversation_status_changed" and told.get("inbox_id") == inbox:
        return Told(_ref(told), Change.STATUS)
    return None


def _ref(of: Mapping[str, Any]) -> str:
    if not _is_id(of.get("id")):
        raise ValueError("a webhook without an id")
    return str(int(of["id"]))


def _to_citizen(message: Mapping[str, Any]) -> bool:
    """Our own lines and private notes come back, too, and are left out."""
    return message.get("message_type") in (1, "outgoing") and not message.get("private")


def at(of: Mapping[str, Any], *names: str) -> Any:
    """What stands below these names; None: nothing."""
    found: Any = of
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
