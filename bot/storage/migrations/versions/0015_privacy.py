"""What citizens ask about their data, processing records, breaches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
PHASE = "expand"

_CONVERSATION, _CITIZEN = "conversation.id", "citizen.id"


def _at(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _requests()
    _links()
    _breaches()


def _requests() -> None:
    op.create_table(
        "data_request",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey(_CONVERSATION, ondelete="SET NULL")),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey(_CITIZEN, ondelete="SET NULL")),
        sa.Column("words_sealed", sa.LargeBinary()),
        sa.Column("outcome", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        _at("asked_at"),
        _at("due_at"),
        _at("warned_at", nullable=True),
        _at("settled_at", nullable=True),
        sa.Column("settled_by", sa.Text()),
    )
    op.create_index("ix_data_request_locus", "data_request", ["locus", "asked_at"])
    op.create_index("ix_data_request_conversation", "data_request", ["conversation_id", "asked_at"])
    op.create_index("ix_data_request_open", "data_request", ["due_at"], postgresql_where=sa.text("state = 'open'"))


def _links() -> None:
    op.create_table(
        "data_link",
        sa.Column("token_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey(_CONVERSATION, ondelete="CASCADE"), nullable=False),
        sa.Column("code_hash", sa.LargeBinary()),
        sa.Column("codes", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("failures", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("key_hash", sa.LargeBinary()),
        _at("created_at"),
        _at("expires_at"),
        _at("code_expires_at", nullable=True),
        _at("opened_at", nullable=True),
    )
    op.create_index("ix_data_link_conversation", "data_link", ["conversation_id", "created_at"])
    op.create_table(
        "erasure",
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey(_CONVERSATION, ondelete="CASCADE"), primary_key=True),
        _at("asked_at"),
        _at("done_at", nullable=True),
    )
    op.create_index("ix_erasure_open", "erasure", ["asked_at"], postgresql_where=sa.text("done_at is null"))


def _breaches() -> None:
    op.create_table(
        "breach",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("people", sa.Integer()),
        _at("found_at"),
        _at("happened_at", nullable=True),
        _at("people_told_at", nullable=True),
        _at("authority_told_at", nullable=True),
        _at("closed_at", nullable=True),
        _at("created_at"),
    )
    op.create_index("ix_breach_locus", "breach", ["locus", "found_at"])
    op.create_table(
        "removal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        _at("at"),
    )
    op.create_index("ix_removal_at", "removal", ["at"])
    op.create_index("ix_message_created", "message", ["created_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_message_created", "message")
    for table in ("removal", "breach", "erasure", "data_link", "data_request"):
        op.drop_table(table)
