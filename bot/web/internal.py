"""The internal listener's door for Rasa: custom actions, run by rasa-sdk's executor in this very process.

Speaks what rasa-sdk's own server speaks (``POST /webhook`` there; here also ``POST /actions``, which our Rasa uses): 400 for a
rejected execution, 404 for an unknown action, bodies may be deflated. Never published: it listens on loopback or a private
network.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Iterable
from typing import Any

from aiohttp import web
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot import tracing
from bot.errors import Fenced, InvalidMessage, LoketError
from bot.storage.pg import DatabaseAway
from bot.web.metrics import ACTION_SECONDS

logger = logging.getLogger(__name__)

_EXECUTOR = web.AppKey("executor", ActionExecutor)
_BODY_LIMIT = 4 * 1024 * 1024
"""Bytes, also after inflating: a call of ours has about 2 kB, the domain of a foreign Rasa some 100 kB."""


def internal_app(actions: Iterable[Action]) -> web.Application:
    """``POST /actions`` (or ``/webhook``) runs one action, ``GET /actions`` lists them; mount it or add it as a sub-application.

    :param actions: instances with their use cases in them, from ``actions.registry.all_actions(steps)``. They come from
        ``bootstrap``, the only module that may import ``actions``.
    """
    app = web.Application(client_max_size=_BODY_LIMIT)
    app[_EXECUTOR] = _executor(actions)
    runs = [web.post(path, _run_action) for path in ("/actions", "/webhook")]
    app.add_routes([*runs, web.get("/actions", _list_actions), web.get("/health", _fine)])
    return app


def _executor(actions: Iterable[Action]) -> ActionExecutor:
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    return executor


async def _fine(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _list_actions(request: web.Request) -> web.Response:
    names = request.app[_EXECUTOR].list_actions()
    return web.json_response([{"name": name.name} for name in names])


async def _run_action(request: web.Request) -> web.Response:
    try:
        call = _parse(await request.read(), request.headers.get("Content-Encoding", ""))
    except ValueError:
        return web.json_response({"error": "malformed"}, status=400)
    name = str(call["next_action"])
    # Rasa leaves the domain out (enable_selective_domain) and our actions do not read it, but the executor of
    # rasa-sdk 3.21 asks for one unless the key is there.
    call.setdefault("domain", {})
    try:
        trace = request.headers.get(tracing.HEADER)
        with ACTION_SECONDS.time(), tracing.span("step", "server", after=trace, action=name):
            result = await request.app[_EXECUTOR].run(call)
    except ActionExecutionRejection as error:
        return web.json_response({"error": error.message, "action_name": error.action_name}, status=400)
    except ActionNotFoundException as error:
        return web.json_response({"error": error.message, "action_name": error.action_name}, status=404)
    except InvalidMessage as error:  # not 400: that would be a rejection, after which Rasa goes on
        return web.json_response({"error": error.code, "action_name": name}, status=422)
    except Fenced:
        return web.json_response({"error": Fenced.code, "action_name": name}, status=409)
    except DatabaseAway:
        logger.warning("action without a database", extra={"action": name})
        return web.json_response({"error": "database", "action_name": name}, status=503)
    except Exception as error:
        code = error.code if isinstance(error, LoketError) else "unexpected"
        logger.exception("action failed", extra={"action": name, "code": code})
        return web.json_response({"error": code, "action_name": name}, status=500)
    return web.json_response(result.model_dump() if result else None)


def _parse(body: bytes, encoding: str) -> dict[str, Any]:
    """:raises ValueError: not an action call, or too much of it."""
    if encoding == "deflate" and body[:1] != b"{":  # aiohttp has inflated it already, if it could
        body = _inflate(body)
    call = json.loads(body)
    if not isinstance(call, dict) or not call.get("next_action") or not isinstance(call.get("tracker"), dict):
        raise ValueError("no action call")
    return call


def _inflate(body: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(body, _BODY_LIMIT)
    except zlib.error as error:
        raise ValueError("not deflated") from error
    if inflater.unconsumed_tail:
        raise ValueError("too large")
    return data
