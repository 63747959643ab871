"""Sums of the dashboard's days in advance: by month, and of all offices together. And an index for what was decided first.

Only added to: a worker of the version before goes on counting days; what it leaves without sums is summed by the next one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.beside import index_beside

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
PHASE = "expand"

_DECIDED = "state in ('terbit', 'ditolak', 'dibatalkan', 'kedaluwarsa')"


def upgrade() -> None:
    index_beside(
        "ix_application_event_first",
        "application_event",
        ["case_id", "at", "id"],
        postgresql_where=sa.text(_DECIDED),
    )
    op.create_table(
        "figure_month",
        sa.Column("figure", sa.Text(), primary_key=True),
        sa.Column("locus", sa.Text(), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("part", sa.Text(), primary_key=True),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
    )
    op.add_column("figure_through", sa.Column("summed", sa.Date(), nullable=True))
    op.add_column("figure_through", sa.Column("marked", sa.Date(), nullable=True))
    op.add_column("figure_through", sa.Column("offices", sa.ARRAY(sa.Text()), nullable=True))


def downgrade() -> None:
    op.drop_index("ix_application_event_first", table_name="application_event")
    for name in ("offices", "marked", "summed"):
        op.drop_column("figure_through", name)
    op.drop_table("figure_month")
