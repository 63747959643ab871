"""The studio: misunderstood messages, trainings, approvals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
PHASE = "expand"


def upgrade() -> None:
    op.create_table(
        "training_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("model", sa.Text(), nullable=False, server_default=""),
        sa.Column("report_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
    )
    op.create_index("ix_training_run_revision", "training_run", ["revision"])
    op.create_table(
        "release_approval",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_release_approval_revision", "release_approval", ["revision"])
    _understood()


def downgrade() -> None:
    op.drop_table("understood")
    op.drop_table("release_approval")
    op.drop_table("training_run")


def _understood() -> None:
    op.create_table(
        "understood",
        sa.Column(
            "inbox_id",
            sa.BigInteger(),
            sa.ForeignKey("inbox.id", name="fk_understood_inbox_id_inbox", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("ranking", postgresql.JSONB(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("marked_by", sa.Text(), nullable=True),
        sa.Column("settled", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_in", sa.Text(), nullable=True),
    )
    op.create_index("ix_understood_locus", "understood", ["locus", "at"])
    op.create_index("ix_understood_conversation", "understood", ["conversation_id", "seq"])
