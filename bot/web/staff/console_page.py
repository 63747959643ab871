"""The console's page: the list, the thread, the person and case; and its parts for htmx."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.domain.conversation import Conversation, ThreadEntry
from bot.domain.handoff import Agent, Summary, Ticket, TicketState, Waits
from bot.domain.staff import Right
from bot.errors import NotFound
from bot.usecases import handoff_summary
from bot.usecases.console import RESOLVED_FOR, View, count, listed
from bot.usecases.console_notes import LONGEST_NOTE
from bot.usecases.deps import Deps
from bot.usecases.handoff_outside import desks_of
from bot.usecases.store import Tx
from bot.usecases.store_notes import Entry
from bot.web.staff import console_case, console_rows, console_search, times
from bot.web.staff.audit import audit_view
from bot.web.staff.console_parts import PARTS, ConsoleParts, Window, window_of
from bot.web.staff.console_templates import Picked, pickable
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, sentences
from bot.web.staff.files import id_of
from bot.web.staff.masks import mask_name, mask_text
from bot.web.staff.thread import Reader, Said, reasons, together

LINES = 80
"""Newest lines of a thread on a page; earlier ones come a page at a time."""
LONGEST = 3500
"""Characters of one answer: Telegram takes 4096, and the channel may add to it."""
FIRST = 2**62
PANES = ("list", "talk", "case")


@dataclass(frozen=True)
class Filter:
    """Which list is looked at."""

    view: View
    label: str = ""
    query: str = ""
    limit: int = console_rows.SHOWN

    @property
    def path(self) -> str:
        """As the query of an address."""
        extra = f"&label={self.label}" if self.label else ""
        return f"view={self.view.value}{extra}"


def filter_of(request: web.Request) -> Filter:
    """From the address; nonsense is the reader's own list."""
    asked = request.query.get("view", "")
    view = View(asked) if asked in set(View) else None
    label = "".join(c for c in request.query.get("label", "") if c.isalnum() or c == "-")[:30]
    limit = request.query.get("limit", "")
    most = min(int(limit), 2000) if limit.isascii() and limit.isdigit() and len(limit) < 6 else console_rows.SHOWN
    usual = View.MINE if "id" in request.match_info else View.UNASSIGNED
    return Filter(view or usual, label, request.query.get("q", "").strip()[:100], most)


async def agent_of(request: web.Request, tx: Tx) -> Agent:
    """The reader as one who acts."""
    account = request[ACCOUNT]
    here = await tx.presence_of(account.username, account.locus)
    roles = account.roles | ({"supervisor"} if account.can(Right.SUPERVISE) else set())
    if here is None:
        return Agent(account.username, account.name, account.locus, frozenset(roles))
    return Agent(
        username=account.username,
        name=account.name,
        locus=account.locus,
        roles=frozenset(roles),
        skills=frozenset(here.skills),
        languages=frozenset(here.languages),
        capacity=here.capacity,
    )


async def own_ticket(request: web.Request, tx: Tx, ticket_id: UUID | None = None) -> Ticket:
    """The ticket in the address.

    :raises bot.errors.NotFound: there is none at this office.
    """
    ticket = await tx.ticket(ticket_id or id_of(request))
    if ticket.locus != request[ACCOUNT].locus:
        raise NotFound("ticket")
    return ticket


