"""Providers push messages and receipts here: verified, stored, answered. Nothing waits for Rasa, or for a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from time import perf_counter

from aiohttp import web

from bot import tracing
from bot.errors import InvalidMessage
from bot.ports import Channel, ChannelAccount
from bot.storage.spool import SpoolFull, Webhook
from bot.web.public.gateway import GATEWAY, Gateway
from bot.web.public.intake import NotYet, request_of
from bot.web.public.limits import WEBHOOK_BODY
from bot.workers.figures import ACK_SECONDS, WEBHOOKS

routes = web.RouteTableDef()
log = logging.getLogger(__name__)

BODY_LIMIT = WEBHOOK_BODY
_FORM = "application/x-www-form-urlencoded"
_TYPES = ("application/json", _FORM)
_KEPT = frozenset({"content-type", "content-encoding"})
"""Headers that a channel may need to read a verified body. Signatures and secrets are checked once and not kept."""
_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@routes.post("/webhooks/{channel}/{key}")
async def webhook(request: web.Request) -> web.Response:
    """200 stored (or known, or nothing to store); 400, 403, 404, 413, 415; 503 come again."""
    start = perf_counter()
    gateway = request.app[GATEWAY]
    found = gateway.intake.channels.at(request.match_info["channel"], request.match_info["key"])
    if found is None:
        return web.Response(status=404)
    outcome, response = await _taken(gateway, request, *found)
    WEBHOOKS.labels(found[0].manifest.id, outcome).inc()
    ACK_SECONDS.observe(perf_counter() - start)
    return response


async def _taken(
    gateway: Gateway, request: web.Request, channel: Channel, account: ChannelAccount
) -> tuple[str, web.Response]:
    body = await _limited(request)
    if body is None:
        return "too_big", web.Response(status=413)
    # The address as the provider sees it: what a proxy made of the host says nothing.
    url = gateway.settings.public_url.rstrip("/") + _target(request)
    kept = Webhook(account.id, url, request.headers, body, gateway.deps.now())
    if not _verified(channel, account, kept):
        log.warning("webhook refused: not signed by the provider", extra={"account": account.id})
        return "forged", web.Response(status=403)
    if request.content_type not in _TYPES:
        return "wrong_type", web.Response(status=415)
    try:
        outcome = await gateway.intake.take(channel, account, _without_secrets(kept))
    except InvalidMessage:
        return "invalid", web.Response(status=400)
    except NotYet:
        return "held", web.Response(status=503, headers={"Retry-After": "1"})
    except SpoolFull:
        return "refused", web.Response(status=503, headers={"Retry-After": "2"})
    # Twilio takes text that comes back for an answer to the person: an empty document says that there is none.
    if request.content_type == _FORM:
        return outcome, web.Response(text=_TWIML, content_type="text/xml")
    return outcome, web.Response()


async def _limited(request: web.Request) -> bytes | None:
    """The body, or None when it is too much; what is too much is not read."""
    if (request.content_length or 0) > BODY_LIMIT:
        return None
    chunks, size = [], 0
    async for chunk in request.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > BODY_LIMIT:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _target(request: web.Request) -> str:
    """Path and query as they were sent; a client may name the host in front of them."""
    raw = request.raw_path
    return raw if raw.startswith("/") else str(request.rel_url)


def _verified(channel: Channel, account: ChannelAccount, kept: Webhook) -> bool:
    try:
        return channel.verify(account, request_of(kept))
    except Exception as error:  # an odd request is no reason to let it in
        log.error("webhook could not be verified", extra={"account": account.id, "code": type(error).__name__})
        return False


def _without_secrets(kept: Webhook) -> Webhook:
    headers: Mapping[str, str] = {name: value for name, value in kept.headers.items() if name.lower() in _KEPT}
    return Webhook(kept.account, kept.url, tracing.passed(headers), kept.body, kept.at)
