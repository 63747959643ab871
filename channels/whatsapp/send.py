"""Sends one message: text, a file, choices or a template; and asks whether an earlier try arrived."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from bot.domain.messages import Outgoing
from bot.errors import ChannelError, OutcomeUnknown, TemplateRefused
from bot.ports import ChannelAccount, ChannelManifest, Sent
from channels.whatsapp.accounts import PREFIX, SANDBOX_NUMBER, is_service, origin
from channels.whatsapp.contents import Contents, choices
from channels.whatsapp.errors import NoAnswer, NotSent, of_code, translate
from channels.whatsapp.notices import Notices, values_of
from channels.whatsapp.setup import OVERRIDES
from channels.whatsapp.words import clean, length, numbered

CHOOSE = "Silakan pilih: / Please choose:"
"""Above choices whose text had to go before them in a message of its own."""
_LOST = ("failed", "undelivered", "canceled")
_ASKED = 40
"""Latest messages to one person that are looked through."""
_REMEMBERED = 2000


class Sender:
    """Sends from any account of one Twilio account."""

    def __init__(
        self, client: Client, contents: Contents, notices: Notices, manifest: ChannelManifest, callback_base: str
    ) -> None:
        self._client = client
        self._contents = contents
        self._notices = notices
        self._manifest = manifest
        self._callback_base = callback_base
        self._begun: OrderedDict[str, None] = OrderedDict()
        """Keys of messages whose first half has gone."""

    async def send(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        """See :meth:`bot.ports.Channel.send`."""
        if message.template is not None:
            notice = await self._notices.of(message.template)
            values = json.dumps(values_of(message.template), ensure_ascii=False)
            more = {"content_variables": values} if message.template.values else {}
            return await self._create(account, recipient, content_sid=notice.sid, **more)
        if message.file is not None:
            caption = self._within(numbered(message.text, message.buttons), self._manifest.caption_limit)
            return await self._create(account, recipient, media_url=[message.file.link], **_text(caption))
        if message.buttons:
            return await self._choices(account, recipient, message)
        return await self._create(account, recipient, **_text(clean(message.text) or "…"))

    async def _choices(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        picked = choices(message.text, message.buttons)
        # The number shared for trying takes no templates of one's own (twilio.com/docs/whatsapp/sandbox).
        if picked is not None and account.address != SANDBOX_NUMBER:
            template, values = picked
            try:
                sid = await self._contents.make(template.request())
            except ChannelError:  # no template: the words alone do as well
                return await self._numbered(account, recipient, message)
            try:
                written = json.dumps(values, ensure_ascii=False)
                return await self._create(account, recipient, content_sid=sid, content_variables=written)
            except TemplateRefused:  # deleted by somebody, or values that Twilio does not take
                self._contents.forget(template.name)
        return await self._numbered(account, recipient, message)

    async def _numbered(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        whole = numbered(message.text, message.buttons)
        if length(whole) <= self._manifest.text_limit:
            return await self._create(account, recipient, **_text(whole))
        if message.key not in self._begun:  # a repeated try does not repeat the first half
            await self._create(account, recipient, **_text(clean(message.text)))
            self._begun[message.key] = None
            if len(self._begun) > _REMEMBERED:
                self._begun.popitem(last=False)
        return await self._choices(account, recipient, replace(message, text=CHOOSE))

    async def _create(self, account: ChannelAccount, recipient: str, **what: Any) -> Sent:
        if self._callback_base:
            what["status_callback"] = f"{self._callback_base}/{account.key}{OVERRIDES}"
        try:
            made = await self._client.messages.create_async(to=PREFIX + recipient, **origin(account), **what)
        except Exception as error:  # the answer may also be no JSON, or JSON of another shape
            raise translate(error, handed_over=True) from error
        if made.status in _LOST and made.error_code:
            raise of_code(made.error_code)
        if not made.sid:
            raise OutcomeUnknown("Twilio's answer names no message")
        return Sent(made.sid)

    async def sent_before(
        self,
        account: ChannelAccount,
        recipient: str,
        message: Outgoing,
        since: datetime,
        known: Collection[str] = (),
    ) -> Sent | None:
        """See :meth:`bot.ports.Channel.sent_before`: compares what Twilio lists for that person.

        Not by ``DateSent``, which a message that still waits in Twilio's queue does not have.
        """
        texts = await self._texts(message)
        sender = {} if is_service(account) else {"from_": PREFIX + account.address}
        try:
            listed = await self._client.messages.list_async(
                to=PREFIX + recipient, limit=_ASKED, page_size=_ASKED, **sender
            )
        except (TwilioException, NotSent, NoAnswer) as error:
            raise translate(error) from error
        moment = since.astimezone(UTC).replace(microsecond=0)  # Twilio tells whole seconds
        for one in listed:
            if one.sid and one.sid not in known and self._is_it(one, texts, message, moment):
                return Sent(one.sid)
        return None

    def _is_it(self, known: MessageInstance, texts: Sequence[str], message: Outgoing, since: datetime) -> bool:
        if known.date_created is None or known.date_created < since or str(known.direction) == "inbound":
            return False
        files = (known.num_media or "0") != "0"
        same = clean(known.body or "") in texts and files == (message.file is not None)
        return same and known.status not in _LOST

    async def _texts(self, message: Outgoing) -> list[str]:
        """The bodies under which Twilio may list it; with choices that is the text above them."""
        if message.template is not None:
            notice = await self._notices.of(message.template)
            return [clean(notice.spoken(list(values_of(message.template).values())))]
        if message.file is not None:
            return [self._within(numbered(message.text, message.buttons), self._manifest.caption_limit)]
        whole = numbered(message.text, message.buttons)
        if message.buttons and length(whole) > self._manifest.text_limit:
            return [CHOOSE, numbered(CHOOSE, message.buttons)]
        return [clean(message.text) or "…", whole]

    def _within(self, text: str, most: int) -> str:
        while length(text) > most:
            text = text[: len(text) - max(1, (length(text) - most) // 2)]
        return text


def _text(text: str) -> dict[str, str]:
    return {"body": text} if text else {}


def callback_base(public_url: str, api: str) -> str:
    """Where Twilio finds our webhooks; empty where it cannot (it refuses addresses that are not public, error 21609)."""
    parts = urlsplit(public_url)
    if not parts.hostname or (parts.scheme != "https" and not api):
        return ""
    return f"{public_url.rstrip('/')}/webhooks/whatsapp"
