"""Signing in with an identity provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636).

The provider's documents are fetched when first needed and kept; its keys are fetched again when a token names one that is
not known, so that it may rotate them (OpenID Connect Core 1.0, 10.1.1). What an ID token must say is in section 3.1.3.7.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import jwt

from bot.errors import LoketError
from bot.storage.crypto import KeyRing

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures that are taken: never ``none``, never one made with a shared secret."""
LEEWAY = timedelta(seconds=60)
"""So much two clocks may differ."""
PENDING = timedelta(minutes=10)
"""So long somebody may take at the provider."""
KEPT = timedelta(hours=1)
"""The provider's documents are read again after this time."""
AGAIN = timedelta(seconds=30)
"""A token with an unknown key makes the keys be fetched, but not more often than this."""
_STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "pop"})  # RFC 8176: more than a password
_MOST_BYTES = 512 * 1024


class OidcError(LoketError):
    """Nobody is signed in. ``retryable``: the provider does not answer; else what it said will not do."""

    code = "oidc"

    def __init__(self, why: str, *, retryable: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.retryable = retryable


@dataclass(frozen=True)
class OidcConfig:
    """What the installation says about its provider."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    name: str = "SSO"
    """What the button says."""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    username_claim: str = "preferred_username"
    roles_claim: str = ""
    """Path of the claim that lists groups (``groups``, ``realm_access.roles``); empty: roles are given in Loket."""
    locus_claim: str = ""
    """Path of the claim with the office's code, for groups that name none."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Group -> ``role`` or ``role@locus``."""
    asks_second: bool = True
    """Whether the provider is believed to ask for a second factor; else its tokens have to say so (``amr``)."""


@dataclass(frozen=True)
class Proven:
    """Who the provider says it is. ``roles``: office -> roles; None: given in Loket."""

    subject: str
    username: str
    name: str
    roles: dict[str, frozenset[str]] | None
    strong: bool


class Oidc:
    """One provider."""

    def __init__(
        self, config: OidcConfig, keys: KeyRing, now: Callable[[], datetime], http: aiohttp.ClientSession | None = None
    ) -> None:
        self.config = config
        self._keys_of_ours = keys
        self._now = now
        self._http = http
        self._document: dict[str, Any] = {}
        self._document_at: datetime | None = None
        self._jwks: dict[str, jwt.PyJWK] = {}
        self._jwks_at: datetime | None = None

    async def close(self) -> None:
        """Close its connections."""
        if self._http is not None:
            await self._http.close()

    # -- there --------------------------------------------------------------------------------------------------------

    async def begin(self, to: str) -> tuple[str, str]:
        """The address to send the browser to, and what its cookie has to bring back: sealed, and only that browser has it.

        :raises OidcError: the provider does not answer.
        """
        document = await self._discover()
        verifier = secrets.token_urlsafe(48)
        pending = {
            "state": secrets.token_urlsafe(24),
            "nonce": secrets.token_urlsafe(24),
            "verifier": verifier,
            "to": to,
            "until": (self._now() + PENDING).timestamp(),
        }
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.config.client_id,
            "redirect_uri": self.config.redirect_uri,
            "scope": " ".join(self.config.scopes),
            "state": pending["state"],
            "nonce": pending["nonce"],
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        sealed = self._keys_of_ours.seal(json.dumps(pending).encode(), "oidc pending")
        endpoint = str(document["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", _text(sealed)

    # -- and back -----------------------------------------------------------------------------------------------------

    async def finish(self, query: Mapping[str, str], cookie: str) -> tuple[Proven, str]:
        """Who came back, and where they wanted to go.

        :raises OidcError: anything is not as it should be.
        """
        pending = self._pending(cookie)
        if not hmac.compare_digest(query.get("state", "").encode(), str(pending["state"]).encode()):
            raise OidcError("state")
        if "iss" in query and query["iss"] != self.config.issuer:  # RFC 9207: mixed up with another provider
            raise OidcError("issuer")
        if query.get("error") or not query.get("code"):
            raise OidcError("refused")
        token = await self._exchange(query["code"], str(pending["verifier"]))
        claims = await self._verified(token)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), str(pending["nonce"]).encode()):
            raise OidcError("nonce")
        return self._proven(claims), str(pending["to"])

    def _pending(self, cookie: str) -> dict[str, Any]:
        try:
            pending: dict[str, Any] = json.loads(self._keys_of_ours.open(_bytes(cookie), "oidc pending"))
        except (LoketError, ValueError, IndexError, KeyError) as error:
            raise OidcError("state") from error
        if self._now().timestamp() > pending["until"]:
            raise OidcError("late")
        return pending

    async def _exchange(self, code: str, verifier: str) -> str:
        document = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.config.redirect_uri,
            "client_id": self.config.client_id,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {}
        if self.config.client_secret:
            # RFC 8414: basic, unless the provider says otherwise
            if "client_secret_basic" in document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
                # both parts encoded as in a form (RFC 6749, 2.3.1)
                name, secret = quote_plus(self.config.client_id), quote_plus(self.config.client_secret)
                headers["Authorization"] = aiohttp.encode_basic_auth(name, secret)
            else:
                form["client_secret"] = self.config.client_secret
        answer = await self._fetch("POST", str(document["token_endpoint"]), data=form, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcError("no token")
        return token

    async def _verified(self, token: str) -> dict[str, Any]:
        """The claims of a token of this provider, for us, now. Times are judged by the installation's own clock."""
        try:
            head = jwt.get_unverified_header(token)
            if head.get("alg") not in ALGORITHMS:
                raise OidcError("algorithm")
            key = await self._key(head.get("kid"), str(head["alg"]))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[str(head["alg"])],
                audience=self.config.client_id,
                issuer=self.config.issuer,
                options={
                    "require": ["iss", "sub", "aud", "exp", "iat"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.InvalidTokenError as error:
            raise OidcError(type(error).__name__) from error
        self._in_time(claims)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.config.client_id:
            raise OidcError("party")
        return claims

    def _in_time(self, claims: Mapping[str, Any]) -> None:
        now, leeway = self._now().timestamp(), LEEWAY.total_seconds()
        times = [claims["exp"], claims["iat"], claims.get("nbf", 0)]
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in times):
            raise OidcError("time")
        expires, issued, begins = times
        if now > expires + leeway:
            raise OidcError("expired")
        if max(issued, begins) > now + leeway:
            raise OidcError("not yet")
        if now - issued > PENDING.total_seconds() + leeway:
            raise OidcError("old")

    def _proven(self, claims: Mapping[str, Any]) -> Proven:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise OidcError("subject")
        amr = claims.get("amr")
        methods = {str(one) for one in amr} if isinstance(amr, list) else set()
        return Proven(
            subject=f"{self.config.issuer} {subject}",
            username=str(_at(claims, self.config.username_claim) or "").strip().lower().partition("@")[0],
            name=str(claims.get("name") or "").strip()[:80],
            roles=self._roles(claims) if self.config.roles_claim else None,
            strong=self.config.asks_second or bool(methods & _STRONG),
        )

    def _roles(self, claims: Mapping[str, Any]) -> dict[str, frozenset[str]]:
        """Groups that mean nothing here are left out; a role without an office is nothing."""
        offices = _list(_at(claims, self.config.locus_claim)) if self.config.locus_claim else []
        found: dict[str, set[str]] = {}
        for group in _list(_at(claims, self.config.roles_claim)):
            role, _, locus = self.config.groups.get(group, "").partition("@")
            for office in [locus] if locus else offices:
                if role:
                    found.setdefault(office, set()).add(role)
        return {office: frozenset(roles) for office, roles in found.items()}

    # -- the provider's documents -------------------------------------------------------------------------------------

    async def _discover(self) -> dict[str, Any]:
        if self._document_at is not None and self._now() - self._document_at < KEPT:
            return self._document
        url = f"{self.config.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            document = await self._fetch("GET", url)
        except OidcError:
            if self._document:  # what it said before is good enough while it is away
                return self._document
            raise
        if document.get("issuer") != self.config.issuer:
            raise OidcError("issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _safe(str(document.get(name, "")))
        self._document, self._document_at = document, self._now()
        return document

    async def _key(self, kid: object, algorithm: str) -> jwt.PyJWK:
        old = self._jwks_at is None or self._now() - self._jwks_at >= KEPT
        if old or (self._find(kid, algorithm) is None and self._now() - (self._jwks_at or self._now()) >= AGAIN):
            await self._load_keys()
        key = self._find(kid, algorithm)
        if key is None:
            raise OidcError("key")
        return key

    async def _load_keys(self) -> None:
        document = await self._discover()
        try:
            answer = await self._fetch("GET", str(document["jwks_uri"]))
        except OidcError:
            if self._jwks:
                return
            raise
        found: dict[str, jwt.PyJWK] = {}
        for entry in answer.get("keys", []):
            if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
                continue
            try:
                found[str(entry.get("kid", ""))] = jwt.PyJWK(entry)
            except jwt.PyJWTError:  # a kind of key that is not known here
                continue
        self._jwks, self._jwks_at = found, self._now()

    def _find(self, kid: object, algorithm: str) -> jwt.PyJWK | None:
        if kid is None:  # allowed when the provider has one key only
            key = next(iter(self._jwks.values())) if len(self._jwks) == 1 else None
        else:
            key = self._jwks.get(str(kid))
        return key if key is not None and _fits(key, algorithm) else None

    async def _fetch(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        _safe(url)
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        try:
            async with self._http.request(method, url, allow_redirects=False, **more) as response:
                body = await response.content.read(_MOST_BYTES)
                if response.status >= 500:
                    raise OidcError("provider", retryable=True)
                if response.status != 200:
                    raise OidcError("provider said no")
                answer = json.loads(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OidcError("provider away", retryable=True) from error
        except ValueError as error:
            raise OidcError("provider speaks no JSON") from error
        if not isinstance(answer, dict):
            raise OidcError("provider speaks no JSON")
        return answer


def _fits(key: jwt.PyJWK, algorithm: str) -> bool:
    """A key is used with its own family of signatures only."""
    family = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "ES384": "EC", "EdDSA": "OKP"}
    return key.key_type == family[algorithm]


def _safe(url: str) -> None:
    """:raises OidcError: secrets would travel in the clear."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")):
        raise OidcError("not https")


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path of names with dots between them."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode())
