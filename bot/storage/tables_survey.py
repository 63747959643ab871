"""The tables of satisfaction surveys and of the counters' status of the day (see :mod:`bot.storage.tables`).

Answers hold nothing personal: a survey outlives its conversation, and only its remark, which people write themselves, is sealed.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from bot.storage.tables import at, metadata

survey = Table(
    "survey",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column(
        "subject", Text, nullable=False, unique=True
    ),  # case:<id>, ticket:<id>, talk:<conversation>:<day>; asked about once
    Column("locus", Text, nullable=False),
    Column("kind", Text, nullable=False),  # bot.domain.survey.Kind
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="SET NULL")),
    Column("case_id", Uuid, ForeignKey("application.id", ondelete="SET NULL")),
    Column("ticket_id", Uuid),
    Column("service", Text),
    Column("counter", Text, nullable=False, server_default=""),  # where it was served; empty: at none
    Column("channel", Text, nullable=False, server_default=""),  # where it was offered; empty: not yet
    Column("free", Boolean, nullable=False, server_default=text("false")),  # the service costs nothing
    Column("state", Text, nullable=False),  # due, offered, open, done, stopped, dropped
    at("due_at"),  # when it is to be offered; once it was: when it was
    at("offered_at", nullable=True),
    at("finished_at", nullable=True),
    Column("remark_sealed", LargeBinary),
    at("remark_at", nullable=True),
    Column("low", Text),  # bot.domain.survey.Low: somebody should look at it
    at("low_at", nullable=True),
    at("handled_at", nullable=True),
    Column("handled_by", Text),
    Index("ix_survey_due", "due_at", postgresql_where=text("state = 'due'")),
    Index("ix_survey_locus", "locus", "due_at"),
    Index("ix_survey_conversation", "conversation_id", "offered_at"),
    Index("ix_survey_case", "case_id"),
    Index("ix_survey_low", "locus", "low_at", postgresql_where=text("low is not null and handled_at is null")),
)

survey_answer = Table(
    "survey_answer",
    metadata,
    Column("survey_id", Uuid, ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True),
    Column("unsur", SmallInteger, primary_key=True),  # 1 to 9
    Column("mark", SmallInteger),  # 1 to 4; null: passed over
    at("at"),
    CheckConstraint("unsur between 1 and 9", name="unsur"),
    CheckConstraint("mark between 1 and 4", name="mark"),
)

counter_status = Table(
    "counter_status",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("locus", Text, nullable=False),
    Column("day", Date, nullable=False),  # the office's
    Column("item", Text, nullable=False),  # bot.domain.counter_status
    Column("value", Text, nullable=False),
    Column("said_by", Text, nullable=False),
    at("at"),
    Index("ix_counter_status_day", "locus", "day", "id"),
)
