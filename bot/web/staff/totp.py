"""One's second factor: set up with a QR code or a typed key, new recovery codes, taken away."""

from __future__ import annotations

import base64

from aiohttp import web
from reportlab.graphics import renderSVG
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing

from bot.storage.account_second import provisioning_uri
from bot.web.staff.desk import ACCOUNT, desk_of, language, origin, page, see, sentences
from bot.web.staff.rights import beforehand

_SIZE = 220


@beforehand
async def show(request: web.Request) -> web.Response:
    """Whether there is one; the key, while there is none."""
    return await _page(request)


async def _page(
    request: web.Request, status: int = 200, problem: str = "", codes: list[str] | None = None
) -> web.Response:
    desk, account = desk_of(request), request[ACCOUNT]
    second = desk.accounts.second
    has = await second.has(account.username)
    key = "" if has else await second.offer(account.username)
    office = desk.office_name(account.locus, language(request))
    return page(
        request,
        "second.html",
        status,
        has=has,
        key=" ".join(key[i : i + 4] for i in range(0, len(key), 4)),
        picture=qr_image(provisioning_uri(key, account.username, office)) if key else "",
        left=await second.left(account.username) if has else 0,
        required=await _required(request),
        asks_password=not has and await _asks_password(request),
        codes=codes or [],
        problem=sentences(request)(problem) if problem else "",
    )


async def _required(request: web.Request) -> bool:
    desk, account = desk_of(request), request[ACCOUNT]
    held = await desk.accounts.people.roles_of(account.username)
    return desk.policy.needs_second_factor({role for roles in held.values() for role in roles})


@beforehand
async def confirm(request: web.Request) -> web.Response:
    """A code of the app proves that it has the key; other sessions, which did not have it, end."""
    desk, account, now = desk_of(request), request[ACCOUNT], desk_of(request).deps.now()
    if await desk.accounts.second.has(account.username):
        return see("/staff/account/second")
    form = await request.post()
    if await _asks_password(request):
        old = str(form.get("old", ""))
        if not await desk.accounts.proves(account.username, old, now, origin(request)):
            return await _page(request, 422, "password_old")
    code = str(form.get("code", ""))[:40]
    codes = await desk.accounts.second.confirm(account.username, code, now)
    if codes is None:
        return await _page(request, 422, "code_refused")
    await desk.accounts.sessions.proven(account.session)
    await desk.accounts.sessions.end_others(account.username, account.session, now)
    return await _page(request, codes=codes)


@beforehand
async def codes(request: web.Request) -> web.Response:
    """A new sheet of recovery codes, for whoever has the app at hand."""
    desk, account = desk_of(request), request[ACCOUNT]
    if not await _proves(request):
        return await _page(request, 422, "code_refused")
    return await _page(request, codes=await desk.accounts.second.new_codes(account.username, desk.deps.now()))


@beforehand
async def remove(request: web.Request) -> web.Response:
    """No second factor any more, where none is asked for."""
    desk, account = desk_of(request), request[ACCOUNT]
    if await _required(request):
        return await _page(request, 403, "second_required")
    if not await _proves(request):
        return await _page(request, 422, "code_refused")
    await desk.accounts.second.remove(account.username, desk.deps.now(), account.username)
    return see("/staff/account?done=second_removed")


async def _asks_password(request: web.Request) -> bool:
    """Whoever finds an open session must not be able to make the account theirs; whoever has to set it up has just signed in."""
    account = request[ACCOUNT]
    return not account.todo and await desk_of(request).accounts.has_password(account.username)


async def _proves(request: web.Request) -> bool:
    desk, code = desk_of(request), str((await request.post()).get("code", ""))[:40]
    username, now = request[ACCOUNT].username, desk.deps.now()
    return await desk.accounts.second.check(username, code, now) is not None


def qr_image(text: str) -> str:
    """The address of a QR code as a picture in SVG, with room around it (ISO/IEC 18004: 4 modules). A picture, not an element
    of the page: its styles would be against the page's policy.
    """
    code = QrCodeWidget(text, barLevel="M", barBorder=4)
    left, bottom, right, top = code.getBounds()
    scale = [_SIZE / (right - left), 0, 0, _SIZE / (top - bottom), -left, -bottom]
    drawing = Drawing(_SIZE, _SIZE, transform=scale)
    drawing.add(code)
    svg = renderSVG.drawToString(drawing)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/account/second", show),
        web.post("/account/second", confirm),
        web.post("/account/second/codes", codes),
        web.post("/account/second/remove", remove),
    ]
