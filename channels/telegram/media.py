"""Files that people send: ``getFile``, then a download from the configured Bot API and nowhere else.

A bot may fetch 20 MB at most (core.telegram.org/bots/api#getfile); the address is good for an hour, so it is asked for
each time. It holds the bot's token: it is never logged, nor told in an error.
"""

from __future__ import annotations

import re

import aiohttp
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.domain.messages import MediaRef
from bot.errors import ChannelError, ChannelUnavailable, RejectedFile, Throttled
from channels.telegram.bots import is_loopback
from channels.telegram.problems import translate

MOST_BYTES = 20_000_000
MEGABYTE = 1024 * 1024
_CHUNK = 64 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5, sock_read=20)
_PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


async def fetch(bot: Bot, media: MediaRef, most_bytes: int) -> bytes:
    """See :meth:`bot.ports.Channel.fetch`."""
    most = min(most_bytes, MOST_BYTES)
    if media.size is not None and media.size > most:
        raise _too_big(most)
    return await _download(await _address(bot, media, most), most)


async def _address(bot: Bot, media: MediaRef, most: int) -> str:
    try:
        file = await bot.get_file(media.id)
    except BadRequest as error:
        if "too big" in error.message.lower():
            raise _too_big(most) from error
        # "wrong file_id or the file is temporarily unavailable", "invalid file_id": the person has to send it again
        raise RejectedFile("file.broken", 422) from error
    except TelegramError as error:
        raise translate(error) from error
    if file.file_size is not None and file.file_size > most:
        raise _too_big(most)
    base = f"{bot.base_file_url}/"
    path = (file.file_path or "").removeprefix(base)
    # An own Bot API server in local mode tells a path of its disk, which is not ours to read.
    if not _PATH.fullmatch(path) or ".." in path.split("/"):
        raise ChannelError("Telegram gave no address for the file")
    return base + path


async def _download(url: str, most: int) -> bytes:
    trust = not is_loopback(url)
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=trust, auto_decompress=False) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise _status(response)
            return await _read(response, most)
    except (aiohttp.ClientError, TimeoutError, OSError):
        # Without its cause: the library's errors tell the address, and the token in it.
        raise ChannelUnavailable("the download from Telegram broke off") from None


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    if (response.content_length or 0) > most:
        raise _too_big(most)
    read = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        read += chunk
        if len(read) > most:
            raise _too_big(most)
    return bytes(read)


def _status(response: aiohttp.ClientResponse) -> ChannelError:
    if response.status == 429:
        wait = response.headers.get("Retry-After", "")
        return Throttled(float(wait) if wait.isdigit() else 5.0, provider_code="429")
    # A 404 right after getFile is a file that has not reached every server yet.
    return ChannelUnavailable("Telegram does not give the file yet", provider_code=str(response.status))


def _too_big(most: int) -> RejectedFile:
    return RejectedFile("file.too_big", 413, megabytes=max(most // MEGABYTE, 1))
