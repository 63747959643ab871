"""A service that does not come up says why; its state is read even while it is written."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from bot.bench.local_service import LocalService, ServiceFailed


def test_a_service_that_cannot_start_fails_with_what_it_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        service = LocalService(tmp_path / "var", LOKET_INTERNAL_PORT=str(taken.getsockname()[1]), LOKET_DEMO="0")
        with pytest.raises(ServiceFailed, match="LOKET_INTERNAL_PORT"):
            service.start(60)
    assert service.stop() == 2


def test_pids_are_read_from_the_noted_state_and_half_a_file_is_nobody(tmp_path: Path) -> None:
    service = LocalService(tmp_path)
    assert service.pids == {}
    (tmp_path / "run").mkdir()
    file = tmp_path / "run" / "state.json"
    file.write_text('{"pid": 1, "chil')
    assert service.pids == {}
    file.write_text(json.dumps({"pid": 1, "children": {"worker": {"pid": 42, "created": 0.0}}}))
    assert service.pids == {"worker": 42}
