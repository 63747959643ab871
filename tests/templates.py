"""Pages' templates compiled once for all tests of a process.

Each test has applications of its own, and compiling their pages took three quarters of its time.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """In memory, by everything that the compiler looks at."""

    def __init__(self) -> None:
        self._codes: dict[object, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get(_essence(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[_essence(bucket)] = bucket.code


def _essence(bucket: Bucket) -> object:
    made = bucket.environment
    # What a filter makes of a constant is compiled in.
    filters = frozenset(
        (name, getattr(one, "__module__", ""), getattr(one, "__qualname__", repr(one)))
        for name, one in made.filters.items()
    )
    return (
        bucket.key,
        bucket.checksum,
        made.autoescape,
        made.trim_blocks,
        made.lstrip_blocks,
        frozenset(made.extensions),
        filters,
    )


def keep_compiled() -> None:
    """From now on every environment that names no cache uses one in common."""
    begin, cache = Environment.__init__, Compiled()

    def init(self: Environment, *args: Any, **options: Any) -> None:
        begin(self, *args, **options)
        self.bytecode_cache = self.bytecode_cache or cache

    Environment.__init__ = init  # type: ignore[method-assign]
