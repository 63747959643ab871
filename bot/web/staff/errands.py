"""The desk of what could not be done at an agency, and of alarms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from bot.domain.alarms import AlarmRow
from bot.domain.conversation import Case
from bot.domain.staff import Right
from bot.errors import Conflict, InvalidMessage, NotFound
from bot.usecases import errand_desk
from bot.usecases.deps import Deps
from bot.usecases.handoff_outside_away import PREFIX
from bot.usecases.life import agency_name
from bot.usecases.store import Tx
from bot.usecases.store_agencies import Errand
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, see, sentences, sorry
from bot.web.staff.masks import mask_text
from bot.web.staff.rights import everybody

_VERB = re.compile(r"[a-z][a-z0-9-]{0,60}")
_MAY = (Right.ANSWER, Right.OPERATE)
_DONE = ("errand_retried", "errand_settled", "alarm_handled")
_PROBLEMS: Mapping[str, str] = {"errands.number": "errand_number_bad", "errands.number_taken": "errand_number_taken"}


@dataclass(frozen=True)
class Held:
    """One failed errand, ready to be shown."""

    case_id: UUID
    verb: str
    reference: str
    service: str
    what: str
    agency: str
    why: str
    tried: str
    reason: str
    asks_number: bool


@dataclass(frozen=True)
class Warned:
    """One alarm, ready to be shown."""

    id: int
    what: str
    count: str
    case_id: UUID | None
    reference: str


def may(request: web.Request) -> bool:
    """Whether the reader works at this desk."""
    return any(request[ACCOUNT].can(right) for right in _MAY)


@everybody
async def show(request: web.Request) -> web.Response:
    """Everything that is held up at this office."""
    return await _page(request) if may(request) else sorry(request, 404, "error_404")


async def _page(request: web.Request, status: int = 200, problem: str = "") -> web.Response:
    desk, say = desk_of(request), sentences(request)
    locus, done = request[ACCOUNT].locus, request.query.get("done", "")
    async with desk.deps.store.begin() as tx:
        held = [await _held(request, tx, one) for one in await tx.failed_errands(locus)]
        warned = [await _warned(request, tx, one) for one in await tx.alarms(locus)]
    notice = say(done) if done in _DONE and not problem else ""
    return page(request, "errands.html", status, held=held, warned=warned, problem=problem, notice=notice)


async def _held(request: web.Request, tx: Tx, errand: Errand) -> Held:
    deps, say = desk_of(request).deps, sentences(request)
    case = await tx.case(errand.case_id)
    since = local_time(request, errand.retried_at or errand.created_at)
    return Held(
        case.id,
        errand.verb,
        case.reference or "",
        deps.service_name(case.service, language(request)),
        verb_words(request, errand.verb),
        agency_name(deps, case, language(request)),
        code_words(request, errand.error_code or ""),
        say("errand_attempts", count=errand.attempts, since=since),
        mask_text(errand.reason),
        errand_desk.asks_number(case, errand.verb),
    )


async def _warned(request: web.Request, tx: Tx, alarm: AlarmRow) -> Warned:
    deps, say = desk_of(request).deps, sentences(request)
    case = await tx.case(alarm.case_id) if alarm.case_id is not None else None
    name = agency_name(deps, case, language(request)) if case is not None else _agency(deps, alarm.agency)
    count = say("alarm_count", count=alarm.count, last=local_time(request, alarm.last_at))
    return Warned(alarm.id, say(f"alarm_{alarm.kind}", agency=name), count, alarm.case_id, _reference(case))


def _reference(case: Case | None) -> str:
    return (case.reference or "") if case is not None else ""


def _agency(deps: Deps, integration: str) -> str:
    manifest = getattr(deps.agencies.get(integration), "manifest", None)
    return str(manifest.name) if manifest is not None else integration.removeprefix(PREFIX).capitalize()


def verb_words(request: web.Request, verb: str) -> str:
    """What an errand is about, with its round."""
    say, (head, _, number) = sentences(request), verb.partition("-")
    known = head in ("submit", "repair", "cancel", "expire", "document")
    words = say(f"errand_{head}") if known else f"{say('errand_other')} ({head})"
    return f"{words} ({number})" if number and known else words


def code_words(request: web.Request, code: str) -> str:
    """Why an errand failed."""
    known = code in ("agency_refused", "agency_unavailable", "unexpected", "no_agency_number")
    return sentences(request)(f"code_{code}" if known else "code_other")


# -- acting ----------------------------------------------------------------------------------------------------------


@everybody
async def retry(request: web.Request) -> web.Response:
    """Try again."""
    if not may(request):
        return sorry(request, 404, "error_404")
    account = request[ACCOUNT]
    try:
        await errand_desk.retry(desk_of(request).deps, *_errand(request), account.username, account.locus)
    except Conflict:
        return await _page(request, 409, sentences(request)("errand_moved"))
    return see("/staff/errands?done=errand_retried")


@everybody
async def by_hand(request: web.Request) -> web.Response:
    """It was done at the agency's own counter."""
    if not may(request):
        return sorry(request, 404, "error_404")
    account, say = request[ACCOUNT], sentences(request)
    number = str((await request.post()).get("agency_ref", ""))
    case_id, verb = _errand(request)
    try:
        await errand_desk.by_hand(desk_of(request).deps, case_id, verb, number, account.username, account.locus)
    except Conflict:
        return await _page(request, 409, say("errand_moved"))
    except InvalidMessage as problem:
        return await _page(request, 422, say(_PROBLEMS[problem.text_key]))
    return see("/staff/errands?done=errand_settled")


@everybody
async def handled(request: web.Request) -> web.Response:
    """An alarm was seen to."""
    if not may(request):
        return sorry(request, 404, "error_404")
    account, raw = request[ACCOUNT], request.match_info["id"]
    if not (raw.isascii() and raw.isdigit() and len(raw) < 18):
        raise NotFound("alarm")
    await errand_desk.handled(desk_of(request).deps, int(raw), account.username, account.locus)
    return see("/staff/errands?done=alarm_handled")


def _errand(request: web.Request) -> tuple[UUID, str]:
    """:raises NotFound: no errand could be called that."""
    verb = request.match_info["verb"]
    try:
        case_id = UUID(request.match_info["case"])
    except ValueError as error:
        raise NotFound("errand") from error
    if not _VERB.fullmatch(verb):
        raise NotFound("errand")
    return case_id, verb


def routes() -> list[web.RouteDef]:
    """The desk."""
    return [
        web.get("/errands", show),
        web.post("/errands/{case}/{verb}/retry", retry),
        web.post("/errands/{case}/{verb}/by-hand", by_hand),
        web.post("/alarms/{id}/handled", handled),
    ]
