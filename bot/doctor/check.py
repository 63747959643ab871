"""What a check is, and the list that all of them are on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.settings import Settings


class Level(StrEnum):
    """Outcome of one check."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing is broken."""
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One line of the report. ``remedy`` says what to do, and is only shown when something is wrong."""

    level: Level
    what: str
    remedy: str = ""


def ok(what: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, what)


def note(what: str, remedy: str = "") -> Finding:
    """Worth knowing."""
    return Finding(Level.NOTE, what, remedy)


def broken(what: str, remedy: str) -> Finding:
    """Needs the operator."""
    return Finding(Level.BROKEN, what, remedy)


Check = Callable[[Settings], Awaitable[Iterable[Finding]]]
CHECKS: list[tuple[str, Check]] = []


def check(name: str) -> Callable[[Check], Check]:
    """Put ``async def (settings) -> findings`` on the list. ``bot.doctor.main`` names the modules with checks."""

    def register(function: Check) -> Check:
        CHECKS.append((name, function))
        return function

    return register


async def findings(name: str, function: Check, settings: Settings, timeout_s: float = 30.0) -> list[Finding]:
    """What one check finds; a check that fails is a finding itself."""
    try:
        async with asyncio.timeout(timeout_s):
            return list(await function(settings))
    except TimeoutError:
        return [
            broken(
                f"tidak selesai dalam {timeout_s:.0f} detik / no result in {timeout_s:.0f} s", "Coba lagi. / Try again."
            )
        ]
    except Exception as error:  # the others must still be told
        return [broken(f"{type(error).__name__}: {error}", f"Pemeriksaan '{name}' gagal. / The check '{name}' failed.")]
