"""Every sealed column in one list: what its values are bound to, so that they can be sealed again under another key.

The transactions that write a column name the same context; a test opens what they wrote with this list, and another one finds
columns that are missing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, func, select, tuple_, update

from bot.storage import (  # noqa: F401  (their tables join the metadata)
    tables_console,
    tables_figures,
    tables_privacy,
    tables_studio,
    tables_survey,
    tables_training,
)
from bot.storage.crypto import prefix_of
from bot.storage.store import PgStore
from bot.storage.tables import metadata

_CONTEXTS: dict[tuple[str, str], str] = {
    ("citizen", "data_sealed"): "citizen:{id}",
    ("citizen", "face_sealed"): "citizen.face:{id}",
    ("conversation", "address_sealed"): "address:{account}:{external_id}",
    ("inbox", "body_sealed"): "inbox:{account}:{external_id}",
    ("turn_step", "result_sealed"): "step:{inbox_id}:{ref}",
    ("message", "body_sealed"): "message:{conversation_id}:{seq}",
    ("blob", "name_sealed"): "blob.name:{id}",
    ("blob", "data_sealed"): "blob.data:{id}",
    ("application", "draft_sealed"): "application:{id}",
    ("application_event", "note_sealed"): "application_event:{case_id}:{key}",
    ("submission", "reason_sealed"): "submission:{case_id}:{verb}",
    ("complaint_word", "word_sealed"): "complaint_word:{case_id}:{verb}",
    ("ticket", "summary_sealed"): "ticket:{id}",
    ("note", "text_sealed"): "note:{id}",
    ("contact", "value_sealed"): "contact:{citizen_id}:{kind}",
    ("capture", "key_sealed"): "capture.key:{token_hash}",
    ("enrolment", "template_sealed"): "enrolment:{id}",
    ("staff", "totp_sealed"): "staff.totp:{username}",
    ("staff", "totp_new_sealed"): "staff.totp:{username}",
    ("identity_verdict", "words_sealed"): "identity_verdict.words:{check_id}:{officer}",
    ("quality_mark", "comment_sealed"): "quality_mark.comment:{ticket_id}:{marked_by}",
    ("outside_due", "body_sealed"): "outside_due:{ticket_id}:{key}",
    ("survey", "remark_sealed"): "survey:{id}",
    ("understood", "text_sealed"): "understood:{inbox_id}",
    ("training_run", "report_sealed"): "training_run:{id}",
    ("data_request", "words_sealed"): "data_request:{id}",
    ("breach", "body_sealed"): "breach:{id}",
}
BATCH = 200
"""Rows of one step."""
_FEWER = {"blob": 8, "training_run": 4}
"""Files of several megabytes."""


@dataclass(frozen=True)
class Sealed:
    """One sealed column."""

    table: Table
    column: str
    context: str

    def bound_to(self, row: Row[Any]) -> str:
        """The context of one row's value."""
        values = {name: value.hex() if isinstance(value, bytes) else value for name, value in row._mapping.items()}
        return self.context.format_map(values)

    @property
    def key(self) -> list[ColumnElement[Any]]:
        """The columns that tell its rows apart."""
        return list(self.table.primary_key.columns)

    @property
    def needed(self) -> list[ColumnElement[Any]]:
        """Key, context and value."""
        named = [c for c in self.table.columns if f"{{{c.name}}}" in self.context and not c.primary_key]
        return [*self.key, *named, self.table.c[self.column]]


def sealed_columns() -> Iterator[Sealed]:
    """All of them, in the order of tables.

    :raises KeyError: a column is not in the list.
    """
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith("_sealed"):
                yield Sealed(table, column.name, _CONTEXTS[table.name, column.name])


def _filled(one: Sealed) -> ColumnElement[bool]:
    return func.octet_length(one.table.c[one.column]) > 0


async def keys_in_use(store: PgStore) -> dict[str, int]:
    """Key id -> values sealed under it, over the whole database."""
    found: dict[str, int] = {}
    for one in sealed_columns():
        value = one.table.c[one.column]
        key = func.convert_from(func.substr(value, 2, func.get_byte(value, 0)), "UTF8")
        async with store.begin() as tx:
            rows = await tx.run(select(key.label("key"), func.count().label("n")).where(_filled(one)).group_by(key))
            for row in rows:
                found[row.key] = found.get(row.key, 0) + row.n
    return found


async def reseal(store: PgStore, one: Sealed, after: Sequence[Any] | None) -> Sequence[Any] | None:
    """Seal one batch of a column anew, from behind the row with the key ``after``; the last row's key, or None at the end.

    A value that somebody changes meanwhile is left to them: it is sealed under the current key already.
    """
    keys, batch = store.keys, _FEWER.get(one.table.name, BATCH)
    value, prefix = one.table.c[one.column], prefix_of(keys.current)
    query = select(*one.needed).where(_filled(one), func.substr(value, 1, len(prefix)) != prefix)
    if after is not None:
        query = query.where(tuple_(*one.key) > tuple_(*after))
    async with store.begin() as tx:
        rows = (await tx.run(query.order_by(*one.key).limit(batch))).all()
        for row in rows:
            old = bytes(row._mapping[one.column])
            context = one.bound_to(row)
            fresh = keys.seal(keys.open(old, context), context)
            same = [column == row._mapping[column.name] for column in one.key]
            await tx.run(update(one.table).where(*same, value == old).values({one.column: fresh}))
    return tuple(rows[-1]._mapping[column.name] for column in one.key) if len(rows) == batch else None


async def reseal_all(store: PgStore) -> int:
    """Every column once; returns how many values the first key does not seal yet when it is done."""
    for one in sealed_columns():
        after = await reseal(store, one, None)
        while after is not None:
            after = await reseal(store, one, after)
    used = await keys_in_use(store)
    return sum(count for key, count in used.items() if key != store.keys.current)
