"""The job queue's own tables (procrastinate)."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
PHASE = "expand"


def upgrade() -> None:
    # As one script through the driver: SQLAlchemy would read its colons and percent signs as parameters.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(SchemaManager.get_schema().encode())


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: jobs under way would be lost")
