"""A Chatwoot account as an outside desk: its Application API, and its webhooks.

What is relied upon (developers.chatwoot.com/api-reference, and the behaviour of its controllers):

==============================================================  =====================================================
``POST  /api/v1/accounts/A/contacts``                           ``payload.contact.id``; 422 when the identifier is known
``GET   /api/v1/accounts/A/contacts/search?q=``                 ``payload: [{id, identifier}]``, fifteen a page
``GET   /api/v1/accounts/A/contacts/C/conversations``           ``payload: [{id, inbox_id, status, custom_attributes}]``
``POST  /api/v1/accounts/A/conversations``                      ``id`` (the number agents see)
``GET   /api/v1/accounts/A/conversations/N/messages``           ``payload: [{id, message_type, source_id, content, private}]``, the
                                                                newest twenty; ``before=`` goes back
``POST  /api/v1/accounts/A/conversations/N/messages``           ``message_type: incoming`` in inboxes of kind API only
``POST  /api/v1/accounts/A/conversations/N/toggle_status``      ``status: resolved``
==============================================================  =====================================================

The header ``api_access_token`` says who asks. Webhooks carry ``X-Chatwoot-Timestamp`` and ``X-Chatwoot-Signature``
(``sha256=`` and the HMAC of ``timestamp.body``). None of the calls knows an idempotency key, so what a lost answer left behind is
looked for before anything is sent again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.ports import Clock
from bot.ports_desk import Answered, DeskGone, DeskRefused, DeskUnavailable, Handed, Line, OutsideDesk, Resolved

TIMEOUT_S = 10.0
FRESH_S = 300
"""A webhook older than this is a repeat by somebody else."""
LONGEST = 20_000
PAGES_BACK = 5
"""So many pages of messages are looked through for a line that may be there already."""


def build(config: Mapping[str, str], clock: Clock) -> OutsideDesk:
    """From its settings."""
    return Chatwoot(
        config["LOKET_CHATWOOT_URL"],
        config["LOKET_CHATWOOT_ACCOUNT"],
        int(config["LOKET_CHATWOOT_INBOX"]),
        config["LOKET_CHATWOOT_TOKEN"],
        config["LOKET_CHATWOOT_WEBHOOK_SECRET"],
        clock,
    )


class Chatwoot:
    """See :class:`bot.ports_desk.OutsideDesk`."""

    id = "chatwoot"
    name = "Chatwoot"

    def __init__(self, url: str, account: str, inbox: int, token: str, secret: str, clock: Clock) -> None:
        self._base = f"{url.rstrip('/')}/api/v1/accounts/{quote(account, safe='')}"
        self._account = account
        self._inbox = inbox
        self._token = token
        self._secret = secret.encode()
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    # -- to the desk ------------------------------------------------------------------------------------------------------

    async def open(self, handed: Handed) -> str:
        """A contact that is known by the ticket's number only, and a conversation of it in our inbox."""
        contact = await self._contact(handed)
        found = await self._call("GET", f"/contacts/{contact}/conversations")
        mine = [one for one in _list(found) if one.get("inbox_id") == self._inbox and one.get("status") != "resolved"]
        if mine:
            ref = str(_number(mine[0]))
        else:
            body = {
                "contact_id": contact,
                "inbox_id": self._inbox,
                "source_id": handed.number,
                "status": "open",
                "custom_attributes": {"loket_ticket": handed.number, "loket_office": handed.office},
            }
            ref = str(_number(await self._call("POST", "/conversations", body)))
        await self._note(ref, handed.summary[:LONGEST])
        return ref

    async def _note(self, ref: str, text: str) -> None:
        """A private note for the desk's agents, once."""
        messages = _list(await self._call("GET", f"/conversations/{ref}/messages")) if text else []
        if not text or any(one.get("private") and one.get("content") == text for one in messages):
            return
        note = {"content": text, "message_type": "outgoing", "private": True}
        await self._call("POST", f"/conversations/{ref}/messages", note)

    async def _contact(self, handed: Handed) -> int:
        identifier = f"loket-{handed.number}"
        body = {"inbox_id": self._inbox, "name": f"Warga {handed.number}", "identifier": identifier}
        try:
            made = await self._call("POST", "/contacts", body)
        except DeskRefused:
            found = await self._call("GET", f"/contacts/search?q={quote(identifier, safe='')}")
            for one in _list(found):
                if one.get("identifier") == identifier:
                    return int(one["id"])
            raise
        payload = made.get("payload", made)
        return _number(payload.get("contact", payload) if isinstance(payload, dict) else {})

    async def append(self, ref: str, line: Line, *, again: bool = False) -> None:
        """One incoming message; after a lost answer only if it is not there."""
        if again and await self._stands(ref, line):
            return
        body = {
            "content": line.text[:LONGEST],
            "message_type": "incoming",
            "private": False,
            "source_id": line.key,
            "content_attributes": {"loket_key": line.key},
        }
        await self._call("POST", f"/conversations/{_ref(ref)}/messages", body)

    async def _stands(self, ref: str, line: Line) -> bool:
        """By its key; a Chatwoot that keeps no keys is believed by the words of its newest incoming message."""
        before: int | None = None
        newest = True
        for _ in range(PAGES_BACK):
            query = f"?before={before}" if before is not None else ""
            messages = _list(await self._call("GET", f"/conversations/{_ref(ref)}/messages{query}"))
            ours = [one for one in messages if one.get("message_type") in (0, "incoming")]
            if any(line.key in _keys(one) for one in ours):
                return True
            if newest and ours:
                last = max(ours, key=lambda one: int(one["id"]))
                if not _keys(last) and last.get("content") == line.text[:LONGEST]:
                    return True
                newest = False
            if not messages:
                return False
            before = min(int(one["id"]) for one in messages)
        return False

    async def close_conversation(self, ref: str) -> None:
        """Resolved there."""
        try:
            await self._call("POST", f"/conversations/{_ref(ref)}/toggle_status", {"status": "resolved"})
        except DeskGone:
            return

    # -- from the desk ----------------------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Answered | Resolved | None:
        """Public words of an agent, and the end of a conversation; our own lines come back too and are left out."""
        self._check(body, headers)
        try:
            told = json.loads(body)
        except ValueError as error:
            raise ValueError("a webhook that is no JSON") from error
        if not isinstance(told, dict) or str(_at(told, "account", "id")) != self._account:
            return None
        event = told.get("event")
        if event == "message_created":
            return self._message(told)
        if event == "conversation_status_changed" and self._ours(told) and told.get("status") == "resolved":
            return Resolved(str(_number(told)))
        return None

    def _message(self, told: Mapping[str, Any]) -> Answered | None:
        conversation = told.get("conversation")
        if not isinstance(conversation, dict) or not self._ours(conversation):
            return None
        public = told.get("message_type") in (1, "outgoing") and not told.get("private")
        text = told.get("content")
        if not public or not isinstance(text, str) or not text.strip():
            return None
        agent = _at(told, "sender", "available_name") or _at(told, "sender", "name") or self.name
        return Answered(str(_number(conversation)), str(_number(told)), text, str(agent)[:80])

    def _ours(self, conversation: Mapping[str, Any]) -> bool:
        return conversation.get("inbox_id") == self._inbox

    def _check(self, body: bytes, headers: Mapping[str, str]) -> None:
        """:raises PermissionError: not signed by this account's webhook, or an old one played again."""
        lower = {name.lower(): value for name, value in headers.items()}
        at, signed = lower.get("x-chatwoot-timestamp", ""), lower.get("x-chatwoot-signature", "")
        expected = "sha256=" + hmac.digest(self._secret, at.encode() + b"." + body, hashlib.sha256).hex()
        if not hmac.compare_digest(signed.encode(), expected.encode()):
            raise PermissionError("signature")
        if not at.isascii() or not at.isdigit() or len(at) > 12:
            raise PermissionError("timestamp")
        if abs(self._clock.now().timestamp() - int(at)) > FRESH_S:
            raise PermissionError("old")

    # -- one call -----------------------------------------------------------------------------------------------------------

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=timeout, headers={"api_access_token": self._token})
        try:
            async with self._session.request(method, self._base + path, json=body, allow_redirects=False) as response:
                raw = await response.read()
                status = response.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise DeskUnavailable(type(error).__name__) from error
        if status in (408, 425, 429) or status >= 500:
            raise DeskUnavailable(f"status {status}")
        if status == 404:
            raise DeskGone("status 404")
        if not 200 <= status < 300:
            raise DeskRefused(f"status {status}")
        return _json(raw)


def _json(raw: bytes) -> dict[str, Any]:
    """An object; a list becomes its ``payload``. A 200 that is none is the answer of something in between."""
    try:
        found = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        raise DeskUnavailable("an answer that is no JSON") from error
    return found if isinstance(found, dict) else {"payload": found}


def _list(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = answer.get("payload", [])
    return [one for one in found if isinstance(one, dict) and "id" in one] if isinstance(found, list) else []


def _number(of: Mapping[str, Any]) -> int:
    """:raises DeskRefused: there is no id in the answer."""
    found = of.get("id")
    if isinstance(found, bool) or not isinstance(found, int | str) or not str(found).isdigit():
        raise DeskRefused("an answer without an id")
    return int(found)


def _ref(ref: str) -> str:
    """:raises DeskRefused: not an id of ours."""
    if not (ref.isascii() and ref.isdigit()):
        raise DeskRefused("no such id")
    return ref


def _keys(message: Mapping[str, Any]) -> set[str]:
    attributes = message.get("content_attributes")
    own = attributes.get("loket_key") if isinstance(attributes, dict) else None
    return {str(key) for key in (message.get("source_id"), own) if key}


def _at(of: Mapping[str, Any], *names: str) -> Any:
    found: Any = of
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
