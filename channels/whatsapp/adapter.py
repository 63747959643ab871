"""The channel: one Twilio account with one or more WhatsApp numbers. What each part does is in the module of its name."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from twilio.request_validator import RequestValidator

from bot.domain.messages import Event, Inbound, MediaRef, Outgoing
from bot.errors import ChannelError, ChannelMisconfigured, InvalidMessage, SettingsError
from bot.ports import ChannelAccount, ChannelManifest, Clock, Sent, WebhookRequest
from bot.registry import channel_manifest
from channels.whatsapp import errors, parse, signature
from channels.whatsapp.accounts import is_service, read_senders
from channels.whatsapp.client import Http, client
from channels.whatsapp.contents import Contents
from channels.whatsapp.media import PAUSES_S, Fetcher
from channels.whatsapp.missed import missed
from channels.whatsapp.notices import Notices
from channels.whatsapp.send import Sender, callback_base
from channels.whatsapp.setup import Setup

SEEN_TIMEOUT_S = 5.0
_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")


class WhatsAppChannel:
    """See :class:`bot.ports.Channel`. Keeps HTTP sessions; ``close`` it at the end."""

    def __init__(
        self,
        manifest: ChannelManifest,
        config: Mapping[str, str],
        clock: Clock,
        media_pauses: Sequence[float] = PAUSES_S,
    ) -> None:
        self.manifest = manifest
        sid, token = config["LOKET_TWILIO_ACCOUNT_SID"].strip(), config["LOKET_TWILIO_AUTH_TOKEN"].strip()
        if not _ACCOUNT_SID.fullmatch(sid):
            raise SettingsError("LOKET_TWILIO_ACCOUNT_SID: AC dan 32 huruf/angka / AC and 32 hex digits")
        api = config.get("LOKET_TWILIO_API", "").rstrip("/")
        self.accounts: Mapping[str, ChannelAccount] = read_senders(
            config["LOKET_WHATSAPP_SENDERS"], config.get("LOKET_LOCUS", "")
        )
        self._sid, self._api = sid, api
        self._clock = clock
        self._base = callback_base(config.get("LOKET_PUBLIC_URL", ""), api)
        self._validator = RequestValidator(token)
        self._http = Http(api)
        self._client = client(sid, token, self._http)
        contents = Contents(self._client)
        content_dir = config.get("LOKET_CONTENT_DIR", "")
        self._notices = Notices(self._client, contents, Path(content_dir) if content_dir else None)
        self._sender = Sender(self._client, contents, self._notices, manifest, self._base)
        self._fetcher = Fetcher(sid, token, api, media_pauses)
        self._setup = Setup(self._client, sid, self.accounts, contents, self._notices)

    def __repr__(self) -> str:
        return f"<WhatsAppChannel {', '.join(self.accounts)}>"

    async def close(self) -> None:
        """End the HTTP sessions."""
        await self._http.close()
        await self._fetcher.close()

    # -- in -------------------------------------------------------------------------------------------------------------

    def verify(self, account: ChannelAccount, request: WebhookRequest) -> bool:
        """Whether Twilio signed it. The signature covers the address, so that a webhook for one account fits no other."""
        return signature.verify(self._validator, request)

    def parse(self, account: ChannelAccount, request: WebhookRequest, at: datetime) -> Sequence[Event]:
        """Messages and receipts of a verified webhook; what another Twilio account sends is none of ours.

        :raises bot.errors.InvalidMessage: it is no webhook of Twilio's messaging.
        """
        if not signature.is_form(request.headers):
            return []
        try:
            fields = signature.form(request.body)
        except ValueError as error:
            raise InvalidMessage("error.no_text") from error
        if fields.get("AccountSid", self._sid) != self._sid:
            return []
        return parse.events(account, self.accounts, fields, at)

    async def fetch(self, account: ChannelAccount, media: MediaRef, most_bytes: int) -> bytes:
        """The content of a file; see :mod:`channels.whatsapp.media`."""
        return await self._fetcher.fetch(media, most_bytes)

    async def missed(self, account: ChannelAccount, since: datetime, until: datetime) -> Sequence[Inbound]:
        """What Twilio lists as sent to the number then; see :mod:`channels.whatsapp.missed`."""
        # Of a Messaging Service only its numbers are in the list, and which ones those are is not ours to know.
        return () if is_service(account) else await missed(self._client, self.accounts, account, since, until)

    async def seen(self, account: ChannelAccount, recipient: str, mark: str | None, pressed: str | None) -> None:
        """Two blue ticks and "typing" for up to 25 s (twilio.com/docs/whatsapp/api/typing-indicators-resource)."""
        if not mark:
            return
        with contextlib.suppress(Exception):  # it is a courtesy; the answer comes all the same
            async with asyncio.timeout(SEEN_TIMEOUT_S):
                await self._client.messaging.v2.typing_indicator.create_async(channel="whatsapp", message_id=mark)

    # -- out ------------------------------------------------------------------------------------------------------------

    async def send(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        """Hand one message to Twilio; see :mod:`channels.whatsapp.send`."""
        return await self._sender.send(account, recipient, message)

    async def sent_before(
        self,
        account: ChannelAccount,
        recipient: str,
        message: Outgoing,
        since: datetime,
        known: Collection[str] = (),
    ) -> Sent | None:
        """Whether Twilio lists such a message since then."""
        return await self._sender.sent_before(account, recipient, message, since, known)

    def explain(self, provider_code: str) -> ChannelError:
        """What a code of a failed receipt means: most of Twilio's refusals come that way."""
        return errors.of_code(provider_code)

    # -- operators ------------------------------------------------------------------------------------------------------

    async def setup(self, public_url: str) -> list[str]:
        """Webhooks, button templates, notices; a line each.

        :raises bot.errors.ChannelError: something was not done.
        """
        base = callback_base(public_url, self._api)
        if not base:
            raise ChannelMisconfigured(
                "LOKET_PUBLIC_URL harus https dan bisa dibuka dari internet / must be https and reachable from the internet"
            )
        return await self._setup.setup(base)

    async def check(self) -> list[str]:
        """Credentials, senders, webhook addresses, approvals."""
        return await self._setup.check(self._base)

    async def templates(self, account: ChannelAccount) -> list[tuple[str, str, str, str, str | None]]:
        """``(name, language, content SID, approval, reason)`` of every notice; approvals hold for the whole Twilio account.

        :raises bot.errors.ChannelError: Twilio cannot be asked.
        """
        return await self._notices.table()


def build(config: Mapping[str, str], clock: Clock) -> WhatsAppChannel:
    """The factory the registry calls."""
    return WhatsAppChannel(channel_manifest(Path(__file__).parent), config, clock)
