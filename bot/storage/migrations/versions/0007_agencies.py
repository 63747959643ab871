"""Submission and tracking: what never loses a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
PHASE = "both"

_CASE = ("paused_at", "polled_at")
_ERRAND = ("retried_at", "told_at", "settled_at")


def _at(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.execute("update application set state = 'selesai' where state = 'diambil'")
    op.execute("update application_event set state = 'selesai' where state = 'diambil'")
    for column in _CASE:
        op.add_column("application", _at(column, nullable=True))
    op.add_column("application", sa.Column("paused_days", sa.Integer(), server_default="0", nullable=False))
    op.add_column("application", sa.Column("begun_by", sa.BigInteger()))
    op.execute("update application set paused_at = updated_at where state = 'perlu_perbaikan'")
    op.drop_index("uq_application_agency_ref", "application")
    op.create_index("uq_application_agency_ref", "application", ["locus", "agency", "agency_ref"], unique=True)
    op.create_index("ix_application_agency_ref", "application", ["agency_ref"])
    op.add_column("application_event", sa.Column("inbox_id", sa.BigInteger()))
    for column in _ERRAND:
        op.add_column("submission", _at(column, nullable=True))
    op.add_column("submission", sa.Column("settled_by", sa.Text()))
    op.add_column("submission", sa.Column("reason_sealed", sa.LargeBinary()))
    op.create_index("ix_submission_failed", "submission", ["created_at"], postgresql_where=sa.text("state = 'failed'"))
    _tables()


def _tables() -> None:
    op.create_table(
        "agency_call",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("application.id", ondelete="CASCADE"), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("ms", sa.Integer()),
        _at("at"),
    )
    op.create_index("ix_agency_call_case", "agency_call", ["case_id", "at"])
    op.create_index("ix_agency_call_at", "agency_call", ["at"])
    op.create_table(
        "breaker",
        sa.Column("agency", sa.Text(), primary_key=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opens", sa.Integer(), server_default="0", nullable=False),
        _at("opened_at", nullable=True),
        _at("retry_at", nullable=True),
        _at("probe_until", nullable=True),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("locus", sa.Text(), server_default="", nullable=False),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("application.id", ondelete="CASCADE")),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        _at("first_at"),
        _at("last_at"),
        _at("handled_at", nullable=True),
        sa.Column("handled_by", sa.Text()),
    )
    op.create_index(
        "uq_alarm_open",
        "alarm",
        ["kind", "agency", "case_id", "code"],
        unique=True,
        postgresql_where=sa.text("handled_at is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_alarm_case", "alarm", ["case_id"])


def downgrade() -> None:
    for table in ("alarm", "breaker", "agency_call"):
        op.drop_table(table)
    op.drop_index("ix_submission_failed", "submission")
    for column in ("reason_sealed", "settled_by", *_ERRAND):
        op.drop_column("submission", column)
    op.drop_column("application_event", "inbox_id")
    op.drop_index("ix_application_agency_ref", "application")
    op.drop_index("uq_application_agency_ref", "application")
    op.create_index("uq_application_agency_ref", "application", ["agency", "agency_ref"], unique=True)
    for column in ("begun_by", "paused_days", *_CASE):
        op.drop_column("application", column)
    op.execute("update application set state = 'diambil' where state = 'selesai'")
    op.execute("update application_event set state = 'diambil' where state = 'selesai'")
