"""What the dashboard counts from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
PHASE = "expand"

_OPEN = "'diajukan', 'verifikasi_berkas', 'perlu_perbaikan', 'diproses', 'menunggu_tte'"
_INDEXES = (
    ("ix_application_begun", "application", ["locus", "created_at"], None),
    ("ix_application_submitted", "application", ["locus", "submitted_at"], "submitted_at is not null"),
    ("ix_application_unsent", "application", ["locus"], "submitted_at is null"),
    ("ix_application_open", "application", ["locus"], f"submitted_at is not null and state in ({_OPEN})"),
    (
        "ix_application_event_decided",
        "application_event",
        ["at"],
        "state in ('terbit', 'ditolak', 'dibatalkan', 'kedaluwarsa')",
    ),
    ("ix_outbox_created", "outbox", ["created_at"], None),
    ("ix_outbox_failed", "outbox", ["created_at"], "state = 'failed'"),
    ("ix_identity_check_at", "identity_check", ["at"], None),
    ("ix_ticket_created", "ticket", ["locus", "created_at"], None),
)


def upgrade() -> None:
    op.add_column("inbox", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column("application", sa.Column("step", sa.Text(), nullable=True))
    op.create_index("ix_inbox_received", "inbox", ["received_at"], postgresql_using="brin")
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, postgresql_where=sa.text(where) if where else None)
    op.create_table(
        "figure_day",
        sa.Column("figure", sa.Text(), primary_key=True),
        sa.Column("locus", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("part", sa.Text(), primary_key=True),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
    )
    op.create_table(
        "figure_through",
        sa.Column("locus", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
    )
    op.create_table(
        "talk_day",
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("person", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_talk_day_locus", "talk_day", ["locus", "at"])


def downgrade() -> None:
    op.drop_table("talk_day")
    op.drop_table("figure_through")
    op.drop_table("figure_day")
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_index("ix_inbox_received", table_name="inbox")
    op.drop_column("application", "step")
    op.drop_column("inbox", "outcome")
