"""Twilio's stand-in, started for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.whatsapp.sandbox import SandboxConfig, TwilioStandIn, running

NUMBER = "+628000000900"
OTHER_NUMBER = "+628000000901"
PUBLIC_URL = "https://loket.example"


@asynccontextmanager
async def whatsapp_server(**config: Any) -> AsyncIterator[TwilioStandIn]:
    """The stand-in on a free port of this machine, with two numbers; the public address leads nowhere until it is set."""
    given = {
        "senders": {NUMBER: "", OTHER_NUMBER: ""},
        "reach": {PUBLIC_URL: "http://127.0.0.1:9"},
        "retry_first_s": 0.0,
        **config,
    }
    async with running(SandboxConfig(**given)) as stand_in:
        yield stand_in
