"""What a migration that only adds must not do, told by the statements it runs (tests/storage/test_migrations.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_NAME = r'"?(\w+)"?'
_CONSTANT = r"(?:'[^']*'(?:::[\w\[\]]+)?|-?\d+|true|false|now\(\)|null)"
_HARMLESS = re.compile(
    r"(?:select|set|show|comment on (?:table|column) (?!alembic)|create sequence|create extension|alter table \S+ validate constraint"
    r"|(?:insert into|update|delete from) alembic_version)\b",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"create (?:unique )?index concurrently\b", re.IGNORECASE)


def made_by(statement: str) -> str:
    """The table that a statement makes, or nothing."""
    found = re.match(rf"create table (?:if not exists )?{_NAME}", statement, re.IGNORECASE)
    return found[1] if found else ""


def faults(statements: Sequence[str]) -> list[str]:
    """What a migration that only adds must not do, by the statements it ran."""
    plain = [" ".join(one.split()) for one in statements]
    own = {name for name in map(made_by, plain) if name}
    found = [f"{why}: {one[:160]}" for one in plain if (why := _fault(one, own))]
    steps = [bool(_BESIDE.match(one)) for one in plain if not _HARMLESS.match(one)]
    return found if steps == sorted(steps, reverse=True) else [*found, "an index that is made beside comes first"]


def _fault(statement: str, own: set[str]) -> str:
    if made_by(statement) or _HARMLESS.match(statement):
        return ""
    for pattern, judge in _RULES:
        found = re.match(pattern, statement, re.IGNORECASE)
        if found:
            return "" if found[1] in own else judge(statement)
    return "neither a table, a column nor an index is added"


def _of_index(statement: str) -> str:
    if re.match(r"create unique", statement, re.IGNORECASE):
        return "a unique index refuses what older programs write"
    return "" if _BESIDE.match(statement) else "writers wait while the index is made: index_beside()"


def _of_column(statement: str) -> str:
    rest = re.sub(rf"^alter table \S+ add column {_NAME} ", "", statement, flags=re.IGNORECASE)
    default = re.search(r"\bdefault\b ?(.*?)(?: not null| unique|$)", rest, re.IGNORECASE)
    if default and not re.fullmatch(_CONSTANT, default[1].strip(), re.IGNORECASE):
        return "a default that is worked out for each row writes the table anew"
    if re.search(r"\bnot null\b", rest, re.IGNORECASE) and not default:
        return "older programs do not fill the column"
    return ""


def _of_constraint(statement: str) -> str:
    return (
        "" if re.search(r"\bnot valid$", statement, re.IGNORECASE) else "every row is looked at under a lock: NOT VALID"
    )


def _allowed_on_own_tables(_: str) -> str:
    return "rows or columns of a table that was there"


_RULES: tuple[tuple[str, Callable[[str], str]], ...] = (
    (rf"create (?:unique )?index (?:concurrently )?(?:if not exists )?\S+ on {_NAME}", _of_index),
    (rf"alter table {_NAME} add column ", _of_column),
    (rf"alter table {_NAME} add constraint ", _of_constraint),
    (rf"(?:insert into|update|alter table|delete from) {_NAME}", _allowed_on_own_tables),
)
