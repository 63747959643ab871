"""Fetches what a person sent, from Twilio and from nowhere else.

A webhook names the file's address. Only an address of this account's media at ``api*.twilio.com`` is asked, with the
account's credentials; Twilio redirects to its file servers, which get none. Fresh media may be unknown to Twilio's own servers
for some seconds (chatwoot/chatwoot#15504), so a 404 is asked again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Sequence
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.domain.messages import MediaRef
from bot.errors import ChannelMisconfigured, ChannelUnavailable, RejectedFile, Throttled
from channels.whatsapp.client import basic_auth

PAUSES_S = (1.0, 3.0)
"""Waits before a 404 is asked again."""
MOST_REDIRECTS = 3
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=6, sock_read=20)

_API_HOST = re.compile(r"api(\.[a-z0-9-]+){0,2}\.twilio\.com")
_FILE_HOST = re.compile(r"([a-z0-9-]+\.)+twiliocdn\.com")
_REDIRECTS = (301, 302, 303, 307, 308)


class PublicResolver(AbstractResolver):
    """Names that lead to a private address lead nowhere: an answer of the name server is not trusted either."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """As any resolver, without addresses that are not public.

        :raises OSError: none is left.
        """
        found = await self._inner.resolve(host, port, family)
        public = [one for one in found if ipaddress.ip_address(one["host"].partition("%")[0]).is_global]
        if not public:
            raise OSError(None, "no public address")
        return public

    async def close(self) -> None:
        """End the inner resolver."""
        await self._inner.close()


class Fetcher:
    """Fetches media of one Twilio account."""

    def __init__(self, account_sid: str, auth_token: str, api: str, pauses: Sequence[float] = PAUSES_S) -> None:
        self._sid = account_sid
        self._credentials = basic_auth(account_sid, auth_token)
        self._api = api.rstrip("/")
        self._pauses = pauses
        self._path = re.compile(
            rf"/2010-04-01/Accounts/{re.escape(account_sid)}/Messages/(SM|MM)[0-9a-fA-F]{{32}}/Media/ME[0-9a-fA-F]{{32}}"
        )
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, media: MediaRef, most_bytes: int) -> bytes:
        """See :meth:`bot.ports.Channel.fetch`."""
        if media.size is not None and media.size > most_bytes:
            raise _too_big(most_bytes)
        address = self._ours(media.id)
        for pause in (*self._pauses, None):
            found = await self._follow(address, most_bytes)
            if found is not None:
                return found
            if pause is not None:
                await asyncio.sleep(pause)
        raise RejectedFile("file.broken", 422)

    async def close(self) -> None:
        """End the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _ours(self, url: str) -> str:
        """The address, if it is one of this account's media.

        :raises RejectedFile: it is not.
        """
        parts = _parts(url)
        twilio = parts.scheme == "https" and _API_HOST.fullmatch(parts.hostname or "") and parts.port in (None, 443)
        stand_in = self._is_stand_in(parts)
        path = parts.path.removeprefix(urlsplit(self._api).path) if stand_in else parts.path
        if not (twilio or stand_in) or not self._path.fullmatch(path) or "@" in parts.netloc:
            raise RejectedFile("file.broken", 422)
        return f"{self._api}{path}" if self._api else f"https://{parts.hostname}{path}"

    def _is_stand_in(self, parts: SplitResult) -> bool:
        ours = urlsplit(self._api)
        return bool(self._api) and (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)

    async def _follow(self, url: str, most_bytes: int) -> bytes | None:
        """The content; None: not there (yet)."""
        headers = {"Authorization": self._credentials}
        for _ in range(MOST_REDIRECTS + 1):
            try:
                async with self._open().get(url, headers=headers, allow_redirects=False) as answer:
                    if answer.status not in _REDIRECTS:
                        return await _content(answer, most_bytes)
                    url = self._next(url, answer.headers.get("Location", ""))
                    headers = {}  # the file servers take a signed address
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise ChannelUnavailable("the file could not be fetched from Twilio") from error
        raise RejectedFile("file.broken", 422)

    def _next(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        parts = _parts(target)
        there = parts.scheme == "https" and _FILE_HOST.fullmatch(parts.hostname or "") and parts.port in (None, 443)
        if not location or not (there or self._is_stand_in(parts)) or "@" in parts.netloc:
            raise RejectedFile("file.broken", 422)
        return target

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            stand_in = urlsplit(self._api).hostname if self._api else None
            self._session = aiohttp.ClientSession(
                timeout=TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(resolver=None if stand_in else PublicResolver(), limit=16),
                headers={"Accept-Encoding": "identity"},
                auto_decompress=False,
            )
        return self._session


async def _content(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes | None:
    if answer.status in (404, 410):
        return None
    if answer.status in (401, 403):
        raise ChannelMisconfigured("Twilio does not let us read the file", provider_code=str(answer.status))
    if answer.status == 429:
        raise Throttled(5.0, provider_code="429")
    if answer.status != 200:
        raise ChannelUnavailable("Twilio did not give the file", provider_code=str(answer.status))
    if answer.content_length is not None and answer.content_length > most_bytes:
        raise _too_big(most_bytes)
    parts, size = [], 0
    async for chunk in answer.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > most_bytes:
            raise _too_big(most_bytes)
        parts.append(chunk)
    return b"".join(parts)


def _too_big(most_bytes: int) -> RejectedFile:
    return RejectedFile("file.too_big", 413, megabytes=max(1, most_bytes // 1_000_000))


def _parts(url: str) -> SplitResult:
    """The address taken apart.

    :raises RejectedFile: it is none.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises where it is no number)
    except ValueError as error:
        raise RejectedFile("file.broken", 422) from error
    return parts
