"""The agent console: tickets that are routed, leased, snoozed and rated; notes, labels, canned answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
PHASE = "expand"


def upgrade() -> None:
    _tickets()
    _events()
    _notes()
    _canned()


def _at(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _ticket_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("trigger", sa.Text(), nullable=False, server_default="asked"),
        sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("vulnerable", sa.Text(), nullable=False, server_default=""),
        sa.Column("language", sa.Text(), nullable=False, server_default="id"),
        sa.Column("service", sa.Text()),
        sa.Column("case_id", sa.Uuid()),
        sa.Column("team", sa.Text()),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]")),
        sa.Column("assigned", sa.Text()),
        sa.Column("desk", sa.Text()),
        sa.Column("lease_no", sa.Integer(), nullable=False, server_default="0"),
        _at("snoozed_until"),
        sa.Column("waiting_for", sa.Text(), nullable=False, server_default="agent"),
        _at("first_reply_at"),
        _at("last_citizen_at"),
        _at("last_reply_at"),
        _at("resolved_at"),
        sa.Column("rating", sa.SmallInteger()),
        _at("rated_at"),
        _at("told_at"),
        sa.Column("told_place", sa.Integer()),
        sa.Column("told_times", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("lost", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("summary_sealed", sa.LargeBinary()),
    ]


_TICKET_INDEXES = {
    "ix_ticket_conversation": ["conversation_id", "created_at"],
    "ix_ticket_claimed": ["locus", "claimed_at"],
    "ix_ticket_closed": ["locus", "closed_at"],
}
_EVENT_INDEXES = {
    "ix_handoff_event_conversation": ["conversation_id", "id"],
    "ix_handoff_event_ticket": ["ticket_id", "id"],
    "ix_handoff_event_at": ["at"],
}


def _tickets() -> None:
    for column in _ticket_columns():
        op.add_column("ticket", column)
    # A claim of the old kind had no lease: whoever held it takes it up anew.
    op.execute("update ticket set lease_no = 1, lease_until = now() + interval '1 hour' where state = 'claimed'")
    op.create_index(
        "ix_ticket_open", "ticket", ["locus", "state", "created_at"], postgresql_where=sa.text("state <> 'closed'")
    )
    for name, columns in _TICKET_INDEXES.items():
        op.create_index(name, "ticket", columns)
    op.add_column("conversation", sa.Column("returned_seq", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(
        "conversation",
        sa.Column("trail", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
    )


def _events() -> None:
    conversation = sa.ForeignKey("conversation.id", ondelete="CASCADE")
    op.create_table(
        "handoff_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), conversation, nullable=False),
        sa.Column("ticket_id", sa.Uuid()),
        _at("at", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False, server_default=""),
        sa.Column("detail", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
    )
    for name, columns in _EVENT_INDEXES.items():
        op.create_index(name, "handoff_event", columns)


def _notes() -> None:
    conversation = sa.ForeignKey("conversation.id", ondelete="CASCADE")
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), conversation, nullable=False),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mentions", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]")),
        sa.Column("dedupe_key", sa.Text(), nullable=False, unique=True),
        _at("created_at", nullable=False),
    )
    op.create_index("ix_note_conversation", "note", ["conversation_id", "created_at"])
    op.create_index("ix_note_author", "note", ["author", "created_at"])
    op.create_table(
        "conversation_label",
        sa.Column("conversation_id", sa.Uuid(), conversation._copy(), primary_key=True),
        sa.Column("label", sa.Text(), primary_key=True),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("put_by", sa.Text(), nullable=False),
        _at("put_at", nullable=False),
    )
    op.create_index("ix_conversation_label_locus", "conversation_label", ["locus", "label"])


def _canned() -> None:
    op.create_table(
        "canned",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("shortcut", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        _at("changed_at", nullable=False),
        _at("deleted_at"),
    )
    op.create_index(
        "uq_canned_shortcut",
        "canned",
        ["locus", "shortcut", "language"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )


def downgrade() -> None:
    for table in ("canned", "conversation_label", "note"):
        op.drop_table(table)
    op.drop_table("handoff_event")
    op.execute("update conversation set state = 'bot' where state = 'returning'")
    op.drop_column("conversation", "trail")
    op.drop_column("conversation", "returned_seq")
    for name in (*_TICKET_INDEXES, "ix_ticket_open"):
        op.drop_index(name, "ticket")
    for column in _ticket_columns():
        op.drop_column("ticket", column.name)
