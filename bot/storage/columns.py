"""All columns of a table by name, for statements that are written by hand.

Never ``*``: the database remembers a statement's plan for each connection, and when a newer version adds a column beside us it refuses a
remembered statement whose result would change ("cached plan must not change result type"). A turn that meets this has failed.
"""

from __future__ import annotations

from sqlalchemy import Table


def every(table: Table, alias: str = "") -> str:
    """``alias.first, alias.second, …``"""
    before = f"{alias}." if alias else ""
    return ", ".join(f"{before}{column.name}" for column in table.columns)
