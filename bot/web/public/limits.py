"""How often the public listener is asked, and how much it is sent: the rules (``docs/limits.md``), and the door that holds them.

These protect load, in each process by itself. Secrets (sign-in, codes, numbers) are protected by counts in the database, at their own
pages. A rule by address holds for addresses of the internet only: behind a private one stands a proxy nobody told us of, or the
building itself.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from aiohttp import web

from bot.domain.buckets import Buckets, Rate
from bot.errors import LoketError
from bot.web.public.gateway import GATEWAY, bearer_of, origin_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BODY = 128 * 1024
"""Bytes of a JSON body or a form."""
WEBHOOK_BODY = 1024 * 1024
"""Bytes of a provider's webhook; files never come inside."""
UPLOAD_EXTRA = 64 * 1024
"""Bytes beside the file in an upload: the other parts and the boundaries."""
BODY_S = 30.0
"""Seconds that a body may take to come."""
UPLOAD_S = 300.0
"""The same for a file, which may be 10 MB over a village's 2G."""

UPLOAD = "/chat/v1/attachments"


class TooMany(LoketError):
    """Come again in ``after`` seconds."""

    code = "too_many"
    retryable = True
    text_key = "error.too_many"

    def __init__(self, after: float) -> None:
        self.after = max(1, math.ceil(after))
        super().__init__("too many requests", n=self.after)


class SlowBody(TimeoutError):
    """The rest of a body did not come."""


@dataclass(frozen=True)
class Rule:
    """``by``: whose requests count together: ``address``, ``session`` (the bearer token), ``link`` (the token in the path) or
    ``process`` (everybody's). ``wrong``: only those count that are answered with one of these states.
    """

    name: str
    by: str
    rate: Rate
    wrong: frozenset[int] = frozenset()


ANY = Rule("any", "address", Rate(600, 100))
"""Everything but static files; a building of 300 telephones stays far below."""
SESSIONS = Rule("sessions", "address", Rate(120, 1))
SESSIONS_ALL = Rule("sessions of all", "process", Rate(2000, 100))
MESSAGES = Rule("messages", "session", Rate(150, 3))
UPLOADS = Rule("uploads", "session", Rate(30, 0.5))
TYPING = Rule("typing", "session", Rate(30, 2))
READING = Rule("reading", "session", Rate(150, 20))
STREAMS = Rule("streams opened", "session", Rate(40, 1))
STRANGERS = Rule("unknown sessions", "address", Rate(300, 5), frozenset({401}))
FORGED = Rule("forged pushes", "address", Rate(60, 1), frozenset({403}))
LINKS = Rule("dead links", "address", Rate(60, 0.5), frozenset({403, 404, 410}))
LINK_FORMS = Rule("forms of a link", "link", Rate(20, 0.5))
DOWNLOADS = Rule("downloads of a link", "link", Rate(6, 0.05))
FRAMES = Rule("frames", "link", Rate(30, 5))
QR = Rule("QR codes", "process", Rate(200, 20))
SIGN_IN = Rule("sign-in", "address", Rate(60, 1))
SIGN_IN_ALL = Rule("sign-in of all", "process", Rate(200, 20))

_LINKED = ("/dokumen/{token}", "/dokumen/{token}/kode", "/data-saya/{token}")
_OWN_DATA = tuple(f"/data-saya/{{token}}/{what}" for what in ("kode", "keberatan", "cabut", "hapus"))
_PUSHED = ("/webhooks/{channel}/{key}", "/callbacks/{agency}", "/desks/{desk}", "/desks/{desk}/{token}")
_SHOWN = ("/media/{token}", "/swafoto/{token}", "/dokumen/{token}", "/data-saya/{token}")

RULES: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("POST", "/chat/v1/sessions"): (SESSIONS, SESSIONS_ALL),
    ("POST", "/chat/v1/messages"): (STRANGERS, MESSAGES),
    ("GET", "/chat/v1/messages"): (STRANGERS, READING),
    ("POST", "/chat/v1/typing"): (STRANGERS, TYPING),
    ("GET", "/chat/v1/events"): (STRANGERS, STREAMS),
    ("POST", UPLOAD): (STRANGERS, UPLOADS),
    ("GET", "/chat/v1/attachments/{id}"): (STRANGERS, READING),
    **{("POST", path): (FORGED,) for path in _PUSHED},
    **{("GET", path): (LINKS,) for path in _SHOWN},
    **{("POST", path): (LINKS, LINK_FORMS) for path in ("/swafoto/{token}/start", *_LINKED, *_OWN_DATA)},
    ("POST", "/swafoto/{token}/frames"): (LINKS, FRAMES),
    ("POST", "/data-saya/{token}/unduh"): (LINKS, DOWNLOADS),
    ("POST", "/kios/qr"): (QR,),
    ("POST", "/staff/sign-in"): (SIGN_IN, SIGN_IN_ALL),
    ("POST", "/staff/sign-in/code"): (SIGN_IN, SIGN_IN_ALL),
    ("GET", "/staff/sign-in/oidc"): (SIGN_IN, SIGN_IN_ALL),
    ("GET", "/staff/sign-in/oidc/return"): (SIGN_IN, SIGN_IN_ALL),
}
"""By method and pattern of the path, besides :data:`ANY`."""


