"""``./loket channel setup`` and ``./loket channel check``: makes the providers know this installation, and looks."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import registry
from bot.clock import SystemClock
from bot.errors import ChannelError, SettingsError
from bot.ports import Channel
from bot.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of both commands."""
    names = sorted(name for name, plugin in registry.channels().items() if plugin.manifest.settings)
    parser.add_argument("channel", nargs="?", choices=names, help="kanal ini saja / this channel only")


def setup(args: argparse.Namespace, settings: Settings) -> int:
    """Webhooks, commands and templates; 0, or 1 when a provider refused."""
    return asyncio.run(_setup(settings, args.channel))


def check(args: argparse.Namespace, settings: Settings) -> int:
    """What is wrong with each channel; 0 when nothing is."""
    return asyncio.run(_check(settings, args.channel))


@asynccontextmanager
async def opened(settings: Settings, only: str | None = None) -> AsyncIterator[dict[str, Channel]]:
    """The channels that settings turn on and that have a provider behind them, by id.

    :raises SettingsError: the one asked for is off, or half set.
    """
    config = settings.to_env()
    plugins = {name: plugin for name, plugin in registry.channels().items() if plugin.manifest.settings}
    if only is not None and not plugins[only].wanted(config):
        needed = ", ".join(plugins[only].manifest.settings)
        raise SettingsError(f"{only}: belum diatur / is not set up: {needed} (docs/settings.md)")
    clock = SystemClock(settings.clock_file)
    channels = {
        name: plugin.build(config, clock)
        for name, plugin in plugins.items()
        if only in (None, name) and plugin.wanted(config)
    }
    try:
        yield channels
    finally:
        for channel in channels.values():
            close = getattr(channel, "close", None)
            if close is not None:
                await close()


async def _setup(settings: Settings, only: str | None) -> int:
    failed = False
    async with opened(settings, only) as channels:
        _say_none(channels)
        for name, channel in channels.items():
            try:
                for line in await channel.setup(settings.public_url):
                    print(f"{name}: {line}")
            except ChannelError as error:
                failed = True
                print(f"{name}: {error}", file=sys.stderr)
    return int(failed)


async def _check(settings: Settings, only: str | None) -> int:
    found = 0
    async with opened(settings, only) as channels:
        _say_none(channels)
        for name, channel in channels.items():
            wrong = await channel.check()
            found += len(wrong)
            for line in wrong or ["semua baik / all is well"]:
                print(f"{name}: {line}")
    return int(found > 0)


def _say_none(channels: dict[str, Channel]) -> None:
    if not channels:
        print(
            "Tidak ada kanal selain web; lihat docs/panduan. / No channel but the web is set up: LOKET_TELEGRAM_BOTS, "
            "LOKET_WHATSAPP_SENDERS."
        )
