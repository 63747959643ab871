"""The tables around agencies: what passed, whether one is spared for a while, what an operator has to look at."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from bot.storage.tables import at, metadata

agency_call = Table(
    "agency_call",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("case_id", Uuid, ForeignKey("application.id", ondelete="CASCADE"), nullable=False),
    Column("agency", Text, nullable=False),  # integration
    Column("direction", Text, nullable=False),  # in (a push, or a line of the history asked for), out
    Column("verb", Text, nullable=False),  # of the errand; push
    Column("attempt", SmallInteger, nullable=False, server_default="0"),
    Column("outcome", Text, nullable=False),  # ok, or the error's code; of a push: taken, repeat, late
    Column("ms", Integer),
    at("at"),
    Index("ix_agency_call_case", "case_id", "at"),
    Index("ix_agency_call_at", "at"),
)

breaker = Table(
    "breaker",
    metadata,
    Column("agency", Text, primary_key=True),  # integration
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("opens", Integer, nullable=False, server_default="0"),  # in a row, without a success between
    at("opened_at", nullable=True),  # not null: open, or half open from retry_at on
    at("retry_at", nullable=True),
    at("probe_until", nullable=True),  # somebody is trying just now
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),  # see bot/domain/alarms.py
    Column("agency", Text, nullable=False),
    Column("locus", Text, nullable=False, server_default=""),  # empty: of no single office
    Column("case_id", Uuid, ForeignKey("application.id", ondelete="CASCADE")),
    Column("code", Text, nullable=False, server_default=""),
    Column("count", Integer, nullable=False, server_default="1"),
    at("first_at"),
    at("last_at"),
    at("handled_at", nullable=True),
    Column("handled_by", Text),
    Index(
        "uq_alarm_open",
        "kind",
        "agency",
        "case_id",
        "code",
        unique=True,
        postgresql_where=text("handled_at is null"),
        postgresql_nulls_not_distinct=True,
    ),
    Index("ix_alarm_case", "case_id"),
)
