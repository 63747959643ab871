"""What a migration does while the service goes on: indexes on tables that are in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

_BROKEN = sa.text("select 1 from pg_index where indexrelid = to_regclass(:name) and not indisvalid")


def index_beside(name: str, table: str, columns: Sequence[str], **more: Any) -> None:
    """Make an index while others read and write the table: the first step of a migration, so that all of it can be done again.

    Not in a transaction: what broke off left an index that is of no use, which is made anew. It stands in nobody's way, so it waits as long
    as it takes for those who use the table.
    """
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        patience = connection.execute(sa.text("show lock_timeout")).scalar_one()
        connection.execute(sa.text("set lock_timeout = 0"))
        if connection.execute(_BROKEN, {"name": name}).first():
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, if_not_exists=True, **more)
        connection.execute(sa.text(f"set lock_timeout = '{patience}'"))
