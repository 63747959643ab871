"""The tables of citizens' rights: requests, links to one's own data, erasures under way, breaches, what retention removed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.storage.tables import at, metadata

data_request = Table(
    "data_request",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("locus", Text, nullable=False),
    Column("kind", Text, nullable=False),  # bot.domain.data_rights.Kind
    Column("state", Text, nullable=False),  # asked (not confirmed yet), open, done, refused
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="SET NULL")),
    Column("citizen_id", Uuid, ForeignKey("citizen.id", ondelete="SET NULL")),
    Column("words_sealed", LargeBinary),  # the citizen's own, of an objection
    Column("outcome", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # counts and codes, nothing personal
    at("asked_at"),
    at("due_at"),
    at("warned_at", nullable=True),
    at("settled_at", nullable=True),
    Column("settled_by", Text),
    Index("ix_data_request_locus", "locus", "asked_at"),
    Index("ix_data_request_conversation", "conversation_id", "asked_at"),
    Index("ix_data_request_open", "due_at", postgresql_where=text("state = 'open'")),
)

data_link = Table(
    "data_link",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    Column("code_hash", LargeBinary),
    Column("codes", SmallInteger, nullable=False, server_default="0"),
    Column("failures", SmallInteger, nullable=False, server_default="0"),
    Column("key_hash", LargeBinary),  # of the browser that the code was typed in
    at("created_at"),
    at("expires_at"),
    at("code_expires_at", nullable=True),
    at("opened_at", nullable=True),
    Index("ix_data_link_conversation", "conversation_id", "created_at"),
)

# What is still to go of a person who had their data erased: the address of the chat, once nothing has to be told there.
erasure = Table(
    "erasure",
    metadata,
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    at("asked_at"),
    at("done_at", nullable=True),
    Index("ix_erasure_open", "asked_at", postgresql_where=text("done_at is null")),
)

breach = Table(
    "breach",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locus", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),  # what, which data, how, what is done
    Column("people", Integer),  # how many are concerned, as far as known
    at("found_at"),
    at("happened_at", nullable=True),
    at("people_told_at", nullable=True),
    at("authority_told_at", nullable=True),
    at("closed_at", nullable=True),
    at("created_at"),
    Index("ix_breach_locus", "locus", "found_at"),
)

removal = Table(
    "removal",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("class", Text, nullable=False),  # bot.storage.retention
    Column("table_name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    at("at"),
    Index("ix_removal_at", "at"),
)
