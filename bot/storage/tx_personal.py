"""Contacts, links to documents, receipts of consent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.contact import Contact
from bot.domain.document_link import DocumentLink
from bot.storage import tables as t
from bot.storage.tables_personal import contact as contacts
from bot.storage.tables_personal import document_link
from bot.storage.tx_base import TxBase

_FROM = text("""
select 1 from conversation c join conversation_alias a on a.conversation_id = c.id
where c.person_id = :person and c.account = :account and a.alias_index = any(:names)
""")


class PersonalTx(TxBase):
    """See :class:`bot.usecases.store_personal.PersonalTx`."""

    async def contacts(self, citizen_id: UUID) -> dict[str, Contact]:
        rows = await self.run(select(contacts).where(contacts.c.citizen_id == citizen_id))
        return {row.kind: self._contact(citizen_id, row) for row in rows}

    def _contact(self, citizen_id: UUID, row: object) -> Contact:
        kind: str = row.kind  # type: ignore[attr-defined]
        sealed = bytes(row.value_sealed)  # type: ignore[attr-defined]
        value = self._keys.open(sealed, f"contact:{citizen_id}:{kind}").decode()
        return Contact(kind, value, row.updated_at, row.confirmed_at)  # type: ignore[attr-defined]

    async def save_contact(self, citizen_id: UUID, contact: Contact) -> None:
        sealed = self._keys.seal(contact.value.encode(), f"contact:{citizen_id}:{contact.kind}")
        values = {"value_sealed": sealed, "updated_at": contact.updated_at, "confirmed_at": contact.confirmed_at}
        statement = pg_insert(contacts).values(citizen_id=citizen_id, kind=contact.kind, **values)
        await self.run(statement.on_conflict_do_update(index_elements=["citizen_id", "kind"], set_=values))

    async def forget_contacts(self, citizen_id: UUID, kinds: Collection[str]) -> None:
        await self.run(delete(contacts).where(contacts.c.citizen_id == citizen_id, contacts.c.kind.in_(kinds)))

    async def writes_from(self, person_id: UUID, addresses: Collection[str]) -> bool:
        theirs = select(t.conversation.c.account).where(t.conversation.c.person_id == person_id).distinct()
        for account in (await self.run(theirs)).scalars().all():
            names = [self._keys.blind_index(one, f"address:{account}").hex() for one in addresses]
            known = (await self.run(_FROM, {"person": person_id, "account": account, "names": names})).first()
            if known is not None:
                return True
        return False

    async def set_language(self, person_id: UUID, but: UUID, language: str) -> None:
        values = {"language": language, "language_set": True}
        others = (t.conversation.c.person_id == person_id, t.conversation.c.id != but)
        await self.run(update(t.conversation).where(*others).values(**values))

    async def put_document_link(self, link: DocumentLink) -> None:
        values = dict(vars(link))
        rest = {key: value for key, value in values.items() if key != "token_hash"}
        statement = pg_insert(document_link).values(**values)
        await self.run(statement.on_conflict_do_update(index_elements=["token_hash"], set_=rest))

    async def document_link(self, token_hash: bytes, lock: bool = False) -> DocumentLink | None:
        query = select(document_link).where(document_link.c.token_hash == token_hash)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            return None
        found = DocumentLink(**{name: getattr(row, name) for name in DocumentLink.__dataclass_fields__})
        found.token_hash = bytes(found.token_hash)
        found.code_hash = bytes(found.code_hash) if found.code_hash is not None else None
        return found

    async def document_links_since(self, case_id: UUID, since: datetime) -> int:
        query = select(func.count()).where(document_link.c.case_id == case_id, document_link.c.created_at > since)
        return int((await self.run(query)).scalar_one())

    async def consent_of(self, case_id: UUID) -> tuple[UUID, datetime] | None:
        query = (
            select(t.consent.c.id, t.consent.c.given_at)
            .where(t.consent.c.case_id == case_id, t.consent.c.withdrawn_at.is_(None))
            .order_by(t.consent.c.given_at.desc())
            .limit(1)
        )
        row = (await self.run(query)).first()
        return None if row is None else (row.id, row.given_at)
