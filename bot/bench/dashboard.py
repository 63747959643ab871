"""`./loket bench dashboard`: the managers' dashboard over a year of one large MPP, through the real gateway; and whether what
it counts from makes the way of a message slower.

Every page is opened by a signed-in manager, for this month, this year and an old month, one after the other, with the server
on the same machine. ``insert_*``: a message is received, claimed, planned, taken in a step, and answered by the statements that a turn
commits (without Rasa); in turns on the full database and on an empty one. ``national_*``: the year of all MPPs together
(:mod:`bot.bench.dashboard_national`). The baseline holds the empty one's numbers, and those without sums in advance.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID, uuid4

import aiohttp
import psycopg
from sqlalchemy import text

from bot.bench import dashboard_national, dashboard_year
from bot.bench.console_office import started, until_ready
from bot.bench.dashboard_national import OFFICES
from bot.bench.dashboard_pages import FIGURES, LINK, Crawl, pages
from bot.bench.machine import free_port
from bot.bench.report import Result, percentile
from bot.content import load_catalogue
from bot.domain.figures import PERSON
from bot.domain.messages import Inbound, Reply
from bot.launch.postgres import EmbeddedPostgres
from bot.launch.programs import Programs
from bot.launch.run import with_secrets
from bot.launch.vardir import VarDir, new_key
from bot.settings import Settings
from bot.storage import pg
from bot.storage.accounts import Account, Accounts
from bot.storage.crypto import KeyRing
from bot.storage.figures_lists import Figures
from bot.storage.inbox import InboxQueue
from bot.storage.migrate import migrate
from bot.storage.store import PgStore
from bot.web.staff.auth import COOKIE

MESSAGES = 1_000_000
_LOCUS = "33.28"
_ROUNDS, _LINK_ROUNDS = 20, 5
_LINES = 120
"""Of the conversation that is read, each with its answer."""
_TOLD = 15
_CASE = """
insert into application (id, locus, service, variant, conversation_id, state, agency, draft_sealed, created_at, updated_at, submitted_at,
  reference) values (:id, :locus, 'ktp', 'hilang', :talk, 'diajukan', 'dukcapil', :sealed, :at, :at, :at, 'Y-readable')
