"""Checks of the outside desks, where one is set up."""

from __future__ import annotations

from collections.abc import Iterable

from bot import registry
from bot.clock import SystemClock
from bot.doctor.check import Finding, broken, check, ok
from bot.errors import SettingsError
from bot.settings import Settings

_GUIDE = "docs/outside-desk.md"


@check("desks")
async def desks(settings: Settings) -> Iterable[Finding]:
    """Settings that are whole, accounts that answer, inboxes of the right kind."""
    try:
        built = registry.desks(settings.to_env(), SystemClock(settings.clock_file))
    except SettingsError as error:
        return [broken(str(error), _GUIDE)]
    found: list[Finding] = []
    for desk in built.values():
        try:
            wrong = await desk.check()
        finally:
            await desk.close()
        found += [broken(line, _GUIDE) for line in wrong] or [ok(f"{desk.id} menjawab / answers")]
    return found or [ok("konsol sendiri saja / our own console only")]
