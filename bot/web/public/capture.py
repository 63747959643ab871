"""The capture page at ``/swafoto/<token>`` (see :mod:`bot.usecases.capture`): the page, its start, and its frames."""

from __future__ import annotations

import base64
import json
from typing import Any

from aiohttp import web

from bot.domain.texts import word
from bot.usecases import capture
from bot.usecases.capture import BadFrame, CaptureClosed, Progress
from bot.web.public.gateway import GATEWAY, Gateway, language_of
from bot.web.public.pages import TEMPLATES

routes = web.RouteTableDef()

_JPEG = b"\xff\xd8\xff"
_TEXTS = (
    "asking denied missing unsupported offline slow good checking back progress again start step.straight step.left step.right "
    "step.mouth"
).split()
"""What the page's script says by itself; all else comes from the server in words."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


@routes.get("/swafoto/{token}")
async def page(request: web.Request) -> web.Response:
    """The page. Looking at it uses nothing up: chat programs fetch links to preview them."""
    gateway = request.app[GATEWAY]
    try:
        conversation = await capture.look_up(gateway.deps, request.match_info["token"])
    except CaptureClosed:
        return await _render(gateway, language_of(request), 410, closed=True)
    return await _render(gateway, conversation.language, 200, closed=False)


async def _render(gateway: Gateway, language: str, status: int, *, closed: bool) -> web.Response:
    say = gateway.deps.texts.say
    locus = gateway.deps.catalogue().loci.get(gateway.settings.locus)
    context: dict[str, Any] = {
        "language": language,
        "closed": closed,
        "demo": gateway.settings.demo,
        "office_name": word(locus.name, language) if locus else "",
        # What stands around every page has keys of its own.
        "say": lambda key: say(key if key.startswith("page.") else f"capture.{key}", language).replace("*", ""),
        # Steps are filled in by the script.
        "texts": json.dumps({key: say(f"capture.{key}", language, n="{n}", of="{of}") for key in _TEXTS}),
    }
    text = await TEMPLATES.get_template("capture.html").render_async(**context)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


@routes.post("/swafoto/{token}/start")
async def start(request: web.Request) -> web.Response:
    """The button was pressed: the link is used up, and this page alone can send frames."""
    gateway = request.app[GATEWAY]
    try:
        session = await capture.start(gateway.deps, request.match_info["token"])
    except CaptureClosed as closed:
        return _refused(gateway, request, closed.text_key, 410)
    left = (session.expires_at - gateway.deps.now()).total_seconds()
    body = {"key": base64.b64encode(session.key).decode(), "steps": session.steps, "seconds": int(left)}
    return web.json_response(body, headers={"Cache-Control": "no-store"})


@routes.post("/swafoto/{token}/frames")
async def frame(request: web.Request) -> web.Response:
    """One JPEG from the camera, signed; the answer says what to do next."""
    gateway = request.app[GATEWAY]
    data = await request.read()
    try:
        seq, step = int(request.headers["X-Seq"]), int(request.headers["X-Step"])
        signed = request.headers["X-Signature"]
        if not data.startswith(_JPEG):
            raise BadFrame("no JPEG")
        progress = await capture.take(gateway.deps, request.match_info["token"], seq, step, signed, data)
    except (KeyError, ValueError):
        return _refused(gateway, request, BadFrame.text_key, 400)
    except BadFrame as bad:
        return _refused(gateway, request, bad.text_key, 403)
    except CaptureClosed as closed:
        return _refused(gateway, request, closed.text_key, 410)
    return web.json_response(_told(gateway, request, progress), headers={"Cache-Control": "no-store"})


def _told(gateway: Gateway, request: web.Request, progress: Progress) -> dict[str, Any]:
    said = gateway.deps.texts.say(progress.hint, _language(request)) if progress.hint else ""
    return {"step": progress.step, "hint": said.replace("*", ""), "end": progress.end}


def _refused(gateway: Gateway, request: web.Request, key: str, status: int) -> web.Response:
    said = gateway.deps.texts.say(key, _language(request)).replace("*", "")
    return web.json_response({"hint": said, "end": "refused"}, status=status)


def _language(request: web.Request) -> str:
    """The page's own language, as its script says it."""
    return language_of(request)
