"""One whole service for all tests of this folder that do not break it, and a way to start one's own."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.service import Service, running
from tests.faces import faces
from tests.servers.otlp import Collector

__all__ = ["faces"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every whole service has a real Rasa in it. Those of a test's own come first: the shared one does not run beside them."""
    ours = [at for at, item in enumerate(items) if item.path.is_relative_to(Path(__file__).parent)]
    found = sorted((items[at] for at in ours), key=lambda item: "service" in getattr(item, "fixturenames", ()))
    for at, item in zip(ours, found, strict=True):
        item.add_marker(pytest.mark.rasa)
        items[at] = item


@pytest.fixture(scope="package")
def collector() -> Iterator[Collector]:
    """Gets the traces of the shared service."""
    made = Collector()
    yield made
    made.close()


@pytest.fixture(scope="package")
def service(collector: Collector) -> Iterator[Service]:
    """Shared: a test makes its own chat sessions and leaves the processes alone. The demo citizens have their pictures."""
    with _folder() as folder, running(folder, pictures=True, LOKET_TRACES_URL=collector.url) as shared:
        yield shared


@pytest.fixture
def start_service() -> Iterator[Callable[..., Service]]:
    """Starts a service that the test may break: ``start_service(pictures=False, LOKET_…="…")``."""
    with contextlib.ExitStack() as stack:

        def start(*, pictures: bool = False, **settings: str) -> Service:
            return stack.enter_context(running(stack.enter_context(_folder()), pictures=pictures, **settings))

        yield start


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # Not below pytest's own folder: that is closed to other accounts, and root's PostgreSQL runs under another one.
    with tempfile.TemporaryDirectory(prefix="loket-e2e-", ignore_cleanup_errors=True) as name:
        yield Path(name)
