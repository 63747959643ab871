"""One case as a timeline: from the citizen's message to the notice they got. Agents see it masked, auditors in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.domain.figures import EVERYWHERE
from bot.domain.staff import Right
from bot.errors import NotFound
from bot.usecases.life import agency_name, promised_day
from bot.usecases.submit import spoken_date
from bot.usecases.timeline import Entry, timeline
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, sentences, sorry
from bot.web.staff.errands import code_words, verb_words
from bot.web.staff.files import id_of
from bot.web.staff.masks import mask_text
from bot.web.staff.rights import everybody

_AGENTS_SEE = frozenset({"message", "state", "errand", "notice"})
"""Kinds of entries that help at a counter; exchanges and the audit log are the auditor's."""


@dataclass(frozen=True)
class Line:
    """One entry, ready to be shown."""

    kind: str
    head: str
    at: str
    what: str
    outcome: str
    note: str
    detail: Sequence[tuple[str, str]]


@everybody
async def show(request: web.Request) -> web.Response:
    """The case's page; looking is recorded."""
    desk, account, tongue = desk_of(request), request[ACCOUNT], language(request)
    full = account.can(Right.AUDIT)
    if not (full or account.can(Right.ANSWER) or account.can(Right.OPERATE) or account.can(Right.FIGURES)):
        return sorry(request, 404, "error_404")
    async with desk.deps.store.begin() as tx:
        case = await tx.case(id_of(request))
        if account.locus not in (EVERYWHERE, case.locus):
            raise NotFound("application")
        home = await tx.conversation(case.conversation_id)
        entries = await timeline(desk.deps, tx, case)
        await tx.audit(account.username, "case.viewed", str(case.id), {"full": full}, desk.deps.now())
    day = promised_day(desk.deps, home, case)
    return page(
        request,
        "case.html",
        case=case,
        name=desk.deps.service_name(case.service, tongue),
        state=_state(request, case.state),
        promised=spoken_date(day, tongue) if day is not None else "",
        agency=agency_name(desk.deps, case, tongue),
        agency_ref=case.agency_ref or "",
        lines=[_line(request, entry, full) for entry in entries if full or entry.kind in _AGENTS_SEE],
        full=full,
    )


def _line(request: web.Request, entry: Entry, full: bool) -> Line:
    say = sentences(request)
    what, outcome = _WORDS.get(entry.kind, _plain)(request, entry, full)
    detail = [(name, str(value)) for name, value in entry.detail.items() if value is not None] if full else []
    note = entry.note if full else mask_text(entry.note)
    return Line(entry.kind, say(f"entry_{entry.kind}"), local_time(request, entry.at), what, outcome, note, detail)


def _of_state(request: web.Request, entry: Entry, full: bool) -> tuple[str, str]:
    event = str(entry.detail.get("key", "")).replace(":", "-").partition("-")[0]
    return (sentences(request)(f"event_{event}") if event in _EVENTS else _state(request, entry.what)), ""


def _of_message(request: web.Request, entry: Entry, full: bool) -> tuple[str, str]:
    return sentences(request)("entry_begun"), ""


def _of_errand(request: web.Request, entry: Entry, full: bool) -> tuple[str, str]:
    if entry.outcome == "failed":
        return verb_words(request, entry.what), code_words(request, str(entry.detail.get("code", "")))
    return verb_words(request, entry.what), _outcome(request, entry.outcome)


def _of_call(request: web.Request, entry: Entry, full: bool) -> tuple[str, str]:
    return entry.what, _outcome(request, entry.outcome)


def _of_notice(request: web.Request, entry: Entry, full: bool) -> tuple[str, str]:
    say, deps = sentences(request), desk_of(request).deps
    channel = deps.channel_name(str(entry.detail["channel"]), language(request)) + (f" ({entry.what})" if full else "")
    return channel, say("entry_fetched") if entry.outcome == "fetched" else _outcome(request, entry.outcome)


def _plain(request: web.Request, entry: Entry, full: bool) -> tuple[str, str]:
    return entry.what, entry.outcome


_EVENTS = frozenset({"terlambat", "ingat", "diserahkan", "diperbaiki"})
"""Beginnings of keys of events that are more than their state."""
_OUTCOMES = frozenset(
    {
        "due",
        "done",
        "ok",
        "taken",
        "repeat",
        "late",
        "created",
        "sending",
        "sent",
        "delivered",
        "read",
        "failed",
        "dropped",
    }
)
_WORDS: Mapping[str, Callable[[web.Request, Entry, bool], tuple[str, str]]] = {
    "state": _of_state,
    "message": _of_message,
    "errand": _of_errand,
    "call": _of_call,
    "notice": _of_notice,
}


def _outcome(request: web.Request, outcome: str) -> str:
    """In words; an error's code as it is."""
    return sentences(request)(f"outcome_{outcome}") if outcome in _OUTCOMES else outcome


def _state(request: web.Request, state: str) -> str:
    """The state as its citizen reads it."""
    texts = desk_of(request).deps.texts
    return texts.say(f"state.{state}", language(request)) if texts.has(f"state.{state}") else state


def routes() -> list[web.RouteDef]:
    """The page."""
    return [web.get("/cases/{id}", show)]
