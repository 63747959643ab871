"""Tables of published content (part of :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, LargeBinary, Table, Text

from bot.storage.tables import metadata

content_model = Table(
    "content_model",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

# The newest row is live.
content_release = Table(
    "content_release",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("commit", Text, nullable=False),
    Column("bundle", LargeBinary, nullable=False),  # tar archive of all files
    Column("model", Text, nullable=False),  # hash; the row of content_model may come later
    Column("kind", Text, nullable=False),  # seed, upgrade, publish, rollback
    Column("author", Text, nullable=False),
    Column("approved_by", Text),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
