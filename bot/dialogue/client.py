"""Rasa, seen from the gateway: the port :class:`bot.ports.Dialogue` over HTTP on loopback or a private network."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import aiohttp

from bot import tracing
from bot.dialogue.replicas import Replicas
from bot.errors import DialogueUnavailable, EmptyTurn, SettingsError
from bot.ports import TurnRequest, Understanding

NO_INTENT = "nlu_fallback"
"""Rasa's name for "not sure", which is no intent of ours."""


class _Elsewhere(Exception):
    """This server cannot do it now. ``untouched``: it has not begun, so another one may."""

    def __init__(self, reason: str, *, untouched: bool) -> None:
        super().__init__(reason)
        self.untouched = untouched


class RasaDialogue:
    """One connection pool to one Rasa server or several. Close it when done.

    :param url: ``http://127.0.0.1:5005``; several between commas (:class:`Replicas`)
    :param turn_timeout_s: a whole turn, the actions it calls included
    :param parse_timeout_s: understanding one text
    :param ca: the authority of its certificate, where ``url`` is https; None: those that the system trusts
    """

    def __init__(
        self, url: str, *, turn_timeout_s: float = 20.0, parse_timeout_s: float = 5.0, ca: Path | None = None
    ) -> None:
        """:raises bot.errors.SettingsError: ``ca`` cannot be read."""
        self._tls = _trusting(ca)
        self._servers = Replicas(url)
        self._turn_timeout = aiohttp.ClientTimeout(total=turn_timeout_s, connect=2.0)
        self._parse_timeout = aiohttp.ClientTimeout(total=parse_timeout_s, connect=2.0)
        self._session: aiohttp.ClientSession | None = None

    async def turn(self, request: TurnRequest) -> list[str]:
        """See :meth:`bot.ports.Dialogue.turn`."""
        body = {
            "conversation": request.conversation,
            "message": request.message,
            "metadata": {"inbox_id": request.inbox_id, "lease_no": request.lease_no},
            "before": request.before,
            "mark": request.mark,
            "form_active": request.form_active,
        }
        said = await self._post(request.conversation, "/webhooks/loket/turn", body, self._turn_timeout)
        refs = [str(step["ref"]) for step in said]
        if not refs:
            raise EmptyTurn(inbox_id=request.inbox_id)
        return refs

    async def parse(self, text: str) -> Understanding:
        """See :meth:`bot.ports.Dialogue.parse`."""
        found = await self._post(text, "/model/parse", {"text": text}, self._parse_timeout)
        return understanding(found)

    async def ready(self) -> bool:
        """Whether a model is loaded and turns can be run: on one server at least."""
        return any(await asyncio.gather(*(self._ready(url) for url in self._servers.urls)))

    async def _ready(self, url: str) -> bool:
        try:
            async with self._open().get(f"{url}/webhooks/loket/health", timeout=self._parse_timeout) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def close(self) -> None:
        """Drop the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, key: str, path: str, body: dict[str, Any], timeout: aiohttp.ClientTimeout) -> Any:
        """The JSON answer of the first server in the order of ``key`` that can be reached.

        A turn that failed or took too long is the turn's fault (``EmptyTurn``, its tries are counted); a Rasa that
        cannot be reached or has no model is not.
        """
        servers = self._servers.order(key)
        for url in servers:
            try:
                with tracing.span("ask rasa", "client", method="POST", template=path):
                    return await self._ask(url, path, body, timeout)
            except _Elsewhere as error:
                self._servers.failed(url)
                if url == servers[-1] or not error.untouched:
                    raise DialogueUnavailable(reason=str(error)) from error
        raise DialogueUnavailable(reason="no server")

    async def _ask(self, url: str, path: str, body: dict[str, Any], timeout: aiohttp.ClientTimeout) -> Any:
        headers = tracing.passed({})
        try:
            async with self._open().post(f"{url}{path}", json=body, timeout=timeout, headers=headers) as response:
                if response.status in (409, 502, 503):
                    raise _Elsewhere(str(response.status), untouched=response.status == 503)
                if response.status != 200:
                    raise EmptyTurn(status=response.status)
                return await response.json()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _Elsewhere(type(error).__name__, untouched=True) from error
        except aiohttp.ClientConnectionError as error:
            # It broke in the middle: whether the turn ran is not known, the worker decides when to try again.
            raise _Elsewhere(type(error).__name__, untouched=False) from error
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise EmptyTurn(reason=type(error).__name__) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Idle connections are dropped well before Rasa's server drops them (120 s), so that none dies in use.
            connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=30.0, ssl=self._tls)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session


def _trusting(ca: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca is not None else None)
    except OSError as error:
        raise SettingsError(f"LOKET_INTERNAL_CA: {ca}: {type(error).__name__}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def understanding(found: dict[str, Any]) -> Understanding:
    """Rasa's parse result as ours: "not sure" gives way to the best real intent, with its own confidence."""
    ranking = tuple(
        (str(one["name"]), float(one["confidence"]))
        for one in found.get("intent_ranking") or []
        if one.get("name") and one["name"] != NO_INTENT
    )
    top = found.get("intent") or {}
    intent, confidence = str(top.get("name") or ""), float(top.get("confidence") or 0.0)
    if intent in ("", NO_INTENT) and ranking:
        intent, confidence = ranking[0]
    entities = found.get("entities") or []
    service = next((str(one["value"]) for one in entities if one.get("entity") == "service"), None)
    return Understanding(str(found.get("text") or ""), intent, confidence, service, ranking)
