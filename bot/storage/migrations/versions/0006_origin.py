"""Which network address a web conversation was begun from, as a blind index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
PHASE = "expand"


def upgrade() -> None:
    op.add_column("conversation", sa.Column("origin_index", sa.LargeBinary()))


def downgrade() -> None:
    op.drop_column("conversation", "origin_index")