@dataclass
class AtOnce:
    """How many do the same thing at the same time."""

    most: int
    most_each: int
    _all: int = 0
    _each: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    @contextmanager
    def one(self, key: str) -> Iterator[None]:
        """:raises TooMany: there are too many already."""
        if self._all >= self.most or self._each[key] >= self.most_each:
            if not self._each[key]:
                del self._each[key]
            raise TooMany(5)
        self._all += 1
        self._each[key] += 1
        try:
            yield
        finally:
            self._all -= 1
            self._each[key] -= 1
            if not self._each[key]:
                del self._each[key]


@dataclass
class Limits:
    """What one process remembers of who asked how often."""

    on: bool = True
    uploads: AtOnce = field(default_factory=lambda: AtOnce(40, 4))
    """Files that come in at the same time: each is held in memory, up to its limit."""
    body_s: float = BODY_S
    upload_s: float = UPLOAD_S
    _buckets: dict[Rule, Buckets] = field(default_factory=dict)

    def ask(self, rules: tuple[Rule, ...], request: web.Request) -> None:
        """Count a request.

        :raises TooMany: this one is one too many.
        """
        for rule, key in self._keys(rules, request):
            bucket, now = self._bucket(rule), monotonic()
            after = bucket.wait(key, now) if rule.wrong else bucket.take(key, now)
            if after:
                raise TooMany(after)

    def answered(self, rules: tuple[Rule, ...], request: web.Request, status: int) -> None:
        """Count an answer that refused."""
        for rule, key in self._keys(tuple(rule for rule in rules if status in rule.wrong), request):
            self._bucket(rule).take(key, monotonic())

    def _keys(self, rules: tuple[Rule, ...], request: web.Request) -> Iterator[tuple[Rule, str]]:
        for rule in rules if self.on else ():
            key = key_of(rule.by, request)
            if key is not None:
                yield rule, key

    def _bucket(self, rule: Rule) -> Buckets:
        return self._buckets.setdefault(rule, Buckets(rule.rate))


LIMITS = web.AppKey("limits", Limits)


def key_of(by: str, request: web.Request) -> str | None:
    """Whose request it is; None: the rule is not for them."""
    if by == "address":
        return origin_of(request, request.config_dict[GATEWAY].settings.proxies)
    if by == "process":
        return ""
    said = request.match_info.get("token", "") if by == "link" else bearer_of(request)
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest() if said else None


def pattern_of(request: web.Request) -> str:
    """The pattern of the route, never the path: ids stay out of the logs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "?"


@web.middleware
async def paced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Not too often, not too much, not too slowly."""
    pattern = pattern_of(request)
    if pattern == "/static":
        return await _static(request, handler)
    limits = request.app[LIMITS]
    method = "GET" if request.method == "HEAD" else request.method
    rules = (ANY, *RULES.get((method, pattern), ()))
    limits.ask(rules, request)
    _small_enough(request, pattern)
    try:
        response = await _in_time(request, handler, limits.upload_s if _uploads(pattern) else limits.body_s)
    except web.HTTPException as answer:
        limits.answered(rules, request, answer.status)
        raise
    except LoketError as error:
        limits.answered(rules, request, getattr(error, "status", 404 if error.code == "not_found" else 500))
        raise
    limits.answered(rules, request, response.status)
    return response


async def _static(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ENOENT, errno.EINVAL):
            raise web.HTTPNotFound from error  # no file has such a name
        raise


def _uploads(pattern: str) -> bool:
    """Staff pages that take files read them by themselves, within a limit of their own."""
    return pattern == UPLOAD or pattern.startswith("/staff")


def _small_enough(request: web.Request, pattern: str) -> None:
    """What says that it is too much is not read at all; what does not say so is noticed while it is read.

    :raises aiohttp.web.HTTPRequestEntityTooLarge: it is too much.
    """
    most = BODY
    if _uploads(pattern):
        most = request.config_dict[GATEWAY].settings.max_upload_bytes + UPLOAD_EXTRA
    elif pattern.startswith("/webhooks/"):
        most = WEBHOOK_BODY
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)


async def _in_time(request: web.Request, handler: Handler, seconds: float) -> web.StreamResponse:
    """:raises SlowBody: the handler waited for a body that did not come."""
    body = request.content
    if not request.can_read_body or body.is_eof():
        return await handler(request)

    def late() -> None:
        if not body.is_eof():
            body.set_exception(SlowBody())

    timer = asyncio.get_running_loop().call_later(seconds, late)
    try:
        return await handler(request)
    finally:
        timer.cancel()
