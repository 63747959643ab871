"""Which citizens' files staff may open."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

from bot.errors import NotFound
from bot.storage.store import PgTx
from bot.storage.tables import blob
from bot.storage.tables_console import ticket
from bot.storage.tables_proof import identity_check


async def ticket_of_file(tx: PgTx, locus: str, blob_id: UUID) -> str:
    """Number of the open ticket of an office through which a file may be opened.

    :raises bot.errors.NotFound: there is no such file or ticket, or it is a selfie, which only its check shows.
    """
    is_selfie = exists().where(identity_check.c.selfie_blob == blob_id)
    query = (
        select(ticket.c.number)
        .join(blob, blob.c.conversation_id == ticket.c.conversation_id)
        .where(
            blob.c.id == blob_id,
            blob.c.kind.not_in(("selfie", "enrolled")),
            ticket.c.locus == locus,
            ticket.c.state != "closed",
            ~is_selfie,
        )
    )
    number: str | None = (await tx.run(query)).scalars().first()
    if number is None:
        raise NotFound("file")
    return number
