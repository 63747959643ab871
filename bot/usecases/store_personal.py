"""What contact data, links to documents and proofs of consent need of the database; part of :class:`bot.usecases.store.Tx`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.domain.contact import Contact
from bot.domain.document_link import DocumentLink


class PersonalTx(Protocol):
    """Contacts, document links, consents."""

    async def contacts(self, citizen_id: UUID) -> dict[str, Contact]:
        """By kind."""
        ...

    async def save_contact(self, citizen_id: UUID, contact: Contact) -> None:
        """Insert or update."""
        ...

    async def forget_contacts(self, citizen_id: UUID, kinds: Collection[str]) -> None:
        """Delete those kinds."""
        ...

    async def writes_from(self, person_id: UUID, addresses: Collection[str]) -> bool:
        """Whether one of the person's conversations comes from one of those addresses (of a channel that has addresses)."""
        ...

    async def set_language(self, person_id: UUID, but: UUID, language: str) -> None:
        """Choose the language of all conversations of a person but one."""
        ...

    async def put_document_link(self, link: DocumentLink) -> None:
        """Insert or update."""
        ...

    async def document_link(self, token_hash: bytes, lock: bool = False) -> DocumentLink | None:
        """By the hash of its token."""
        ...

    async def document_links_since(self, case_id: UUID, since: datetime) -> int:
        """How many links a case was given."""
        ...

    async def consent_of(self, case_id: UUID) -> tuple[UUID, datetime] | None:
        """The newest receipt of consent to a case that holds still, in whichever conversation it was given: id, and when."""
        ...
