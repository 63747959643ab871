"""What connecting the conversations of one person needs of the database; part of :class:`bot.usecases.store.Tx`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.domain.conversation import Conversation


class LinksTx(Protocol):
    """Codes, connections, and locks over several conversations."""

    async def fence(self, inbox_id: int, lease_no: int) -> None:
        """Hold the inbox row for the length of this transaction, before any conversation is locked.

        :raises bot.errors.Fenced: the lease moved on.
        """
        ...

    async def lock_people(self, conversation_ids: Collection[UUID]) -> list[Conversation]:
        """Those conversations and all others of the same people, locked in the order of their ids."""
        ...

    async def codes_issued(self, conversation_id: UUID, since: datetime) -> int:
        """How many codes a conversation was given."""
        ...

    async def put_link_code(self, code: str, conversation_id: UUID, now: datetime) -> None:
        """Keep a code's HMAC; codes issued before and not used are void."""
        ...

    async def is_own_code(self, code: str, here: UUID, now: datetime) -> bool:
        """Whether it is the live code of this very conversation."""
        ...

    async def offer_link(self, code: str, here: UUID, now: datetime) -> UUID | None:
        """The conversation that a live code of another one was issued in; the code is used up, the offer stands.

        None: no such code, expired, used, or this conversation's own.
        """
        ...

    async def offered_link(self, here: UUID, now: datetime) -> UUID | None:
        """The conversation that this one was offered to be connected with."""
        ...

    async def take_offer(self, here: UUID, now: datetime) -> UUID | None:
        """The same; the offer is used up."""
        ...

    async def put_link(self, conversation_id: UUID, before: UUID, after: UUID, proof: str, now: datetime) -> UUID:
        """Append to the history of connections; ``proof`` is ``code`` or ``identity``."""
        ...

    async def undo_links(self, conversation_ids: Collection[UUID], now: datetime) -> None:
        """What the history says of these conversations is undone."""
        ...

    async def same_person(self, one: UUID, other: UUID) -> bool:
        """Whether two conversations are proven to be one person's."""
        ...

    async def move_files(self, blob_ids: Collection[UUID], origin: UUID, to: UUID) -> None:
        """Files of one conversation are another one's from now on."""
        ...
