"""What agents write for each other: private notes with mentions, labels, canned answers and how they are filled."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from bot.domain import canned as rules
from bot.domain.canned import Canned, Seed
from bot.domain.conversation import Conversation
from bot.domain.handoff import Ticket
from bot.errors import LoketError
from bot.usecases.deps import Deps
from bot.usecases.store import Tx
from bot.usecases.store_notes import Note

LONGEST_NOTE = 4000
MOST_LABELS = 10
_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_MENTION = re.compile(r"(?<![\w@])@([a-z][a-z0-9._-]{1,39})", re.IGNORECASE)
# Control characters but for new lines and tabs: they come with pastes and show as nothing.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Refused(LoketError):
    """What was typed cannot be taken; ``why`` names a sentence of the staff pages (``refused_<why>``)."""

    code = "refused"

    def __init__(self, why: str, /, **params: object) -> None:
        super().__init__(why, **params)
        self.why = why


def typed(text: str) -> str:
    """A text as it is kept: one kind of line end, no control characters, no space around."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


async def write_note(
    deps: Deps, ticket: Ticket, author: str, text: str, key: str, colleagues: Mapping[str, str]
) -> Note | None:
    """Add a private note to the ticket's conversation. ``colleagues``: whom ``@username`` can name. None: that form was sent before.

    :raises Refused: empty or too long.
    """
    words = typed(text)
    if not words:
        raise Refused("empty_note")
    if len(words) > LONGEST_NOTE:
        raise Refused("long_note", most=LONGEST_NOTE)
    named = dict.fromkeys(name.lower().rstrip(".-_") for name in _MENTION.findall(words))
    mentions = tuple(name for name in named if name in colleagues)
    note = Note(uuid4(), ticket.conversation_id, author, words, mentions, deps.now())
    once = f"{ticket.id}.{author}.{key}.{hashlib.sha256(words.encode()).hexdigest()[:12]}"
    async with deps.store.begin() as tx:
        fresh = await tx.put_note(note, ticket.locus, once)
        if fresh:
            await tx.audit(author, "note.added", ticket.number, {"mentions": list(mentions)}, deps.now())
    return note if fresh else None


def label_of(text: str) -> str:
    """A label as it is kept: ``KTP Rusak`` is ``ktp-rusak``.

    :raises Refused: nothing is left of it, or it is too long.
    """
    name = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
    if not _LABEL.fullmatch(name):
        raise Refused("label")
    return name


async def put_label(deps: Deps, ticket: Ticket, by: str, text: str) -> str:
    """Label the ticket's conversation.

    :raises Refused: no label, or too many.
    """
    label = label_of(text)
    async with deps.store.begin() as tx:
        known = await tx.labels(ticket.conversation_id)
        if label in known:
            return label
        if len(known) >= MOST_LABELS:
            raise Refused("labels", most=MOST_LABELS)
        await tx.put_label(ticket.conversation_id, ticket.locus, label, by, deps.now())
        await tx.audit(by, "label.put", ticket.number, {"label": label}, deps.now())
    return label


async def drop_label(deps: Deps, ticket: Ticket, by: str, label: str) -> None:
    """Take a label away."""
    async with deps.store.begin() as tx:
        if label in await tx.labels(ticket.conversation_id):
            await tx.drop_label(ticket.conversation_id, label)
            await tx.audit(by, "label.dropped", ticket.number, {"label": label}, deps.now())


# -- canned answers -------------------------------------------------------------------------------------------------------


async def canned_of(deps: Deps, tx: Tx, locus: str, seeds: Sequence[Seed]) -> list[Canned]:
    """The canned answers of an office; one that never had any gets the seeds."""
    found = await tx.canned(locus)
    if not found and seeds:
        await tx.seed_canned(locus, seeds, deps.now())
        found = await tx.canned(locus)
    return found


async def save_canned(
    deps: Deps, locus: str, by: str, canned_id: UUID | None, shortcut: str, language: str, text: str
) -> Canned:
    """Write a canned answer, or change one.

    :raises Refused: something about it is wrong.
    :raises bot.errors.Conflict: the office has that shortcut in that language.
    """
    shortcut, text = shortcut.strip().lstrip("/").lower(), rules.normal(typed(text))
    wrong = rules.fault(shortcut, language, text)
    if wrong:
        raise Refused(f"canned_{wrong}", most=rules.MOST_CHARACTERS)
    now = deps.now()
    made = Canned(canned_id or uuid4(), locus, shortcut, language, text, by, now)
    async with deps.store.begin() as tx:
        await tx.put_canned(made)
        detail = {"shortcut": shortcut, "language": language}
        await tx.audit(by, "canned.changed" if canned_id else "canned.added", str(made.id), detail, now)
    return made


async def delete_canned(deps: Deps, locus: str, by: str, canned_id: UUID) -> Canned:
    """Throw a canned answer away.

    :raises bot.errors.NotFound: the office has no such one.
    """
    async with deps.store.begin() as tx:
        gone = await tx.drop_canned(canned_id, locus, deps.now())
        detail = {"shortcut": gone.shortcut, "language": gone.language}
        await tx.audit(by, "canned.deleted", str(canned_id), detail, deps.now())
    return gone


def places(
    deps: Deps, conversation: Conversation, ticket: Ticket, agent: str, name: str, language: str
) -> dict[str, str]:
    """What stands in the places of a canned answer. ``name``: the citizen's, as far as proven."""
    slug = ticket.service or conversation.topic
    return {
        "nama": spoken_name(name),
        "nomor": ticket.number,
        "layanan": deps.service_name(slug, language) if slug else "",
        "petugas": agent,
        "kantor": deps.locus(conversation).name.get(language) or deps.locus(conversation).name["id"],
    }


def spoken_name(name: str) -> str:
    """A register's name as one addresses somebody: ``SITI AMINAH`` is ``Siti Aminah``."""
    return name.title() if name.isupper() else name


def fitting(canned: Sequence[Canned], language: str) -> list[Canned]:
    """One answer per shortcut: in the citizen's language, else Indonesian, else whichever there is."""
    order = {language: 0, "id": 1}
    best: dict[str, Canned] = {}
    for one in sorted(canned, key=lambda c: order.get(c.language, 2)):
        best.setdefault(one.shortcut, one)
    return [best[shortcut] for shortcut in sorted(best)]
