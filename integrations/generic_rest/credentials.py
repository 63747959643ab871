"""How a described agency knows us: OAuth 2.0 client credentials, an API key, a client certificate, a signature; any of them together."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import aiohttp

from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import Clock
from integrations.common import http
from integrations.generic_rest import signing

_REFRESH_S = 60
"""A token is renewed so long before its end, or at half its life when that is shorter."""
_USUAL_LIFE_S = 300
"""Life of a token whose answer does not say (RFC 6749, 5.1: expires_in is recommended only)."""


class Credentials:
    """Headers for each call, and the TLS context; the token is kept until shortly before its end."""

    def __init__(self, data: Mapping[str, Any], given: Callable[[Any], str], clock: Clock) -> None:
        self._rules = data.get("authentication", {})
        self._given = given
        self._clock = clock
        self._token = ""
        self._renew_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def renewable(self) -> bool:
        """Whether a 401 may only mean that a token was withdrawn."""
        return "oauth2" in self._rules

    def tls(self) -> ssl.SSLContext | bool:
        """For the connection.

        :raises AgencyUnavailable: the certificate's files cannot be used; an operator has to mend them.
        """
        rule = self._rules.get("certificate")
        if rule is None:
            return True
        try:
            context = ssl.create_default_context(cafile=self._given(rule["ca"]) if "ca" in rule else None)
            if "cert" in rule:
                context.load_cert_chain(self._given(rule["cert"]), self._given(rule["key"]))
        except (OSError, ssl.SSLError) as error:
            raise AgencyUnavailable("the files of `certificate` cannot be used") from error
        return context

    async def headers(
        self, session: aiohttp.ClientSession, method: str, path: str, key: str, body: bytes
    ) -> dict[str, str]:
        """For one call; ``path`` includes the query, as it is sent.

        :raises AgencyUnavailable: no token to be had now.
        :raises AgencyError: the token is refused.
        """
        found: dict[str, str] = {}
        if "api_key" in self._rules:
            found[self._rules["api_key"]["header"]] = self._given(self._rules["api_key"]["value"])
        if "oauth2" in self._rules:
            found["Authorization"] = f"Bearer {await self._bearer(session)}"
        if "hmac" in self._rules:
            found |= self._signed(self._rules["hmac"], method, path, key, body)
        return found

    def forget(self, headers: Mapping[str, str]) -> None:
        """The token in these headers was refused: the next call fetches another (unless one was fetched meanwhile)."""
        if headers.get("Authorization") == f"Bearer {self._token}":
            self._renew_at = None

    def _signed(self, rule: Mapping[str, Any], method: str, path: str, key: str, body: bytes) -> dict[str, str]:
        timed = rule.get("timestamp")
        timestamp = signing.stamp(timed.get("format", "seconds"), self._clock.now()) if timed else ""
        values = {"timestamp": timestamp, "method": method, "path": path, "key": key}
        text = signing.canonical(rule["text"], values, body)
        found = {rule["header"]: signing.signature(rule, self._given(rule["secret"]), text)}
        return found | ({timed["header"]: timestamp} if timed else {})

    async def _bearer(self, session: aiohttp.ClientSession) -> str:
        async with self._one_at_a_time:
            if self._renew_at is None or self._clock.now() >= self._renew_at:
                self._renew_at = None
                self._token, life = await self._fetch(session)
                self._renew_at = self._clock.now() + timedelta(seconds=max(life - _REFRESH_S, life / 2))
            return self._token

    async def _fetch(self, session: aiohttp.ClientSession) -> tuple[str, float]:
        """RFC 6749, 4.4: the client's credentials for a token."""
        rule = self._rules["oauth2"]
        id_, secret = self._given(rule["client_id"]), self._given(rule["client_secret"])
        form = {"grant_type": "client_credentials"} | ({"scope": rule["scope"]} if "scope" in rule else {})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if rule.get("send", "header") == "body":
            form |= {"client_id": id_, "client_secret": secret}
        else:
            # 2.3.1: each part is form-encoded before it is joined.
            pair = f"{quote_plus(id_)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        url = self._given(rule["token_url"])
        status, answer, _ = await http.exchange(session, "POST", url, headers, urlencode(form).encode())
        if status != 200:
            raise AgencyError("the agency gives no token: credentials refused", status=status)
        return _token(http.parsed(answer))


def _token(answer: Any) -> tuple[str, float]:
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise AgencyUnavailable("the answer with the token cannot be read")
    try:
        life = float(answer.get("expires_in", _USUAL_LIFE_S))
    except (TypeError, ValueError):
        life = _USUAL_LIFE_S
    return token, life if 0 < life < 10**9 else _USUAL_LIFE_S
