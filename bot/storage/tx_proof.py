"""Attempts to prove an identity, pictures seen before, and trust in a channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.attempts import Attempts
from bot.domain.conversation import Capture, Enrolment, Trust
from bot.errors import NotFound
from bot.storage import tables_proof as t
from bot.storage.tables import conversation
from bot.storage.tx_base import TxBase

_APART = timedelta(hours=12)
"""Successes closer together count as one: a second one is to show that the device stayed in the same hands."""


class ProofTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    # -- attempts ---------------------------------------------------------------------------------------------------

    async def attempts(self, subject: str) -> Attempts:
        index = self._keys.blind_index(subject, "attempt")
        row = (await self.run(select(t.attempt).where(t.attempt.c.subject_index == index))).one_or_none()
        return Attempts() if row is None else Attempts(row.failures, row.failed_at)

    async def put_origin(self, conversation_id: UUID, origin: bytes) -> None:
        await self.run(update(conversation).where(conversation.c.id == conversation_id).values(origin_index=origin))

    async def failed(self, subject: str, now: datetime) -> Attempts:
        index = self._keys.blind_index(subject, "attempt")
        # The row is made first and then locked, so that two failures at once are two.
        made = pg_insert(t.attempt).values(subject_index=index, failures=0, failed_at=now)
        await self.run(made.on_conflict_do_nothing())
        query = select(t.attempt).where(t.attempt.c.subject_index == index).with_for_update()
        row = (await self.run(query)).one()
        attempts = Attempts(row.failures, row.failed_at).again(now)
        await self.run(
            update(t.attempt)
            .where(t.attempt.c.subject_index == index)
            .values(failures=attempts.failures, failed_at=attempts.failed_at)
        )
        return attempts

    async def forgive(self, subject: str) -> None:
        index = self._keys.blind_index(subject, "attempt")
        await self.run(delete(t.attempt).where(t.attempt.c.subject_index == index))

    # -- pictures seen before -----------------------------------------------------------------------------------------

    async def put_probe(self, citizen_id: UUID, sha256: str, perceptual_hash: str | None, now: datetime) -> None:
        index = self._keys.blind_index(sha256, "picture")
        values = {"citizen_id": citizen_id, "picture_index": index, "perceptual_hash": perceptual_hash, "at": now}
        await self.run(insert(t.face_probe).values(**values))

    async def seen_picture(self, sha256: str) -> bool:
        index = self._keys.blind_index(sha256, "picture")
        found = await self.run(select(t.face_probe.c.id).where(t.face_probe.c.picture_index == index).limit(1))
        return found.first() is not None

    async def perceptual_hashes(self, citizen_id: UUID) -> list[str]:
        query = select(t.face_probe.c.perceptual_hash).where(
            t.face_probe.c.citizen_id == citizen_id, t.face_probe.c.perceptual_hash.is_not(None)
        )
        return [row[0] for row in await self.run(query)]

    # -- trust in a channel -------------------------------------------------------------------------------------------

    async def trust(self, conversation_id: UUID, citizen_id: UUID) -> Trust | None:
        row = (await self.run(_trust_of(conversation_id, citizen_id))).one_or_none()
        return None if row is None else Trust(row.successes, row.last_at)

    async def succeeded(self, conversation_id: UUID, citizen_id: UUID, now: datetime) -> Trust:
        row = (await self.run(_trust_of(conversation_id, citizen_id).with_for_update())).one_or_none()
        counts = row is None or now - row.counted_at >= _APART
        successes = (row.successes if row else 0) + counts
        values = {
            "successes": successes,
            "counted_at": now if row is None or counts else row.counted_at,
            "last_at": now,
        }
        await self.run(
            pg_insert(t.channel_trust)
            .values(conversation_id=conversation_id, citizen_id=citizen_id, **values)
            .on_conflict_do_update(index_elements=["conversation_id", "citizen_id"], set_=values)
        )
        return Trust(successes, now)

    async def distrust(self, citizen_id: UUID) -> None:
        await self.run(delete(t.channel_trust).where(t.channel_trust.c.citizen_id == citizen_id))

    async def put_capture(self, capture: Capture) -> None:
        values = {**vars(capture), "key_sealed": None}
        key = values.pop("key")
        if key is not None:
            values["key_sealed"] = self._keys.seal(key, f"capture.key:{capture.token_hash.hex()}")
        if capture.state == "offered":
            others = (t.capture.c.conversation_id == capture.conversation_id) & (t.capture.c.state == "offered")
            await self.run(delete(t.capture).where(others))
        changed = {name: value for name, value in values.items() if name != "token_hash"}
        await self.run(
            pg_insert(t.capture).values(**values).on_conflict_do_update(index_elements=["token_hash"], set_=changed)
        )

    async def capture(self, token_hash: bytes, lock: bool = False) -> Capture | None:
        query = select(t.capture).where(t.capture.c.token_hash == token_hash)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            return None
        values = {name: getattr(row, name) for name in Capture.__dataclass_fields__ if name != "key"}
        key = self._keys.open(bytes(row.key_sealed), f"capture.key:{token_hash.hex()}") if row.key_sealed else None
        return Capture(**{**values, "token_hash": bytes(row.token_hash)}, key=key)

    async def put_enrolment(self, enrolment: Enrolment) -> None:
        values = {**vars(enrolment), "template_sealed": None}
        template = values.pop("template")
        if template is not None:
            values["template_sealed"] = self._keys.seal(template, f"enrolment:{enrolment.id}")
        changed = {name: value for name, value in values.items() if name != "id"}
        await self.run(
            pg_insert(t.enrolment).values(**values).on_conflict_do_update(index_elements=["id"], set_=changed)
        )

    async def enrolment(self, enrolment_id: UUID, lock: bool = False) -> Enrolment:
        query = select(t.enrolment).where(t.enrolment.c.id == enrolment_id)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("enrolment")
        return self._enrolment(row)

    async def waiting_enrolments(self, locus: str) -> list[Enrolment]:
        waiting = (t.enrolment.c.locus == locus) & (t.enrolment.c.state == "waiting")
        rows = await self.run(select(t.enrolment).where(waiting).order_by(t.enrolment.c.made_at))
        return [self._enrolment(row) for row in rows]

    def _enrolment(self, row: Row[Any]) -> Enrolment:
        values = {name: getattr(row, name) for name in Enrolment.__dataclass_fields__ if name != "template"}
        sealed = row.template_sealed
        return Enrolment(**values, template=self._keys.open(bytes(sealed), f"enrolment:{row.id}") if sealed else None)

    async def drop_enrolments(self, citizen_id: UUID) -> None:
        waiting = (t.enrolment.c.citizen_id == citizen_id) & (t.enrolment.c.state == "waiting")
        await self.run(update(t.enrolment).where(waiting).values(template_sealed=None, state="refused"))

    async def channels_of(self, citizen_id: UUID) -> list[UUID]:
        query = select(t.channel_trust.c.conversation_id).where(t.channel_trust.c.citizen_id == citizen_id)
        return [row[0] for row in await self.run(query.order_by(t.channel_trust.c.conversation_id))]


def _trust_of(conversation_id: UUID, citizen_id: UUID) -> Select[Any]:
    return select(t.channel_trust).where(
        t.channel_trust.c.conversation_id == conversation_id, t.channel_trust.c.citizen_id == citizen_id
    )
