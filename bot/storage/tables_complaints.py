"""What a citizen added to a complaint (see :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Table, Text, Uuid

from bot.storage.tables import metadata

complaint_word = Table(
    "complaint_word",
    metadata,
    Column("case_id", Uuid, ForeignKey("application.id", ondelete="CASCADE"), primary_key=True),
    Column("verb", Text, primary_key=True),  # of the errand that brings it: words-2, reopen-1
    Column("word_sealed", LargeBinary, nullable=False),  # text, and the ids of files
    Column("at", DateTime(timezone=True), nullable=False),
)
