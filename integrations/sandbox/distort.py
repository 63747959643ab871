"""Answers that are wrong in themselves: what an agency's system says on its worst days, with status 200."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

STRANGER = {
    "agency_ref": "XXX-000000-0BAD0BAD",
    "reference": "XXX-00-0000-0",
    "nik": "3328990101700009",
    "NIK": "3328990101700009",
    "nama": "Orang Lain",
    "NAMA_LGKP": "ORANG LAIN",
}
"""Who the wrong answers are about: somebody invented, whom no test asks for."""
UNKNOWN_STATE = "menguap"
HUGE_BYTES = 40 * 1000 * 1000
_BLOCK = b"% " + b"0" * 65533 + b"\n"


def _types(node: Any, name: str = "") -> Any:
    if isinstance(node, dict):
        return {key: _types(value, key) for key, value in node.items()}
    if isinstance(node, list):
        # Entries keep their place, so that the fault lies where a reader looks; a list of plain words becomes one.
        return [_types(one) for one in node] if any(isinstance(one, dict) for one in node) else "bukan daftar"
    return 7 if isinstance(node, str) else {"nilai": node}


def _state(node: Any, name: str = "") -> Any:
    if isinstance(node, dict):
        return {key: _state(value, key) for key, value in node.items()}
    if isinstance(node, list):
        return [_state(one) for one in node]
    return UNKNOWN_STATE if name == "state" else node


def _stranger(node: Any, name: str = "") -> Any:
    if isinstance(node, dict):
        return {key: _stranger(value, key) for key, value in node.items()}
    if isinstance(node, list):
        return [_stranger(one) for one in node]
    return STRANGER.get(name, node)


_WAYS: dict[str, Callable[[Any], Any]] = {"types": _types, "state": _state, "stranger": _stranger}
MODES = frozenset({*_WAYS, "huge"})
"""Modes in which the call is served, and the answer is wrong."""


async def distorted(mode: str, request: web.Request, whole: web.Response) -> web.StreamResponse:
    """The answer, made wrong. What holds nothing to make wrong stays."""
    if mode == "huge":
        return await _huge(request, whole)
    if whole.content_type != "application/json" or not isinstance(whole.body, bytes):
        return whole
    return web.json_response(_WAYS[mode](json.loads(whole.body)), status=whole.status)


def odd(push: bytes) -> bytes:
    """A push with a state that nobody knows, under a key of its own."""
    raw = json.loads(push)
    return json.dumps({**raw, "state": UNKNOWN_STATE, "key": f"{raw['key']}.odd"}).encode()


def forged(push: bytes) -> bytes:
    """What somebody who does not know the secret would like Loket to believe."""
    raw = json.loads(push)
    return json.dumps({**raw, "state": "ditolak", "key": f"{raw['key']}.forged", "note": "Palsu"}).encode()


async def _huge(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """40 MB that begin and end like the real answer."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    pdf = body.startswith(b"%PDF-")
    big = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.headers.get("Content-Type", "")})
    await big.prepare(request)  # without a length: a reader has to count for itself
    await big.write(b"%PDF-1.4\n" if pdf else b"")
    for _ in range(HUGE_BYTES // len(_BLOCK)):
        await big.write(_BLOCK if pdf else b" " * len(_BLOCK))
    await big.write(body)
    await big.write_eof()
    return big
