"""Submission and tracking: what never loses a case."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("update application set state = 'selesai' where state = 'diambil'")
    op.execute("update application_event set state = 'selesai' where state = 'diambil'")


def downgrade() -> None:
    op.execute("update application set state = 'diambil' where state = 'selesai'")
    op.execute("update application_event set state = 'diambil' where state = 'selesai'")
