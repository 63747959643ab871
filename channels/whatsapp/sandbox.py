"""Twilio on this machine: ``LOKET_TWILIO_API`` points here. For tests, the chaos bench and a demo without the internet.

    python -m channels.whatsapp.sandbox --port 8091 --sender +628000000900=http://127.0.0.1:8080/webhooks/whatsapp/628000000900

It behaves as documented, by the clock it is given: signed webhooks (once more after a failure), status callbacks, the 24-hour
window (63016), opt-out (21610), rates (63018), the shared sandbox number (63015), fresh media that is unknown for a moment. Faults:
``POST /faults``. The citizen: ``POST /phone/send``, ``GET /phone/messages`` (:mod:`channels.whatsapp.standin.phone`).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot.ports import Clock
from channels.whatsapp.accounts import read_senders
from channels.whatsapp.setup import OVERRIDES
from channels.whatsapp.standin.admin import AdminApi
from channels.whatsapp.standin.api import MessageApi
from channels.whatsapp.standin.contents import ContentApi, problem
from channels.whatsapp.standin.faults import Faults
from channels.whatsapp.standin.hooks import Hooks
from channels.whatsapp.standin.phone import PhoneApi
from channels.whatsapp.standin.state import SANDBOX_NUMBER, World

ACCOUNT_SID = "AC" + "5a" * 16
AUTH_TOKEN = "contoh-token-bukan-rahasia"  # noqa: S105 (invented, for loopback only)
MOST_REQUEST_BYTES = 40 * 1024 * 1024

_OURS = ("/2010-04-01/", "/v1/", "/v2/")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class SandboxConfig:
    """What the stand-in starts with."""

    senders: Mapping[str, str] = field(default_factory=lambda: {"+628000000900": ""})
    """Number (or service SID) -> webhook address; empty: until set up."""
    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    clock: Clock | None = None
    """None: the machine's."""
    reach: Mapping[str, str] = field(default_factory=dict)
    """Start of a public address -> where it really is."""
    opt_out_words: bool = False
    """Twilio itself handles STOP and START."""
    retry_first_s: float = 0.4
    """Pause before a webhook is called again; doubles. Five repeats so fill the 15 seconds Twilio takes for all of them (``tt``)."""
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")
    """Names it answers to; none: any, because whoever mounts it has looked."""


class TwilioStandIn:
    """The stand-in as an object; ``base_url`` is known once it listens."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.base_url = ""
        now = config.clock.now if config.clock is not None else lambda: datetime.now(UTC)
        self.world = World(config.account_sid, config.auth_token, now)
        for address, url in config.senders.items():
            self.world.add_sender(address, url)
        self.faults = Faults()
        self.hooks = Hooks(self.world, self.faults, config.reach, config.retry_first_s)
        self.phones = PhoneApi(self.world, self.faults, self.hooks)
        self.phones.opt_out_words = config.opt_out_words

    def settings(self, public_url: str = "") -> dict[str, str]:
        """What Loket needs to speak to it."""
        return {
            "LOKET_TWILIO_ACCOUNT_SID": self.config.account_sid,
            "LOKET_TWILIO_AUTH_TOKEN": self.config.auth_token,
            "LOKET_WHATSAPP_SENDERS": ",".join(self.config.senders),
            "LOKET_TWILIO_API": self.base_url,
            "LOKET_PUBLIC_URL": public_url,
            "LOKET_LOCUS": "33.28",
        }

    def app(self) -> web.Application:
        """The application."""
        application = web.Application(middlewares=[self._guard], client_max_size=MOST_REQUEST_BYTES)
        for part in (
            MessageApi(self.world, self.faults, self.hooks),
            ContentApi(self.world),
            AdminApi(self.world),
            self.phones,
        ):
            application.add_routes(part.routes())
        application.add_routes([web.get("/healthz", _alive)])
        application.on_cleanup.append(self._close)
        return application

    async def set_faults(self, **kinds: float) -> None:
        """``POST /faults`` over HTTP; for tests."""
        await self._ask("POST", "/faults", kinds)

    async def phone(self, chat: str, **what: Any) -> dict[str, Any]:
        """``POST /phone/send`` over HTTP; for tests."""
        return await self._ask("POST", "/phone/send", {"chat": chat, **what})

    async def screen(self, chat: str) -> list[dict[str, Any]]:
        """What Loket sent to a phone, oldest first, once nothing is under way any more."""
        await self.hooks.settle()
        shown = (await self._ask("GET", f"/phone/messages?chat={chat.replace('+', '%2B')}"))["messages"]
        return [one for one in shown if one["from"] == "bot"]

    async def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.base_url + path, json=body) as answer,
        ):
            found: dict[str, Any] = await answer.json()
            if answer.status >= 400:
                raise ValueError(str(found))
            return found

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Faults and credentials of the REST API; the phone and the panel always work."""
        if (
            self.config.hosts and (request.url.host or "") not in self.config.hosts
        ):  # a page of somebody else's name (DNS rebinding)
            raise web.HTTPForbidden
        if not any(ours in request.path for ours in _OURS):  # it may be mounted below another path
            return await handler(request)
        if self.faults.strike("refuse_connection"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if self.faults.strike("server_error"):
            return problem(503, 20503, "Service unavailable")
        if self.faults.of("delay_s"):
            await asyncio.sleep(self.faults.of("delay_s"))
        named = request.match_info.get("account", self.world.account)
        if not self._credentials_fit(request) or named != self.world.account:
            return problem(401, 20003, "Authenticate")
        return await handler(request)

    def _credentials_fit(self, request: web.Request) -> bool:
        pair = f"{self.world.account}:{self.world.token}".encode()
        expected = "Basic " + base64.b64encode(pair).decode()
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode())

    async def _close(self, application: web.Application) -> None:
        await self.hooks.close()


