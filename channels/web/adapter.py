"""Reads what a web client posts. Who it is, the gateway's bearer token says; delivery is the client's fetching."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.domain.messages import Event, Inbound, MediaRef, Outgoing
from bot.errors import ChannelError, InvalidMessage
from bot.ports import ChannelAccount, ChannelManifest, Clock, Sent, WebhookRequest
from bot.registry import channel_manifest

MAX_TEXT = 20_000
"""Characters accepted; longer than the 4,000 that are read, so that the person gets a sentence and keeps the words."""
MAX_PAYLOAD = 512
MAX_CLIENT_ID = 128
_BEARER = "bearer "


class WebChannel:
    """The channel ``web``: one account, whose sessions the gateway knows by their bearer tokens."""

    def __init__(self, manifest: ChannelManifest) -> None:
        self.manifest = manifest
        self.accounts: Mapping[str, ChannelAccount] = {"web": ChannelAccount("web", "", "", "")}

    def verify(self, account: ChannelAccount, request: WebhookRequest) -> bool:
        """A web client proves itself by the bearer token of its session, which the gateway looks up."""
        sent = {name.lower(): value for name, value in request.headers.items()}
        return sent.get("authorization", "").lower().startswith(_BEARER)

    def parse(self, account: ChannelAccount, request: WebhookRequest, at: datetime) -> Sequence[Event]:
        """``{client_id, text}`` or ``{client_id, payload, title?}``.

        :raises bot.errors.InvalidMessage: anything else.
        """
        try:
            data: Any = json.loads(request.body)
        except ValueError as error:
            raise InvalidMessage("error.not_json", 400) from error
        if not isinstance(data, dict):
            raise InvalidMessage("error.not_json", 400)
        client_id = _short(data.get("client_id"), MAX_CLIENT_ID, "error.client_id")
        if data.get("payload") is not None:
            payload = _short(data["payload"], MAX_PAYLOAD, "error.stale_button")
            title = data.get("title") if isinstance(data.get("title"), str) else None
            shown = _storable(title or "")[:200]
            return [Inbound("web", client_id, "", at, payload=payload, title=shown, client_id=client_id)]
        text = data.get("text")
        if not isinstance(text, str):
            raise InvalidMessage("error.no_text")
        if len(text) > MAX_TEXT:
            raise InvalidMessage("error.too_long", 413)
        return [Inbound("web", client_id, "", at, text=_storable(text), client_id=client_id)]

    async def send(self, account: ChannelAccount, recipient: str, message: Outgoing) -> Sent:
        """Never called: the client fetches."""
        raise ChannelError("the web channel is fetched, not sent to")

    async def fetch(self, account: ChannelAccount, media: MediaRef, most_bytes: int) -> bytes:
        """Never called: files come with the upload."""
        raise ChannelError("files of the web channel are uploaded, not fetched")

    async def seen(self, account: ChannelAccount, recipient: str, mark: str | None, pressed: str | None) -> None:
        """Nothing to do: the event stream says "typing"."""

    async def sent_before(
        self,
        account: ChannelAccount,
        recipient: str,
        message: Outgoing,
        since: datetime,
        known: Collection[str] = (),
    ) -> Sent | None:
        """Nothing is ever sent."""
        return None

    async def setup(self, public_url: str) -> list[str]:
        """Nothing to set up."""
        return []

    async def check(self) -> list[str]:
        """Nothing to be wrong with."""
        return []


def _short(value: object, most: int, problem: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > most or value != _storable(value):
        raise InvalidMessage(problem)
    return value


def _storable(text: str) -> str:
    """PostgreSQL and JSON both refuse lone surrogates and NUL; the person's other characters are kept."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def build(config: Mapping[str, str], clock: Clock) -> WebChannel:
    """The factory the registry calls."""
    return WebChannel(channel_manifest(Path(__file__).parent))