def uuid_of(text: str) -> UUID:
    """An id that was sent.

    :raises bot.errors.NotFound: it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("no such id") from error


# -- the list -------------------------------------------------------------------------------------------------------------


async def list_values(request: web.Request, wanted: Filter, names: Mapping[str, str]) -> dict[str, Any]:
    """What ``_list.html`` shows."""
    desk, account = desk_of(request), request[ACCOUNT]
    now = desk.deps.now()
    async with desk.deps.store.begin() as tx:
        entries = await tx.board(account.locus, now - RESOLVED_FOR, now)
        labels = await tx.known_labels(account.locus)
        found = await console_search.found(request, tx, wanted.query) if wanted.query else None
    shown = found if found is not None else listed(entries, wanted.view, account.username, now, wanted.label)
    rows = console_rows.rows_of(request, names)
    return {
        "wanted": wanted,
        "views": list(View),
        "counts": count(entries, now).of(account.username),
        "rows": [rows.row(entry, wanted.view) for entry in shown[: wanted.limit]],
        "total": len(shown),
        "labels_in_use": labels,
        "supervisor_here": account.can(Right.SUPERVISE),
        "rev": revision(shown),
        "now": int(now.timestamp()),
    }


def revision(entries: Sequence[Entry]) -> str:
    """Differs when the list does: a page that was made before its stream began may be behind."""
    parts = ((str(e.ticket.id), e.last.seq if e.last else 0, e.ticket.lease_no, e.ticket.waiting_for) for e in entries)
    return hashlib.blake2b(repr(list(parts)).encode(), digest_size=6).hexdigest()


# -- the thread and the case ----------------------------------------------------------------------------------------------


def reader_of(request: web.Request) -> Reader:
    """How the reader sees a thread."""
    reason = reasons(desk_of(request).deps.texts, language(request))
    return Reader(sentences(request), lambda at: local_time(request, at), mask_text, reason)


async def lines_before(
    request: web.Request, tx: Tx, ticket: Ticket, before: int, names: Mapping[str, str]
) -> tuple[list[Said], int]:
    """(up to :data:`LINES` lines before a place, with the notes of that time; the first one's place if there are earlier ones, else 0)."""
    entries = await tx.thread_before(ticket.conversation_id, before, LINES + 1, ticket.closed_at)
    more, entries = len(entries) > LINES, entries[-LINES:]
    deliveries = await tx.deliveries(ticket.conversation_id, [entry.seq for entry in entries])
    reader = reader_of(request)
    notes = await tx.notes(ticket.conversation_id)
    since = entries[0].at if more else None
    until = None if before == FIRST else (await _at(tx, ticket, before))
    written = [n for n in notes if (since is None or n.at >= since) and (until is None or n.at < until)]
    lines = together([reader.line(e, deliveries.get(e.seq)) for e in entries], [reader.note(n, names) for n in written])
    return lines, entries[0].seq if more else 0


async def _at(tx: Tx, ticket: Ticket, seq: int) -> datetime | None:
    found: list[ThreadEntry] = await tx.thread(ticket.conversation_id, seq - 1, 1)
    return found[0].at if found else None


async def pane_values(
    request: web.Request, ticket_id: UUID, names: Mapping[str, str], problem: str = "", draft: str = "", note: str = ""
) -> dict[str, Any]:
    """What ``_pane.html`` shows; a ``problem`` is told beside the box, and what was typed stays in it."""
    desk = desk_of(request)
    before = request.query.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else FIRST
    async with desk.deps.store.begin() as tx:
        ticket = await own_ticket(request, tx, ticket_id)
        conversation = await tx.conversation(ticket.conversation_id)
        lines, earlier = await lines_before(request, tx, ticket, place, names)
        case = await console_case.values(request, tx, ticket, conversation)
        passed = await tx.exchanges(ticket.conversation_id) if ticket.closed_at is None else []
        last = await tx.last_seq(ticket.conversation_id)
        head = await head_in_full(request, tx, ticket, names, conversation)
        templates = await pickable(desk.deps, tx, desk_parts(request), ticket, conversation)
        seqs = [line.seq for line in lines if line.seq]
        detail = {"first": seqs[0] if seqs else 0, "last": seqs[-1] if seqs else 0, "person": True, "form": True}
        await audit_view(request, ticket.number, "thread", tx, **detail)
    reader, summary = reader_of(request), Summary.from_json(ticket.summary)
    return {
        **case,
        **head,
        **composer_values(request, ticket, conversation, templates, problem, draft, note),
        "lines": lines,
        "earlier": earlier,
        "last": last,
        "summary": handoff_summary.lines(desk.deps, summary, language(request)),
        "last_words": [mask_text(words) for words in summary.last_words],
        "passed": [reader.exchange(one) for one in passed],
    }


def desk_parts(request: web.Request) -> ConsoleParts:
    """The console's parts."""
    return request.config_dict[PARTS]


def standing(request: web.Request, ticket: Ticket) -> str:
    """The ticket as an open page sees it: ``mine``, ``held`` (by a colleague), ``queued``, ``asleep``, ``outside``, ``closed``."""
    now = desk_of(request).deps.now()
    if ticket.state == TicketState.CLOSED:
        return "closed"
    if ticket.desk is not None:
        return "outside"
    if ticket.state == TicketState.CLAIMED:
        return "mine" if ticket.agent == request[ACCOUNT].username else "held"
    return "asleep" if ticket.snoozed(now) else "queued"


async def head_in_full(
    request: web.Request, tx: Tx, ticket: Ticket, names: Mapping[str, str], known: Conversation | None = None
) -> dict[str, Any]:
    """What ``_head.html`` shows."""
    deps, tongue = desk_of(request).deps, language(request)
    conversation = known or await tx.conversation(ticket.conversation_id)
    citizen = await tx.citizen(conversation.citizen_id) if conversation.citizen_id else None
    return {
        **head_values(request, ticket, names),
        "name": mask_name(citizen.name) if citizen else "",
        "channel": deps.channel_name(conversation.account, tongue),
        "colleagues": sorted((n, u) for u, n in names.items() if u != request[ACCOUNT].username),
        "teams": [(team.id, team.called(tongue)) for team in deps.locus(conversation).teams],
        "desks": [(one.id, one.name) for one in desks_of(deps, deps.locus(conversation))],
    }


def head_values(request: web.Request, ticket: Ticket, names: Mapping[str, str]) -> dict[str, Any]:
    """What is said of the ticket as it stands now."""
    say, stands = sentences(request), standing(request, ticket)
    name = names.get(ticket.agent or "", ticket.agent or "")
    at = {
        "mine": ticket.claimed_at,
        "held": ticket.claimed_at,
        "queued": ticket.created_at,
        "asleep": ticket.snoozed_until,
        "outside": ticket.created_at,
        "closed": ticket.closed_at,
    }[stands] or ticket.created_at
    outside = console_rows.desk_name(desk_of(request).deps, ticket.desk or "")
    state = say(f"stands_{stands}", name=name, time=local_time(request, at), desk=outside)
    meant = names.get(ticket.assigned, ticket.assigned) if ticket.assigned and stands == "queued" else ""
    return {
        "ticket": ticket,
        "stands": stands,
        "state": state,
        "meant": meant,
        "holder": name,
        "why": console_rows.why(say, ticket),
        "urgent": console_rows.urgency(say, ticket),
        "their_turn": ticket.waiting_for == Waits.CITIZEN and stands in ("mine", "held", "outside"),
        "presets": presets(request),
        "supervisor": request[ACCOUNT].can(Right.SUPERVISE),
        "wanted": filter_of(request),
    }


def presets(request: web.Request) -> list[tuple[str, str]]:
    """(name, words) of the usual times to lay something aside."""
    say = sentences(request)
    return [(key, f"{say(f'snooze_{key}')} · {local_time(request, at)}") for key, at in snooze_times(request).items()]


def snooze_times(request: web.Request) -> dict[str, datetime]:
    """Preset -> until when: in office hours of the next morning where it is days."""
    desk = desk_of(request)
    now = desk.deps.now()
    here = now.astimezone(desk.zone(request[ACCOUNT].locus))
    morning = here.replace(hour=8, minute=0, second=0, microsecond=0)
    tomorrow = _workday(desk.deps, morning + timedelta(days=1))
    monday = _workday(desk.deps, morning + timedelta(days=7 - here.weekday()))
    return {
        "hour": now + timedelta(hours=1),
        "hours": now + timedelta(hours=3),
        "tomorrow": tomorrow.astimezone(now.tzinfo),
        "week": monday.astimezone(now.tzinfo),
    }


def _workday(deps: Deps, at: datetime) -> datetime:
    while at.weekday() > 4 or deps.holiday(at.date()):
        at += timedelta(days=1)
    return at


def composer_values(
    request: web.Request,
    ticket: Ticket,
    conversation: Conversation,
    templates: Sequence[Picked],
    problem: str = "",
    draft: str = "",
    note: str = "",
) -> dict[str, Any]:
    """What ``_composer.html`` shows: a new key for each form shown."""
    desk = desk_of(request)
    window = window_of(desk_parts(request), conversation, ticket.last_citizen_at, desk.deps.now())
    return {
        "problem": problem,
        "draft": draft,
        "note_draft": note,
        "key": secrets.token_urlsafe(18),
        "longest": LONGEST,
        "longest_note": LONGEST_NOTE,
        "window": window,
        "window_left": _left(request, window),
        "templates": [(one.serves, one.text) for one in templates],
        "files": desk_parts(request).media is not None,
        "takes_files": _channel_takes_files(request, conversation),
    }


def _left(request: web.Request, window: Window | None) -> tuple[str, str]:
    if window is None or window.until is None:
        return "", ""
    now = desk_of(request).deps.now()
    return local_time(request, window.until), times.how_long(window.until - now, language(request))


def _channel_takes_files(request: web.Request, conversation: Conversation) -> bool:
    manifest = desk_parts(request).manifest(conversation.account)
    return manifest is None or manifest.attachments


async def show_page(
    request: web.Request, values: Mapping[str, Any], status: int = 200, pane: str = "talk"
) -> web.Response:
    """The whole console, with the list beside."""
    names = await desk_of(request).accounts.names(request[ACCOUNT].locus)
    wanted = filter_of(request)
    shown = request.query.get("pane", pane)
    everything = {**values, **await list_values(request, wanted, names), "pane": shown if shown in PANES else pane}
    everything["drafts_key"] = _drafts_key(request)
    return page(request, "console.html", status, **everything)


def _drafts_key(request: web.Request) -> str:
    """What the browser seals unsent words with: the same for all sessions of an account, and in no other hands."""
    secret = desk_of(request).csrf_key
    return base64.b64encode(hmac.digest(secret, f"drafts {request[ACCOUNT].username}".encode(), "sha256")).decode()
