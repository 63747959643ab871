"""Whatever browsers keep for a year gets another address when it changes."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.web.staff import assets
from bot.web.staff.desk import WEB


def test_each_style_and_script_changes_the_address_of_all(tmp_path: Path) -> None:
    static = tmp_path / "static"
    shutil.copytree(WEB / "static", static)
    seen = {assets.version(static)}
    for name in assets.TYPES:
        file = assets.file_of(name, static)
        if file is not None:
            file.write_bytes(file.read_bytes() + b"\n")
            seen.add(assets.version(static))
        else:
            assert name.startswith("htmx"), name  # of npm
            seen.add(name)
    assert len(seen) == len(assets.TYPES) + 1
