"""Deleting by class what has outlived its purpose, and telling how much. The periods stand in the records of processing
(``data/pdp/pemrosesan.yml``): what citizens are told is what is done.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from bot.domain.data_rights import papers_in
from bot.domain.processing import Records
from bot.storage.store import PgStore, PgTx
from bot.usecases.store_privacy import Removal

log = logging.getLogger(__name__)

_BATCH = 5000
"""Rows of one transaction: nobody waits long for a lock."""
_CASES = 200
_ENDED = "('selesai', 'ditolak', 'dibatalkan', 'kedaluwarsa')"


@dataclass(frozen=True)
class Rule:
    """One statement of a class, about rows older than ``:before``, at most ``:most`` of them."""

    class_: str
    table: str
    sql: str
    grace: timedelta = timedelta()
    """Longer than the class says."""


def _gone(class_: str, table: str, condition: str, grace: timedelta = timedelta()) -> Rule:
    """Rows of ``table`` that fulfil ``condition`` are deleted. Both are constants of this module."""
    rows = f"select ctid from {table} where {condition} limit :most for update skip locked"  # noqa: S608
    return Rule(class_, table, f"delete from {table} where ctid = any(array({rows}))", grace)  # noqa: S608


def _emptied(class_: str, table: str, values: str, condition: str) -> Rule:
    """Columns of such rows are emptied; the rows stay, because figures are counted from them."""
    rows = f"select ctid from {table} where {condition} limit :most for update skip locked"  # noqa: S608
    return Rule(class_, table, f"update {table} set {values} where ctid = any(array({rows}))")  # noqa: S608


RULES: tuple[Rule, ...] = (
    _gone("messages", "outbox", "created_at < :before and state not in ('created', 'sending')"),
    _gone(
        "messages",
        "message",
        "created_at < :before and not exists (select 1 from outbox o "
        "where o.conversation_id = message.conversation_id and o.seq = message.seq)",
    ),
    _gone("messages", "inbox", "received_at < :before and state in ('done', 'joined', 'dead')"),
    _emptied(
        "inbox", "inbox", "body_sealed = ''", "done_at < :before and state in ('done', 'joined') and body_sealed <> ''"
    ),
    _gone("understood", "understood", "at < :before"),
    _gone("exchanges", "exchange", "at < :before"),
    _gone("sessions", "chat_session", "expires_at < :before"),
    _gone("staff_sessions", "staff_session", "expires_at < :before"),
    _gone("links", "document_link", "expires_at < :before"),
    _gone("links", "data_link", "expires_at < :before"),
    _gone("links", "link_code", "expires_at < :before"),
    _gone("links", "link", "undone_at < :before"),
    _gone("attempts", "attempt", "failed_at < :before"),
    _gone("files", "blob", "kind = 'receipt' and created_at < :before"),
    # A picture nobody asked for, of somebody who never applied for anything.
    _gone(
        "files",
        "blob",
        "kind = 'document' and created_at < :before and not exists "
        "(select 1 from application a where a.conversation_id = blob.conversation_id)",
    ),
    # A selfie whose owner went away before the challenge, or whose turn never settled: no picture outlives the hour after it.
    _gone(
        "selfies",
        "blob",
        "kind = 'selfie' and created_at < :before and id not in "
        "(select selfie_blob from identity_check where selfie_blob is not null)",
        timedelta(hours=1),
    ),
    # What an agent uploaded and never sent; a file that was sent belongs to the thread and is of another kind.
    _gone("uploads", "blob", "kind = 'upload' and created_at < :before"),
    _gone("captures", "capture", "expires_at < :before"),
    _emptied(
        "faces",
        "citizen",
        "face_sealed = null, face_model = null, face_source = null, face_digest = null, face_at = null",
        "face_at < :before and not exists (select 1 from channel_trust u where u.citizen_id = citizen.id and u.last_at >= :before)",
    ),
    _gone("faces", "channel_trust", "last_at < :before"),
    _gone("probes", "face_probe", "at < :before"),
    _gone("checks", "identity_check", "at < :before"),
    _gone(
        "citizens",
        "citizen",
        "created_at < :before and not exists (select 1 from conversation c where c.citizen_id = citizen.id) "
        "and not exists (select 1 from application a where a.citizen_id = citizen.id) "
        "and not exists (select 1 from identity_check i where i.citizen_id = citizen.id)",
    ),
    _gone("notes", "note", "created_at < :before"),
    _gone("notes", "conversation_label", "put_at < :before"),
    _emptied(
        "summaries",
        "ticket",
        "summary_sealed = null, vulnerable = ''",
        "closed_at < :before and (summary_sealed is not null or vulnerable <> '')",
    ),
    _emptied("summaries", "quality_mark", "comment_sealed = null", "at < :before and comment_sealed is not null"),
    _gone("summaries", "outside_due", "created_at < :before and state <> 'due'"),
    _emptied(
        "remarks",
        "survey",
        "remark_sealed = null, remark_at = null",
        "remark_at < :before and remark_sealed is not null",
    ),
    _gone("requests", "data_request", "settled_at < :before"),
    _gone("requests", "breach", "closed_at < :before"),
    _gone(
        "requests",
        "consent",
        "given_at < :before and not exists (select 1 from application a where a.id = consent.case_id)",
    ),
    _gone("removals", "removal", "at < :before"),
)
_FORSAKEN = text("""
select id from application where reference is null and updated_at < :before and state in ('draft', 'dibatalkan')
limit :most for update skip locked
""")
_OVER = text(f"""
select id from application where reference is not null and updated_at < :before and state in {_ENDED}
limit :most for update skip locked
""")  # noqa: S608
CLASSES = frozenset(rule.class_ for rule in RULES) | {"drafts", "cases", "calls"}
"""Everything that has a period."""


async def run(store: PgStore, records: Records, now: datetime) -> list[Removal]:
    """Delete all that is due, in batches; what was taken, by class and table, stands on the data officer's page and in the log."""
    taken: dict[tuple[str, str], int] = {}
    for rule in RULES:
        before = now - records.keeps(rule.class_) - rule.grace
        key = (rule.class_, rule.table)
        taken[key] = taken.get(key, 0) + await _emptied_out(store, rule, before)
    taken["drafts", "application"] = await forget_forsaken(store, now - records.keeps("drafts"))
    taken["cases", "application"] = await _cases(store, _OVER, now - records.keeps("cases"))
    async with store.begin() as tx:
        taken["calls", "agency_call"] = await tx.forget_calls(now - records.keeps("calls"))
        removals = [Removal(now, class_, table, rows) for (class_, table), rows in taken.items() if rows]
        await tx.put_removals(removals)
    for one in removals:
        log.info("rows were deleted by class", extra={"class": one.class_, "table": one.table, "rows": one.rows})
    return removals


async def _emptied_out(store: PgStore, rule: Rule, before: datetime) -> int:
    values: dict[str, Any] = {"before": before, "most": _BATCH}
    total = 0
    while True:
        async with store.begin() as tx:
            rows = (await tx.run(text(rule.sql), values)).rowcount
        total += rows
        if rows < _BATCH:
            return total


async def forget_forsaken(store: PgStore, before: datetime) -> int:
    """Delete applications that were never sent and not touched since ``before``, with their papers; returns how many."""
    return await _cases(store, _FORSAKEN, before)


async def _cases(store: PgStore, found: Any, before: datetime) -> int:
    total = 0
    while True:
        async with store.begin() as tx:
            ids = [row.id for row in await tx.run(found, {"before": before, "most": _CASES})]
            await _drop(tx, ids)
        total += len(ids)
        if len(ids) < _CASES:
            return total


async def _drop(tx: PgTx, ids: list[Any]) -> None:
    files = []
    for case_id in ids:
        case = await tx.case(case_id)
        files += papers_in(case.draft)
        files += [case.document_blob] if case.document_blob is not None else []
        files += [file for word in await tx.words_of(case_id) for file in word.files]
    await tx.drop_cases(ids, files)
