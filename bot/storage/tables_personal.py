"""The tables of contact data and of links to documents (see :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, SmallInteger, Table, Text, Uuid

from bot.storage.tables import metadata


def _at(name: str, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


contact = Table(
    "contact",
    metadata,
    Column("citizen_id", Uuid, ForeignKey("citizen.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),  # phone, email, channel
    Column("value_sealed", LargeBinary, nullable=False),
    _at("updated_at"),
    _at("confirmed_at", nullable=True),
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
    _at("created_at"),
    _at("expires_at"),
    _at("code_expires_at", nullable=True),
    _at("opened_at", nullable=True),
)
