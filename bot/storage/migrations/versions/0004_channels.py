"""Push channels, one person across channels, reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
PHASE = "both"

_OPEN = sa.text("state in ('created', 'sending')")


def _at(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _people()
    op.add_column("inbox", sa.Column("joined_to", sa.BigInteger()))
    op.add_column("application", _at("valid_until", nullable=True))
    _outbox()
    op.create_table(
        "exchange",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid()),
        sa.Column("outbox_id", sa.BigInteger()),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("provider_code", sa.Text()),
        sa.Column("ms", sa.Integer()),
        sa.Column("detail", JSONB(), nullable=False),
        _at("at"),
    )
    op.create_index("ix_exchange_conversation", "exchange", ["conversation_id", "at"])
    op.create_table(
        "reminder",
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("application.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        _at("due_at"),
        _at("sent_at", nullable=True),
    )
    op.create_index("ix_reminder_due", "reminder", ["due_at"], postgresql_where=sa.text("sent_at is null"))
    op.create_table(
        "provider_template",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("language", sa.Text(), primary_key=True),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        _at("checked_at"),
    )


def _people() -> None:
    op.add_column(
        "conversation",
        sa.Column("person_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.add_column("conversation", sa.Column("standing", sa.Text(), server_default="open", nullable=False))
    op.add_column("conversation", sa.Column("address_sealed", sa.LargeBinary()))
    op.create_index("ix_conversation_person", "conversation", ["person_id"])
    op.create_table(
        "conversation_alias",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("alias_index", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    )
    op.create_table(
        "link_code",
        sa.Column("code_index", sa.LargeBinary(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        _at("created_at"),
        _at("expires_at"),
        _at("used_at", nullable=True),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("person_before", sa.Uuid(), nullable=False),
        sa.Column("person_after", sa.Uuid(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        _at("at"),
        _at("undone_at", nullable=True),
    )
    op.create_index("ix_link_conversation", "link", ["conversation_id", "at"])


def _outbox() -> None:
    # No channel before this one sent anything: there are no ids of providers to be kept.
    op.drop_index("uq_outbox_external", "outbox")
    op.drop_column("outbox", "external_id")
    op.add_column("outbox", sa.Column("notice", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("outbox", sa.Column("parts", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("outbox", sa.Column("via", sa.Text()))
    op.create_index("ix_outbox_open", "outbox", ["conversation_id", "seq"], postgresql_where=_OPEN)
    op.create_table(
        "outbox_part",
        sa.Column("outbox_id", sa.BigInteger(), sa.ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("part", sa.SmallInteger(), primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Text()),
        _at("at"),
        sa.UniqueConstraint("account", "external_id"),
    )


def downgrade() -> None:
    for table in (
        "outbox_part",
        "provider_template",
        "reminder",
        "exchange",
        "link",
        "link_code",
        "conversation_alias",
    ):
        op.drop_table(table)
    op.drop_index("ix_outbox_open", "outbox")
    for column in ("via", "parts", "notice"):
        op.drop_column("outbox", column)
    op.add_column("outbox", sa.Column("external_id", sa.Text()))
    op.create_index("uq_outbox_external", "outbox", ["account", "external_id"], unique=True)
    op.drop_column("application", "valid_until")
    op.drop_column("inbox", "joined_to")
    op.drop_index("ix_conversation_person", "conversation")
    for column in ("address_sealed", "standing", "person_id"):
        op.drop_column("conversation", column)
