"""What citizens' rights need of the database; part of :class:`bot.usecases.store.Tx`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bot.domain.conversation import Case, Conversation
from bot.domain.data_rights import Breach, DataRequest
from bot.domain.document_link import DataLink


@dataclass(frozen=True)
class ConsentReceipt:
    """One receipt. ``citizen_id``: whose, as far as proven."""

    id: UUID
    conversation_id: UUID
    citizen_id: UUID | None
    case_id: UUID | None
    purpose: str
    text_version: str
    text_hash: str
    account: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Removal:
    """What a deletion by class took out of one table."""

    at: datetime
    class_: str
    table: str
    rows: int


class PrivacyTx(Protocol):
    """Requests, links, what is stored, erasure, breaches."""

    # -- whose
    async def people_of(self, citizen_id: UUID) -> list[UUID]:
        """Conversations whose ``citizen_id`` this is, by whatever proof."""
        ...

    async def all_cases(self, conversations: Collection[UUID], citizen_id: UUID | None) -> list[Case]:
        """Every case of these conversations, and of this citizen; newest first."""
        ...

    # -- requests
    async def put_data_request(self, request: DataRequest) -> None:
        """Insert or update."""
        ...

    async def data_request(self, request_id: UUID, lock: bool = False) -> DataRequest:
        """:raises bot.errors.NotFound: no such request."""
        ...

    async def asked_request(self, conversation_id: UUID, kind: str, since: datetime) -> DataRequest | None:
        """The question "really?" put there since then."""
        ...

    async def drop_asked(self, conversation_id: UUID | None, before: datetime | None = None) -> None:
        """Forget questions nobody answered."""
        ...

    async def open_request(self, conversation_id: UUID, kind: str) -> DataRequest | None:
        """One that waits for a person already."""
        ...

    async def data_requests(self, locus: str, *, settled: bool, most: int = 100) -> list[DataRequest]:
        """Of an office: open ones by their end, settled ones newest first."""
        ...

    async def unwarned_requests(self, before: datetime) -> list[DataRequest]:
        """Open ones whose clock ends before then and of which nobody was warned."""
        ...

    # -- links
    async def put_data_link(self, link: DataLink) -> None:
        """Insert or update."""
        ...

    async def data_link(self, token_hash: bytes, lock: bool = False) -> DataLink | None:
        """By the hash of its token."""
        ...

    async def data_links_since(self, conversation_id: UUID, since: datetime) -> int:
        """How many a conversation was given."""
        ...

    # -- what is stored
    async def holdings(self, conversations: Collection[UUID], citizen_id: UUID | None) -> dict[str, int]:
        """Rows per table (only tables with any)."""
        ...

    async def consents_of(self, conversations: Collection[UUID]) -> list[ConsentReceipt]:
        """Oldest first."""
        ...

    async def personal_rows(self, conversations: Collection[UUID], citizen_id: UUID | None) -> dict[str, Any]:
        """Everything else that an export names: checks, files, tickets, links, survey answers; ready for JSON."""
        ...

    async def files_of(self, conversations: Collection[UUID]) -> list[UUID]:
        """Files that came from or went to these conversations."""
        ...

    # -- withdrawing, erasing
    async def withdraw_consents(self, conversations: Collection[UUID], now: datetime) -> int:
        """Note on every receipt that still holds that it no longer does."""
        ...

    async def erase(
        self,
        conversations: Sequence[UUID],
        citizen_id: UUID | None,
        goes: Collection[UUID],
        stays: Collection[UUID],
        kept_files: Collection[UUID],
        now: datetime,
    ) -> dict[str, int]:
        """Delete all that hangs on these conversations and this citizen but the cases that stay; rows per table."""
        ...

    async def drop_cases(self, cases: Collection[UUID], files: Collection[UUID]) -> None:
        """Delete cases with their papers, and close them wherever they are open."""
        ...

    async def put_erasure(self, conversation_id: UUID, now: datetime) -> None:
        """Remember that the address of this chat is to go, too."""
        ...

    async def erasures(self, before: datetime, most: int = 100) -> list[tuple[UUID, datetime]]:
        """(conversation, when) of those under way since before then."""
        ...

    async def end_erasure(self, conversation: Conversation, now: datetime, *, anonymous: bool) -> None:
        """It is over. ``anonymous``: the chat's address goes, and nothing leads from it to its row any more."""
        ...

    # -- the data officer's
    async def find_consents(
        self, locus: str, citizen_id: UUID | None, before: datetime | None, most: int = 50
    ) -> list[ConsentReceipt]:
        """Of an office, newest first; only one citizen's."""
        ...

    async def put_breach(self, breach: Breach) -> None:
        """Insert or update."""
        ...

    async def breach(self, breach_id: UUID, lock: bool = False) -> Breach:
        """:raises bot.errors.NotFound: no such entry."""
        ...

    async def breaches(self, locus: str) -> list[Breach]:
        """Of an office, newest first."""
        ...

    async def put_removals(self, removals: Sequence[Removal]) -> None:
        """Note what a deletion by class took out."""
        ...

    async def removals(self, most: int = 200) -> list[Removal]:
        """Newest first."""
        ...
