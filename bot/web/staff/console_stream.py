"""The console's one event stream: rows of the list, lines of the open thread, who else is there.

Events (``data`` is JSON):

``hello``     ``{rev}``: the list as it stands; a page made before it that says otherwise fetches the list anew
``rows``      ``{rows: [{id, sort, html}], gone: [id], counts}``: rows to be put in their place, and rows that left the list
``lines``     ``{ticket, last, html}``: new lines of the open thread; the event's id is their last place
``ticks``     ``{ticket, html}``: lines of it that came further (sent, delivered, read) or failed, in place of themselves
``state``     ``{ticket, stands, lease, html}``: the open ticket changed hands or state: its head anew
``case``      ``{ticket}``: the person or the form may have changed
``presence``  ``{ticket, html}``: who else looks at it, who types
``alert``     ``{kind, ticket, number, title}``: worth a sound: ``message``, ``ticket``, ``mention``; nothing personal in it
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.domain.handoff import Ticket
from bot.storage.accounts import Accounts
from bot.storage.pg import DatabaseAway
from bot.usecases.console import View, listed, order, place
from bot.usecases.deps import Deps
from bot.usecases.store import Tx
from bot.usecases.store_notes import Entry
from bot.web.staff import console_page
from bot.web.staff.audit import audit_view
from bot.web.staff.auth import COOKIE
from bot.web.staff.console_feed import Board, Member
from bot.web.staff.console_page import Filter, filter_of, own_ticket, reader_of, revision, standing
from bot.web.staff.console_parts import FEED
from bot.web.staff.console_presence import CITIZEN
from bot.web.staff.console_rows import Rows, rows_of
from bot.web.staff.console_ticks import Ticks
from bot.web.staff.desk import ACCOUNT, cookie, desk_of, fragment, sentences
from bot.web.staff.stream import PING_S, STREAMS

MOST_LINES = 200
"""More than this after a pause, and the page fetches the thread anew."""
_AWAY_S = 1.0
_TRUSTED_S = 3.0
_TYPING_S = 4.0
"""Who typed is looked at again after this time: they may have stopped."""


@dataclass
class Console:
    """One open console, and what it shows."""

    request: web.Request
    response: web.StreamResponse
    board: Board
    wanted: Filter
    rows: Rows
    names: Mapping[str, str]
    ticket: Ticket | None
    after: int
    mark: str = ""
    """Of the open ticket's state as it was last shown."""
    notes: set[UUID] = field(default_factory=set)
    """Notes it has."""
    told: tuple[str, ...] = ()
    """Who was said to be there."""
    known: dict[UUID, tuple[int, str | None]] = field(default_factory=dict)
    """Ticket -> (place of the last line, who holds it): what is worth a sound differs."""
    ticks: Ticks = field(default_factory=Ticks)
    read_from: int = 0
    """Place of the first line that came while the page was open."""

    # -- what is sent -------------------------------------------------------------------------------------------------

    async def greet(self) -> None:
        """The list's mark, and what the open thread missed since the page was made."""
        deps, account = desk_of(self.request).deps, self.request[ACCOUNT]
        shown = listed(self.board.entries.values(), self.wanted.view, account.username, deps.now(), self.wanted.label)
        self.known = {e.ticket.id: _known(e) for e in self.board.entries.values()}
        out = [_event("hello", {"rev": revision(shown)}), self._counted()]
        if self.ticket is not None:
            out += await self._thread(fresh=True)
            out += await self._ticked()
            out += self._presence()
        await self._send(out)

    async def news(self, member: Member) -> None:
        """What changed since the last time."""
        tickets, heard, ticked, looks, anew = member.take()
        if anew:
            await self.greet()
            return
        out = self._rows(tickets)
        if self.ticket is not None and (self.ticket.conversation_id in heard or self.ticket.id in tickets):
            out += await self._thread()
        elif self.ticket is not None and self.ticket.conversation_id in ticked:
            out += await self._ticked()
        if looks and self.ticket is not None:
            out += self._presence()
        await self._send(out)

    async def ping(self) -> None:
        """Nothing happened; those who typed may have stopped."""
        await self._send([*(self._presence() if self.ticket is not None else []), b": ping\n\n"])

    async def _send(self, out: list[bytes]) -> None:
        if out := [one for one in out if one]:
            await self.response.write(b"".join(out))

    # -- the list -----------------------------------------------------------------------------------------------------

    def _rows(self, tickets: set[UUID]) -> list[bytes]:
        if not tickets:
            return []
        me = self.request[ACCOUNT].username
        rows: list[dict[str, str]] = []
        gone: list[str] = []
        alerts: list[bytes] = []
        for id_ in tickets:
            entry = self.board.entries.get(id_)
            if entry is not None:
                alerts += self._alert(entry)
            if entry is not None and self._fits(entry, me):
                html = fragment(
                    self.request, "_row.html", row=self.rows.row(entry, self.wanted.view), wanted=self.wanted
                )
                rows.append({"id": str(id_), "sort": order(entry.ticket, self.wanted.view), "html": html})
            else:
                gone.append(str(id_))
        return [_event("rows", {"rows": rows, "gone": gone, "counts": self.board.counts().of(me)}), *alerts]

    def _fits(self, entry: Entry, me: str) -> bool:
        now = desk_of(self.request).deps.now()
        return self.wanted.view in place(entry.ticket, now).views(me) and (
            not self.wanted.label or self.wanted.label in entry.labels
        )

    def _counted(self) -> bytes:
        counts = self.board.counts().of(self.request[ACCOUNT].username)
        return _event("rows", {"rows": [], "gone": [], "counts": counts})

    def _alert(self, entry: Entry) -> list[bytes]:
        """A citizen's new message to the reader, or a new ticket for anybody."""
        before, now = self.known.get(entry.ticket.id), _known(entry)
        self.known[entry.ticket.id] = now
        me, kind = self.request[ACCOUNT].username, ""
        ticket = entry.ticket
        theirs = ticket.agent == me or ticket.assigned == me
        views = place(ticket, desk_of(self.request).deps.now()).views(me)
        if theirs and View.MINE in views and entry.last and entry.last.sender == "citizen":
            kind = "message" if before is not None and now[0] > before[0] else ""
        if not kind and View.UNASSIGNED in views and (before is None or before[1] is not None):
            kind = "ticket"
        if not kind and theirs and View.MINE in views and before is not None and before[1] != me:
            kind = "" if ticket.agent == me else "given"
        return [self._alerted(kind, ticket)] if kind else []

    def _alerted(self, kind: str, ticket: Ticket) -> bytes:
        title = sentences(self.request)(f"alert_{kind}", number=ticket.number)
        return _event("alert", {"kind": kind, "ticket": str(ticket.id), "number": ticket.number, "title": title})

    # -- the open thread ----------------------------------------------------------------------------------------------

    async def _thread(self, *, fresh: bool = False) -> list[bytes]:
        assert self.ticket is not None
        reader = reader_of(self.request)
        async with desk_of(self.request).deps.store.begin() as tx:
            ticket = await own_ticket(self.request, tx, self.ticket.id)
            said = await tx.thread(ticket.conversation_id, self.after, MOST_LINES)
            written = await tx.notes(ticket.conversation_id, 50)
            deliveries = await tx.deliveries(ticket.conversation_id, [one.seq for one in said]) if said else {}
            erased = ticket.closed_at is not None and await self._erased(tx, ticket)
        if erased:
            # What the page still shows is gone.
            return [_event("erased", {"ticket": str(ticket.id)})]
        if ticket.closed_at is not None:
            said = [one for one in said if one.at <= (ticket.closed_at or one.at)]
        lines = [reader.line(one, deliveries.get(one.seq)) for one in said]
        new = [note for note in written if note.id not in self.notes]
        self.notes |= {note.id for note in new}
        if not fresh:
            lines += [reader.note(note, self.names) for note in new]
        out: list[bytes] = []
        if said:
            self.after = said[-1].seq
            if not self.read_from:
                # What is read as it comes is on record like what was opened.
                self.read_from = said[0].seq
                await audit_view(self.request, ticket.number, "thread", first=self.read_from, live=True)
        if lines:
            html = fragment(
                self.request, "_lines.html", lines=lines, ticket=ticket, stands=standing(self.request, ticket)
            )
            data = {"ticket": str(ticket.id), "last": self.after, "html": html}
            out.append(_event("lines", data, str(self.after)))
        me = self.request[ACCOUNT].username
        if not fresh:
            out += [self._alerted("mention", ticket) for note in new if me in note.mentions and note.author != me]
        out += await self._state(ticket)
        if said:
            out.append(_event("case", {"ticket": str(ticket.id)}))
        return out

    async def _erased(self, tx: Tx, ticket: Ticket) -> bool:
        """Whether the newest line that the page shows is no longer there."""
        left = await tx.thread(ticket.conversation_id, self.after - 1, 1) if self.after else []
        return self.after > 0 and (not left or left[0].seq != self.after)

    async def _ticked(self) -> list[bytes]:
        """Lines that came further, in place of themselves."""
        assert self.ticket is not None
        deps, reader = desk_of(self.request).deps, reader_of(self.request)
        async with deps.store.begin() as tx:
            ticket = await own_ticket(self.request, tx, self.ticket.id)
            changed = await self.ticks.changed(tx, ticket.conversation_id, deps.now())
        lines = [reader.line(entry, delivery) for entry, delivery in changed]
        if not lines or ticket.closed_at is not None:
            return []
        html = fragment(self.request, "_lines.html", lines=lines, ticket=ticket, stands=standing(self.request, ticket))
        return [_event("ticks", {"ticket": str(ticket.id), "html": html})]

    async def _state(self, ticket: Ticket) -> list[bytes]:
        mark = (
            f"{standing(self.request, ticket)}.{ticket.waiting_for}.{ticket.lease_no}.{ticket.assigned}.{ticket.team}"
        )
        self.ticket = ticket
        if mark == self.mark:
            return []
        first, self.mark = not self.mark, mark
        if first:
            return []
        async with desk_of(self.request).deps.store.begin() as tx:
            values = await console_page.head_in_full(self.request, tx, ticket, self.names)
        data = {
            "ticket": str(ticket.id),
            "stands": standing(self.request, ticket),
            "lease": ticket.lease_no,
            "html": fragment(self.request, "_head.html", **values),
        }
        return [_event("state", data)]

    def _presence(self) -> list[bytes]:
        assert self.ticket is not None
        say, now = sentences(self.request), desk_of(self.request).deps.now()
        me = self.request[ACCOUNT].username
        words = []
        for look in self.board.presences.at(str(self.ticket.conversation_id), me, now):
            if look.username == CITIZEN:
                words += [say("citizen_types")] if look.types(now) else []
                continue
            name = self.names.get(look.username, look.username)
            words.append(say("colleague_types" if look.types(now) else "colleague_looks", name=name))
        if tuple(words) == self.told:
            return []
        self.told = tuple(words)
        return [_event("presence", {"ticket": str(self.ticket.id), "words": words})]


