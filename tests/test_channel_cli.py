"""``./loket channel setup`` and ``./loket channel check`` against Telegram's stand-in, and the doctor's look at it."""

from __future__ import annotations

import argparse

import pytest

from bot import channel_cli
from bot.__main__ import find
from bot.doctor.check import Level
from bot.doctor.service import channels
from bot.errors import SettingsError
from bot.settings import Settings
from tests.servers.telegram import TOKEN, TelegramServer, telegram_server


def settings_for(server: TelegramServer | None, **more: str) -> Settings:
    env = {"LOKET_TELEGRAM_BOTS": TOKEN, "LOKET_TELEGRAM_API": server.url if server else "http://127.0.0.1:9"}
    return Settings.from_env({**env, **more})


def test_both_commands_are_found() -> None:
    assert find(["channel", "setup", "telegram"]) == "channel setup"
    assert find(["channel", "check"]) == "channel check"


def test_only_channels_with_a_provider_can_be_named() -> None:
    parser = argparse.ArgumentParser()
    channel_cli.add_arguments(parser)
    assert parser.parse_args(["telegram"]).channel == "telegram"
    assert parser.parse_args([]).channel is None
    with pytest.raises(SystemExit):
        parser.parse_args(["web"])


async def test_setup_then_check_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    async with telegram_server() as server:
        hook = {"LOKET_TELEGRAM_MODE": "webhook", "LOKET_PUBLIC_URL": "http://127.0.0.1:9"}
        settings = settings_for(server, **hook)
        assert await channel_cli._check(settings, "telegram") == 1
        assert "webhook belum dipasang" in capsys.readouterr().out
        assert await channel_cli._setup(settings, "telegram") == 0
        assert "/webhooks/telegram/3328000001" in capsys.readouterr().out
        assert await channel_cli._check(settings, None) == 0
        assert capsys.readouterr().out == "telegram: semua baik / all is well\n"
        (finding,) = await channels(settings)
        assert (finding.level, finding.what) == (Level.OK, "telegram: @loket_3328000001_bot")


async def test_a_provider_that_refuses_is_told_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert await channel_cli._setup(settings_for(None), None) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Telegram cannot be reached" in captured.err
    (finding,) = await channels(settings_for(None))
    assert finding.level is Level.BROKEN
    assert "channel check telegram" in finding.remedy


async def test_a_channel_that_is_off_says_which_setting_turns_it_on() -> None:
    with pytest.raises(SettingsError, match="LOKET_TELEGRAM_BOTS"):
        async with channel_cli.opened(Settings.from_env({}), "telegram"):
            pass


async def test_without_any_channel_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert await channel_cli._check(Settings.from_env({}), None) == 0
    assert "Tidak ada kanal" in capsys.readouterr().out
    assert [finding.level for finding in await channels(Settings.from_env({}))] == [Level.OK]
