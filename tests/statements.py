"""SQL statements compiled once for all tests of a process: each test has an engine of its own, which would begin with none."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache


class _Statements(LRUCache[Any, Any]):
    """By statement and kind of dialect. The server is always the same, and so is what one engine's dialect learns of it."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_key(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_key(key), value)


def _key(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *rest = key
    return (type(dialect) if isinstance(dialect, PGDialect_psycopg) else dialect, *rest)


def share_statements() -> None:
    """From now on all engines have one cache in common."""
    shared = _Statements(2000)
    Engine._compiled_cache = property(lambda _: shared, lambda _, own: None)  # type: ignore[assignment]