def _known(entry: Entry) -> tuple[int, str | None]:
    return (entry.last.seq if entry.last else 0, entry.ticket.agent or entry.ticket.assigned)


def _event(name: str, data: Mapping[str, Any], id_: str = "") -> bytes:
    head = f"id: {id_}\n" if id_ else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def events(request: web.Request) -> web.StreamResponse:
    """``view`` and ``label``: the list shown; ``ticket`` and ``after``: the open conversation and the last line on the page."""
    desk, account = desk_of(request), request[ACCOUNT]
    ticket = await _open_ticket(request)
    token = cookie(request, COOKIE)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    task = asyncio.current_task()
    if task is not None:
        request.config_dict[STREAMS].add(task)
    try:
        async with request.config_dict[FEED].join(account.locus) as (board, member):
            await response.prepare(request)
            await response.write(b"retry: 2000\n\n")
            names = await desk.accounts.names(account.locus)
            console = Console(
                request, response, board, filter_of(request), rows_of(request, names), names, ticket, _after(request)
            )
            member.anew = True
            member.wake.set()
            session = _Session(desk.accounts, token, desk.deps)
            while await session.holds(anew=True) and await _until_silence(console, member, session):
                pass
    except ConnectionResetError:
        pass  # the page was closed; there is nobody left to tell
    finally:
        if task is not None:
            request.config_dict[STREAMS].discard(task)
    return response


