"""The table of what was understood, for the studio (see :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from bot.storage.tables import at, metadata

understood = Table(
    "understood",
    metadata,
    # One row per message of free talk; it goes when the message goes.
    Column("inbox_id", BigInteger, ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("conversation_id", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the message in the thread
    Column("locus", Text, nullable=False),
    at("at"),
    Column("intent", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("ranking", JSONB, nullable=False),  # [[intent, confidence], …], the likeliest three
    Column("service", Text),
    Column("became", Text, nullable=False),  # bot.domain.understood.Became
    Column("text_sealed", LargeBinary, nullable=False),  # masked
    # What editors did about it.
    Column("marked_by", Text),
    Column("settled", Text, nullable=False, server_default=text("''")),  # assigned, elsewhere, dismissed
    Column("settled_by", Text),
    at("settled_at", nullable=True),
    Column("settled_in", Text),  # the commit of the draft
    Index("ix_understood_locus", "locus", "at"),
    Index("ix_understood_conversation", "conversation_id", "seq"),
)
