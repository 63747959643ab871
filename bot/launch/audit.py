"""``./loket audit check``: whether the audit log is whole."""

from __future__ import annotations

import argparse
import asyncio

from bot.settings import Settings
from bot.storage import pg
from bot.storage.audit_log import AuditLog, Chain
from bot.storage.crypto import KeyRing
from bot.storage.store import PgStore


def check(args: argparse.Namespace, settings: Settings) -> int:
    """0: nobody has changed a line, taken one out or slipped one in."""

    async def look() -> Chain:
        engine = pg.engine(settings.database_url, pool=2)
        try:
            return await AuditLog(PgStore(engine, KeyRing(settings.keys, settings.keys_file))).check()
        finally:
            await engine.dispose()

    chain = asyncio.run(look())
    if chain.broken_at is None:
        print(f"Utuh / whole: {chain.lines}")
        return 0
    print(f"RUSAK di baris / BROKEN at line {chain.broken_at} ({chain.lines} utuh sebelumnya / whole before it)")
    return 1
