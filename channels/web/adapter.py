"""Reads what a web client posts. Who it is, the gateway's bearer token says; delivery is the client's fetching."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.domain.messages import Inbound, Receipt, Reply
from bot.errors import ChannelError, InvalidMessage
from bot.ports import ChannelManifest, Clock, Sent

MAX_TEXT = 20_000
"""Characters accepted; longer than the 4,000 that are read, so that the person gets a sentence and keeps the words."""
MAX_PAYLOAD = 512
MAX_CLIENT_ID = 128


class WebChannel:
    """The channel ``web``."""

    def __init__(self, manifest: ChannelManifest) -> None:
        self.manifest = manifest

    def verify(self, body: bytes, headers: Mapping[str, str], url: str) -> bool:
        """A web client proves itself by the bearer token of its session, which the gateway looks up."""
        return headers.get("Authorization", "").startswith("Bearer ")

    def parse(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Sequence[Inbound | Receipt]:
        """``{client_id, text}`` or ``{client_id, payload, title?}``.

        :raises bot.errors.InvalidMessage: anything else.
        """
        try:
            data: Any = json.loads(body)
        except ValueError as error:
            raise InvalidMessage("error.not_json") from error
        if not isinstance(data, dict):
            raise InvalidMessage("error.not_json")
        client_id = _short(data.get("client_id"), MAX_CLIENT_ID, "error.client_id")
        if data.get("payload") is not None:
            payload = _short(data["payload"], MAX_PAYLOAD, "error.stale_button")
            title = data.get("title") if isinstance(data.get("title"), str) else None
            return [Inbound("web", client_id, "", at, payload=payload, title=(title or "")[:200], client_id=client_id)]
        text = data.get("text")
        if not isinstance(text, str):
            raise InvalidMessage("error.no_text")
        if len(text) > MAX_TEXT:
            raise InvalidMessage("error.too_long", 413)
        # PostgreSQL and JSON both refuse lone surrogates; the person's other characters are kept.
        clean = text.encode("utf-8", "replace").decode().replace("\x00", "")
        return [Inbound("web", client_id, "", at, text=clean, client_id=client_id)]

    async def send(self, external_id: str, reply: Reply) -> Sent:
        """Never called: the client fetches."""
        raise ChannelError("the web channel is fetched, not sent to")

    async def check(self) -> list[str]:
        """Nothing to be wrong with."""
        return []


def _short(value: object, most: int, problem: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > most or "\x00" in value:
        raise InvalidMessage(problem)
    return value


def build(config: Mapping[str, str], clock: Clock) -> WebChannel:
    """The factory the registry calls."""
    data = yaml.safe_load((Path(__file__).parent / "manifest.yml").read_text(encoding="utf-8"))
    return WebChannel(ChannelManifest(**{**data, "settings": tuple(data["settings"])}))
