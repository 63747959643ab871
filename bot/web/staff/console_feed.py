"""One board per office and process: news are asked for once, however many consoles are open, and passed on to each.

A citizen's message costs one small query here (the conversation's row of the board), and one more per console that has
that very conversation open (its new lines, see :mod:`bot.web.staff.console_stream`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from bot.storage.pg import DatabaseAway
from bot.usecases.console import RESOLVED_FOR, Counts, count
from bot.usecases.deps import Deps
from bot.usecases.store_notes import Entry
from bot.web.hub import ANYTHING, STAFF
from bot.web.staff.console_presence import Presences
from bot.web.staff.desk import Subscribes

log = logging.getLogger(__name__)

GAP_S = 0.03
"""News that come closer together are looked at together."""
_LOOK_S = 60.0
"""Closed tickets leave the list in time, even when nothing happens."""
_AWAY_S = 1.0


@dataclass(eq=False)
class Member:
    """One open console. What it has not been shown yet is gathered, so that a slow one costs no memory."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    tickets: set[UUID] = field(default_factory=set)
    """Whose row changed, or that left the board."""
    heard: set[UUID] = field(default_factory=set)
    """Conversations in which something was said, written or done."""
    ticked: set[UUID] = field(default_factory=set)
    """Conversations in which a message of ours came further, or failed."""
    looks: bool = False
    """Who looks at what, or types, changed."""
    anew: bool = False
    """Everything may have changed."""

    async def wait(self, timeout_s: float) -> bool:
        """True when there may be something to show."""
        try:
            await asyncio.wait_for(self.wake.wait(), timeout_s)
        except TimeoutError:
            return False
        self.wake.clear()
        return True

    def take(self) -> tuple[set[UUID], set[UUID], set[UUID], bool, bool]:
        """(tickets, heard, ticked, looks, anew) since the last time."""
        taken = (self.tickets, self.heard, self.ticked, self.looks, self.anew)
        self.tickets, self.heard, self.ticked, self.looks, self.anew = set(), set(), set(), False, False
        return taken


class Board:
    """The tickets of one office, as they stand. Kept up as long as a console is open."""

    def __init__(self, deps: Deps, hub: Subscribes, locus: str) -> None:
        self._deps = deps
        self._hub = hub
        self._locus = locus
        self.members: set[Member] = set()
        self.entries: dict[UUID, Entry] = {}
        self._marks: dict[UUID, str] = {}
        self.presences = Presences()
        self._counts: Counts | None = None
        self.ready = asyncio.Event()

    def counts(self) -> Counts:
        """How many stand in each list, counted once per change."""
        if self._counts is None:
            self._counts = count(self.entries.values(), self._deps.now())
        return self._counts

    async def run(self) -> None:
        """Keep it up, for ever."""
        async with self._hub.subscribe(STAFF) as wake:
            wake.set(ANYTHING)
            while True:
                await wake.wait(_LOOK_S)
                try:
                    await self._look(wake.heard())
                except DatabaseAway:
                    await asyncio.sleep(_AWAY_S)
                    wake.set(ANYTHING)
                except Exception:
                    log.exception("the board could not be kept up")
                    await asyncio.sleep(_AWAY_S)
                    wake.set(ANYTHING)
                await asyncio.sleep(GAP_S)

    async def _look(self, heard: Collection[str]) -> None:
        if ANYTHING in heard:
            await self._all()
            return
        said = {UUID(what) for what in heard if _is_id(what)}
        noted = {UUID(what[5:]) for what in heard if what.startswith("note:") and _is_id(what[5:])}
        ticked = {UUID(what[5:]) for what in heard if what.startswith("sent:") and _is_id(what[5:])}
        looks = self.presences.hear([what[5:] for what in heard if what.startswith("look:")], self._deps.now())
        changed: set[UUID] = set()
        if said:
            changed |= await self._some(said)
        if not heard or "" in heard:
            changed |= await self._compare()
        self._tell(changed, said | noted, looks, ticked)

    async def _all(self) -> None:
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            since = now - RESOLVED_FOR
            self._marks = dict(await tx.board_marks(self._locus, since))
            self.entries = {entry.ticket.id: entry for entry in await tx.board(self._locus, since, now)}
        self._counts = None
        self.ready.set()
        for member in self.members:
            member.anew = True
            member.wake.set()

    async def _some(self, conversations: set[UUID]) -> set[UUID]:
        now = self._deps.now()
        async with self._deps.store.begin() as tx:
            found = await tx.board(self._locus, now - RESOLVED_FOR, now, conversations=sorted(conversations))
        return self._put(found, {i for i, e in self.entries.items() if e.ticket.conversation_id in conversations})

    async def _compare(self) -> set[UUID]:
        now = self._deps.now()
        since = now - RESOLVED_FOR
        async with self._deps.store.begin() as tx:
            marks = dict(await tx.board_marks(self._locus, since))
            changed = {id_ for id_, mark in marks.items() if self._marks.get(id_) != mark}
            found = await tx.board(self._locus, since, now, tickets=sorted(changed)) if changed else []
        gone = set(self._marks) - set(marks)
        self._marks = marks
        return self._put(found, changed | gone)

    def _put(self, found: Iterable[Entry], about: set[UUID]) -> set[UUID]:
        """The board with ``found`` in place of ``about``; what changed."""
        new = {entry.ticket.id: entry for entry in found}
        changed = {id_ for id_, entry in new.items() if self.entries.get(id_) != entry}
        for id_ in about - set(new):
            if self.entries.pop(id_, None) is not None:
                changed.add(id_)
        self.entries.update(new)
        if changed:
            self._counts = None
        return changed

    def _tell(self, changed: set[UUID], heard: set[UUID], looks: bool, ticked: set[UUID]) -> None:
        if not (changed or heard or looks or ticked):
            return
        for member in self.members:
            member.tickets |= changed
            member.heard |= heard
            member.ticked |= ticked
            member.looks = member.looks or looks
            member.wake.set()


class Feed:
    """The boards of this process."""

    def __init__(self, deps: Deps, hub: Subscribes) -> None:
        self._deps = deps
        self._hub = hub
        self._boards: dict[str, tuple[Board, asyncio.Task[None]]] = {}

    @contextlib.asynccontextmanager
    async def join(self, locus: str) -> AsyncIterator[tuple[Board, Member]]:
        """Be told of an office's news; its board is kept up until the last one has left."""
        if locus not in self._boards:
            board = Board(self._deps, self._hub, locus)
            self._boards[locus] = board, asyncio.create_task(board.run())
        board, task = self._boards[locus]
        member = Member()
        board.members.add(member)
        try:
            await board.ready.wait()
            yield board, member
        finally:
            board.members.discard(member)
            if not board.members and self._boards.get(locus, (None, None))[0] is board:
                del self._boards[locus]
                task.cancel()

    async def stop(self) -> None:
        """End all boards."""
        tasks = [task for _, task in self._boards.values()]
        self._boards.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_id(what: str) -> bool:
    return len(what) == 36 and what.count("-") == 4