class _Session:
    """Whether the reader is still signed in: asked before lines of a conversation are shown, and now and then."""

    def __init__(self, accounts: Accounts, token: str, deps: Deps) -> None:
        self._accounts, self._token, self._deps = accounts, token, deps
        self._asked = 0.0

    async def holds(self, *, anew: bool) -> bool:
        """False: signed out. Not asked anew within :data:`_TRUSTED_S`, unless it has to be."""
        now = asyncio.get_running_loop().time()
        if not anew and now - self._asked < _TRUSTED_S:
            return True
        self._asked = now
        return await self._accounts.signed_in(self._token, self._deps.now(), renew=False) is not None


async def _until_silence(console: Console, member: Member, session: _Session) -> bool:
    """Show news for :data:`bot.web.staff.stream.PING_S` seconds; False: the session is over."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PING_S
    while (left := end - loop.time()) > 0:
        if await member.wait(min(left, _TYPING_S if console.told else left)):
            ticket = console.ticket
            if not await session.holds(anew=ticket is not None and ticket.conversation_id in member.heard):
                return False
            await _show(console, member)
        elif console.told:
            await console.ping()
    await console.ping()
    return True


async def _show(console: Console, member: Member) -> None:
    try:
        await console.news(member)
    except DatabaseAway:
        await asyncio.sleep(_AWAY_S)
        member.anew = True
        member.wake.set()


async def _open_ticket(request: web.Request) -> Ticket | None:
    wanted = request.query.get("ticket", "")
    if not wanted:
        return None
    async with desk_of(request).deps.store.begin() as tx:
        return await own_ticket(request, tx, console_page.uuid_of(wanted))


def _after(request: web.Request) -> int:
    """The last line that the page has; of a stream that was cut, the last one sent."""
    given = (request.headers.get("Last-Event-ID", ""), request.query.get("after", ""))
    return max((int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 19), default=0)
