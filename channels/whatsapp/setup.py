"""Makes Twilio know us (webhooks, templates), and tells what is wrong, in sentences for operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.messaging.v2.channels_sender import ChannelsSenderInstance, ChannelsSenderList

from bot.domain.messages import Button
from bot.errors import ChannelError, ChannelMisconfigured, ContentError
from bot.ports import ChannelAccount
from channels.whatsapp.accounts import PREFIX, SANDBOX_NUMBER, is_service
from channels.whatsapp.contents import LIST_ITEMS, QUICK_REPLIES, Contents, choices
from channels.whatsapp.errors import NoAnswer, NotSent, translate
from channels.whatsapp.notices import APPROVED, UNSUBMITTED, Notices

ONLINE = ("ONLINE", "ONLINE:UPDATING")
OVERRIDES = "#rc=5&rp=5xx,ct,rt"
"""Behind a webhook's address: Twilio repeats the call up to 5 times after 5xx and without connection or answer; by itself it does
so once, and not after 5xx (twilio.com/docs/usage/webhooks/webhooks-connection-overrides). Not part of what is signed."""
_FAILURES = (TwilioException, NotSent, NoAnswer)
_CONSOLE = "console.twilio.com"


class Setup:
    """What ``./loket channel setup`` and ``check`` do for WhatsApp."""

    def __init__(
        self,
        client: Client,
        account_sid: str,
        accounts: Mapping[str, ChannelAccount],
        contents: Contents,
        notices: Notices,
    ) -> None:
        self._client = client
        self._sid = account_sid
        self._accounts = accounts
        self._contents = contents
        self._notices = notices

    # -- set up ---------------------------------------------------------------------------------------------------------

    async def setup(self, base: str) -> list[str]:
        """See :meth:`bot.ports.Channel.setup`; ``base``: where our webhooks are, without the account's key."""
        done: list[str] = []
        for account in self._accounts.values():
            address = f"{base}/{account.key}{OVERRIDES}"
            if account.address == SANDBOX_NUMBER:
                done.append(
                    f"{account.address} (sandbox Twilio): isi sendiri di {_CONSOLE} > Messaging > Try it out > WhatsApp, "
                    f"'When a message comes in' dan 'Status callback' / fill in there yourself: {address} (POST)"
                )
            elif is_service(account):
                await self._service(account, address)
                done.append(f"{account.address}: webhook {address}")
            else:
                await self._sender(account, address)
                done.append(f"{account.address}: webhook {address}")
        made = await self._choices()
        done.append(f"{made} templat tombol siap / {made} button templates ready")
        return [*done, *await self._notices.submit()]

    async def _sender(self, account: ChannelAccount, address: str) -> None:
        sender = (await self._senders()).get(PREFIX + account.address)
        if sender is None or not sender.sid:
            raise ChannelMisconfigured(_no_sender(account))
        webhook = {"callback_url": address, "callback_method": "POST"}
        webhook |= {"status_callback_url": address, "status_callback_method": "POST"}
        change = ChannelsSenderList.MessagingV2ChannelsSenderRequestsUpdate({"webhook": webhook})
        try:
            await self._client.messaging.v2.channels_senders(sender.sid).update_async(
                messaging_v2_channels_sender_requests_update=change
            )
        except _FAILURES as error:
            raise translate(error) from error

    async def _service(self, account: ChannelAccount, address: str) -> None:
        try:
            await self._client.messaging.v1.services(account.address).update_async(
                inbound_request_url=address,
                inbound_method="POST",
                status_callback=address,
                use_inbound_webhook_on_number=False,
            )
        except _FAILURES as error:
            raise translate(error) from error

    async def _choices(self) -> int:
        """The templates of one piece of text; those of longer texts are made when the first such message is sent."""
        made = 0
        for count in range(1, LIST_ITEMS + 1):
            for title in ("x" * 20, "x" * 24) if count <= QUICK_REPLIES else ("x" * 24,):
                buttons = [Button(f"{title[:-2]}{n:02}", f"niat:{n}") for n in range(count)]
                picked = choices("Teks", buttons)
                assert picked is not None
                await self._contents.make(picked[0].request())
                made += 1
        return made

    async def _senders(self) -> dict[str, ChannelsSenderInstance]:
        try:
            listed = await self._client.messaging.v2.channels_senders.list_async(channel="whatsapp", limit=500)
        except _FAILURES as error:
            raise translate(error) from error
        return {str(sender.sender_id): sender for sender in listed}

    # -- check ----------------------------------------------------------------------------------------------------------

    async def check(self, base: str) -> list[str]:
        """See :meth:`bot.ports.Channel.check`."""
        try:
            account = await self._client.api.v2010.accounts(self._sid).fetch_async()
        except _FAILURES as error:
            return [_credentials(translate(error))]
        wrong = [] if account.status == "active" else [_inactive(str(account.status))]
        if not base:
            wrong.append(
                "LOKET_PUBLIC_URL bukan alamat https: WhatsApp tidak bisa mengirim pesan ke sini / "
                "is no https address: WhatsApp cannot reach us"
            )
        try:
            wrong += await self._check_senders(base)
            wrong += await self._check_notices()
        except ChannelError as error:
            wrong.append(f"Twilio: {error}")
        except ContentError as error:
            wrong.append(f"data/templates: {error}")
        return wrong

    async def _check_senders(self, base: str) -> list[str]:
        wrong: list[str] = []
        senders: dict[str, ChannelsSenderInstance] | None = None
        for account in self._accounts.values():
            if account.address == SANDBOX_NUMBER:
                continue  # cannot be asked; nobody runs an office on it
            if is_service(account):
                wrong += await self._check_service(account, base)
                continue
            senders = await self._senders() if senders is None else senders
            wrong += _check_sender(account, senders.get(PREFIX + account.address), base)
        return wrong

    async def _check_service(self, account: ChannelAccount, base: str) -> list[str]:
        try:
            service = await self._client.messaging.v1.services(account.address).fetch_async()
        except _FAILURES as error:
            return [f"{account.address}: Messaging Service tidak ditemukan / not found: {translate(error)}"]
        there = service.inbound_request_url
        return _address(account, there, base) if not service.use_inbound_webhook_on_number else _on_number(account)

    async def _check_notices(self) -> list[str]:
        wrong = []
        for name, language, _, approval, reason in await self._notices.table():
            if approval != APPROVED:
                wrong.append(f"template {name} ({language}): {_approval(approval, reason)}")
        return wrong


