"""What outside desks and the rest of the agents' console need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
PHASE = "expand"

_AT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("round", sa.SmallInteger(), nullable=False, server_default="1"),
        sa.Column("heard", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("sent_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("away_since", _AT),
        sa.Column("failures", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("hear_at", _AT),
    ):
        op.add_column("outside_case", column)
    op.create_index(
        "ix_outside_case_hear", "outside_case", ["hear_at"], postgresql_where=sa.text("hear_at is not null")
    )
    op.add_column("outside_due", sa.Column("lease_no", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("outside_due", sa.Column("lease_until", _AT))


def downgrade() -> None:
    for name in ("lease_until", "lease_no"):
        op.drop_column("outside_due", name)
    op.drop_index("ix_outside_case_hear", "outside_case")
    for name in ("hear_at", "failures", "away_since", "sent_seq", "heard", "round"):
        op.drop_column("outside_case", name)
