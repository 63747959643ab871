"""Alembic's environment: a connection is handed in by :mod:`bot.storage.migrate`."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import text

from bot.storage import (  # noqa: F401  (their tables join the metadata)
    tables_agencies,
    tables_complaints,
    tables_console,
    tables_content,
    tables_figures,
    tables_notes,
    tables_personal,
    tables_privacy,
    tables_staff,
    tables_studio,
    tables_survey,
    tables_training,
)
from bot.storage.schema import floor_statement
from bot.storage.tables_proof import metadata


def _ours(name: str | None, kind: str, parents: object) -> bool:
    """Procrastinate's tables are its own business."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def _applied(*, ctx: Any, step: Any, **_: object) -> None:
    """In the migration's own transaction: what a contract removed, older programs are told."""
    module = step.up_revision.module
    if step.is_upgrade and getattr(module, "PHASE", "") == "contract":
        ctx.connection.execute(text(floor_statement(module.UNUSED_SINCE)))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=_ours,
    transaction_per_migration=True,
    on_version_apply=_applied,
)
with context.begin_transaction():
    context.run_migrations()
