"""Tables of trainings and approvals of the content studio (part of :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from bot.storage.tables import at, metadata

training_run = Table(
    "training_run",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("revision", Text, nullable=False),  # commit of the draft
    Column("state", Text, nullable=False),  # waiting, training, testing, done, failed, cancelled, interrupted
    Column("lines", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # what it has told so far
    Column("model", Text, nullable=False, server_default=""),
    Column("report_sealed", LargeBinary),  # holds messages that citizens wrote, masked
    Column("asked_by", Text, nullable=False),
    at("asked_at"),
    at("ended_at", nullable=True),
    Column("cancelled_by", Text),
    Index("ix_training_run_revision", "revision"),
)

release_approval = Table(
    "release_approval",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("revision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    at("asked_at"),
    Column("verdict", Text, nullable=False, server_default=""),  # approved, declined; empty: nobody decided yet
    Column("note", Text, nullable=False, server_default=""),
    Column("decided_by", Text),
    at("decided_at", nullable=True),
    Index("ix_release_approval_revision", "revision"),
)
