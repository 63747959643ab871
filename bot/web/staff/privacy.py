"""The data officer's pages: requests of citizens and their clocks. The registers: :mod:`bot.web.staff.privacy_registers`,
:mod:`bot.web.staff.privacy_breaches`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.domain.data_rights import DataRequest, Kind, State
from bot.domain.staff import Right
from bot.errors import Conflict, NotFound
from bot.usecases import privacy_desk
from bot.usecases.privacy_desk import ChildFound
from bot.usecases.store import Tx
from bot.web.staff import privacy_breaches, privacy_registers
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, see, sentences
from bot.web.staff.masks import mask_name, mask_number
from bot.web.staff.privacy_parts import clock_words, officers_page
from bot.web.staff.rights import needs

_HERE = "/staff/privacy"


@dataclass(frozen=True)
class Line:
    """One request, ready to be shown."""

    id: UUID
    number: str
    kind: str
    time: str
    clock: str
    who: str
    asked: str
    state: str
    settled: str
    by: str
    channel: str
    words: str
    outcome: list[str]
    open: bool
    erases: bool


@dataclass(frozen=True)
class Child:
    """What was found under the NIK that the officer typed."""

    nik: str = ""
    said: str = ""
    known: bool = False
    ours: bool = False


@needs(Right.PRIVACY)
async def show(request: web.Request) -> web.Response:
    """Requests, those that wait first."""
    locus = request[ACCOUNT].locus
    async with desk_of(request).deps.store.begin() as tx:
        waiting = [await _line(request, tx, one) for one in await tx.data_requests(locus, settled=False)]
        settled = [await _line(request, tx, one) for one in await tx.data_requests(locus, settled=True)]
    notice = sentences(request)("privacy_done") if request.query.get("done") == "1" else ""
    return officers_page(request, "privacy.html", _HERE, waiting=waiting, settled=settled, notice=notice)


async def _line(request: web.Request, tx: Tx, one: DataRequest) -> Line:
    say, desk = sentences(request), desk_of(request)
    time = one.time(desk.deps.now())
    channel = ""
    if one.conversation_id is not None:
        here = await tx.conversation(one.conversation_id)
        channel = desk.deps.channel_name(here.account, language(request))
    return Line(
        id=one.id,
        number=one.number,
        kind=say(f"privacy_kind_{one.kind.value}"),
        time=time.value,
        clock=clock_words(request, time, one.due_at),
        who=await _who(request, tx, one),
        asked=local_time(request, one.asked_at),
        state=say(f"privacy_state_{one.state.value}"),
        settled=_at(request, one.settled_at),
        by=one.settled_by or "",
        channel=channel,
        words=one.words,
        outcome=_outcome(request, one),
        open=one.state is State.OPEN,
        erases=one.kind is Kind.ERASE,
    )


def _at(request: web.Request, at: datetime | None) -> str:
    return local_time(request, at) if at is not None else ""


async def _who(request: web.Request, tx: Tx, one: DataRequest) -> str:
    say = sentences(request)
    if one.citizen_id is None:
        return say("privacy_erased_person" if one.kind is Kind.ERASE and one.settled_at else "privacy_anonymous")
    citizen = await tx.citizen(one.citizen_id)
    return f"{mask_name(citizen.name)} ({mask_number(citizen.nik)})"


def _outcome(request: web.Request, one: DataRequest) -> list[str]:
    say, outcome = sentences(request), one.outcome
    lines = [
        say("privacy_outcome_row", table=name, rows=rows) for name, rows in sorted(outcome.get("tables", {}).items())
    ]
    return [*lines, *([say("privacy_outcome_stays", n=outcome["stays"])] if outcome.get("stays") else [])]


# -- one request ----------------------------------------------------------------------------------------------------------


@needs(Right.PRIVACY)
async def one(request: web.Request) -> web.Response:
    """A request, and what can be done about it."""
    return await _one(request)


async def _one(
    request: web.Request, status: int = 200, *, child: Child | None = None, problem: str = ""
) -> web.Response:
    async with desk_of(request).deps.store.begin() as tx:
        found = await tx.data_request(_id(request))
        if found.locus != request[ACCOUNT].locus or found.state is State.ASKED:
            raise NotFound("data request")
        line = await _line(request, tx, found)
        await audit_view(request, found.number, "person", tx, why="privacy")
    asked = child or (Child() if found.kind is Kind.CHILD else None)
    words = sentences(request)(problem) if problem else ""
    return officers_page(request, "privacy_request.html", _HERE, status, one=line, child=asked, problem=words)


def _id(request: web.Request) -> UUID:
    """:raises NotFound: no request could be called that."""
    try:
        return UUID(request.match_info["id"])
    except ValueError as error:
        raise NotFound("data request") from error


@needs(Right.PRIVACY)
async def settle(request: web.Request) -> web.Response:
    """Done, refused, or erased: each with an answer."""
    form, account, deps = await request.post(), request[ACCOUNT], desk_of(request).deps
    words, wanted = str(form.get("words", "")), str(form.get("do", "done"))
    if not words.strip():
        return await _one(request, 422, problem="privacy_answer_missing")
    try:
        if wanted == "erase":
            seen = form.get("seen") == "1"
            await privacy_desk.erase(deps, _id(request), account.locus, account.username, words, seen=seen)
        else:
            refused = wanted == "refused"
            await privacy_desk.settle(deps, _id(request), account.locus, account.username, words, refused=refused)
    except Conflict:
        return await _one(request, 409, problem="privacy_moved")
    return see(f"{_HERE}?done=1")


@needs(Right.PRIVACY)
async def child(request: web.Request) -> web.Response:
    """Who the child is; the NIK is sent as a form, so that it stands in no address."""
    nik = await _nik(request)
    found = await privacy_desk.find_child(desk_of(request).deps, _id(request), request[ACCOUNT].locus, nik)
    return await _one(request, child=_found(request, nik, found))


def _found(request: web.Request, nik: str, found: ChildFound) -> Child:
    say = sentences(request)
    if found.citizen is None:
        return Child(nik, say("privacy_child_none"))
    key = "privacy_child_card" if found.on_the_card else "privacy_child_papers"
    return Child(nik, say(key, name=mask_name(found.citizen.name)), True, found.on_the_card)


async def _nik(request: web.Request) -> str:
    typed = str((await request.post()).get("nik", ""))
    return "".join(letter for letter in typed if letter.isascii() and letter.isdigit())[:16]


@needs(Right.PRIVACY)
async def child_erase(request: web.Request) -> web.Response:
    """Erase what is stored of the child."""
    form, account, nik = await request.post(), request[ACCOUNT], await _nik(request)
    words, seen = str(form.get("words", "")), form.get("seen") == "1"
    if not words.strip():
        return await _one(request, 422, problem="privacy_answer_missing")
    deps, id_ = desk_of(request).deps, _id(request)
    try:
        await privacy_desk.erase_child(deps, id_, account.locus, account.username, nik, words, seen=seen)
    except Conflict as refused:
        guardian = str(refused) == "guardian"
        return await _one(request, 409, problem="privacy_child_refused" if guardian else "privacy_moved")
    return see(f"{_HERE}?done=1")


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    own: list[Any] = [
        web.get("/privacy", show),
        web.get("/privacy/requests/{id}", one),
        web.post("/privacy/requests/{id}/settle", settle),
        web.post("/privacy/requests/{id}/child", child),
        web.post("/privacy/requests/{id}/child-erase", child_erase),
    ]
    return [*own, *privacy_registers.routes(), *privacy_breaches.routes()]
