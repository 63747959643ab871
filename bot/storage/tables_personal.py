"""The tables of contact data and of links to documents (see :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, SmallInteger, Table, Text, Uuid

from bot.storage.tables import at, metadata

contact = Table(
    "contact",
    metadata,
    Column("citizen_id", Uuid, ForeignKey("citizen.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),  # phone, email, channel
    Column("value_sealed", LargeBinary, nullable=False),
    at("updated_at"),
    at("confirmed_at", nullable=True),
)

document_link = Table(
    "document_link",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("case_id", Uuid, ForeignKey("application.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    Column("code_hash", LargeBinary),
    Column("codes", SmallInteger, nullable=False, server_default="0"),
    Column("failures", SmallInteger, nullable=False, server_default="0"),
    at("created_at"),
    at("expires_at"),
    at("code_expires_at", nullable=True),
    at("opened_at", nullable=True),
)
