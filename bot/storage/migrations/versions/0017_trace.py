"""Where a row was put into a queue, for traces: empty unless they are on. Adds only, so that old and new versions work side by side."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
PHASE = "expand"

_TABLES = ("outbox", "submission")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("trace", sa.Text()))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "trace")