def app(config: SandboxConfig) -> web.Application:
    """The stand-in as an aiohttp application; may be mounted below a path, which then belongs to ``LOKET_TWILIO_API``."""
    return TwilioStandIn(config).app()


def stand_in(config: Mapping[str, str], clock: Clock) -> tuple[str, web.Application]:
    """What people would write to, and the stand-in, from the settings of the service it plays for."""
    accounts = read_senders(config["LOKET_WHATSAPP_SENDERS"], config.get("LOKET_LOCUS", ""))
    base = f"{config.get('LOKET_PUBLIC_URL', '').rstrip('/')}/webhooks/whatsapp"
    made = SandboxConfig(
        senders={account.address: f"{base}/{account.key}{OVERRIDES}" for account in accounts.values()},
        account_sid=config["LOKET_TWILIO_ACCOUNT_SID"],
        auth_token=config["LOKET_TWILIO_AUTH_TOKEN"],
        clock=clock,
        hosts=(),
    )
    return ", ".join(account.address for account in accounts.values()), app(made)


async def _alive(request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


@asynccontextmanager
async def running(
    config: SandboxConfig | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[TwilioStandIn]:
    """The stand-in, listening until the block ends."""
    stand_in = TwilioStandIn(config or SandboxConfig())
    runner = web.AppRunner(stand_in.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    actual = runner.addresses[0][1]
    stand_in.base_url = f"http://{host}:{actual}"
    try:
        yield stand_in
    finally:
        await runner.cleanup()


def main(arguments: list[str] | None = None) -> None:
    """A process of its own."""
    parser = argparse.ArgumentParser(prog="python -m channels.whatsapp.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8091)
    parser.add_argument("--sender", action="append", default=[], help="number=webhook address; several times")
    parser.add_argument("--account-sid", default=ACCOUNT_SID)
    parser.add_argument("--auth-token", default=AUTH_TOKEN)
    given = parser.parse_args(arguments)
    senders = dict(one.partition("=")[::2] for one in given.sender) or {"+628000000900": "", SANDBOX_NUMBER: ""}
    config = SandboxConfig(senders, given.account_sid, given.auth_token)
    with asyncio.Runner() as runner:
        runner.run(_serve(config, given.host, given.port))


async def _serve(config: SandboxConfig, host: str, port: int) -> None:
    async with running(config, host, port) as stand_in:
        print(f"Twilio tiruan / stand-in: {stand_in.base_url}", flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
