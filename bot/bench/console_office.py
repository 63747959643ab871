"""The office that `./loket bench console` measures: a database of its own with open conversations, agents who hold them, a gateway
and a worker as `./loket serve` and `./loket worker` start them. No Rasa: no bot speaks where an agent does.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from bot.bench.machine import free_port
from bot.clock import SystemClock
from bot.domain.messages import Inbound, Reply, Sender
from bot.launch.health import http_status
from bot.launch.postgres import EmbeddedPostgres
from bot.launch.process import Program, spawn_options
from bot.launch.programs import Programs
from bot.launch.run import with_secrets
from bot.launch.vardir import VarDir, new_key
from bot.settings import Settings
from bot.storage import pg
from bot.storage.accounts import Account, Accounts
from bot.storage.crypto import KeyRing
from bot.storage.migrate import migrate
from bot.storage.store import PgStore

_READY_S = 60.0
_LINES = 6
"""Lines of each thread before the measurement."""
_HOLD = timedelta(hours=2)
"""The bench renews nothing: its leases outlast it."""

_TICKETS = text("""
insert into ticket (id, number, conversation_id, locus, reason, state, agent, created_at, claimed_at, lease_no, lease_until, language)
values (:id, :number, :conversation, :locus, 'talk_to_human', :state, :agent, :at, :claimed, :lease_no, :until, 'id')
""")


@dataclass(frozen=True)
class Conversation:
    """One open conversation: its ticket, who holds it (None: it waits), the bearer of its citizen."""

    ticket: UUID
    agent: str | None
    bearer: str


@dataclass
class Office:
    """A running office."""

    url: str
    gateway: subprocess.Popen[bytes]
    conversations: list[Conversation] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    """Username -> session token."""


@contextlib.asynccontextmanager
async def open_office(
    settings: Settings, folder: Path, conversations: int, agents: int, each: int
) -> AsyncIterator[Office]:
    """``each``: conversations that every agent holds; the others wait in the queue."""
    with EmbeddedPostgres(folder / "postgres").running() as url:
        await asyncio.to_thread(migrate, url)
        own = with_secrets(settings.but(var_dir=folder, keys=new_key("k1"), demo=True), VarDir(folder)).but(
            database_url=url,
            port=free_port(),
            internal_port=free_port(),
            rasa_port=free_port(),
            sandbox_port=free_port(),
        )
        programs = Programs(own)
        programs.forget_figures()
        with started(programs.gateway()) as gateway, started(programs.worker()):
            await until_ready(own.port)
            office = Office(f"http://127.0.0.1:{own.port}", gateway)
            await _furnish(own, office, conversations, agents, each)
            yield office


@contextlib.contextmanager
def started(program: Program) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that runs meanwhile."""
    """A program, ended afterwards."""
    process = subprocess.Popen(
        program.argv,
        env=dict(program.env),
        cwd=program.cwd,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
        **spawn_options(program),
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def until_ready(port: int) -> None:
    """Wait for a gateway."""
    """:raises TimeoutError: the gateway does not answer."""
    for _ in range(int(_READY_S / 0.3)):
        if await http_status(port, "/healthz/live") == 200:
            return
        await asyncio.sleep(0.3)
    raise TimeoutError("the gateway is not ready")


# -- conversations ------------------------------------------------------------------------------------------------------


async def _furnish(settings: Settings, office: Office, conversations: int, agents: int, each: int) -> None:
    """Put people on both sides."""
    engine = pg.engine(settings.database_url)
    store = PgStore(engine, KeyRing(settings.keys))
    now = SystemClock().now()
    accounts = Accounts(store)
    names = [f"agen{n:02}" for n in range(agents)]
    for name in names:
        await accounts.add(Account(name, name.title(), frozenset({"agent"}), settings.locus), "", now)
        opened = await accounts.sign_in_known(name, "totp", now)
        assert opened is not None
        office.cookies[name] = opened.token
    for n in range(conversations):
        agent = names[n // each] if n < agents * each else None
        office.conversations.append(await _conversation(store, settings.locus, n, agent, now))
    await engine.dispose()


async def _conversation(store: PgStore, locus: str, n: int, agent: str | None, now: datetime) -> Conversation:
    begun = now - timedelta(minutes=30, seconds=n)
    bearer, ticket = uuid4().hex, uuid4()
    async with store.begin() as tx:
        conversation = await tx.open_conversation("web", f"bench-{n}", locus, "id", begun)
        await tx.new_session(conversation.id, store.keys.token_hash(bearer), now, now + timedelta(days=1))
        for line in range(_LINES):
            if line % 2:
                said = Reply(f"Baik, kami bantu {line}", sender=Sender.AGENT if agent else Sender.BOT)
                await tx.say(conversation.id, [said], begun)
            else:
                written = Inbound("web", f"{conversation.id}:{line}", str(n), begun, text=f"Saya mau tanya akta {line}")
                await tx.put_inbound(conversation.id, written, begun)
        await tx.run(
            text("update conversation set state = :s where id = :i"),
            {"s": "agent" if agent else "queued", "i": conversation.id},
        )
        await tx.run(
            text("update inbox set state = 'done', done_at = :now where conversation_id = :i"),
            {"now": begun, "i": conversation.id},
        )
        values = {
            "id": ticket,
            "number": f"TKT-B{n:05}",
            "conversation": conversation.id,
            "locus": locus,
            "state": "claimed" if agent else "queued",
            "agent": agent,
            "at": begun,
            "claimed": begun if agent else None,
            "lease_no": 1 if agent else 0,
            "until": now + _HOLD if agent else None,
        }
        await tx.run(_TICKETS, values)
    return Conversation(ticket, agent, bearer)
