"""Agencies push changes of state here; verified, then taken in one transaction. Nothing that comes here ends in a 5xx but our own
database being away.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from time import monotonic

from aiohttp import web

from bot import tracing
from bot.domain.alarms import Alarm
from bot.errors import AgencyError, NotFound
from bot.ports import Agency, AgencyStatus
from bot.usecases.deps import Deps
from bot.usecases.track import apply_status
from bot.web.metrics import CALLBACKS
from bot.web.public.gateway import GATEWAY

log = logging.getLogger(__name__)
routes = web.RouteTableDef()

_WRITE_EVERY_S = 20.0
"""A flood of forged pushes is one alarm that counts, not a flood of writes."""


class _Forged:
    """Forged pushes of this process that no alarm counts yet."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._written: dict[str, float] = {}

    def one_more(self, agency: str) -> int:
        """How many to write down now; 0: later."""
        self._counts[agency] = self._counts.get(agency, 0) + 1
        now = monotonic()
        if now - self._written.get(agency, float("-inf")) < _WRITE_EVERY_S:
            return 0
        self._written[agency] = now
        return self._counts.pop(agency)


_FORGED = web.AppKey("forged", _Forged)


@routes.post("/callbacks/{agency}")
async def callback(request: web.Request) -> web.Response:
    """200 taken, known already, or too late to change anything; 403 not signed by the agency; 404 no such case yet: push again;
    422 signed, but not to be read, or about somebody else's case: an operator hears of it.
    """
    deps, name = request.app[GATEWAY].deps, request.match_info["agency"]
    agency = deps.agencies.get(name)
    if agency is None:
        raise NotFound("agency")
    body = await request.read()
    if not _signed(name, agency, body, request.headers, deps):
        await _forged(request, name)
        return _answer(name, 403, "signature")
    try:
        status = _parsed(name, agency, body)
    except AgencyError:
        await _alarm(deps, name, Alarm.UNREADABLE, "push")
        return _answer(name, 422, "unreadable")
    try:
        known = await _applied(deps, name, status, request.headers.get(tracing.HEADER))
    except AgencyError as problem:
        log.warning("a push cannot be meant", extra={"agency": name, "reason": str(problem)})
        await _alarm(deps, name, Alarm.FOREIGN, "push")
        return _answer(name, 422, "unacceptable")
    return _answer(name, 200, "ok") if known else _answer(name, 404, "unknown_case")


async def _applied(deps: Deps, name: str, status: AgencyStatus, trace: str | None) -> bool:
    """``trace``: of the agency, which signed the push. With none the request's own trace goes on, and is linked to that of the errand."""
    request = tracing.carry()
    with tracing.span("take push", after=trace, agency=name, state=status.state):
        if trace is not None:
            tracing.link(request)
        return await apply_status(deps, name, status)


def _answer(agency: str, status: int, code: str) -> web.Response:
    CALLBACKS.labels(agency, code).inc()
    return web.json_response({"status": code} if status == 200 else {"error": {"code": code}}, status=status)


def _signed(name: str, agency: Agency, body: bytes, headers: Mapping[str, str], deps: Deps) -> bool:
    try:
        return agency.verify_callback(body, headers, deps.now())
    except Exception:
        log.exception("a signature could not be checked", extra={"agency": name})
        return False


def _parsed(name: str, agency: Agency, body: bytes) -> AgencyStatus:
    """:raises AgencyError: it cannot be read, whatever the adapter says of it."""
    try:
        return agency.parse_callback(body)
    except AgencyError:
        log.warning("a push cannot be read", extra={"agency": name, "bytes": len(body)})
        raise
    except Exception as error:
        log.exception("a push broke its adapter", extra={"agency": name, "bytes": len(body)})
        raise AgencyError("a push broke its adapter") from error


async def _forged(request: web.Request, name: str) -> None:
    log.warning("a push is not signed by the agency", extra={"agency": name})
    count = request.app[_FORGED].one_more(name)
    if count:
        await _alarm(request.app[GATEWAY].deps, name, Alarm.FORGED, "push", count)


async def _alarm(deps: Deps, agency: str, kind: Alarm, code: str, count: int = 1) -> None:
    async with deps.store.begin() as tx:
        await tx.put_alarm(kind, agency, deps.now(), code=code, count=count)


def set_up(app: web.Application) -> None:
    """What the handlers remember."""
    app[_FORGED] = _Forged()
