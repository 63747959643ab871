"""Complaints, queue tickets, home visits, document links, profile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
PHASE = "expand"


def upgrade() -> None:
    _complaints()
    _personal()


def _complaints() -> None:
    op.create_table(
        "complaint_word",
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("application.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("verb", sa.Text(), primary_key=True),
        sa.Column("word_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def _personal() -> None:
    """Contact data as the person gave them, and links to finished documents."""
    op.create_table(
        "contact",
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizen.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
    )
    case = sa.ForeignKey("application.id", ondelete="CASCADE")
    conversation = sa.ForeignKey("conversation.id", ondelete="CASCADE")
    op.create_table(
        "document_link",
        sa.Column("token_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("case_id", sa.Uuid(), case, nullable=False),
        sa.Column("conversation_id", sa.Uuid(), conversation, nullable=False),
        sa.Column("code_hash", sa.LargeBinary()),
        sa.Column("codes", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_expires_at", sa.DateTime(timezone=True)),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_document_link_case_id", "document_link", ["case_id"])


def downgrade() -> None:
    op.drop_table("document_link")
    op.drop_table("contact")
    op.drop_table("complaint_word")