"""
_TURNS, _TALKS = 600, 20

Say = Callable[[str], None]


def run(settings: Settings, messages: int, say: Say) -> Result:
    """Measure."""
    return asyncio.run(_run(settings, messages, say))


async def _run(settings: Settings, messages: int, say: Say) -> Result:
    with tempfile.TemporaryDirectory(prefix="loket-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "postgres")
        with server.running() as url:
            empty_url = server.url("empty")
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as admin:
                admin.execute("create database empty")
            for each in (url, empty_url):
                await asyncio.to_thread(migrate, each)
            own = with_secrets(
                settings.but(var_dir=folder, keys=new_key("k1"), demo=True, locus=_LOCUS), VarDir(folder)
            ).but(
                database_url=url,
                port=free_port(),
                internal_port=free_port(),
                rasa_port=free_port(),
                sandbox_port=free_port(),
            )
            figures = await _prepare(own, messages, say)
            mine, empty = await _insert_path(own, url, empty_url)
            say(f"insert path: {mine} against {empty} empty")
            figures |= await _pages(own, say)
            together, apart = await dashboard_national.run(
                server, max(2, OFFICES * messages // MESSAGES), messages // 2, say
            )
            plain = {**empty, **apart}
            figures |= mine | together
            return Result("dashboard", figures, {key: plain.get(key, 0.0) for key in figures})


async def _prepare(own: Settings, messages: int, say: Say) -> dict[str, float]:
    """The year, and its days counted as the worker's job does."""
    catalogue, now = load_catalogue(own.content_dir), datetime.now(UTC)
    began = perf_counter()
    slugs = list(catalogue.loci[_LOCUS].services)
    await asyncio.to_thread(dashboard_year.furnish, own.database_url, [_LOCUS], slugs, messages, now, say)
    filled = perf_counter() - began
    engine = pg.engine(own.database_url)
    store = PgStore(engine, KeyRing(own.keys))
    began = perf_counter()
    days = await Figures(store).settle({_LOCUS: catalogue.loci[_LOCUS].time_zone}, now)
    counted = perf_counter() - began
    say(f"{days} hari dihitung / days counted in {counted:.1f} s")
    await Accounts(store).add(Account("maya", "Maya", frozenset({"manager"}), _LOCUS), "", now)
    await engine.dispose()
    # As a server's own housekeeping would have by the next morning.
    with psycopg.connect(own.database_url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("vacuum analyze figure_day, figure_month, talk_day")
    return {"messages": messages, "fill_s": round(filled, 1), "settle_year_s": round(counted, 1)}


# -- the way of a message ----------------------------------------------------------------------------------------------------


async def _insert_path(own: Settings, full: str, empty: str) -> tuple[dict[str, float], dict[str, float]]:
    """Milliseconds of one turn's statements, in turns on both databases so that both meet the same machine."""
    sides = [await _Side.open(own, url) for url in (full, empty)]
    for n in range(_TURNS + _TALKS):
        for side in sides if n % 2 else reversed(sides):
            await side.turn(n)
    found = []
    for side in sides:
        times = side.times[_TALKS:]
        found.append({"insert_p50_ms": round(median(times), 2), "insert_p95_ms": round(percentile(times, 0.95), 2)})
        await side.close()
    return found[0], found[1]


class _Side:
    """One database with some people who write in turn."""

    def __init__(self, own: Settings, url: str) -> None:
        self.engine = pg.engine(url)
        self.store = PgStore(self.engine, KeyRing(own.keys))
        self.queue = InboxQueue(self.store, 60)
        self.talks: list[UUID] = []
        self.times: list[float] = []

    @classmethod
    async def open(cls, own: Settings, url: str) -> _Side:
        """With its people."""
        side = cls(own, url)
        await side.queue.start()
        async with side.store.begin() as tx:
            for n in range(_TALKS):
                talk = await tx.open_conversation("telegram:1", f"insert-{n}", _LOCUS, "id", datetime.now(UTC))
                side.talks.append(talk.id)
        return side

    async def turn(self, n: int) -> None:
        """Receive, claim, plan, one step, commit with two replies; every tenth is not understood."""
        talk, now = self.talks[n % _TALKS], datetime.now(UTC)
        said = Inbound("telegram:1", f"insert-{n}", str(talk), now, text="Berapa biaya akta kelahiran?")
        began = perf_counter()
        async with self.store.begin() as tx:
            await tx.put_inbound(talk, said, now)
        (row,) = await self.queue.claim(1, now)
        await self.store.begin_turn(row)
        await self.store.record_plan(row, {"message": "Berapa biaya akta kelahiran?"}, now)
        async with self.store.begin() as tx:
            conversation, _ = await tx.hold(row.id, row.lease_no, talk)
            conversation.topic = f"topic-{n}"
            tx.put_steps({"0.answer": {"replies": [], "outcome": "done"}}, now)
            await tx.save_conversation(conversation)
        async with self.store.begin() as tx:
            conversation, _ = await tx.settle(row, now)
            conversation.turn_mark = f"{row.id}.1"
            if n % 10 == 0:
                tx.turned_out(row, PERSON)
            await tx.save_conversation(conversation)
            await tx.say(talk, [Reply("Akta kelahiran gratis."), Reply("Mau diurus di sini?")], now, inbox_id=row.id)
        self.times.append((perf_counter() - began) * 1000)

    async def close(self) -> None:
        """The connections."""
        await self.queue.stop()
        await self.engine.dispose()


# -- the pages ---------------------------------------------------------------------------------------------------------------


async def _pages(own: Settings, say: Say) -> dict[str, float]:
    """Every page of a manager, in the real gateway."""
    opened, instead = await _visitor(own)
    programs = Programs(own)
    programs.forget_figures()
    with started(programs.gateway()):
        await until_ready(own.port)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{own.port}", cookies={COOKIE: opened}) as http:
            crawl = Crawl(lambda path: _open(http, path), instead)
            for name, path in pages(datetime.now(UTC).date()).items():
                await crawl.page(name, path, _ROUNDS)
                say(f"{name:<28}{percentile(crawl.times[name], 0.95):>8.0f} ms")
            await crawl.links(_LINK_ROUNDS)
    if forgotten := crawl.forgotten():
        raise RuntimeError(f"not opened: {', '.join(forgotten)}")
    worst = crawl.p95()
    slow = sorted(worst, key=lambda name: -worst[name])[:_TOLD]
    say("\n".join(f"{name:<60}{worst[name]:>8.0f} ms" for name in slow))
    figures = {f"{name}_p95_ms": round(value, 1) for name, value in worst.items() if not name.startswith(LINK)}
    return figures | {
        "pages": len(worst) - sum(name.startswith(LINK) for name in worst),
        "kinds_of_links": sum(name.startswith(LINK) for name in worst),
        "links_worst_p95_ms": round(
            max((value for name, value in worst.items() if name.startswith(LINK)), default=0), 1
        ),
        "worst_p95_ms": round(max(worst.values()), 1),
        "max_ms": round(max(max(times) for times in crawl.times.values()), 1),
    }


async def _visitor(own: Settings) -> tuple[str, dict[str, str]]:
    """The manager's session; and the one conversation and case that can be read (those of the year hold noise), by kind of link."""
    engine = pg.engine(own.database_url)
    store, now = PgStore(engine, KeyRing(own.keys)), datetime.now(UTC)
    opened = await Accounts(store).sign_in_known("maya", "totp", now)
    assert opened is not None
    async with store.begin() as tx:
        talk = await tx.open_conversation("telegram:1", "readable", _LOCUS, "id", now)
        for n in range(_LINES):
            said = Inbound("telegram:1", f"readable-{n}", "readable", now, text="Berapa biaya akta kelahiran?")
            await tx.put_inbound(talk.id, said, now)
            await tx.say(talk.id, [Reply("Akta kelahiran gratis.")], now)
        case = uuid4()
        sealed = store.keys.seal(b"{}", f"application:{case}")
        await tx.run(text(_CASE), {"id": case, "locus": _LOCUS, "talk": talk.id, "sealed": sealed, "at": now})
    await engine.dispose()
    return opened.token, {"figures_talk_one": f"{FIGURES}/talk/{talk.id}", "cases_one": f"/staff/cases/{case}"}


async def _open(http: aiohttp.ClientSession, path: str) -> tuple[float, str]:
    began = perf_counter()
    async with http.get(path, allow_redirects=False) as response:
        body = await response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status}")
    return (perf_counter() - began) * 1000, body.decode() if response.content_type == "text/html" else ""
