"""The log of what passed between us and providers: kinds, lengths, codes, times. No texts, no addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text

from bot.domain.messages import Outgoing
from bot.storage.columns import every
from bot.storage.tables import exchange
from bot.storage.tx_base import TxBase
from bot.usecases.store_delivery import Exchange

_PUT: LiteralString = """
insert into exchange (account, conversation_id, outbox_id, direction, outcome, provider_code, ms, detail, at)
values (%(account)s, %(conversation_id)s, %(outbox_id)s, %(direction)s, %(outcome)s, %(provider_code)s, %(ms)s,
  %(detail)s, %(at)s)
"""
_OF = text(f"""
select {every(exchange, "e")}, o.seq from exchange e left join outbox o on o.id = e.outbox_id
where e.conversation_id = :conversation order by e.at desc, e.id desc limit :most
""")  # noqa: S608  (names of columns only)
_FORGET = text("delete from exchange where at < :before")


def described(message: Outgoing, part: int) -> dict[str, Any]:
    """What the log says of a message: nothing of its content."""
    detail: dict[str, Any] = {"part": part, "characters": len(message.text), "buttons": len(message.buttons)}
    if message.file is not None:
        detail |= {"file": message.file.type, "bytes": len(message.file.data)}
    if message.template is not None:
        detail |= {"template": message.template.name, "language": message.template.language}
    return detail


class ExchangesTx(TxBase):
    """See :class:`bot.usecases.store.Tx`."""

    async def put_exchange(
        self,
        account: str,
        direction: str,
        outcome: str,
        at: datetime,
        *,
        detail: Mapping[str, Any] | None = None,
        conversation_id: UUID | None = None,
        outbox_id: int | None = None,
        provider_code: str | None = None,
        ms: int | None = None,
    ) -> None:
        values = {
            "account": account,
            "conversation_id": conversation_id,
            "outbox_id": outbox_id,
            "direction": direction,
            "outcome": outcome,
            "provider_code": provider_code,
            "ms": ms,
            "detail": Jsonb(dict(detail or {})),
            "at": at,
        }
        await self.fast(_PUT, values)

    async def exchanges(self, conversation_id: UUID, most: int = 100) -> list[Exchange]:
        rows = await self.run(_OF, {"conversation": conversation_id, "most": most})
        return [Exchange(r.account, r.direction, r.outcome, r.at, r.detail, r.seq, r.provider_code, r.ms) for r in rows]

    async def forget_exchanges(self, before: datetime) -> int:
        """Delete what is older; returns how many."""
        return (await self.run(_FORGET, {"before": before})).rowcount
