"""An identity provider on loopback that behaves like OpenID Connect Core 1.0 and RFC 7636 say, and can be told to misbehave."""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import jwt
from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "loket", "rahasia klien"


@functools.cache
def _key(number: int) -> rsa.RSAPrivateKey:
    """Made once a session: making one takes longer than most tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


_KEYS = (_key(number) for number in itertools.cycle(range(3)))


@dataclass
class Provider:
    """``claims``: of whoever signs in. ``wrong``: changes what the ID token says; ``twist``: makes the token anew."""

    now: Callable[[], datetime]
    redirect_uri: str
    claims: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    twist: Callable[[dict[str, Any]], str] | None = None
    down: bool = False
    calls: list[str] = field(default_factory=list)
    basic: bool = True
    issuer: str = ""

    def __post_init__(self) -> None:
        self._codes: dict[str, dict[str, str]] = {}
        self.rotate()

    def rotate(self) -> None:
        """A new key; the old one is published no more."""
        self.key, self.kid = next(_KEYS), secrets.token_hex(4)

    def app(self) -> web.Application:
        """Its listener."""
        app = web.Application(middlewares=[self._away])
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._discovery),
                web.get("/authorize", self._authorize),
                web.post("/token", self._token),
                web.get("/jwks", self._jwks),
            ]
        )
        return app

    @web.middleware
    async def _away(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls.append(request.path)
        if self.down:
            return web.Response(status=503)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _discovery(self, _: web.Request) -> web.Response:
        methods = ["client_secret_basic"] if self.basic else ["client_secret_post"]
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": methods,
            }
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        wanted = ("code", CLIENT, self.redirect_uri, "S256")
        given = tuple(
            query.get(name) for name in ("response_type", "client_id", "redirect_uri", "code_challenge_method")
        )
        if given != wanted or "openid" not in query.get("scope", "").split():
            return web.Response(status=400)
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        back = urlencode({"code": code, "state": query["state"], "iss": self.issuer})
        return web.Response(status=302, headers={"Location": f"{self.redirect_uri}?{back}"})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        begun = self._codes.pop(str(form.get("code", "")), None)  # a code works once
        if begun is None or not self._knows(request, {name: str(value) for name, value in form.items()}):
            return web.json_response({"error": "invalid_grant"}, status=400)
        digest = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != begun["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": begun["nonce"]}
        claims |= self.claims | self.wrong
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.twist(claims) if self.twist else self.sign(claims)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _knows(self, request: web.Request, form: dict[str, str]) -> bool:
        if self.basic:
            header = request.headers.get("Authorization", "")
            return bool(header == encode_basic_auth(CLIENT, quote_plus(SECRET)))
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)

    def sign(self, claims: dict[str, Any], **head: Any) -> str:
        """A token under the present key."""
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid, **head})

    async def _jwks(self, _: web.Request) -> web.Response:
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return web.json_response(
            {"keys": [{**key, "kid": self.kid, "use": "sig", "alg": "RS256"}, {"kty": "XYZ", "kid": "?"}]}
        )

    async def start(self) -> TestServer:
        """Listen; close the server in the end."""
        server = TestServer(self.app())
        await server.start_server()
        self.issuer = str(server.make_url("")).rstrip("/")
        return server
