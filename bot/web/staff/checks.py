"""Borderline selfies: an officer compares with the register's pictures and decides, or two of them do.

A picture of a face has no address: it is inside a page that no cache keeps (see the headers in :mod:`bot.web.staff.app`).
"""

from __future__ import annotations

import base64
import hmac
import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.domain.conversation import Citizen, Conversation, IdentityCheck
from bot.domain.identity_desk import ACCEPTS, MOST_WORDS, REFUSES, OfficersVerdict, Stand, reason_fits, stand, turn_of
from bot.domain.picture_hash import same_picture
from bot.domain.staff import Right
from bot.errors import AgencyError, AgencyUnavailable, NotFound
from bot.storage.accounts import Account
from bot.usecases import identity_desk
from bot.usecases.identity_desk import Decider, DeskConflict
from bot.usecases.store import Tx
from bot.web.staff import times
from bot.web.staff.audit import audit_view
from bot.web.staff.auth import COOKIE
from bot.web.staff.desk import ACCOUNT, cookie, desk_of, language, local_time, page, see, sentences, sorry
from bot.web.staff.files import id_of
from bot.web.staff.masks import mask_number
from bot.web.staff.rights import needs

log = logging.getLogger(__name__)

_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}
_DONE = ("decided", "second", "differ", "back")


@dataclass(frozen=True)
class Row:
    """One selfie in the list. ``why_not``: the reader cannot decide it now, and why."""

    id: UUID
    name: str
    nik: str
    at: str
    waited: str
    service: str
    stand: str
    why_not: str
    late: bool


def decider(account: Account) -> Decider:
    """What this account may decide."""
    return Decider(account.username, account.can(Right.IDENTITY), account.can(Right.SUPERVISE))


@needs(Right.IDENTITY, Right.SUPERVISE)
async def pending(request: web.Request) -> web.Response:
    """Selfies that wait, the one that waits longest first; who is no officer sees those that two officers differ on."""
    account, say = request[ACCOUNT], sentences(request)
    desk = desk_of(request)
    now = desk.deps.now()
    async with desk.deps.store.begin() as tx:
        checks = await tx.pending_checks(account.locus)
        ids = [check.id for check in checks]
        said, held = await tx.verdicts(ids), await tx.holds(ids, now)
        rows = [await _row(request, tx, one, said.get(one.id, []), held.get(one.id, "")) for one in checks]
    rows = [row for row in rows if row is not None]
    done = request.query.get("done", "")
    return page(request, "checks.html", rows=rows, done=say(f"check_{done}") if done in _DONE else "")


async def _row(
    request: web.Request, tx: Tx, check: IdentityCheck, said: list[OfficersVerdict], holder: str
) -> Row | None:
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    by_two, who = desk.policy.by_two(account.locus), decider(account)
    stands = stand(said, by_two)
    if not who.officer and stands is not Stand.DIFFER:
        return None
    why = turn_of(said, by_two, who.username, officer=who.officer, supervisor=who.supervisor)
    why_not = say(f"check_not_{why}") if why else ""
    if not why and holder not in ("", account.username):
        why_not = say("check_not_held", name=(await desk.accounts.names(account.locus)).get(holder, holder))
    citizen = await tx.citizen(check.citizen_id)
    waited = desk.deps.now() - check.at
    return Row(
        check.id,
        citizen.name,
        mask_number(citizen.nik),
        local_time(request, check.at),
        times.how_long(waited, language(request)),
        await _service(request, tx, check),
        say(f"check_stand_{stands}") if stands in (Stand.SECOND, Stand.DIFFER) else "",
        why_not,
        waited > desk.deps.policy.check_limit / 2,
    )


async def _service(request: web.Request, tx: Tx, check: IdentityCheck) -> str:
    if check.case_id is None:
        return ""
    case = await tx.case(check.case_id)
    return desk_of(request).deps.service_name(case.service, language(request))


async def _own_check(request: web.Request, tx: Tx) -> tuple[IdentityCheck, Conversation, Citizen]:
    """:raises bot.errors.NotFound: no such check at this office."""
    check = await tx.check(id_of(request))
    conversation = await tx.conversation(check.conversation_id)
    if conversation.locus != request[ACCOUNT].locus or check.outcome != "officer":
        raise NotFound("identity check")
    return check, conversation, await tx.citizen(check.citizen_id)


async def _take_up(request: web.Request, tx: Tx, check: IdentityCheck) -> list[OfficersVerdict]:
    """:raises DeskConflict: not the reader's to decide now."""
    desk, account = desk_of(request), request[ACCOUNT]
    by_two = desk.policy.by_two(account.locus)
    return await identity_desk.take_up(desk.deps, tx, check.id, decider(account), by_two, desk.policy.hold)


async def _conflict(request: web.Request, conflict: DeskConflict) -> web.Response:
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    if conflict.why == "decided":
        return sorry(request, 409, "conflict_decided")
    names = await desk.accounts.names(account.locus) if conflict.holder else {}
    sentence = say(f"check_not_{conflict.why}", name=names.get(conflict.holder, conflict.holder))
    return page(request, "check_not.html", 409, sentence=sentence)


