"""The library's client over our own HTTP: asynchronous, silent in the log, one address for all hosts where a stand-in is used."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.whatsapp.errors import NoAnswer, NotSent

TIMEOUT = aiohttp.ClientTimeout(total=40, sock_connect=6, sock_read=25)
"""Twilio answers within a second or two; content templates take longer."""
MOST_ANSWER_BYTES = 8 * 1024 * 1024

_NO_LOG = logging.getLogger("loket.twilio.silent")
_NO_LOG.disabled = True
# The library looks into the process's environment for what it is not told; adapters read none.
_NO_ENVIRONMENT = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}


class Http(AsyncHttpClient):  # type: ignore[misc]  # the library has no types
    """Requests over one aiohttp session, made at the first request; ``close`` it at the end."""

    def __init__(self, api: str) -> None:
        super().__init__(_NO_LOG, is_async=True)
        self._api = api.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session, also for media. A proxy of the operator's machine is for the outside, not for a stand-in."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar(), trust_env=not self._api
            )
        return self._session

    def address(self, url: str) -> str:
        """Where a request to one of Twilio's hosts really goes."""
        if not self._api:
            return url
        parts = urlsplit(url)
        return f"{self._api}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    async def request(  # the library's signature
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request.

        :raises NotSent: it did not leave.
        :raises NoAnswer: it left, and no whole answer came.
        """
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = basic_auth(*auth)
        body: dict[str, Any] = {"data": _fields(data)}
        if sent.get("Content-Type") == "application/json":
            body = {"data": json.dumps(data).encode()}
        try:
            async with self.session.request(
                method.upper(),
                self.address(uri),
                params=_fields(params),
                headers=sent,
                allow_redirects=False,
                **body,
            ) as answer:
                raw = await answer.content.read(MOST_ANSWER_BYTES)
                while len(raw) < MOST_ANSWER_BYTES and (more := await answer.content.read(MOST_ANSWER_BYTES)):
                    raw += more
                return Response(answer.status, raw.decode("utf-8", "replace"), answer.headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSent from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswer from error

    async def close(self) -> None:
        """End the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def client(account_sid: str, auth_token: str, http: Http) -> Client:
    """The library's client for one Twilio account."""
    return Client(account_sid, auth_token, http_client=http, environment=_NO_ENVIRONMENT)


def basic_auth(name: str, secret: str) -> str:
    """The value of ``Authorization``."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def _fields(values: Mapping[str, object] | None) -> list[tuple[str, str]]:
    """Parameters as pairs; a list is its name repeated (``MediaUrl``)."""
    pairs: list[tuple[str, str]] = []
    for name, value in (values or {}).items():
        for one in value if isinstance(value, list | tuple) else [value]:
            if one is not None:
                pairs.append((name, one if isinstance(one, str) else str(one)))
    return pairs
