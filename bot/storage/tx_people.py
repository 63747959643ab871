"""Files, citizens, faces, consents and face checks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.conversation import Citizen, Conversation, EnrolledFace, IdentityCheck
from bot.domain.messages import FileRef
from bot.errors import NotFound
from bot.storage import tables as t
from bot.storage.tables_proof import identity_check
from bot.storage.tx_base import TxBase

_CONSENT: LiteralString = """
insert into consent (id, conversation_id, case_id, purpose, text_version, text_hash, account, given_at)
values (%(id)s, %(conversation)s, %(case)s, %(purpose)s, %(version)s, %(hash)s, %(account)s, %(now)s)
"""
_NIK_LOCK = text("select pg_advisory_xact_lock(:key)")


class PeopleTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    # -- files ------------------------------------------------------------------------------------------------------

    async def put_blob(
        self, conversation_id: UUID | None, kind: str, name: str, type_: str, data: bytes, now: datetime
    ) -> FileRef:
        blob_id = uuid4()
        await self.run(
            insert(t.blob).values(
                id=blob_id,
                conversation_id=conversation_id,
                kind=kind,
                type=type_,
                name_sealed=self._keys.seal(name.encode(), f"blob.name:{blob_id}"),
                size=len(data),
                data_sealed=self._keys.seal(data, f"blob.data:{blob_id}"),
                created_at=now,
            )
        )
        return FileRef(id=str(blob_id), name=name, type=type_, size=len(data))

    async def blob(self, blob_id: UUID) -> tuple[FileRef, bytes, UUID | None] | None:
        row = (await self.run(select(t.blob).where(t.blob.c.id == blob_id))).one_or_none()
        if row is None:
            return None
        name = self._keys.open(bytes(row.name_sealed), f"blob.name:{blob_id}").decode()
        data = self._keys.open(bytes(row.data_sealed), f"blob.data:{blob_id}")
        return FileRef(id=str(blob_id), name=name, type=row.type, size=row.size), data, row.conversation_id

    async def delete_blob(self, blob_id: UUID) -> None:
        await self.run(delete(t.blob).where(t.blob.c.id == blob_id))

    async def as_selfie(self, blob_id: UUID) -> None:
        await self.run(update(t.blob).where(t.blob.c.id == blob_id).values(kind="selfie"))

    # -- citizens ---------------------------------------------------------------------------------------------------

    async def citizen(self, citizen_id: UUID) -> Citizen:
        row = (await self.run(select(t.citizen).where(t.citizen.c.id == citizen_id))).one_or_none()
        if row is None:
            raise NotFound("citizen")
        return self._citizen(row)

    async def citizen_by_nik(self, nik: str, lock: bool = False) -> Citizen | None:
        index = self._keys.blind_index(nik, "nik")
        if lock:
            # A row that is not there cannot be locked: two who name the same NIK for the first time at once wait here.
            await self.run(_NIK_LOCK, {"key": int.from_bytes(index[:8], "big", signed=True)})
        query = select(t.citizen).where(t.citizen.c.nik_index == index)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        return None if row is None else self._citizen(row)

    def _citizen(self, row: Row[Any]) -> Citizen:
        data = self.open_json(row.data_sealed, f"citizen:{row.id}")
        return Citizen(
            id=row.id,
            nik=data["nik"],
            name=data["name"],
            birth_date=date.fromisoformat(data["birth_date"]),
            data=data["data"],
        )

    async def save_citizen(self, citizen: Citizen, now: datetime) -> None:
        values = {
            "nik_index": self._keys.blind_index(citizen.nik, "nik"),
            "data_sealed": self.seal_json(
                {
                    "nik": citizen.nik,
                    "name": citizen.name,
                    "birth_date": citizen.birth_date.isoformat(),
                    "data": citizen.data,
                },
                f"citizen:{citizen.id}",
            ),
        }
        await self.run(
            pg_insert(t.citizen)
            .values(id=citizen.id, created_at=now, **values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )

    async def face(self, citizen_id: UUID) -> EnrolledFace | None:
        row = (await self.run(select(t.citizen).where(t.citizen.c.id == citizen_id))).one_or_none()
        if row is None or row.face_sealed is None:
            return None
        template = self._keys.open(bytes(row.face_sealed), f"citizen.face:{citizen_id}")
        return EnrolledFace(template, row.face_model or "", row.face_source or "register", row.face_digest or "")

    async def save_face(self, citizen_id: UUID, face: EnrolledFace | None, now: datetime) -> None:
        values: dict[str, Any] = dict.fromkeys(("face_sealed", "face_model", "face_source", "face_digest", "face_at"))
        if face is not None:
            values = {
                "face_sealed": self._keys.seal(face.template, f"citizen.face:{citizen_id}"),
                "face_model": face.model,
                "face_source": face.source,
                "face_digest": face.digest,
                "face_at": now,
            }
        await self.run(update(t.citizen).where(t.citizen.c.id == citizen_id).values(**values))

    async def put_consent(
        self,
        conversation: Conversation,
        case_id: UUID | None,
        purpose: str,
        version: str,
        text_hash: str,
        now: datetime,
    ) -> UUID:
        consent_id = uuid4()
        values = {
            "id": consent_id,
            "conversation": conversation.id,
            "case": case_id,
            "purpose": purpose,
            "version": version,
            "hash": text_hash,
            "account": conversation.account,
            "now": now,
        }
        self.later(_CONSENT, values)
        return consent_id

    # -- face checks ------------------------------------------------------------------------------------------------

    async def put_check(self, check: IdentityCheck) -> None:
        values = dict(vars(check))
        if check.selfie_blob is not None:
            await self.as_selfie(check.selfie_blob)
        await self.run(
            pg_insert(identity_check)
            .values(**values)
            .on_conflict_do_update(index_elements=["id"], set_={k: v for k, v in values.items() if k != "id"})
        )

    async def check(self, check_id: UUID, lock: bool = False) -> IdentityCheck:
        query = select(identity_check).where(identity_check.c.id == check_id)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("identity check")
        return _check(row)

    async def pending_checks(self, locus: str) -> list[IdentityCheck]:
        query = (
            select(identity_check)
            .join(t.conversation, t.conversation.c.id == identity_check.c.conversation_id)
            .where(
                identity_check.c.outcome == "officer",
                identity_check.c.decision.is_(None),
                t.conversation.c.locus == locus,
            )
            .order_by(identity_check.c.at)
        )
        return [_check(row) for row in await self.run(query)]

    async def suspicions(self, citizen_id: UUID) -> int:
        query = select(func.count()).where(
            identity_check.c.citizen_id == citizen_id, identity_check.c.suspicion.is_not(None)
        )
        return int((await self.run(query)).scalar_one())


def _check(row: Row[Any]) -> IdentityCheck:
    names = IdentityCheck.__dataclass_fields__
    return IdentityCheck(**{name: getattr(row, name) for name in names})
