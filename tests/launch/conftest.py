"""Services to start in a test."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.launch import demo
from tests.launch.runner import Run, free_port


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other accounts may pass through (pytest closes its own to them, root's PostgreSQL is one)."""
    with tempfile.TemporaryDirectory(prefix="loket-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Run]]:
    """Starts services in ``folder/var`` (with the demo pictures in place: nothing is fetched); ends what is left."""
    runs: list[Run] = []
    pictures = folder / "var" / "demo"
    pictures.mkdir(parents=True)
    for name in demo.PICTURES:
        (pictures / name).write_bytes(b"")

    def begin(var: Path | None = None, port: int | None = None, **env: str) -> Run:
        runs.append(Run(var or folder / "var", port or free_port(), **env))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.end()
