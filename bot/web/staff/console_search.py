"""Finding a conversation: by a ticket's or an application's number, by the proven name, by label, by one's own notes.

What citizens wrote is sealed: it cannot be searched, and the page says so.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from aiohttp import web

from bot.domain.reference import APPLICATION, TICKET, parse_reference
from bot.usecases.store import Tx
from bot.usecases.store_notes import Entry
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, desk_of

BACK = timedelta(days=365)
SHORTEST = 3
"""Letters of a name or a note: fewer would list everybody."""
MOST = 50


async def found(request: web.Request, tx: Tx, query: str) -> list[Entry]:
    """What a search finds, the newest first; the search is on record, its words are not."""
    desk, account = desk_of(request), request[ACCOUNT]
    now = desk.deps.now()
    numbers = [n for n in (parse_reference(query, TICKET), parse_reference(query, APPLICATION)) if n]
    label = "-".join(query.casefold().removeprefix("#").split())
    ids = list(await tx.find_tickets(account.locus, numbers=numbers, label=label))
    if not numbers and len(query) >= SHORTEST:
        words = query.casefold().split()
        people = await tx.people_at_desk(account.locus, now - BACK)
        ids += [id_ for id_, name in people if _fits(words, name)]
        noted = {
            conversation
            for conversation, text in await tx.notes_of(account.username, account.locus)
            if query.casefold() in text.casefold()
        }
    else:
        noted = set()
    entries = await tx.board(account.locus, now - BACK, now, tickets=_few(ids)) if ids else []
    if noted:
        entries += await tx.board(account.locus, now - BACK, now, conversations=sorted(noted)[:MOST])
    unique = {entry.ticket.id: entry for entry in entries}
    await audit_view(request, account.locus, "search", tx, found=len(unique))
    return sorted(unique.values(), key=lambda entry: entry.ticket.created_at, reverse=True)[:MOST]


def _fits(words: list[str], name: str) -> bool:
    """Every word begins a word of the name."""
    parts = name.casefold().split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _few(ids: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))[:MOST]
