"""`./loket bench chaos`: two gateways, two workers and two Rasa servers on one PostgreSQL; everything is killed at random moments.

Hundreds of conversations on the web, Telegram and WhatsApp (the channels' stand-ins, with faults of providers), ten messages each. A
citizen of each channel who talked before anything was killed says what the others must have been told: the same
answers, once, in the same order. What must be 0: ``lost``, ``out_of_order``, ``turns_twice``. Sends that were repeated because a crash hid
their outcome are counted apart (``sends_repeated``): that is the promise of design 3.6.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any
from uuid import UUID

import aiohttp
from sqlalchemy import text

from bot.bench.chaos_people import BURSTS, MESSAGES, Citizen, PushPhone, Stuck, WebPhone, last_of_each, shows
from bot.bench.chaos_verdict import Said, Verdict, answers_of, judge, questions_of
from bot.bench.cluster import Cluster
from bot.bench.report import Result, percentile
from bot.dialogue.train import ensure_model
from bot.errors import LoketError
from bot.launch import demo
from bot.settings import Settings
from bot.storage.crypto import KeyRing
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.texts import YamlTexts

CONVERSATIONS = 300
AT_ONCE = 48
KILLS: Mapping[str, int] = {
    **dict.fromkeys(("gateway", "gateway-2", "worker", "worker-2"), 4),
    **dict.fromkeys(("rasa", "rasa-2", "postgres"), 2),
}
"""How often each is killed while the bursts of all conversations are answered, at random moments (fewer for a smaller crowd)."""
SEED = 20261122
CHANNELS = ("web", "telegram", "whatsapp")
_FAULTS: Mapping[str, Mapping[str, float]] = {
    # Shares of all calls. Not "reorder": Telegram keeps the order of a chat, and the citizens would be answered otherwise.
    "telegram": {"duplicate": 0.1, "throttle": 0.02, "server_error": 0.03, "drop": 0.02, "forge": 0.02},
    # Not "forge", which takes the place of the true webhook there.
    "whatsapp": {"duplicate": 0.1, "throttle": 0.02, "server_error": 0.03, "drop": 0.02},
}
_SETTLE_S = 180.0
Say = Callable[[str], None]


class ChaosFailed(LoketError):
    """The cluster could not be measured at all."""

    code = "bench_chaos"


@dataclass
class Crowd:
    """Everybody of one channel, and what the one in peace was answered."""

    channel: str
    phones: list[Any] = field(default_factory=list)
    expected: list[list[str]] = field(default_factory=list)
    model: list[Said] = field(default_factory=list)
    asked: frozenset[Said] = frozenset()


def run(settings: Settings, conversations: int, say: Say) -> Result:
    """Measure.

    :raises ChaosFailed: the stand-ins or the cluster did not come up.
    """
    model = ensure_model(settings, say)
    with tempfile.TemporaryDirectory(prefix="loket-bench-", ignore_cleanup_errors=True) as folder:
        return asyncio.run(_Chaos(settings, model, Path(folder) / "var", conversations, say).run())


class _Chaos:
    def __init__(self, settings: Settings, model: Path, var: Path, conversations: int, say: Say) -> None:
        self._settings = settings
        self._conversations = conversations
        self._say = say
        self._random = random.Random(SEED)  # noqa: S311 (repeatable, not secret)
        self._killed: Counter[str] = Counter()
        self._waits: list[float] = []
        self._stuck = 0
        self._answered = 0
        (var / "demo").mkdir(parents=True)
        for name in demo.PICTURES:  # nothing is fetched: no face is compared
            (var / "demo" / name).touch()
        self._cluster = Cluster(
            var,
            model,
            {
                "LOKET_MODEL_DIR": str(settings.model_dir),
                "LOKET_CONTENT_DIR": str(settings.content_dir),
                "LOKET_RASA_PYTHON": str(settings.rasa_python),
                "LOKET_TELEGRAM_MODE": "webhook",
                "LOKET_QUIET_HOURS": "0-0",
            },
        )

    async def run(self) -> Result:
        self._say("menyalakan dua dari segalanya / starting two of everything")
        timeout = aiohttp.ClientTimeout(total=20)
        async with (
            self._cluster,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as http,
        ):
            await asyncio.to_thread(self._cluster.set_channels_up)
            crowds = [await self._rehearsed(http, channel) for channel in CHANNELS]
            self._cluster.balancer.forget()
            began = perf_counter()
            for channel, faults in _FAULTS.items():
                await self._set_faults(http, channel, faults)
            killing = asyncio.create_task(self._kill())
            await self._talk(http, crowds)
            killing.cancel()
            talked = perf_counter() - began
            await self._calm(http)
            await self._settled()
            return await self._figures(crowds, talked)

    # -- talking ----------------------------------------------------------------------------------------------------

    async def _phone(self, http: aiohttp.ClientSession, channel: str, number: int) -> Any:
        if channel == "web":
            return await WebPhone(http, self._cluster.balancer.url).open()
        chat = f"+62800{number:08d}" if channel == "whatsapp" else str(700_000 + number)
        return PushPhone(http, f"{self._cluster.sandbox_url}/{channel}", chat)

    async def _rehearsed(self, http: aiohttp.ClientSession, channel: str) -> Crowd:
        """What a citizen is answered whom nothing disturbs."""
        self._say(f"{channel}: latihan / rehearsal")
        phone = await self._phone(http, channel, 0)
        expected = await Citizen(phone).rehearse()
        async with self._store() as store, store.begin() as tx:
            newest = text("select id from conversation where account like :channel order by created_at desc limit 1")
            conversation: UUID = (await tx.run(newest, {"channel": f"{channel}%"})).scalar_one()
            thread = await tx.thread(conversation)
        return Crowd(channel, [phone], expected, answers_of(thread), questions_of(thread))

    async def _talk(self, http: aiohttp.ClientSession, crowds: Sequence[Crowd]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        done = 0

        async def one(crowd: Crowd, number: int) -> None:
            nonlocal done
            async with gate:
                phone = await self._phone(http, crowd.channel, number)
                crowd.phones.append(phone)
                citizen = Citizen(phone, crowd.expected)
                try:
                    await citizen.talk(self._burst_answered)
                except Stuck as why:
                    self._stuck += 1
                    shown = [line[:40] for line in await phone.texts()]
                    self._say(
                        f"stuck: {crowd.channel} {number}, burst {len(citizen.waited) + 1} ({why}), on the screen: {shown}"
                    )
                self._waits += citizen.waited
                done += 1
                if done % 50 == 0:
                    self._say(f"{done} percakapan / conversations, killed {dict(self._killed)}")

        each = self._conversations // len(crowds)
        await asyncio.gather(*(one(crowd, number) for number in range(1, each + 1) for crowd in crowds))

    def _burst_answered(self) -> None:
        self._answered += 1

    # -- disturbing -------------------------------------------------------------------------------------------------

    async def _kill(self) -> None:
        """At random moments of the whole talk; two kills of one kind wait until it runs again."""
        bursts = self._conversations * len(BURSTS)
        share = min(1.0, self._conversations / CONVERSATIONS)
        victims = [name for name, times in KILLS.items() for _ in range(max(1, round(times * share)))]
        self._random.shuffle(victims)
        moments = sorted(self._random.sample(range(1, max(len(victims) + 1, int(bursts * 0.9))), len(victims)))
        for moment, name in zip(moments, victims, strict=True):
            while self._answered < moment:  # noqa: ASYNC110 (many small steps; only the count matters)
                await asyncio.sleep(0.05)
            await asyncio.sleep(self._random.uniform(0, 0.2))  # somewhere inside a turn
            while not self._cluster.kill(name):  # noqa: ASYNC110 (another process: only asking tells)
                await asyncio.sleep(0.2)
            self._killed[name] += 1

    async def _set_faults(self, http: aiohttp.ClientSession, channel: str, faults: Mapping[str, float]) -> None:
        async with http.post(f"{self._cluster.sandbox_url}/{channel}/faults", json=dict(faults)) as answer:
            if answer.status != 200:
                raise ChaosFailed(f"{channel}: {await answer.text()}")

    async def _calm(self, http: aiohttp.ClientSession) -> None:
        for channel, faults in _FAULTS.items():
            await self._set_faults(http, channel, dict.fromkeys(faults, 0))

    async def _settled(self) -> None:
        """Until nothing waits any more, neither to be answered nor to be sent."""
        end = monotonic() + _SETTLE_S
        while monotonic() < end:
            with contextlib.suppress(Exception):  # the database may just be coming back
                async with self._store() as store, store.begin() as tx:
                    if not (await tx.run(_OPEN)).scalar_one():
                        return
            await asyncio.sleep(1)

    # -- counting ---------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _store(self) -> Any:
        db = engine(self._cluster.service.state["database_url"], pool=2)
        try:
            yield PgStore(db, KeyRing(self._cluster.service.keys))
        finally:
            await db.dispose()

    async def _figures(self, crowds: Sequence[Crowd], talked: float) -> Result:
        verdict, found = await self._verdict(crowds)
        repeated = [await phone.repeats() for crowd in crowds for phone in crowd.phones if isinstance(phone, PushPhone)]
        wrong_on_screen = [await self._screen_is_wrong(p, c) for c in crowds for p in c.phones if c.channel != "web"]
        acks = [seconds * 1000 for group in ("webhooks", "chat") for seconds in self._cluster.balancer.answered[group]]
        hooks = [seconds * 1000 for seconds in self._cluster.balancer.answered["webhooks"]]
        said = self._conversations * MESSAGES
        figures: dict[str, float] = {
            "conversations": len([p for crowd in crowds for p in crowd.phones]) - len(crowds),
            "messages": said,
            "lost": verdict.lost,
            "out_of_order": verdict.out_of_order + sum(wrong_on_screen),
            "turns_twice": verdict.twice,
            "stuck_citizens": self._stuck,
            "dead_letters": found["dead"],
            "sends_unknown": found["unknown"],
            "sends_repeated": sum(repeated),
            "patience_asked": verdict.patience,
            "kills": self._killed.total(),
            "ack_p50_ms": round(percentile(hooks, 0.5), 1),
            "ack_p99_ms": round(percentile(hooks, 0.99), 1),
            "ack_all_p99_ms": round(percentile(acks, 0.99), 1),
            "refused_5xx": self._cluster.balancer.refused,
            "answer_p50_s": round(percentile(self._waits, 0.5), 2),
            "answer_p95_s": round(percentile(self._waits, 0.95), 2),
            "turns_per_s": round(said / talked, 1),
            "seconds_s": round(talked, 1),
        } | {f"kills_{name.replace('-', '_')}": count for name, count in sorted(self._killed.items())}
        return Result("chaos", figures, None)

    async def _verdict(self, crowds: Sequence[Crowd]) -> tuple[Verdict, dict[str, int]]:
        sent = [line for burst in BURSTS for line in burst]
        texts = YamlTexts(self._settings.content_dir / "messages")
        patience = {texts.say("error.busy", language) for language in ("id", "jv", "en")}
        verdict = Verdict()
        async with self._store() as store, store.begin() as tx:
            for crowd in crowds:
                rows = (await tx.run(_CONVERSATIONS, {"channel": f"{crowd.channel}%"})).scalars().all()
                verdict.lost += max(0, len(crowd.phones) - len(rows)) * MESSAGES
                for conversation in rows:
                    verdict.add(judge(sent, await tx.thread(conversation), crowd.model, patience, crowd.asked))
            for note in verdict.notes:
                self._say(note)
            counts = (await tx.run(_COUNTS)).one()
        return verdict, {"dead": counts.dead, "unknown": counts.unknown}

    async def _screen_is_wrong(self, phone: PushPhone, crowd: Crowd) -> bool:
        """Whether the first showings on the screen stand in another order than on that of the citizen in peace."""
        model, shown = last_of_each(await crowd.phones[0].texts()), await phone.texts()
        at = 0
        for line in shown:
            at += at < len(model) and shows(line, model[at])
        if at < len(model):
            self._say(f"{crowd.channel} screen: {[line[:40] for line in shown]}")
        return at < len(model)


_OPEN = text(
    "select (select count(*) from inbox where state in ('open', 'leased')) "
    "+ (select count(*) from outbox where state in ('created', 'sending'))"
)
_CONVERSATIONS = text("select id from conversation where account like :channel order by created_at")
_COUNTS = text(
    "select (select count(*) from inbox where state = 'dead') as dead, (select coalesce(sum(unknown), 0) from outbox) as unknown"
)
