"""`./loket bench agencies`: a thousand applications to an agency that has a very bad day, and workers that are killed meanwhile.

Three in ten calls go wrong, in turns in each way that the sandbox knows: refused, 500, answers lost after accepting, half an answer,
HTML, too slow, cut off. Half of the pushes come twice. In the middle the agency is away for an hour (the clock runs fast). What must
come out: every application is at the agency exactly once, and every citizen has the finished document in their chat, once.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import aiohttp
from sqlalchemy import text

from bot.bench.agencies_people import AGENCY, applied
from bot.bench.local_agencies import Desks
from bot.bench.report import Result
from bot.settings import Settings

APPLICATIONS = 1000
AT_ONCE = 8
"""Citizens who press "kirim", and officers who work, at the same time."""
FAULT_RATE = 0.3
FAULTS: Sequence[dict[str, Any]] = (
    {"mode": "lost"},
    {"mode": "error"},
    {"mode": "half"},
    {"mode": "lost"},
    {"mode": "html"},
    {"mode": "slow", "seconds": 0.5},
    {"mode": "cut"},
    {"mode": "down"},
)
KILLED = ("worker", "worker-2", "gateway", "worker", "worker-2")
"""In this order, at random moments. One that dies in the middle of calls leaves leases that have to end first."""
OUTAGE_S = 3600.0
_STEPS = 20
"""In so many leaps the clock goes through the outage."""
_PACE_S = 12.0
"""Seconds that the clock gains in each second, so that waiting is short."""
_SETTLE_S = 420.0
"""Mostly half a minute; what a killed worker had leased waits for the end of its lease."""
SEED = 20261122
_NEXT = {"diajukan": "verifikasi", "verifikasi_berkas": "proses", "diproses": "terbitkan", "menunggu_tte": "terbitkan"}
"""What officers do, by state."""
Say = Callable[[str], None]


def run(settings: Settings, applications: int, say: Say) -> Result:
    """Measure.

    :raises TimeoutError: the processes did not come up.
    """
    with tempfile.TemporaryDirectory(prefix="loket-bench-", ignore_cleanup_errors=True) as folder:
        return asyncio.run(_Agencies(Desks(Path(folder) / "var", settings.content_dir), applications, say).run())


@dataclass
class _Agencies:
    desks: Desks
    wanted: int
    say: Say
    references: set[str] = field(default_factory=set)
    killed: Counter[str] = field(default_factory=Counter)
    outages: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 (repeatable, not secret)

    async def run(self) -> Result:
        self.say("menyalakan semua / starting everything")
        timeout = aiohttp.ClientTimeout(total=30)
        async with self.desks, aiohttp.ClientSession(timeout=timeout) as http:
            began = perf_counter()
            weather = [asyncio.create_task(one) for one in (self._faults(http), self._kill(), self._tick())]
            officers = asyncio.create_task(self._officers(http))
            await self._submit()
            submitted = perf_counter() - began
            await self._outage(http, weather[0])
            weather[0] = asyncio.create_task(self._faults(http))
            await self._settled()
            for task in (*weather, officers):
                task.cancel()
            await asyncio.gather(*weather, officers, return_exceptions=True)
            return Result("agencies", await self._figures(perf_counter() - began, submitted))

    # -- citizens and officers ----------------------------------------------------------------------------------------

    async def _submit(self) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        async with self.desks.deps() as deps:

            async def one() -> None:
                async with gate:
                    _, case = await applied(deps)
                    self.references.add(str(case.reference))

            await asyncio.gather(*(one() for _ in range(self.wanted)))
        self.say(f"{len(self.references)} permohonan dikirim / applications sent")

    async def _officers(self, http: aiohttp.ClientSession) -> None:
        """Bring every case that the agency has to its end."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def act(ref: str, action: str) -> None:
            url = f"{self.desks.settings.sandbox_url}/petugas/{AGENCY}/{ref}/{action}"
            async with gate:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with http.post(url, data={"go": "1"}, allow_redirects=False):
                        pass

        while True:
            open_cases = [(ref, _NEXT[state]) for ref, _, state in await self._cases() if state in _NEXT]
            await asyncio.gather(*(act(*one) for one in open_cases[:200]))
            await asyncio.sleep(0.3)

    async def _cases(self) -> list[tuple[str, str, str]]:
        return await asyncio.to_thread(self.desks.cases_at, AGENCY)

    # -- the bad day ----------------------------------------------------------------------------------------------------

    async def _set(self, http: aiohttp.ClientSession, **faults: Any) -> None:
        url = f"{self.desks.settings.sandbox_url}/api/faults/{AGENCY}"
        async with http.put(url, json=faults) as answer:
            answer.raise_for_status()

    async def _faults(self, http: aiohttp.ClientSession) -> None:
        turn = 0
        while True:
            await self._set(http, rate=FAULT_RATE, duplicate_callbacks=turn % 2 == 0, **FAULTS[turn % len(FAULTS)])
            turn += 1
            await asyncio.sleep(1.5)

    async def _kill(self) -> None:
        """One worker after the other, and now and then the gateway, each time that enough work was done since the last one."""
        moments = sorted(self.dice.sample(range(1, max(len(KILLED) + 1, self.wanted)), len(KILLED)))
        for moment, name in zip(moments, KILLED, strict=True):
            while len(await self._cases()) < moment:  # noqa: ASYNC110 (another process: only asking tells)
                await asyncio.sleep(0.1)
            await asyncio.sleep(self.dice.uniform(0, 0.3))  # somewhere inside an errand
            while not self.desks.kill(name):  # noqa: ASYNC110 (just as above)
                await asyncio.sleep(0.2)
            self.killed[name] += 1

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.desks.move(_PACE_S)

    async def _outage(self, http: aiohttp.ClientSession, faults: asyncio.Task[None]) -> None:
        """An hour without the agency, while part of the applications is still on its way."""
        faults.cancel()
        await asyncio.gather(faults, return_exceptions=True)
        waiting = self.wanted - len(await self._cases())
        self.say(
            f"dinas mati satu jam, {waiting} masih menunggu / the agency is away for an hour, {waiting} still wait"
        )
        await self._set(http, mode="down", rate=1.0, lasts_s=OUTAGE_S)
        self.outages += 1
        for _ in range(_STEPS):
            self.desks.move(OUTAGE_S / _STEPS)
            await asyncio.sleep(1)

    async def _settled(self) -> None:
        """Until every citizen has the document, or nothing moves any more."""
        end, before = monotonic() + _SETTLE_S, -1
        async with self.desks.deps() as deps:
            while monotonic() < end:
                async with deps.store.begin() as tx:
                    told = int((await tx.run(_TOLD)).scalar_one())  # type: ignore[attr-defined]  # PgTx
                if told >= self.wanted:
                    return
                if told // 100 != before // 100:
                    self.say(f"{told} sudah mendapat dokumen / have their document; killed {dict(self.killed)}")
                before = told
                await asyncio.sleep(1)

    # -- counting -------------------------------------------------------------------------------------------------------

    async def _figures(self, seconds: float, submitted: float) -> dict[str, float]:
        at_agency = Counter(reference for _, reference, _ in await self._cases())
        verdict = await self._threads()
        return {
            "applications": len(self.references),
            "accepted_exactly_once": sum(at_agency[one] == 1 for one in self.references),
            "lost": sum(at_agency[one] == 0 for one in self.references),
            "twice": sum(count - 1 for count in at_agency.values() if count > 1),
            "told": verdict["told"],
            "told_twice": verdict["told_twice"],
            "outage_told": verdict["away"],
            "recovery_told": verdict["back"],
            "held_up": verdict["failed"],
            "tries": verdict["tries"],
            "kills": self.killed.total(),
            "outages": self.outages,
            "submitted_s": round(submitted, 1),
            "seconds_s": round(seconds, 1),
        }

    async def _threads(self) -> dict[str, int]:
        """What the citizens' threads say, read as they read them."""
        found: Counter[str] = Counter(told=0, told_twice=0)
        async with self.desks.deps() as deps, deps.store.begin() as tx:
            rows = (await tx.run(_CASES)).all()  # type: ignore[attr-defined]  # PgTx
            for row in rows:
                said = [one.body for one in await tx.thread(row.conversation_id) if one.sender != "citizen"]
                documents = sum(bool(one["attachments"]) for one in said)
                issued = sum(one["meta"].get("state") == "terbit" for one in said)
                found["told"] += documents >= 1 and issued >= 1
                found["told_twice"] += documents > 1 or issued > 1
            counts = (await tx.run(_COUNTS)).one()  # type: ignore[attr-defined]  # PgTx
        return {**found, "away": counts.away, "back": counts.back, "failed": counts.failed, "tries": counts.tries}


_TOLD = text("select count(*) from application where state = 'terbit' and document_blob is not null")
_CASES = text("select conversation_id from application where reference is not null")
_COUNTS = text("""
select (select count(*) from message where dedupe_key like 'away:%#0') as away,
  (select count(*) from message where dedupe_key like 'through:%#0') as back,
  (select count(*) from submission where state = 'failed') as failed,
  (select coalesce(sum(attempts), 0) from submission where verb = 'submit') as tries
""")