@needs(Right.IDENTITY, Right.SUPERVISE)
async def show(request: web.Request) -> web.Response:
    """Both faces side by side. The check is the reader's for some minutes; the register's pictures are fetched now and kept
    nowhere.
    """
    desk = desk_of(request)
    try:
        async with desk.deps.store.begin() as tx:
            check, conversation, citizen = await _own_check(request, tx)
            said = await _take_up(request, tx, check)
            selfie = await tx.blob(check.selfie_blob) if check.selfie_blob else None
            service = await _service(request, tx, check)
            before = await tx.perceptual_hashes(citizen.id)
            suspicions = await tx.suspicions(citizen.id)
            agency = (await tx.case(check.case_id)).agency if check.case_id else ""
            await audit_view(request, str(check.id), "selfie", tx)
    except DeskConflict as conflict:
        return await _conflict(request, conflict)
    enrolled, trouble = await _enrolled(request, conversation, agency, citizen.nik)
    if enrolled:
        await audit_view(request, str(check.id), "enrolled", pictures=len(enrolled))
    own = _image(selfie[1]) if selfie else ""
    say = sentences(request)
    return page(
        request,
        "check.html",
        **_facts(request, check, citizen, said),
        service=service,
        band=say("band_officer"),
        selfie=own,
        enrolled=enrolled,
        trouble=say(trouble) if trouble else "",
        repeated=_repeated(check, before),
        suspicions=say("suspicions", count=suspicions) if suspicions else "",
        seen=_seen(request, check.id) if own and enrolled else "",
    )


def _facts(request: web.Request, check: IdentityCheck, citizen: Citizen, said: list[OfficersVerdict]) -> dict[str, Any]:
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    stands = stand(said, desk.policy.by_two(account.locus))
    # Who looks second is to see with their own eyes: the first one's verdict is shown only where two have differed.
    return {
        "check": check,
        "name": citizen.name,
        "nik": mask_number(citizen.nik),
        "at": local_time(request, check.at),
        "stand": say(f"check_stand_{stands}") if stands in (Stand.SECOND, Stand.DIFFER) else "",
        "said": [
            (one.officer, say("is_same_yes" if one.accepted else "is_same_no"), say(f"why_{one.reason}"), one.words)
            for one in (said if stands is Stand.DIFFER else ())
        ],
        "minutes": int(desk.policy.hold.total_seconds() // 60),
    }


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
    session = cookie(request, COOKIE)
    return hmac.digest(desk_of(request).csrf_key, f"seen:{check_id}:{session}".encode(), "sha256").hex()


@needs(Right.IDENTITY, Right.SUPERVISE)
async def confirm(request: web.Request) -> web.Response:
    """Asks why, and once more, since the selfie is deleted afterwards."""
    verdict, seen = await _verdict(request)
    return await _confirm(request, verdict, seen)


async def _confirm(
    request: web.Request, verdict: str, seen: str, status: int = 200, problem: str = "", words: str = ""
) -> web.Response:
    say = sentences(request)
    try:
        async with desk_of(request).deps.store.begin() as tx:
            check, _, citizen = await _own_check(request, tx)
            await _take_up(request, tx, check)
    except DeskConflict as conflict:
        return await _conflict(request, conflict)
    return page(
        request,
        "confirm.html",
        status,
        check=check,
        verdict=verdict,
        seen=seen,
        name=citizen.name,
        nik=mask_number(citizen.nik),
        reasons=[(code, say(f"why_{code}")) for code in (ACCEPTS if verdict == "accept" else REFUSES)],
        by_two=desk_of(request).policy.by_two(request[ACCOUNT].locus),
        most=MOST_WORDS,
        problem=say(problem) if problem else "",
        words=words,
    )


@needs(Right.IDENTITY, Right.SUPERVISE)
async def decide(request: web.Request) -> web.Response:
    """The verdict; where it decides, the citizen is told and the form goes on."""
    desk, account = desk_of(request), request[ACCOUNT]
    verdict, seen = await _verdict(request)
    form = await request.post()
    reason, words, accepted = str(form.get("reason", "")), str(form.get("words", ""))[:MOST_WORDS], verdict == "accept"
    if not reason_fits(accepted, reason, words):
        return await _confirm(request, verdict, seen, 422, "why_missing", words)
    by_two = desk.policy.by_two(account.locus)
    try:
        async with desk.deps.store.begin() as tx:
            check, _, _ = await _own_check(request, tx)
        stands = await identity_desk.give_verdict(
            desk.deps, check.id, decider(account), accepted, reason, words, by_two, desk.policy.hold
        )
    except DeskConflict as conflict:
        return await _conflict(request, conflict)
    return see(f"/staff/checks?done={'decided' if stands.over else stands}")


@needs(Right.IDENTITY, Right.SUPERVISE)
async def give_back(request: web.Request) -> web.Response:
    """Not decided: a colleague may look at once."""
    async with desk_of(request).deps.store.begin() as tx:
        check, _, _ = await _own_check(request, tx)
        await tx.let_go_of_check(check.id, request[ACCOUNT].username)
    return see("/staff/checks?done=back")


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


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/checks", pending),
        web.get("/checks/{id}", show),
        web.post("/checks/{id}/confirm", confirm),
        web.post("/checks/{id}/decide", decide),
        web.post("/checks/{id}/back", give_back),
    ]
