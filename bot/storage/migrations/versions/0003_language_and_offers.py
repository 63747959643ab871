"""Whether the citizen chose the language, and what the last reply offered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
PHASE = "expand"


def upgrade() -> None:
    op.add_column(
        "conversation", sa.Column("language_set", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("conversation", sa.Column("memory", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False))


def downgrade() -> None:
    op.drop_column("conversation", "memory")
    op.drop_column("conversation", "language_set")
