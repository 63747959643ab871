"""Faces at the counter: an officer takes two pictures, a second officer confirms a replacement; deleting and unlocking."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import BodyPartReader, web

from bot.domain.conversation import Enrolment
from bot.domain.staff import Right
from bot.errors import AgencyError, AgencyUnavailable, Conflict, LoketError, NotFound, RejectedFile
from bot.storage.accounts import Account
from bot.usecases import enrol, revoke
from bot.usecases.store import Tx
from bot.web.staff.auth import right_token
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, see, sentences, sorry
from bot.web.staff.files import id_of
from bot.web.staff.masks import mask_number
from bot.web.staff.rights import needs, own_token

MOST_BYTES = 10 * 1024 * 1024
_DONE = ("done", "waiting", "accepted", "refused", "forgotten", "unlocked")


@dataclass(frozen=True)
class Row:
    """One template that waits for a second officer."""

    id: UUID
    name: str
    nik: str
    at: str
    by: str
    own: bool
    likeness: str


@needs(Right.IDENTITY)
async def show(request: web.Request) -> web.Response:
    """The form, and what waits for a second officer."""
    return await _page(request)


async def _page(request: web.Request, problem: str = "", status: int = 200) -> web.Response:
    account, say = request[ACCOUNT], sentences(request)
    async with desk_of(request).deps.store.begin() as tx:
        waiting = await tx.waiting_enrolments(account.locus)
        rows = [await _row(request, tx, one) for one in waiting]
    done = request.query.get("done", "")
    notice = say(f"enrol_{done}") if done in _DONE else ""
    response = page(request, "enrol.html", status, rows=rows, problem=problem, notice=notice)
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    return response


async def _row(request: web.Request, tx: Tx, one: Enrolment) -> Row:
    citizen = await tx.citizen(one.citizen_id)
    at, own = local_time(request, one.made_at), one.made_by == request[ACCOUNT].username
    likeness = sentences(request)(f"enrol_likeness_{one.likeness or 'unknown'}")
    return Row(one.id, citizen.name, mask_number(citizen.nik), at, one.made_by, own, likeness)


@needs(Right.IDENTITY)
@own_token
async def take(request: web.Request) -> web.StreamResponse:
    """Two pictures and a NIK. Read part by part, since pictures are larger than the other forms may be; so the form's token is
    checked here.
    """
    fields, pictures = await _parts(request)
    if not right_token(request, fields.get("csrf", "")):
        return sorry(request, 400, "error_400")
    return await _enrol(request, request[ACCOUNT], fields, pictures)


async def _enrol(
    request: web.Request, account: Account, fields: dict[str, str], pictures: list[bytes]
) -> web.StreamResponse:
    desk, say = desk_of(request), sentences(request)
    if fields.get("consent") != "1":
        return await _page(request, say("enrol_no_consent"), 422)
    try:
        made = await enrol.at_counter(desk.deps, account.locus, _nik(fields), pictures, account.username)
    except NotFound:
        return await _page(request, say("enrol_nobody"), 422)
    except RejectedFile as refused:
        tongue = language(request)
        return await _page(request, desk.deps.texts.say(refused.text_key, tongue, **refused.params), 422)
    except (AgencyUnavailable, AgencyError):
        return await _page(request, say("register_away"), 503)
    except LoketError as error:
        if not error.retryable:
            raise
        return await _page(request, desk.deps.texts.say(error.text_key, language(request)), 503)
    return see(f"/staff/enrol?done={made.state}")


async def _parts(request: web.Request) -> tuple[dict[str, str], list[bytes]]:
    """:raises aiohttp.web.HTTPBadRequest: no such form. :raises aiohttp.web.HTTPRequestEntityTooLarge: a picture is too large."""
    if request.content_type != "multipart/form-data":
        raise web.HTTPBadRequest
    fields: dict[str, str] = {}
    pictures: list[bytes] = []
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or len(fields) + len(pictures) > 10:
                raise web.HTTPBadRequest
            data = await _read(part)
            if part.name == "pictures":
                pictures += [data] if data else []
            elif part.name:
                fields[part.name] = data[:200].decode("utf-8", "replace")
    except ValueError as error:
        raise web.HTTPBadRequest from error
    return fields, pictures


async def _read(part: BodyPartReader) -> bytes:
    data = b""
    while chunk := await part.read_chunk(256 * 1024):
        data += chunk
        if len(data) > MOST_BYTES:
            raise web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=len(data))
    return data


def _nik(fields: dict[str, str]) -> str:
    return "".join(letter for letter in fields.get("nik", "") if letter.isdigit())


@needs(Right.IDENTITY)
async def decide(request: web.Request) -> web.Response:
    """The second officer confirms or refuses."""
    account = request[ACCOUNT]
    verdict = str((await request.post()).get("verdict", ""))
    if verdict not in ("accept", "reject"):
        raise web.HTTPBadRequest
    try:
        await enrol.decide(desk_of(request).deps, id_of(request), account.locus, verdict == "accept", account.username)
    except Conflict:
        return sorry(request, 409, "enrol_conflict")
    return see(f"/staff/enrol?done={'accepted' if verdict == 'accept' else 'refused'}")


@needs(Right.IDENTITY)
async def forget(request: web.Request) -> web.Response:
    """Delete somebody's template, at their wish."""
    deps, account = desk_of(request).deps, request[ACCOUNT]
    nik = _nik({"nik": str((await request.post()).get("nik", ""))})
    async with deps.store.begin() as tx:
        citizen = await tx.citizen_by_nik(nik)
        if citizen is not None:
            await revoke.forget_face(deps, tx, citizen.id, account.username)
    if citizen is None:
        return await _page(request, sentences(request)("enrol_nobody"), 422)
    return see("/staff/enrol?done=forgotten")


@needs(Right.IDENTITY)
async def unlock(request: web.Request) -> web.Response:
    """Forget failed attempts, after the person showed their card."""
    nik = _nik({"nik": str((await request.post()).get("nik", ""))})
    try:
        await enrol.unlock(desk_of(request).deps, nik, request[ACCOUNT].username)
    except NotFound:
        return await _page(request, sentences(request)("enrol_nobody"), 422)
    return see("/staff/enrol?done=unlocked")
