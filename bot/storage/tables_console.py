"""The tables of the agent console: tickets, and what happened to them (see :mod:`bot.storage.tables`)."""

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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from bot.storage.tables import at, metadata

ticket = Table(
    "ticket",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("locus", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),  # queued, claimed, closed
    Column("agent", Text),
    at("lease_until", nullable=True),
    at("created_at"),
    at("claimed_at", nullable=True),
    at("closed_at", nullable=True),
    Column("trigger", Text, nullable=False, server_default="asked"),  # bot.domain.handoff.Trigger
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    Column("vulnerable", Text, nullable=False, server_default=""),  # age, disability, pregnancy, illness
    Column("language", Text, nullable=False, server_default="id"),
    Column("service", Text),
    Column("case_id", Uuid),
    Column("team", Text),
    Column("skills", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("assigned", Text),  # the colleague it is meant for while it is queued
    Column("desk", Text),  # the outside desk that answers it
    Column("lease_no", Integer, nullable=False, server_default="0"),
    at("snoozed_until", nullable=True),
    Column("waiting_for", Text, nullable=False, server_default="agent"),  # agent, citizen
    at("first_reply_at", nullable=True),
    at("last_citizen_at", nullable=True),
    at("last_reply_at", nullable=True),
    at("resolved_at", nullable=True),
    Column("rating", SmallInteger),
    at("rated_at", nullable=True),
    at("told_at", nullable=True),
    Column("told_place", Integer),
    Column("told_times", SmallInteger, nullable=False, server_default="0"),
    Column("lost", SmallInteger, nullable=False, server_default="0"),
    Column("summary_sealed", LargeBinary),
    Index("uq_ticket_one_open", "conversation_id", unique=True, postgresql_where=text("state <> 'closed'")),
    Index("ix_ticket_open", "locus", "state", "created_at", postgresql_where=text("state <> 'closed'")),
    Index("ix_ticket_conversation", "conversation_id", "created_at"),
    Index("ix_ticket_claimed", "locus", "claimed_at"),
    Index("ix_ticket_created", "locus", "created_at"),
    Index("ix_ticket_closed", "locus", "closed_at"),
)

handoff_event = Table(
    "handoff_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    Column("ticket_id", Uuid),
    at("at"),
    Column("actor", Text, nullable=False),  # username, citizen, bot, desk
    Column("event", Text, nullable=False),  # bot.domain.handoff.Did
    Column("before", Text, nullable=False),  # who held the conversation
    Column("after", Text, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # nothing personal
    Index("ix_handoff_event_conversation", "conversation_id", "id"),
    Index("ix_handoff_event_ticket", "ticket_id", "id"),
    Index("ix_handoff_event_at", "at"),
)
