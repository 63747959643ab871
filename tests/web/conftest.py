"""The world of tests/usecases, also for the listeners."""

from tests.usecases.conftest import world

__all__ = ["world"]
