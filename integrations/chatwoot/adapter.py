"""A Chatwoot account as an outside desk: its Application API, and its webhooks.

What is relied upon (developers.chatwoot.com/api-reference, and the behaviour of its controllers):

==============================================================  =====================================================
``POST  /api/v1/accounts/A/contacts``                           ``payload.contact.id``; 422 when the identifier is known
``GET   /api/v1/accounts/A/contacts/search?q=``                 ``payload: [{id, identifier}]``, fifteen a page
``GET   /api/v1/accounts/A/contacts/C/conversations``           ``payload: [{id, inbox_id, status, custom_attributes}]``
``POST  /api/v1/accounts/A/conversations``                      ``id`` (the number agents see)
``GET   /api/v1/accounts/A/conversations/N``                    ``id, status``
``GET   /api/v1/accounts/A/conversations/N/messages``           ``payload: [{id, message_type, source_id, content, private,
                                                                sender, attachments}]``, the newest twenty; ``before=`` goes
                                                                back; ``after=`` a hundred from there on
``POST  /api/v1/accounts/A/conversations/N/messages``           ``message_type: incoming`` in inboxes of kind API only; with
                                                                files as a form, ``attachments[]``
``POST  /api/v1/accounts/A/conversations/N/toggle_status``      ``status: resolved``
``GET   /api/v1/accounts/A/inboxes/I``                          ``channel_type``
==============================================================  =====================================================

The header ``api_access_token`` says who asks. Webhooks carry ``X-Chatwoot-Timestamp`` and ``X-Chatwoot-Signature``
(``sha256=`` and the HMAC of ``timestamp.body``). None of the calls knows an idempotency key, so what a lost answer left behind is
looked for before anything is sent again.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin

import aiohttp
from yarl import URL

from bot.ports import Clock
from bot.ports_desk import DeskGone, DeskRefused, DeskUnavailable, Handed, Heard, Line, OutsideDesk, TheirFile, Told
from integrations.chatwoot.accounts import Account, accounts
from integrations.chatwoot.wire import (
    answer_of,
    at,
    incoming,
    keys_of,
    list_of,
    number,
    object_of,
    ref_of,
    signed,
    told_of,
)

TIMEOUT_S = 10.0
LONGEST = 20_000
PAGES_BACK = 5
"""So many pages of messages are looked through for a line that may be there already."""
PAGES_ON = 5
PAGE = 100
"""Messages of an answer to ``after=``."""
MOST_FILE_BYTES = 16_000_000
_NO_CONTENT = "(pesan tanpa isi)"


def build(config: Mapping[str, str], clock: Clock) -> list[OutsideDesk]:
    """One desk per account that the settings name.

    :raises bot.errors.SettingsError: something is missing or wrong.
    """
    return [Chatwoot(account, clock) for account in accounts(config)]


class Chatwoot:
    """See :class:`bot.ports_desk.OutsideDesk`."""

    name = "Chatwoot"

    def __init__(self, account: Account, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        self.id = account.id
        self.offices = frozenset({account.office} - {""})
        self._of = account
        self._base = f"{account.url}/api/v1/accounts/{quote(account.account, safe='')}"
        self._clock = clock
        self._timeout_s = timeout_s
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
        ref = await self._open_one(contact)
        if ref is None:
            body = {
                "contact_id": contact,
                "inbox_id": self._of.inbox,
                "source_id": handed.number,
                "status": "open",
                "custom_attributes": {"loket_ticket": handed.number, "loket_office": handed.office},
            }
            ref = str(number(await self._call("POST", "/conversations", body)))
        await self._note(ref, handed.summary[:LONGEST])
        return ref

    async def find(self, number: str) -> str | None:
        """By its contact."""
        contact = await self._known(number)
        return None if contact is None else await self._open_one(contact)

    async def _open_one(self, contact: int) -> str | None:
        found = list_of(await self._call("GET", f"/contacts/{contact}/conversations"))
        mine = [one for one in found if one.get("inbox_id") == self._of.inbox and one.get("status") != "resolved"]
        return str(number(mine[0])) if mine else None

    async def _note(self, ref: str, text: str) -> None:
        """A private note for the desk's agents, once."""
        messages = list_of(await self._call("GET", f"/conversations/{ref}/messages")) if text else []
        if not text or any(one.get("private") and one.get("content") == text for one in messages):
            return
        note = {"content": text, "message_type": "outgoing", "private": True}
        await self._call("POST", f"/conversations/{ref}/messages", note)

    async def _contact(self, handed: Handed) -> int:
        body = {"inbox_id": self._of.inbox, "name": f"Warga {handed.number}", "identifier": _identifier(handed.number)}
        try:
            made = await self._call("POST", "/contacts", body)
        except DeskRefused:
            known = await self._known(handed.number)
            if known is None:
                raise
            return known
        payload = made.get("payload", made)
        return number(payload.get("contact", payload) if isinstance(payload, dict) else {})

    async def _known(self, ticket: str) -> int | None:
        identifier = _identifier(ticket)
        found = list_of(await self._call("GET", f"/contacts/search?q={quote(identifier, safe='')}"))
        return next((number(one) for one in found if one.get("identifier") == identifier), None)

    async def append(self, ref: str, line: Line, *, again: bool = False) -> None:
        """One incoming message; after a lost answer only if it is not there."""
        if again and await self._stands(ref, line):
            return
        path = f"/conversations/{ref_of(ref)}/messages"
        text = line.text[:LONGEST] or ("" if line.file else _NO_CONTENT)
        attributes = {"loket_key": line.key}
        body = {"content": text, "message_type": "incoming", "private": False, "source_id": line.key}
        if line.file is None:
            await self._call("POST", path, {**body, "content_attributes": attributes})
            return
        form = aiohttp.FormData()
        for name, value in {**body, "private": "false", "content_attributes": json.dumps(attributes)}.items():
            form.add_field(name, str(value))
        form.add_field("attachments[]", line.file.data, filename=line.file.name, content_type=line.file.type)
        await self._call("POST", path, form)

    async def _stands(self, ref: str, line: Line) -> bool:
        """By its key; a Chatwoot that keeps no keys is believed by the words of its newest incoming message."""
        before: int | None = None
        newest = True
        for _ in range(PAGES_BACK):
            query = f"?before={before}" if before is not None else ""
            messages = list_of(await self._call("GET", f"/conversations/{ref_of(ref)}/messages{query}"))
            ours = [one for one in messages if incoming(one)]
            if any(line.key in keys_of(one) for one in ours):
                return True
            if newest and ours:
                last = max(ours, key=number)
                if not keys_of(last) and (last.get("content") or "") == line.text[:LONGEST]:
                    return True
                newest = False
            if not messages:
                return False
            before = min(map(number, messages))
        return False

    async def close_conversation(self, ref: str, note: str = "") -> None:
        """Resolved there."""
        try:
            await self._note(ref_of(ref), note)
            await self._call("POST", f"/conversations/{ref_of(ref)}/toggle_status", {"status": "resolved"})
        except DeskGone:
            return

    # -- from the desk ----------------------------------------------------------------------------------------------------

    async def hear(self, ref: str, after: int) -> Heard:
        """How it stands is asked first: who says something and then resolves has said it when it is read."""
        status = (await self._call("GET", f"/conversations/{ref_of(ref)}")).get("status")
        found: dict[int, dict[str, Any]] = {}
        for _ in range(PAGES_ON):
            page = list_of(await self._call("GET", f"/conversations/{ref}/messages?after={after}"))
            found |= {number(one): one for one in page}
            if len(page) < PAGE:
                break
            after = max(found)
        said = (answer_of(found[id_], self.name) for id_ in sorted(found))
        return Heard(tuple(one for one in said if one is not None), status == "resolved")

    async def fetch(self, file: TheirFile) -> bytes:
        """From the account's own address; where that sends on to its store of files, from there, without our token."""
        if not file.link.startswith(f"{self._of.url}/"):
            raise DeskRefused("a file from elsewhere")
        status, raw, there = await self._send("GET", file.link, headers={})
        if status in (301, 302, 303, 307, 308) and there:
            status, raw, _ = await self._send("GET", urljoin(file.link, there), headers={})
        _fine(status)
        return raw

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], token: str = "") -> Told | None:
        """Where there is a secret, only the signature counts."""
        if self._of.secret:
            signed(self._of.secret.encode(), body, headers, self._clock.now())
        elif not hmac.compare_digest(token.encode(), self._of.path_token.encode()):
            raise PermissionError("token")
        return told_of(body, self._of.account, self._of.inbox)

    async def check(self) -> list[str]:
        """Address, token, account and inbox."""
        try:
            inbox = await self._call("GET", f"/inboxes/{self._of.inbox}")
        except DeskGone:
            return [f"{self.id}: no account {self._of.account} or inbox {self._of.inbox} for this token"]
        except DeskRefused as error:
            return [f"{self.id}: the token is refused ({error})"]
        except DeskUnavailable as error:
            return [f"{self.id}: does not answer ({error})"]
        kind = inbox.get("channel_type", at(inbox, "payload", "channel_type"))
        return [] if kind == "Channel::Api" else [f"{self.id}: inbox {self._of.inbox} is not of kind API ({kind})"]

    # -- one call -----------------------------------------------------------------------------------------------------------

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | aiohttp.FormData | None = None
    ) -> dict[str, Any]:
        headers = {"api_access_token": self._of.token}
        status, raw, _ = await self._send(method, self._base + path, body, headers)
        _fine(status)
        return object_of(raw)

    async def _send(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, str]:
        """Status, the whole body, and where it sends on to."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout_s))
        given: dict[str, Any] = {"data": body} if isinstance(body, aiohttp.FormData) else {"json": body}
        try:
            async with self._session.request(
                method, URL(url, encoded=True), headers=headers, allow_redirects=False, **given
            ) as response:
                raw = await response.content.read(MOST_FILE_BYTES + 1)
                while not response.content.at_eof() and len(raw) <= MOST_FILE_BYTES:
                    raw += await response.content.read(MOST_FILE_BYTES + 1 - len(raw))
                status, there = response.status, response.headers.get("Location", "")
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise DeskUnavailable(type(error).__name__) from error
        if len(raw) > MOST_FILE_BYTES:
            raise DeskRefused("too much")
        return status, raw, there


def _fine(status: int) -> None:
    if status in (408, 425, 429) or status >= 500:
        raise DeskUnavailable(f"status {status}")
    if status == 404:
        raise DeskGone("status 404")
    if not 200 <= status < 300:
        raise DeskRefused(f"status {status}")


def _identifier(ticket: str) -> str:
    return f"loket-{ticket}"
