"""Conversations, their thread, web sessions, inbox rows and recorded steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from bot.domain.conversation import Conversation, Holder, InboxRow, ThreadEntry
from bot.domain.messages import Inbound, Reply, Sender
from bot.errors import Fenced, NotFound
from bot.storage import tables as t
from bot.storage.tx_base import TxBase

_NEXT_SEQS = text("update conversation set last_seq = last_seq + :n where id = :id returning last_seq, account")
_UNDO_SEQ = text("update conversation set last_seq = last_seq - 1 where id = :id")
_FENCE = text("select 1 from inbox where id = :id and lease_no = :lease and state = 'leased' for update")
_FINISH = text(
    "update inbox set state = 'done', done_at = :now, lease_until = null "
    "where id = :id and lease_no = :lease and state = 'leased'"
)


def conversation_of(row: Row[Any]) -> Conversation:
    """A conversation from its row."""
    return Conversation(
        id=row.id,
        account=row.account,
        external_id=row.external_id,
        locus=row.locus,
        language=row.language,
        created_at=row.created_at,
        citizen_id=row.citizen_id,
        assurance=row.assurance,
        assured_until=row.assured_until,
        state=Holder(row.state),
        form_active=row.form_active,
        case_id=row.case_id,
        topic=row.topic,
        misses=row.misses,
        register_failures=row.register_failures,
        turn_mark=row.turn_mark,
        last_inbound_at=row.last_inbound_at,
    )


class ConversationsTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    async def conversation(self, conversation_id: UUID, lock: bool = False) -> Conversation:
        query = select(t.conversation).where(t.conversation.c.id == conversation_id)
        row = (await self.run(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound("conversation")
        return conversation_of(row)

    async def open_conversation(
        self, account: str, external_id: str, locus: str, language: str, now: datetime
    ) -> Conversation:
        await self.run(
            pg_insert(t.conversation)
            .values(
                id=uuid4(), account=account, external_id=external_id, locus=locus, language=language, created_at=now
            )
            .on_conflict_do_nothing()
        )
        query = select(t.conversation).where(
            t.conversation.c.account == account, t.conversation.c.external_id == external_id
        )
        return conversation_of((await self.run(query)).one())

    async def save_conversation(self, conversation: Conversation) -> None:
        c = conversation
        await self.run(
            update(t.conversation)
            .where(t.conversation.c.id == c.id)
            .values(
                language=c.language,
                citizen_id=c.citizen_id,
                assurance=c.assurance,
                assured_until=c.assured_until,
                state=c.state.value,
                form_active=c.form_active,
                case_id=c.case_id,
                topic=c.topic,
                misses=c.misses,
                register_failures=c.register_failures,
                turn_mark=c.turn_mark,
                last_inbound_at=c.last_inbound_at,
            )
        )

    # -- the thread -------------------------------------------------------------------------------------------------

    async def say(
        self,
        conversation_id: UUID,
        replies: Sequence[Reply],
        now: datetime,
        inbox_id: int | None = None,
        key: str | None = None,
    ) -> list[int]:
        if key is not None:
            known = select(t.message.c.seq).where(
                t.message.c.conversation_id == conversation_id, t.message.c.dedupe_key.in_([f"{key}#0"])
            )
            # The lock comes first: two pushes of one status must not both find nothing.
            await self.run(_LOCK, {"id": conversation_id})
            if (await self.run(known)).first() is not None:
                return []
        if not replies:
            return []
        last, account = (await self.run(_NEXT_SEQS, {"id": conversation_id, "n": len(replies)})).one()
        first = last - len(replies) + 1
        rows = [
            self._entry(conversation_id, first + i, reply.sender.value, reply.to_json(), now, inbox_id)
            | {"dedupe_key": f"{key}#{i}" if key else None}
            for i, reply in enumerate(replies)
        ]
        await self.run(insert(t.message), rows)
        if account not in self._pull:
            await self.run(
                insert(t.outbox),
                [
                    {
                        "conversation_id": conversation_id,
                        "seq": row["seq"],
                        "account": account,
                        "next_at": now,
                        "created_at": now,
                    }
                    for row in rows
                ],
            )
            await self.notify("loket_outbox")
        await self.notify("loket_message", str(conversation_id))
        return [row["seq"] for row in rows]

    def _entry(
        self, conversation_id: UUID, seq: int, sender: str, body: dict[str, Any], at: datetime, inbox_id: int | None
    ) -> dict[str, Any]:
        return {
            "conversation_id": conversation_id,
            "seq": seq,
            "sender": sender,
            "body_sealed": self.seal_json(body, f"message:{conversation_id}:{seq}"),
            "inbox_id": inbox_id,
            "created_at": at,
        }

    async def thread(self, conversation_id: UUID, after: int = 0, limit: int = 500) -> list[ThreadEntry]:
        query = (
            select(t.message)
            .where(t.message.c.conversation_id == conversation_id, t.message.c.seq > after)
            .order_by(t.message.c.seq)
            .limit(limit)
        )
        return [
            ThreadEntry(
                seq=row.seq,
                at=row.created_at,
                sender=row.sender,
                body=self.open_json(row.body_sealed, f"message:{conversation_id}:{row.seq}"),
                inbox_id=row.inbox_id,
            )
            for row in await self.run(query)
        ]

    # -- web sessions -----------------------------------------------------------------------------------------------

    async def new_session(self, conversation_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime) -> None:
        await self.run(
            insert(t.chat_session).values(
                token_hash=token_hash, conversation_id=conversation_id, created_at=now, expires_at=expires_at
            )
        )

    async def session(self, token_hash: bytes, now: datetime) -> UUID | None:
        query = select(t.chat_session.c.conversation_id).where(
            t.chat_session.c.token_hash == token_hash, t.chat_session.c.expires_at > now
        )
        return (await self.run(query)).scalar_one_or_none()

    # -- inbox ------------------------------------------------------------------------------------------------------

    async def put_inbound(self, conversation_id: UUID, inbound: Inbound, now: datetime) -> tuple[int, bool]:
        known = select(t.inbox.c.seq).where(
            t.inbox.c.account == inbound.account, t.inbox.c.external_id == inbound.external_id
        )
        # The counter's row lock makes a concurrent repeat wait here, so the look-up below sees the first one.
        last, _ = (await self.run(_NEXT_SEQS, {"id": conversation_id, "n": 1})).one()
        before = (await self.run(known)).scalar_one_or_none()
        if before is not None:
            await self.run(_UNDO_SEQ, {"id": conversation_id})
            return before, False
        body = {
            "text": inbound.text,
            "payload": inbound.payload,
            "title": inbound.title,
            "file": vars(inbound.file) if inbound.file else None,
            "file_kind": inbound.file_kind,
            "client_id": inbound.client_id,
        }
        context = f"inbox:{inbound.account}:{inbound.external_id}"
        statement = (
            insert(t.inbox)
            .values(
                account=inbound.account,
                external_id=inbound.external_id,
                conversation_id=conversation_id,
                seq=last,
                body_sealed=self.seal_json(body, context),
                not_before=now,
                received_at=now,
            )
            .returning(t.inbox.c.id)
        )
        inbox_id = (await self.run(statement)).scalar_one()
        entry = self._entry(conversation_id, last, Sender.CITIZEN.value, body, now, inbox_id)
        await self.run(insert(t.message), [entry])
        await self.notify("loket_inbox")
        await self.notify("loket_message", str(conversation_id))
        return last, True

    async def fence(self, inbox_id: int, lease_no: int) -> None:
        if (await self.run(_FENCE, {"id": inbox_id, "lease": lease_no})).first() is None:
            raise Fenced("the lease of the turn moved on")

    async def step(self, inbox_id: int, ref: str) -> dict[str, Any] | None:
        query = select(t.turn_step.c.result_sealed).where(t.turn_step.c.inbox_id == inbox_id, t.turn_step.c.ref == ref)
        sealed = (await self.run(query)).scalar_one_or_none()
        return None if sealed is None else self.open_json(sealed, f"step:{inbox_id}:{ref}")

    async def steps(self, inbox_id: int) -> dict[str, dict[str, Any]]:
        query = select(t.turn_step.c.ref, t.turn_step.c.result_sealed).where(t.turn_step.c.inbox_id == inbox_id)
        return {ref: self.open_json(sealed, f"step:{inbox_id}:{ref}") for ref, sealed in await self.run(query)}

    async def put_step(self, inbox_id: int, lease_no: int, ref: str, result: dict[str, Any], now: datetime) -> None:
        await self.run(
            insert(t.turn_step).values(
                inbox_id=inbox_id,
                ref=ref,
                lease_no=lease_no,
                result_sealed=self.seal_json(result, f"step:{inbox_id}:{ref}"),
                created_at=now,
            )
        )

    async def finish(self, row: InboxRow, now: datetime) -> None:
        done = await self.run(_FINISH, {"id": row.id, "lease": row.lease_no, "now": now})
        if done.rowcount != 1:
            raise Fenced("the lease of the turn moved on")
        await self.run(delete(t.turn_step).where(t.turn_step.c.inbox_id == row.id))


_LOCK = text("select 1 from conversation where id = :id for update")
