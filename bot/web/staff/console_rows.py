"""The list of the console: its rows as templates show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiohttp import web

from bot.domain.handoff import Priority, Ticket, TicketState
from bot.storage.accounts import Account
from bot.usecases.console import View, order, waiting_since
from bot.usecases.deps import Deps
from bot.usecases.handoff_request import UNSURE
from bot.usecases.store_notes import Entry, LastLine
from bot.web.staff import strings, times
from bot.web.staff.desk import ACCOUNT, desk_of, language
from bot.web.staff.masks import mask_name, mask_text
from bot.web.staff.strings import Say

SHOWN = 60
"""Rows on a page; more come on request."""
LONGEST_LINE = 120


@dataclass(frozen=True)
class Row:
    """One ticket in the list."""

    id: UUID
    number: str
    sort: str
    name: str
    """Masked; empty: nobody proven."""
    channel: str
    tongue: str
    topic: str
    reason: str
    urgent: str
    """Why it comes first, in words; empty: it does not."""
    since: int
    """Seconds since 1970 from when somebody waits."""
    waited: str
    whose: str
    """``agent``, ``citizen``, ``closed`` or ``asleep``: who is to act."""
    until: str
    """When a sleeping one wakes."""
    holder: str
    mine: bool
    line: str
    who: str
    """Who said the last line: ``citizen``, ``bot``, ``agent`` or nothing."""
    labels: tuple[str, ...]
    rating: int | None


@dataclass(frozen=True)
class Rows:
    """Makes rows for one reader. ``names``: of colleagues."""

    deps: Deps
    account: Account
    language: str
    names: Mapping[str, str]
    clock: times.Clock

    def row(self, entry: Entry, view: View) -> Row:
        """One row."""
        ticket, say, now = entry.ticket, strings.say_in(self.language), self.deps.now()
        since = waiting_since(ticket)
        holder = ticket.agent if ticket.state == TicketState.CLAIMED else ticket.assigned
        return Row(
            id=ticket.id,
            number=ticket.number,
            sort=order(ticket, view),
            name=mask_name(entry.name) if entry.name else "",
            channel=self.deps.channel_name(entry.account, self.language),
            tongue=entry.language,
            topic=self.deps.service_name(entry.topic, self.language) if entry.topic else "",
            reason=why(say, ticket),
            urgent=urgency(say, ticket),
            since=int(since.timestamp()),
            waited=times.how_long(now - since, self.language),
            whose=_whose(ticket, now),
            until=self.clock(ticket.snoozed_until) if ticket.snoozed_until else "",
            holder=self._holder(ticket, holder),
            mine=holder == self.account.username and ticket.state != TicketState.CLOSED,
            line=last_line(say, entry.last),
            who=entry.last.sender if entry.last else "",
            labels=entry.labels,
            rating=ticket.rating,
        )

    def _holder(self, ticket: Ticket, holder: str | None) -> str:
        """Who else has it: a colleague, an outside desk; empty: nobody, or the reader."""
        if ticket.desk is not None:
            return desk_name(self.deps, ticket.desk)
        return "" if holder is None or holder == self.account.username else self.names.get(holder, holder)


def desk_name(deps: Deps, desk: str) -> str:
    """What people call an outside desk."""
    known = deps.desks.get(desk)
    return known.name if known is not None else desk


def rows_of(request: web.Request, names: Mapping[str, str]) -> Rows:
    """For the reader of a page."""
    desk, account = desk_of(request), request[ACCOUNT]
    zone, tongue = desk.zone(account.locus), language(request)

    def clock(at: datetime) -> str:
        return times.clock_time(at.astimezone(zone), desk.deps.now().astimezone(zone), tongue)

    return Rows(desk.deps, account, tongue, names, clock)


def why(say: Say, ticket: Ticket) -> str:
    """Why a person was asked for."""
    if ticket.reason == UNSURE:
        return say("trigger_unsure")
    return say(f"trigger_{ticket.trigger}") if strings.known(f"trigger_{ticket.trigger}") else say("trigger_asked")


def urgency(say: Say, ticket: Ticket) -> str:
    """Why it comes first."""
    if ticket.priority == Priority.NORMAL:
        return ""
    key = f"urgent_{ticket.vulnerable or Priority(ticket.priority).name.lower()}"
    return say(key if strings.known(key) else "urgent_vulnerable")


def last_line(say: Say, last: LastLine | None) -> str:
    """What was said last, in one line."""
    if last is None:
        return ""
    body = last.body
    words = str(body.get("text") or body.get("title") or body.get("caption") or "")
    if not words and (body.get("file") or body.get("attachments")):
        return say("line_file")
    flat = " ".join(mask_text(words).split())
    return flat if len(flat) <= LONGEST_LINE else f"{flat[: LONGEST_LINE - 1]}…"


def _whose(ticket: Ticket, now: datetime) -> str:
    if ticket.state == TicketState.CLOSED:
        return "closed"
    if ticket.snoozed(now):
        return "asleep"
    return ticket.waiting_for if ticket.state == TicketState.CLAIMED else "agent"
