"""Proof of identity: counted attempts, pictures seen before, where templates come from, trust per channel, capture page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
PHASE = "expand"


def _at(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("citizen", sa.Column("face_source", sa.Text()))
    op.add_column("citizen", sa.Column("face_digest", sa.Text()))
    op.add_column("citizen", _at("face_at", nullable=True))
    op.add_column("identity_check", sa.Column("suspicion", sa.Text()))
    op.add_column("identity_check", sa.Column("liveness", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "attempt",
        sa.Column("subject_index", sa.LargeBinary(), primary_key=True),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        _at("failed_at"),
    )
    op.create_table(
        "face_probe",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizen.id", ondelete="CASCADE"), nullable=False),
        sa.Column("picture_index", sa.LargeBinary(), nullable=False),
        sa.Column("perceptual_hash", sa.Text()),
        _at("at"),
    )
    op.create_index("ix_face_probe_citizen_id", "face_probe", ["citizen_id"])
    op.create_index("ix_face_probe_picture_index", "face_probe", ["picture_index"])
    op.create_table(
        "channel_trust",
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizen.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("successes", sa.SmallInteger(), nullable=False),
        _at("counted_at"),
        _at("last_at"),
    )
    op.create_index("ix_channel_trust_citizen_id", "channel_trust", ["citizen_id"])
    op.create_table(
        "capture",
        sa.Column("token_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizen.id", ondelete="CASCADE"), nullable=False),
        sa.Column("case_id", sa.Uuid()),
        sa.Column("steps", JSONB(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("frames", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        _at("created_at"),
        _at("expires_at"),
    )
    op.create_index("ix_capture_conversation_id", "capture", ["conversation_id"])
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizen.id", ondelete="CASCADE"), nullable=False),
        sa.Column("locus", sa.Text(), nullable=False),
        sa.Column("template_sealed", sa.LargeBinary()),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("likeness", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        _at("made_at"),
        _at("decided_at", nullable=True),
    )
    op.create_index("ix_enrolment_waiting", "enrolment", ["locus"], postgresql_where=sa.text("state = 'waiting'"))


def downgrade() -> None:
    for table in ("enrolment", "capture", "channel_trust", "face_probe", "attempt"):
        op.drop_table(table)
    for column in ("liveness", "suspicion"):
        op.drop_column("identity_check", column)
    for column in ("face_at", "face_digest", "face_source"):
        op.drop_column("citizen", column)
