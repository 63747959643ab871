"""Satisfaction surveys, and the counters' status of the day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
PHASE = "expand"


def _at(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("subject", sa.Text(), nullable=False, unique=True),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id", ondelete="SET NULL")),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("application.id", ondelete="SET NULL")),
        sa.Column("ticket_id", sa.Uuid()),
        sa.Column("service", sa.Text()),
        sa.Column("counter", sa.Text(), nullable=False, server_default=""),
        sa.Column("channel", sa.Text(), nullable=False, server_default=""),
        sa.Column("free", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("state", sa.Text(), nullable=False),
        _at("due_at"),
        _at("offered_at", nullable=True),
        _at("finished_at", nullable=True),
        sa.Column("remark_sealed", sa.LargeBinary()),
        _at("remark_at", nullable=True),
        sa.Column("low", sa.Text()),
        _at("low_at", nullable=True),
        _at("handled_at", nullable=True),
        sa.Column("handled_by", sa.Text()),
    )
    op.create_index("ix_survey_due", "survey", ["due_at"], postgresql_where=sa.text("state = 'due'"))
    op.create_index("ix_survey_locus", "survey", ["locus", "due_at"])
    op.create_index("ix_survey_conversation", "survey", ["conversation_id", "offered_at"])
    op.create_index("ix_survey_case", "survey", ["case_id"])
    op.create_index(
        "ix_survey_low",
        "survey",
        ["locus", "low_at"],
        postgresql_where=sa.text("low is not null and handled_at is null"),
    )
    op.create_table(
        "survey_answer",
        sa.Column("survey_id", sa.Uuid(), sa.ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("unsur", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("mark", sa.SmallInteger()),
        _at("at"),
        sa.CheckConstraint("unsur between 1 and 9", name="unsur"),
        sa.CheckConstraint("mark between 1 and 4", name="mark"),
    )
    op.create_table(
        "counter_status",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        _at("at"),
    )
    op.create_index("ix_counter_status_day", "counter_status", ["locus", "day", "id"])


def downgrade() -> None:
    op.drop_table("counter_status")
    op.drop_table("survey_answer")
    op.drop_table("survey")
