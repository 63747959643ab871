"""Files that people send."""

from __future__ import annotations

import base64
import traceback
from typing import Any

import pytest
from aiohttp import web

from bot.domain.messages import MediaRef
from bot.errors import ChannelError, ChannelUnavailable, RejectedFile
from bot.ports import ChannelAccount
from channels.telegram.adapter import TelegramChannel
from tests.channels.telegram.conftest import AT, CHAT
from tests.channels.telegram.test_send import answering
from tests.servers.telegram import TOKEN, TelegramServer

CONTENT = bytes(range(256)) * 1000
MEGABYTES = 10 * 1024 * 1024


async def sent_photo(server: TelegramServer, channel: TelegramChannel, account: ChannelAccount) -> MediaRef:
    await server.phone(CHAT, photo=base64.b64encode(CONTENT).decode(), caption="swafoto")
    (event,) = await channel.poll(account, AT)
    media = getattr(event, "media", None)
    assert isinstance(media, MediaRef)
    return media


async def test_a_photo_is_fetched_whole(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    media = await sent_photo(server, channel, account)
    assert media.size == len(CONTENT)
    assert await channel.fetch(account, media, MEGABYTES) == CONTENT


async def test_a_file_that_is_not_there_yet_is_tried_again(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    media = await sent_photo(server, channel, account)
    await server.faults(media_404=1)
    with pytest.raises(ChannelUnavailable):
        await channel.fetch(account, media, MEGABYTES)
    assert await channel.fetch(account, media, MEGABYTES) == CONTENT


async def test_a_file_above_the_limit_is_refused_before_it_is_fetched(
    server: TelegramServer, channel: TelegramChannel, account: ChannelAccount
) -> None:
    media = await sent_photo(server, channel, account)
    for told in (media, MediaRef(media.id)):  # whether or not the update told its size
        with pytest.raises(RejectedFile) as caught:
            await channel.fetch(account, told, 1000)
        assert (caught.value.text_key, caught.value.status) == ("file.too_big", 413)


async def test_a_file_above_telegrams_own_limit_is_refused(channel: TelegramChannel, account: ChannelAccount) -> None:
    with pytest.raises(RejectedFile):
        await channel.fetch(account, MediaRef("x", size=20_000_001), 50 * 1024 * 1024)


async def test_a_file_that_telegram_does_not_know_has_to_be_sent_again(
    channel: TelegramChannel, account: ChannelAccount
) -> None:
    with pytest.raises(RejectedFile) as caught:
        await channel.fetch(account, MediaRef("no-such-file"), MEGABYTES)
    assert caught.value.text_key == "file.broken"


@pytest.mark.parametrize(
    "path",
    [
        "http://127.0.0.1:9/x",
        "//127.0.0.1:9/x",
        "../../etc/passwd",
        "a/../../x",
        "/etc/passwd",
        "photos/a b",
        "",
        "x?y",
    ],
)
async def test_a_file_is_fetched_from_the_bot_api_and_nowhere_else(path: str) -> None:
    asked: list[str] = []

    def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        result: dict[str, Any] = {"file_id": "x", "file_unique_id": "y", "file_path": path}
        return web.json_response({"ok": True, "result": result})

    async with answering(answer) as channel:
        with pytest.raises(ChannelError):
            await channel.fetch(next(iter(channel.accounts.values())), MediaRef("x"), MEGABYTES)
    assert asked == [f"/bot{TOKEN}/getFile"]


async def test_more_than_was_told_is_not_read() -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path.startswith("/file/"):
            return web.Response(body=CONTENT)
        result = {"file_id": "x", "file_unique_id": "y", "file_path": "photos/1.jpg", "file_size": 10}
        return web.json_response({"ok": True, "result": result})

    async with answering(answer) as channel:
        with pytest.raises(RejectedFile):
            await channel.fetch(next(iter(channel.accounts.values())), MediaRef("x"), 1000)


@pytest.mark.parametrize("status", [302, 403, 500, 200])
async def test_a_download_that_fails_is_tried_again_and_tells_no_token(status: int) -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path.startswith("/file/"):
            if status == 200 and request.transport is not None:
                request.transport.abort()
            return web.Response(status=status, headers={"Location": "http://192.0.2.1/"})
        result = {"file_id": "x", "file_unique_id": "y", "file_path": "photos/1.jpg"}
        return web.json_response({"ok": True, "result": result})

    async with answering(answer) as channel:
        with pytest.raises(ChannelUnavailable) as caught:
            await channel.fetch(next(iter(channel.accounts.values())), MediaRef("x"), 1000)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