def _check_sender(account: ChannelAccount, sender: ChannelsSenderInstance | None, base: str) -> list[str]:
    if sender is None:
        return [_no_sender(account)]
    wrong = []
    if str(sender.status) not in ONLINE:
        reasons = "; ".join(str(_reason(one)) for one in sender.offline_reasons or [])
        wrong.append(
            f"{account.address}: {sender.status}, belum bisa dipakai / not usable yet{': ' if reasons else ''}{reasons}. "
            f"Lihat / see {_CONSOLE} > Messaging > Senders > WhatsApp senders"
        )
    webhook: Any = sender.webhook
    there = webhook.get("callback_url") if isinstance(webhook, dict) else None
    return [*wrong, *_address(account, there, base)]


def _reason(one: object) -> object:
    return one.get("message", "") if isinstance(one, dict) else one


def _address(account: ChannelAccount, there: str | None, base: str) -> list[str]:
    wanted = f"{base}/{account.key}{OVERRIDES}"
    if not base or there == wanted:
        return []
    return [
        f"{account.address}: webhook {there or '-'}, seharusnya / should be {wanted}. "
        "Jalankan / run ./loket channel setup whatsapp"
    ]


def _on_number(account: ChannelAccount) -> list[str]:
    return [
        f"{account.address}: Messaging Service menyerahkan pesan ke webhook nomornya / defers to the number's webhook. "
        "Jalankan / run ./loket channel setup whatsapp"
    ]


def _no_sender(account: ChannelAccount) -> str:
    return (
        f"{account.address}: bukan pengirim WhatsApp di akun Twilio ini / no WhatsApp sender of this Twilio account. "
        f"Daftarkan di / register it at {_CONSOLE} > Messaging > Senders > WhatsApp senders (docs/panduan/whatsapp.md)"
    )


def _credentials(error: ChannelError) -> str:
    if isinstance(error, ChannelMisconfigured):
        return (
            "Twilio menolak kami / refuses us: periksa / check LOKET_TWILIO_ACCOUNT_SID, LOKET_TWILIO_AUTH_TOKEN "
            f"({_CONSOLE} > Account Info)"
        )
    return f"Twilio tidak menjawab / does not answer: {error}. Coba lagi / try again"


def _inactive(status: str) -> str:
    return f"Akun Twilio {status}: isi saldo atau hubungi Twilio / the Twilio account is {status}: top up or ask Twilio"


def _approval(approval: str, reason: str | None) -> str:
    told = f" ({reason})" if reason else ""
    if approval == UNSUBMITTED:
        return "belum diajukan / not submitted. Jalankan / run ./loket channel setup whatsapp"
    if approval in ("received", "pending"):
        return "menunggu persetujuan WhatsApp, biasanya sehari / waits for WhatsApp's approval, usually a day"
    if approval == "rejected":
        return f"ditolak / rejected{told}. Ubah kalimatnya / change its words: data/templates, ./loket channel setup whatsapp"
    return f"{approval}{told}: tidak bisa dikirim / cannot be sent. Ubah / change data/templates, ./loket channel setup whatsapp"
