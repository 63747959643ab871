"""The tables of what agents write for each other: notes, labels, canned answers (see :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from bot.storage.tables import at, metadata

note = Table(
    "note",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    Column("locus", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("mentions", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("dedupe_key", Text, nullable=False, unique=True),  # one per form shown: a double click writes it once
    at("created_at"),
    Index("ix_note_conversation", "conversation_id", "created_at"),
    Index("ix_note_author", "author", "created_at"),
)

conversation_label = Table(
    "conversation_label",
    metadata,
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    Column("label", Text, primary_key=True),
    Column("locus", Text, nullable=False),
    Column("put_by", Text, nullable=False),
    at("put_at"),
    Index("ix_conversation_label_locus", "locus", "label"),
)

canned = Table(
    "canned",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locus", Text, nullable=False),
    Column("shortcut", Text, nullable=False),
    Column("language", Text, nullable=False),  # id, en, jv
    Column("text", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    at("changed_at"),
    at("deleted_at", nullable=True),  # kept: the seeds of an office that threw one away do not come back
    Index(
        "uq_canned_shortcut", "locus", "shortcut", "language", unique=True, postgresql_where=text("deleted_at is null")
    ),
)
