"""SMS over Twilio, all of it: one number, texts in and out, receipts, STOP and START."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from twilio.request_validator import RequestValidator

from bot.domain.messages import Event, Inbound, MediaRef, Outgoing, Receipt, Standing, StandingChange, Unread
from bot.errors import (
    ChannelError,
    ChannelMisconfigured,
    ChannelUnavailable,
    InvalidMessage,
    OptedOut,
    OutcomeUnknown,
    RecipientBlocked,
    RejectedFile,
    Throttled,
)
from bot.ports import ChannelAccount, ChannelManifest, Clock, Sent, WebhookRequest
from bot.registry import channel_manifest

TWILIO = "https://api.twilio.com"
# Codes of twilio.com/docs/api/errors; a longer table is in channels/whatsapp/errors.py.
ERRORS: dict[int, type[ChannelError]] = {
    20003: ChannelMisconfigured,
    21211: RecipientBlocked,
    21610: OptedOut,
    21614: RecipientBlocked,
    30003: RecipientBlocked,
    30006: RecipientBlocked,
}
RECEIPTS = {"sent": "sent", "delivered": "delivered", "undelivered": "failed", "failed": "failed"}
OPT_OUT = {"STOP": Standing.STOPPED, "START": Standing.OPEN}
_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_NUMBER = re.compile(r"\+[1-9]\d{5,14}")


class SmsChannel:
    """See :class:`bot.ports.Channel`."""

    def __init__(self, manifest: ChannelManifest, config: Mapping[str, str], clock: Clock) -> None:
        self.manifest = manifest
        number = config["LOKET_X_SMS_NUMBER"]
        account = ChannelAccount(f"sms:{number[1:]}", config.get("LOKET_LOCUS", ""), number[1:], number)
        self.accounts: Mapping[str, ChannelAccount] = {account.id: account}
        self._validator = RequestValidator(config["LOKET_X_SMS_AUTH_TOKEN"])
        self._auth = aiohttp.encode_basic_auth(config["LOKET_X_SMS_ACCOUNT_SID"], config["LOKET_X_SMS_AUTH_TOKEN"])
        api = config.get("LOKET_X_SMS_API") or TWILIO
        self._url = f"{api}/2010-04-01/Accounts/{config['LOKET_X_SMS_ACCOUNT_SID']}"
        self._public = config.get("LOKET_PUBLIC_URL", "")
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"<SmsChannel {', '.join(self.accounts)}>"

    async def close(self) -> None:
        """Called when the process ends."""
        if self._session is not None:
            await self._session.close()

    # -- in: verified, then read ----------------------------------------------------------------------------------------

    def verify(self, account: ChannelAccount, request: WebhookRequest) -> bool:
        """Twilio's signature over address and fields; never raises."""
        given = next((value for name, value in request.headers.items() if name.lower() == "x-twilio-signature"), "")
        try:
            return bool(given) and bool(self._validator.validate(request.url, _form(request.body), given))
        except (ValueError, TypeError):
            return False

    def parse(self, account: ChannelAccount, request: WebhookRequest, at: datetime) -> Sequence[Event]:
        """One message or one receipt."""
        try:
            form = _form(request.body)
        except ValueError as error:
            raise InvalidMessage("error.no_text") from error
        sid, sender = form.get("MessageSid", ""), form.get("From", "")
        if not _SID.fullmatch(sid):
            raise InvalidMessage("error.no_text")
        if form.get("MessageStatus", "received") != "received":
            state = RECEIPTS.get(form["MessageStatus"])
            return [Receipt(account.id, sid, state, at, form.get("ErrorCode"))] if state else []
        if not _NUMBER.fullmatch(sender):  # a name in place of a number cannot be answered
            return []
        standing = OPT_OUT.get(form.get("OptOutType", ""))
        if standing is not None:
            return [StandingChange(account.id, sender, standing, at)]
        text = form.get("Body", "").replace("\x00", "")
        if not text.strip():
            return [Inbound(account.id, sid, sender, at, unread=Unread.OTHER)]
        return [Inbound(account.id, sid, sender, at, text=text)]

    async def fetch(self, account: ChannelAccount, media: MediaRef, most_bytes: int) -> bytes:
        """No message of ours ever holds a file."""
        raise RejectedFile("file.type", 415)

    async def seen(self, account: ChannelAccount, recipient: str, mark: str | None, pressed: str | None) -> None:
        """SMS knows no "typing"."""

    # -- out ------------------------------------------------------------------------------------------------------------

    async def send(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        """Hand one text over."""
        form = {"To": recipient, "From": account.address, "Body": message.text}
        if self._public.startswith("https://"):
            form["StatusCallback"] = f"{self._public}/webhooks/sms/{account.key}"
        answer = await self._ask("POST", "/Messages.json", handed_over=True, data=form)
        if not isinstance(answer.get("sid"), str):
            raise OutcomeUnknown("the answer names no message")
        return Sent(answer["sid"])

    async def sent_before(
        self,
        account: ChannelAccount,
        recipient: str,
        message: Outgoing,
        since: datetime,
        known: Collection[str] = (),
    ) -> Sent | None:
        """Look through the latest messages to that person."""
        params = {"To": recipient, "From": account.address, "PageSize": "20"}
        answer = await self._ask("GET", "/Messages.json", params=params)
        for one in answer.get("messages", ()):
            made = parsedate_to_datetime(one["date_created"]).astimezone(UTC)
            same = one["body"] == message.text and one["sid"] not in known
            if same and made >= since.replace(microsecond=0) and one["status"] != "failed":
                return Sent(one["sid"])
        return None

    def explain(self, provider_code: str) -> ChannelError:
        """What the code of a failed receipt means."""
        kind = ERRORS.get(int(provider_code), ChannelError) if provider_code.isdecimal() else ChannelError
        return kind(f"Twilio {provider_code}", provider_code=provider_code)

    # -- operators ------------------------------------------------------------------------------------------------------

    async def setup(self, public_url: str) -> list[str]:
        """Tell Twilio our address."""
        numbers = await self._ask("GET", "/IncomingPhoneNumbers.json")
        done = []
        for account in self.accounts.values():
            sid = next(
                (n["sid"] for n in numbers["incoming_phone_numbers"] if n["phone_number"] == account.address), None
            )
            if sid is None:
                raise ChannelMisconfigured(f"{account.address} is no number of this Twilio account")
            address = f"{public_url}/webhooks/sms/{account.key}"
            await self._ask("POST", f"/IncomingPhoneNumbers/{sid}.json", data={"SmsUrl": address, "SmsMethod": "POST"})
            done.append(f"{account.address}: webhook {address}")
        return done

    async def check(self) -> list[str]:
        """Whether the credentials are right and Twilio answers."""
        try:
            await self._ask("GET", ".json")
        except ChannelError as error:
            return [f"Twilio: {error}. LOKET_X_SMS_ACCOUNT_SID, LOKET_X_SMS_AUTH_TOKEN"]
        return []

    # -- HTTP: every failure becomes a type that says what to do --------------------------------------------------------

    async def _ask(self, method: str, path: str, handed_over: bool = False, **more: Any) -> dict[str, Any]:
        unknown = OutcomeUnknown if handed_over else ChannelUnavailable
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=30, sock_connect=5)
            self._session = aiohttp.ClientSession(timeout=timeout, headers={"Authorization": self._auth})
        try:
            async with self._session.request(method, self._url + path, allow_redirects=False, **more) as answer:
                status, told = answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ChannelUnavailable("Twilio cannot be reached") from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise unknown("no whole answer came") from error
        if not isinstance(told, dict):
            raise unknown("the answer cannot be read")
        if status >= 300:
            raise _refused(status, told.get("code"))
        return told


def _refused(status: int, code: object) -> ChannelError:
    if status == 429:
        return Throttled(2.0, provider_code=str(code))
    if status >= 500:
        return ChannelUnavailable("an error of Twilio's own", provider_code=str(code))
    kind = (
        ERRORS.get(code, ChannelMisconfigured if status in (401, 403) else ChannelError)
        if isinstance(code, int)
        else ChannelError
    )
    return kind(f"Twilio refused: {code}", provider_code=str(code))


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=200))


def build(config: Mapping[str, str], clock: Clock) -> SmsChannel:
    """The factory the registry calls."""
    return SmsChannel(channel_manifest(Path(__file__).parent), config, clock)
