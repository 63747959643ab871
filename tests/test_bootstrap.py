"""What the composition root refuses."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot import bootstrap
from bot.errors import SettingsError
from bot.settings import Settings
from bot.storage.crypto import KeyRing, new_key
from tests.fakes import FakeChannel, fake_manifest


def _parts(*channels: FakeChannel) -> Any:
    return SimpleNamespace(
        channels={channel.manifest.id: channel for channel in channels}, keys=KeyRing(new_key("test"))
    )


async def test_with_a_push_channel_the_start_is_refused_when_the_spool_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings.from_env({"LOKET_SPOOL_DIR": str(tmp_path / "file" / "spool")})
    async with AsyncExitStack() as stack:
        with pytest.raises(SettingsError, match="LOKET_SPOOL_DIR"):
            bootstrap._spool(stack, settings, _parts(FakeChannel()))


async def test_without_push_channels_there_is_no_spool_and_nothing_to_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings.from_env({"LOKET_SPOOL_DIR": str(tmp_path / "file" / "spool")})
    async with AsyncExitStack() as stack:
        assert bootstrap._spool(stack, settings, _parts(FakeChannel(manifest=fake_manifest(pull=True)))) is None


async def test_the_folder_of_a_gateway_that_stops_is_free_for_the_next(tmp_path: Path) -> None:
    settings = Settings.from_env({"LOKET_SPOOL_DIR": str(tmp_path)})
    for _ in range(2):
        async with AsyncExitStack() as stack:
            assert bootstrap._spool(stack, settings, _parts(FakeChannel())) is not None
            assert [folder.name for folder in tmp_path.glob("gateway-*")] == ["gateway-0"]  # noqa: ASYNC240
