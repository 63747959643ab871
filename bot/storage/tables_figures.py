"""Days that are counted for good (see :mod:`bot.storage.figures_days`): small, so that a year of a large office is read at once."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Float, ForeignKey, Index, Integer, Table, Text, Uuid

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
    Column(
        "summed", Date
    ),  # all days before it are in the sums (bot.storage.figures_sums), and whole months in figure_month
    Column("marked", Date),  # all surveys of whole months before it are in figure_month
    Column("offices", ARRAY(Text)),  # of the row of all offices together: whose days its sums hold
)

# The days of a month in one row; kept for every office, and for all of them together under the locus "*" (figure_day, too).
figure_month = Table(
    "figure_month",
    metadata,
    Column("figure", Text, primary_key=True),
    Column("locus", Text, primary_key=True),
    Column("month", Date, primary_key=True),  # its first day
    Column("part", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("amount", Float, nullable=False),
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
