"""The whole public listener on loopback with everything behind it that a stranger can reach: sessions, links, a provider, agencies."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from aiohttp import web

from bot.clock import SystemClock
from bot.errors import AgencyError
from bot.settings import Settings
from bot.storage.media import SafeMedia
from bot.storage.media_links import MediaLinks
from bot.storage.spool import Spool
from bot.usecases.attachments import Channels
from bot.web.hub import Hub
from bot.web.listening import runner
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from channels.web.adapter import build
from integrations.dukcapil.adapter import DukcapilAgency
from tests.fakes import FakeChannel
from tests.usecases.conftest import NIK, World
from tests.usecases.outside_office import outside_office
from tests.usecases.test_capture import at_the_link
from tests.usecases.test_documents import issued, token_of
from tests.usecases.test_privacy import URL

SECRET = "a-secret-only-for-tests"
PERSONAL = (NIK, "Karso", "3328992501150001")
"""What no answer to a stranger may hold."""


@dataclass
class Listener:
    """Where it is, and what a citizen would know."""

    url: str
    app: web.Application
    gateway: Gateway
    world: World
    token: str
    """Bearer of a session."""
    links: dict[str, str]
    """Live tokens, by the first part of their path."""
    reference: str


class Queue:
    """A queue that knows no ticket."""

    async def check_in(self, code: str, key: str) -> Any:
        raise AgencyError("no such ticket", status=404)


async def fine() -> bool:
    return True


@contextlib.asynccontextmanager
async def listening(app: web.Application, **changes: Any) -> AsyncIterator[str]:
    """An application behind the very runner that serves it in production."""
    served = runner(app)
    for name, value in changes.items():
        served._kwargs[name] = value
    await served.setup()
    site = web.TCPSite(served, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{served.addresses[0][1]}"
    await served.cleanup()


def public(world: World, hub: Hub | None = None, media: SafeMedia | None = None, **env: str) -> Gateway:
    """A gateway of the world."""
    settings = Settings.from_env(env)
    return Gateway(world.deps, settings, world.keys, hub, media, build({}, SystemClock()))  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def whole_listener(world: World, database_url: str, folder: Path) -> AsyncIterator[Listener]:
    """Everything, with one live link of each kind."""
    policy = replace(world.deps.policy, document_link_channels=frozenset({"web"}))
    changed = {"policy": policy, "document_url": "https://loket.test/dokumen", "my_data_url": URL}
    for name, value in changed.items():
        object.__setattr__(world.deps, name, value)
    who, case, said = await issued(world)
    links = {"dokumen": token_of(said)}
    mine = (await world.say(who, "unduh data saya"))[-1]["text"]
    found = re.search(rf"{URL}/([\w-]+)", mine)
    assert found is not None
    links["data-saya"] = found[1]
    links["swafoto"] = (await at_the_link(world))[1].token
    async with world.store.begin() as tx:
        file = await tx.put_blob(
            who.id, "document", "surat.pdf", "application/pdf", b"%PDF-1.7 contoh", world.clock.now()
        )
    links["media"] = MediaLinks(world.keys).token(UUID(file.id), world.clock.now())
    signing = DukcapilAgency("http://127.0.0.1:9/dukcapil", SECRET, world.clock, 1)
    hub, media = Hub(database_url), SafeMedia(max_bytes=1_000_000)
    await hub.start()
    spool = Spool(folder, world.keys)
    spool.open()
    async with outside_office(world):
        deps = replace(world.deps, agencies={**world.deps.agencies, "dukcapil": signing, "antrean": Queue()})  # type: ignore[dict-item]
        settings = Settings.from_env({"LOKET_PUBLIC_URL": "https://mpp.example", "LOKET_MAX_UPLOAD_BYTES": "1000000"})
        own, channel = build({}, SystemClock()), FakeChannel()
        channels = Channels({"web": own, "fake": channel})
        gateway = Gateway(deps, settings, world.keys, hub, media, own, channels, spool)
        app = public_app(gateway, dict.fromkeys(("database", "dialogue", "worker"), fine))
        async with listening(app) as url:
            async with aiohttp.ClientSession() as http, http.post(f"{url}/chat/v1/sessions", json={}) as made:
                token = (await made.json())["token"]
            yield Listener(url, app, gateway, world, token, links, str(case.reference))
    spool.close()
    await hub.stop()
    await media.close()
