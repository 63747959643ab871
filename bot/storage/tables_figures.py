"""Days that are counted for good (see :mod:`bot.storage.figures_days`): small, so that a year of a large office is read at once."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, ForeignKey, Index, Integer, Table, Text, Uuid

from bot.storage.tables import at, metadata

figure_day = Table(
    "figure_day",
    metadata,
    Column("figure", Text, primary_key=True),
    Column("locus", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("part", Text, primary_key=True),  # what bot.storage.figures_rows.PARTS says of the figure
    Column("n", BigInteger, nullable=False),
    Column("amount", Float, nullable=False),
)

figure_through = Table(
    "figure_through",
    metadata,
    Column("locus", Text, primary_key=True),
    Column("day", Date, nullable=False),  # all days before it are counted
)

# One conversation on one day: what stands behind the numbers of conversations.
talk_day = Table(
    "talk_day",
    metadata,
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("locus", Text, nullable=False),
    at("at"),  # of the last message
    Column("channel", Text, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("person", Boolean, nullable=False),
    Index("ix_talk_day_locus", "locus", "at"),
)
