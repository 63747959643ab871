"""Webhooks of push channels over real HTTP: verified, stored or spooled, answered at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from bot.clock import SystemClock
from bot.dialogue.client import RasaDialogue
from bot.ports import ChannelAccount, WebhookRequest
from bot.settings import Settings
from bot.storage.media import SafeMedia
from bot.storage.pg import engine
from bot.storage.spool import Spool
from bot.storage.store import PgStore, PgTx
from bot.usecases.attachments import Channels
from bot.usecases.converse import Converse
from bot.web.hub import Hub
from bot.web.public.app import public_app
from bot.web.public.gateway import Gateway
from bot.web.public.webhooks import BODY_LIMIT
from channels.web.adapter import build
from tests.fakes import SIGNED, FakeChannel
from tests.usecases.conftest import World

URL = "/webhooks/fake/one"


class Shaky:
    """The store, whose database can go away or hang."""

    def __init__(self, store: PgStore) -> None:
        self._store = store
        self.problem: Exception | None = None
        self.hangs = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PgTx]:
        if self.problem is not None:
            raise self.problem
        if self.hangs:
            await asyncio.Event().wait()
        async with self._store.begin() as tx:
            yield tx


class Watching(FakeChannel):
    """Also keeps the requests it was asked to verify."""

    def verify(self, account: ChannelAccount, request: WebhookRequest) -> bool:
        self.requests = [*getattr(self, "requests", []), request]
        if "X-Explode" in request.headers:
            raise KeyError("X-Explode")
        return super().verify(account, request)


@dataclass
class Provider:
    """Posts webhooks as a provider does."""

    client: TestClient[Any, Any]
    gateway: Gateway
    channel: Watching
    store: Shaky
    world: World
    spool: Spool
    headers: dict[str, str] = field(default_factory=lambda: dict(SIGNED))

    async def post(self, *events: dict[str, Any], url: str = URL, **headers: str) -> ClientResponse:
        body = json.dumps(list(events)).encode()
        return await self.client.post(url, data=body, headers={**self.headers, **headers})

    async def say(self, external_id: str, said: str, who: str = "citizen-1") -> int:
        return (await self.post({"id": external_id, "from": who, "text": said})).status

    async def rows(self) -> list[str]:
        async with self.world.store.begin() as tx:
            found = await tx.run(text("select external_id from inbox order by id"))
            return [row.external_id for row in found]


@pytest.fixture
async def provider(world: World, database_url: str, tmp_path: Path) -> AsyncIterator[Provider]:
    hub = Hub(database_url)
    media = SafeMedia(max_bytes=1_000_000)
    settings = Settings.from_env({"LOKET_PUBLIC_URL": "https://mpp.example/loket"})
    store, channel, spool = Shaky(world.store), Watching(), Spool(tmp_path, world.keys)
    spool.open()
    deps = replace(world.deps, store=store, dialogue=RasaDialogue("http://127.0.0.1:9", turn_timeout_s=1))
    web = build({}, SystemClock())
    gateway = Gateway(deps, settings, world.keys, hub, media, web, Channels({"web": web, "fake": channel}), spool)
    gateway.intake.patience_s = 0.3
    async with TestClient(TestServer(public_app(gateway, {}))) as client:
        yield Provider(client, gateway, channel, store, world, spool)
    spool.close()
    await media.close()
    await deps.dialogue.close()  # type: ignore[attr-defined]


async def test_while_older_messages_are_asked_for_newer_ones_are_to_come_again(provider: Provider) -> None:
    provider.gateway.intake.held = frozenset({"fake:1"})
    assert await provider.say("m1", "halo") == 503
    provider.gateway.intake.held = frozenset()
    assert await provider.say("m1", "halo") == 200 and await provider.rows() == ["m1"]


async def test_a_database_that_only_restarts_is_waited_for_and_nothing_goes_to_the_disk(provider: Provider) -> None:
    provider.gateway.intake.patience_s = 5
    provider.store.problem = psycopg.OperationalError("restarting")
    saying = asyncio.create_task(provider.say("m1", "halo"))
    await asyncio.sleep(0.1)
    provider.store.problem = None
    assert await saying == 200 and provider.spool.waiting == 0 and await provider.rows() == ["m1"]


async def test_two_hundred_webhooks_with_rasa_stopped_are_all_taken_with_one_row_each(provider: Provider) -> None:
    said = [provider.say(f"m{n}", "halo", who=f"citizen-{n % 40}") for n in range(200)]
    assert set(await asyncio.gather(*said)) == {200}
    await provider.gateway.intake.flush()  # a busy machine may have sent some over the disk
    assert sorted(await provider.rows()) == sorted(f"m{n}" for n in range(200))


async def test_the_same_message_ten_times_at_once_is_one_row_and_one_turn(provider: Provider) -> None:
    assert set(await asyncio.gather(*(provider.say("same", "halo") for _ in range(10)))) == {200}
    assert await provider.rows() == ["same"]
    assert await provider.world.work() == 1 and await provider.world.work() == 0
    async with provider.world.store.begin() as tx:
        assert (await tx.run(text("select count(*) from message where sender = 'bot'"))).scalar_one() == 1


async def test_messages_of_one_person_posted_at_once_keep_the_order_in_which_they_came(provider: Provider) -> None:
    await provider.say("first", "halo")
    posts = []
    for number in range(20):
        posts.append(asyncio.create_task(provider.say(f"m{number:02}", "halo")))
        while len(getattr(provider.channel, "requests", ())) < number + 2:  # it has arrived
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)
    await asyncio.gather(*posts)
    assert await provider.rows() == ["first", *(f"m{number:02}" for number in range(20))]


@pytest.mark.parametrize("headers", [{"X-Fake-Signature": "wrong"}, {"X-Fake-Signature": ""}, {"X-Explode": "1"}])
async def test_what_the_provider_did_not_sign_is_refused_without_a_word(
    provider: Provider, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = await provider.post({"id": "m1", "from": "rahasia-081", "text": "rahasia"}, **headers)
    assert answer.status == 403 and await answer.read() == b""
    assert await provider.rows() == [] and "rahasia" not in caplog.text


async def test_an_unknown_channel_or_account_and_the_web_have_no_webhook(provider: Provider) -> None:
    for url in ("/webhooks/fake/two", "/webhooks/none/one", "/webhooks/web/web"):
        assert (await provider.post({"id": "m1", "from": "a", "text": "x"}, url=url)).status == 404


async def test_the_address_that_was_signed_is_the_public_one_whatever_the_host_header_says(provider: Provider) -> None:
    await provider.post(url=f"{URL}?a=1%20b&c=%2B", Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
    (request,) = provider.channel.requests
    assert request.url == "https://mpp.example/loket/webhooks/fake/one?a=1%20b&c=%2B"


async def test_ten_megabytes_are_refused_whether_announced_or_not(provider: Provider) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65536

    big = await provider.client.post(URL, data=b"x" * (BODY_LIMIT + 1), headers=provider.headers)
    assert big.status == 413
    assert (await provider.client.post(URL, data=endless(), headers=provider.headers)).status == 413


async def test_a_body_that_is_none_of_the_providers_is_a_bad_request_and_an_unknown_kind_is_not(
    provider: Provider,
) -> None:
    assert (await provider.client.post(URL, data=b"<xml/>", headers=provider.headers)).status == 400
    assert (await provider.post({"something": "new"})).status == 200
    wrong = {**provider.headers, "Content-Type": "text/plain"}
    assert (await provider.client.post(URL, data=b"[]", headers=wrong)).status == 415


async def test_a_form_is_answered_with_an_empty_document_so_that_nothing_is_said(provider: Provider) -> None:
    form = {**provider.headers, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    answer = await provider.client.post(URL, data=b"[]", headers=form)
    assert answer.content_type == "text/xml" and "<Response/>" in await answer.text()


# -- the database is away -----------------------------------------------------------------------------------------------


async def test_while_the_database_is_away_webhooks_are_kept_and_come_in_in_their_order(provider: Provider) -> None:
    await provider.say("m0", "halo")
    provider.store.problem = psycopg.OperationalError("gone")
    assert [await provider.say(f"m{n}", "halo") for n in range(1, 5)] == [200] * 4
    assert await provider.rows() == ["m0"] and provider.spool.waiting == 4
    with pytest.raises(psycopg.OperationalError):
        await provider.gateway.intake.flush()
    provider.store.problem = None
    assert await provider.say("m5", "halo") == 200  # goes behind those on the disk
    assert provider.spool.waiting == 5 and await provider.rows() == ["m0"]
    await provider.gateway.intake.flush()
    assert await provider.rows() == [f"m{n}" for n in range(6)] and provider.spool.waiting == 0
    assert await provider.say("m6", "halo") == 200 and (await provider.rows())[-1] == "m6"


async def test_a_database_that_hangs_is_waited_for_only_a_moment(provider: Provider) -> None:
    provider.store.hangs = True
    provider.gateway.intake._store_s = 0.1
    assert await provider.say("m1", "halo") == 200 and provider.spool.waiting == 1
    provider.store.hangs = False
    await provider.gateway.intake.flush()
    assert await provider.rows() == ["m1"]


async def test_a_database_that_is_really_out_of_reach_costs_nothing_either(provider: Provider) -> None:
    nowhere = engine("postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=1")
    provider.gateway.intake._deps = replace(
        provider.gateway.deps, store=PgStore(nowhere, provider.world.keys, frozenset({"web"}))
    )
    assert set(await asyncio.gather(*(provider.say(f"m{n}", "halo") for n in range(20)))) == {200}
    provider.gateway.intake._deps = provider.gateway.deps
    await provider.gateway.intake.flush()
    assert await provider.rows() == [f"m{n}" for n in range(20)]
    await nowhere.dispose()


async def test_what_was_stored_before_the_connection_broke_is_known_when_it_comes_from_the_disk(
    provider: Provider,
) -> None:
    await provider.say("m1", "halo")
    provider.store.problem = psycopg.OperationalError("gone")
    await provider.say("m1", "halo")
    provider.store.problem = None
    await provider.gateway.intake.flush()
    assert await provider.rows() == ["m1"]


async def test_on_the_disk_no_secret_of_the_provider_is_kept(provider: Provider) -> None:
    provider.store.problem = psycopg.OperationalError("gone")
    await provider.say("m1", "halo")
    kept = []

    async def take(webhook: Any) -> None:
        kept.append(webhook)

    await provider.spool.flush(take)
    assert list(kept[0].headers) == ["Content-Type"] and kept[0].account == "fake:1"


async def test_when_neither_database_nor_disk_takes_it_the_provider_is_asked_to_come_again(
    provider: Provider, tmp_path: Path
) -> None:
    provider.store.problem = psycopg.OperationalError("gone")
    for file in (tmp_path / "gateway-0").iterdir():
        file.unlink()
    (tmp_path / "gateway-0").rmdir()
    assert await provider.say("m1", "halo") == 503


async def test_a_fault_of_ours_keeps_the_webhook_for_an_operator_and_the_next_one_goes_on(provider: Provider) -> None:
    provider.store.problem = RuntimeError("a bug")
    assert await provider.say("m1", "halo") == 200
    provider.store.problem = None
    assert await provider.say("m2", "halo") == 200
    assert await provider.rows() == ["m2"] and provider.spool.set_aside == 1


async def test_health_shows_how_much_waits_on_the_disk(provider: Provider) -> None:
    provider.store.problem = psycopg.OperationalError("gone")
    await provider.say("m1", "halo")
    told = await (await provider.client.get("/healthz")).json()
    assert told["spool"] == {"waiting": 1, "aside": 0}


async def test_the_answer_to_a_message_goes_back_where_it_came_from(provider: Provider) -> None:
    await provider.say("m1", "halo", who="citizen-9")
    (row,) = await provider.world.queue.claim(5, provider.world.clock.now())
    await Converse(provider.world.deps).run(row)
    async with provider.world.store.begin() as tx:
        sent = (await tx.run(text("select account from outbox"))).scalars().all()
    begun = await provider.world.store.begin_turn(row)
    assert sent == ["fake:1"] and begun.address == "citizen-9"
    assert "citizen-9" not in begun.conversation.external_id
