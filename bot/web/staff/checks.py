"""Borderline selfies: an officer compares with the register's pictures and decides."""

from __future__ import annotations

import base64
import hmac
import logging
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from bot.domain.conversation import Citizen, Conversation, IdentityCheck
from bot.domain.picture_hash import same_picture
from bot.errors import AgencyError, AgencyUnavailable, Conflict, NotFound
from bot.usecases import identity
from bot.usecases.store import Tx
from bot.web.staff.auth import COOKIE
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, see, sentences, sorry
from bot.web.staff.files import id_of
from bot.web.staff.masks import mask_number

log = logging.getLogger(__name__)

_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


@dataclass(frozen=True)
class Row:
    """One selfie in the list."""

    id: UUID
    name: str
    nik: str
    at: str
    service: str


async def pending(request: web.Request) -> web.Response:
    """Selfies that wait, oldest first."""
    if not request[ACCOUNT].officer:
        return sorry(request, 403, "error_403")
    async with desk_of(request).deps.store.begin() as tx:
        rows = [await _row(request, tx, check) for check in await tx.pending_checks(request[ACCOUNT].locus)]
    return page(request, "checks.html", rows=rows)


async def _row(request: web.Request, tx: Tx, check: IdentityCheck) -> Row:
    citizen = await tx.citizen(check.citizen_id)
    at = local_time(request, check.at)
    return Row(check.id, citizen.name, mask_number(citizen.nik), at, await _service(request, tx, check))


async def _service(request: web.Request, tx: Tx, check: IdentityCheck) -> str:
    if check.case_id is None:
        return ""
    case = await tx.case(check.case_id)
    return desk_of(request).deps.service_name(case.service, language(request))


async def _own_check(request: web.Request, tx: Tx) -> tuple[IdentityCheck, Conversation, Citizen]:
    """:raises bot.errors.NotFound: no such check at this office. :raises bot.errors.Conflict: it is decided."""
    check = await tx.check(id_of(request))
    conversation = await tx.conversation(check.conversation_id)
    if conversation.locus != request[ACCOUNT].locus or check.outcome != "officer":
        raise NotFound("identity check")
    if check.decision is not None:
        raise Conflict("identity check")
    return check, conversation, await tx.citizen(check.citizen_id)


async def show(request: web.Request) -> web.Response:
    """Both faces side by side. The register's pictures are fetched now and kept nowhere."""
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    if not account.officer:
        return sorry(request, 403, "error_403")
    try:
        async with desk.deps.store.begin() as tx:
            check, conversation, citizen = await _own_check(request, tx)
            selfie = await tx.blob(check.selfie_blob) if check.selfie_blob else None
            service = await _service(request, tx, check)
            before = await tx.perceptual_hashes(citizen.id)
            suspicions = await tx.suspicions(citizen.id)
            agency = (await tx.case(check.case_id)).agency if check.case_id else ""
            await tx.audit(account.username, "selfie.viewed", str(check.id), {}, desk.deps.now())
    except Conflict:
        return sorry(request, 409, "conflict_decided")
    enrolled, trouble = await _enrolled(request, conversation, agency, citizen.nik)
    if enrolled:
        async with desk.deps.store.begin() as tx:
            detail = {"pictures": len(enrolled)}
            await tx.audit(account.username, "enrolled.viewed", str(check.id), detail, desk.deps.now())
    own = _image(selfie[1]) if selfie else ""
    return page(
        request,
        "check.html",
        check=check,
        name=citizen.name,
        nik=mask_number(citizen.nik),
        at=local_time(request, check.at),
        service=service,
        band=say("band_officer"),
        selfie=own,
        enrolled=enrolled,
        trouble=say(trouble) if trouble else "",
        repeated=_repeated(check, before),
        suspicions=say("suspicions", count=suspicions) if suspicions else "",
        seen=_seen(request, check.id) if own and enrolled else "",
    )


async def _enrolled(request: web.Request, conversation: Conversation, agency: str, nik: str) -> tuple[list[str], str]:
    """The register's pictures as image addresses, or why there are none."""
    try:
        pictures = await desk_of(request).deps.register_of(conversation, agency).faces(nik)
    except (AgencyUnavailable, AgencyError, KeyError) as error:
        log.warning("the register's pictures could not be fetched", extra={"reason": type(error).__name__})
        return [], "register_away"
    images = [image for image in map(_image, pictures) if image]
    return images, "" if images else "register_none"


def _image(data: bytes) -> str:
    for magic, type_ in _MAGIC.items():
        if data.startswith(magic):
            return f"data:{type_};base64,{base64.b64encode(data).decode()}"
    return ""


def _repeated(check: IdentityCheck, before: list[str]) -> bool:
    """Whether this very picture came more than once (its own hash is among them)."""
    own = check.perceptual_hash
    return own is not None and sum(same_picture(own, other) for other in before) > 1


def _seen(request: web.Request, check_id: UUID) -> str:
    """Proof that this session was shown both faces: nobody accepts what they could not compare."""
    session = request.cookies.get(COOKIE, "")
    return hmac.digest(desk_of(request).csrf_key, f"seen:{check_id}:{session}".encode(), "sha256").hex()


async def confirm(request: web.Request) -> web.Response:
    """Asks once more, since the selfie is deleted afterwards."""
    if not request[ACCOUNT].officer:
        return sorry(request, 403, "error_403")
    verdict, seen = await _verdict(request)
    try:
        async with desk_of(request).deps.store.begin() as tx:
            check, _, citizen = await _own_check(request, tx)
    except Conflict:
        return sorry(request, 409, "conflict_decided")
    nik = mask_number(citizen.nik)
    return page(request, "confirm.html", check=check, verdict=verdict, seen=seen, name=citizen.name, nik=nik)


async def decide(request: web.Request) -> web.Response:
    """Carries the decision out; the citizen is told and the form goes on."""
    desk, account = desk_of(request), request[ACCOUNT]
    if not account.officer:
        return sorry(request, 403, "error_403")
    verdict, _ = await _verdict(request)
    try:
        async with desk.deps.store.begin() as tx:
            check, _, _ = await _own_check(request, tx)
        await identity.decide(desk.deps, check.id, verdict == "accept", account.username)
    except Conflict:
        return sorry(request, 409, "conflict_decided")
    return see("/staff/?done=decided")


async def _verdict(request: web.Request) -> tuple[str, str]:
    """``accept`` or ``reject``; to accept, both faces must have been shown.

    :raises aiohttp.web.HTTPBadRequest: neither.
    """
    form = await request.post()
    verdict, seen = str(form.get("verdict", "")), str(form.get("seen", ""))
    if verdict not in ("accept", "reject"):
        raise web.HTTPBadRequest
    shown = hmac.compare_digest(seen.encode(), _seen(request, id_of(request)).encode())
    if verdict == "accept" and not shown:
        raise web.HTTPBadRequest
    return verdict, seen
