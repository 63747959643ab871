"""`./loket bench turns`: whole turns through the web chat API, beside a stock Rasa server, in the same run.

What is measured, for 1, 4 and 16 citizens at once, each sending the next message as soon as the answer is there:

- Loket: from ``POST /chat/v1/messages`` until the last message of the answer has come by the citizen's event stream. Everything
  is real: `./loket run` with its own PostgreSQL, gateway, worker, Rasa and sandbox register.
- Stock: ``POST /webhooks/rest/webhook`` until the response, on a server as `rasa init` sets one up (bot/bench/stock.py), with
  the same texts. It stores nothing and runs no action.

The two take turns (stock, Loket, stock, Loket …) so that whatever else the machine does hits both. Each citizen of the stock
server begins a new conversation with every round of lines, because its tracker gets slower as it grows.

Where the time of one turn goes (one citizen at a time, so that nothing waits in line), by the metrics of the processes:

    latency the citizen sees = way + own + rasa
    own_ms_per_turn   Loket's own work: the worker's turn without its waits for Rasa (loket_turn_own_seconds), plus the
                      actions that Rasa called meanwhile (loket_action_seconds, gateway)
    rasa_ms_per_turn  waits for Rasa without those actions
    way_ms_per_turn   the rest: the POST, the wake-up of the worker, the way back through the event stream
    own_p50_ms        the median turn's own work: the metrics are read after each of some turns, which are not counted otherwise

``cpu_ms_per_turn_16`` is the CPU time of all processes of either side per turn, PostgreSQL included: it says more than the clock does on
a machine that others use.

The faces are left out: comparing one takes as long as many turns and happens once per application. Before the measurement
each citizen proves NIK and birth date in chat, and the bench writes the higher assurance into the database of its own service.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Protocol
from uuid import uuid4

import aiohttp
import psycopg

from bot.bench.chat import ChatError, ChatSession
from bot.bench.citizens import CYCLE, PROOF, Line
from bot.bench.local_service import LocalService
from bot.bench.machine import cpu_seconds
from bot.bench.report import Result, percentile
from bot.bench.stock import StockProject, StockServer
from bot.dialogue.train import ensure_model
from bot.errors import LoketError
from bot.launch import demo
from bot.settings import Settings
from bot.storage.pg import plain_url

CROWDS = (1, 4, 16)
_TURN_LIMIT_S = 60.0
_OWN_TURNS = 3 * len(CYCLE)
"""Turns whose own work is read one by one."""
_METRICS_LIMIT_S = 2.0
_TRUST = (
    "update conversation set assurance = 3, assured_until = now() + interval '12 hours' where citizen_id is not null"
)

Say = Callable[[str], None]


class BenchFailed(LoketError):
    """Nothing worth reporting was measured."""

    code = "bench"


@dataclass
class Window:
    """What happened during some seconds of one side."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    own_s: float = 0.0
    rasa_s: float = 0.0

    def add(self, other: Window) -> None:
        """The same side at another time."""
        self.latencies += other.latencies
        self.errors += other.errors
        self.seconds += other.seconds
        self.cpu_s += other.cpu_s
        self.own_s += other.own_s
        self.rasa_s += other.rasa_s


class Speaker(Protocol):
    """A citizen."""

    async def speak(self) -> None:
        """Say the next line and wait for the answer.

        :raises ChatError: a wrong answer, or none.
        """


class LoketCitizen:
    """Talks to Loket; the next line follows from where the conversation stands."""

    def __init__(self, chat: ChatSession) -> None:
        self._chat = chat
        self._at = 0

    async def prove(self) -> None:
        """NIK and birth date."""
        for line in PROOF:
            await self._say(line)

    async def speak(self) -> None:
        """See :class:`Speaker`."""
        line = CYCLE[self._at % len(CYCLE)]
        self._at += 1
        try:
            await self._say(line)
        except ChatError:
            self._at = 0  # out of step: begin again
            with contextlib.suppress(ChatError):
                for text in ("batal", "ya"):
                    await self._chat.send(text)
                    await asyncio.sleep(1)
            self._chat.inbox.clear()
            raise

    async def _say(self, line: Line) -> None:
        asked = await self._chat.send(line.text)
        heard: list[str] = []
        try:
            async with asyncio.timeout(_TURN_LIMIT_S):
                while True:
                    said = await self._chat.next()
                    if said["id"] > asked:
                        meta = said["meta"]
                        heard.append(str(meta.get("field") or meta.get("kind")))
                        if meta.get("field", "") == line.asks and (line.asks or meta["kind"] == line.kind):
                            return
        except TimeoutError:
            raise ChatError(f"'{line.text}' should end with '{line.asks or line.kind}', came: {heard}") from None


class StockCitizen:
    """Talks to the stock server."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = f"{url}/webhooks/rest/webhook"
        self._at = 0
        self._sender = ""

    async def speak(self) -> None:
        """See :class:`Speaker`."""
        at = self._at % len(CYCLE)
        if at == 0:
            self._sender = str(uuid4())
        self._at += 1
        body = {"sender": self._sender, "message": CYCLE[at].text}
        async with self._http.post(self._url, json=body) as response:
            if response.status != 200 or not await response.json():
                raise ChatError(f"no answer to '{CYCLE[at].text}'")


class Side:
    """Loket, or the stock server."""

    def __init__(self, name: str, crowd: Sequence[Speaker], pid: int, say: Say) -> None:
        self._name = name
        self._crowd = crowd
        self._pid = pid
        self._say = say

    async def counted(self) -> tuple[float, float]:
        """Seconds of own work and of waiting for Rasa so far; nothing where nobody counts."""
        return 0.0, 0.0

    async def measure(self, citizens: int, seconds: float) -> Window:
        """Let some citizens talk for about ``seconds``."""
        window = Window()
        own, rasa = await self.counted()
        cpu, began = cpu_seconds(self._pid), perf_counter()
        await asyncio.gather(*(self._talk(one, began + seconds, window) for one in self._crowd[:citizens]))
        window.seconds = perf_counter() - began
        window.cpu_s = cpu_seconds(self._pid) - cpu
        after = await self.counted()
        window.own_s, window.rasa_s = after[0] - own, after[1] - rasa
        rate = len(window.latencies) / window.seconds
        self._say(f"{self._name:6} {citizens:3} sekaligus / at once: {rate:6.1f} turns/s, {window.errors} errors")
        return window

    async def _talk(self, citizen: Speaker, end: float, window: Window) -> None:
        while (start := perf_counter()) < end:
            try:
                await citizen.speak()
            except (ChatError, aiohttp.ClientError, TimeoutError) as error:
                window.errors += 1
                self._say(f"{self._name}: {error}")
            else:
                window.latencies.append(perf_counter() - start)


class LoketSide(Side):
    """Loket, which counts where its time goes."""

    def __init__(self, http: aiohttp.ClientSession, service: LocalService, crowd: Sequence[Speaker], say: Say) -> None:
        super().__init__("Loket", crowd, service.pid, say)
        self._http = http
        self._metrics = f"{service.state['internal_url']}/metrics"

    async def counted(self) -> tuple[float, float]:
        """See :class:`Side`."""
        return own_and_rasa(await self._sums())

    async def own_times(self, turns: int) -> list[float]:
        """Seconds of Loket's own work in each of some turns of the first citizen."""
        found: list[float] = []
        before = await self._sums()
        for _ in range(turns):
            try:
                await self._crowd[0].speak()
            except ChatError as error:
                self._say(f"{self._name}: {error}")
                before = await self._sums()
                continue
            after = await self._sums(before.get(_TURNS, 0.0) + 1)
            found.append(own_and_rasa(after)[0] - own_and_rasa(before)[0])
            before = after
        return found

    async def _sums(self, turns: float = 0.0) -> dict[str, float]:
        """The metrics, once that many turns are in them: the worker counts a turn a moment after its answer is out."""
        end = perf_counter() + _METRICS_LIMIT_S
        while True:
            async with self._http.get(self._metrics) as response:
                sums = metric_sums(await response.text())
            if sums.get(_TURNS, 0.0) >= turns or perf_counter() > end:
                return sums


_TURNS = "loket_turn_own_seconds_count"


def own_and_rasa(sums: dict[str, float]) -> tuple[float, float]:
    """Seconds of own work and of waiting for Rasa, out of the sums of the metrics."""
    actions = sums.get("loket_action_seconds_sum", 0.0)
    turns = sums.get("loket_turn_seconds_sum", 0.0)
    outside_rasa = sums.get("loket_turn_own_seconds_sum", 0.0)
    return outside_rasa + actions, turns - outside_rasa - actions


def metric_sums(text: str) -> dict[str, float]:
    """Values of metrics without labels out of Prometheus' text format."""
    pairs = (line.split(" ") for line in text.splitlines() if line and line[0] != "#" and "{" not in line)
    return {pair[0]: float(pair[1]) for pair in pairs if len(pair) >= 2}


# -- the run ------------------------------------------------------------------------------------------------------------


def run(settings: Settings, seconds: float, rounds: int, say: Say) -> Result:
    """Measure.

    :param seconds: of each side at each number of citizens in each round
    :raises BenchFailed: hardly anything was answered.
    """
    stock_model = StockProject(settings, settings.var_dir / "bench").ensure(say)
    ensure_model(settings, say)
    with contextlib.ExitStack() as stack:
        # Not below var/: root's PostgreSQL runs under another account, which must be able to get there.
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="loket-bench-", ignore_cleanup_errors=True))
        )
        say("menyalakan Rasa bawaan / starting the stock Rasa")
        stock = stack.enter_context(StockServer.running(settings, stock_model, folder))
        say("menyalakan Loket / starting Loket")
        service = LocalService(folder / "var", **_environment(settings, folder / "var"))
        stack.enter_context(service)
        return asyncio.run(_measure(stock, service, seconds, rounds, say))


def _environment(settings: Settings, var: Path) -> dict[str, str]:
    (var / "demo").mkdir(parents=True)
    for name in demo.PICTURES:  # nothing is fetched: no face is compared
        (var / "demo" / name).touch()
    return {
        "LOKET_MODEL_DIR": str(settings.model_dir),
        "LOKET_CONTENT_DIR": str(settings.content_dir),
        "LOKET_RASA_PYTHON": str(settings.rasa_python),
        "LOKET_RATE_LIMITS": "0",  # nobody writes as fast as a citizen of this bench
    }


async def _measure(stock: StockServer, service: LocalService, seconds: float, rounds: int, say: Say) -> Result:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=_TURN_LIMIT_S)) as http:
        most = max(CROWDS)
        say(f"{most} warga bersiap / {most} citizens get ready")
        chats = [await ChatSession(http, service.url).open() for _ in range(most)]
        citizens = [LoketCitizen(chat) for chat in chats]
        for one in citizens:
            await one.prove()
        async with await psycopg.AsyncConnection.connect(plain_url(service.state["database_url"])) as database:
            await database.execute(_TRUST)
        loket = LoketSide(http, service, citizens, say)
        sides = (Side("stock", [StockCitizen(http, stock.url) for _ in range(most)], stock.process.pid, say), loket)
        for side in sides:
            await side.measure(most, 3.0)  # warm caches and connections; not counted
        found = await _alternate(sides, seconds, rounds)
        own = await loket.own_times(_OWN_TURNS)
        for chat in chats:
            await chat.close()
    return _result(found[0], found[1], own)


async def _alternate(sides: Sequence[Side], seconds: float, rounds: int) -> list[dict[int, Window]]:
    found: list[dict[int, Window]] = [{crowd: Window() for crowd in CROWDS} for _ in sides]
    for _ in range(rounds):
        for crowd in CROWDS:
            for side, windows in zip(sides, found, strict=True):
                windows[crowd].add(await side.measure(crowd, seconds))
    return found


def _result(stock: dict[int, Window], loket: dict[int, Window], own: list[float]) -> Result:
    for windows in (stock, loket):
        if not all(window.latencies for window in windows.values()):
            raise BenchFailed("tidak ada jawaban / nothing was answered; see the lines above")
    return Result("turns", figures(loket, own), figures(stock))


def figures(windows: dict[int, Window], own: Sequence[float] = ()) -> dict[str, float]:
    """The flat numbers of one side; ``own``, ``rasa`` and ``way`` are 0 where nobody counts.

    :param own: seconds of own work of single turns
    """
    flat: dict[str, float] = {}
    for crowd, window in windows.items():
        flat[f"turns_per_s_{crowd}"] = round(len(window.latencies) / window.seconds, 1)
        flat[f"p50_ms_{crowd}"] = round(percentile(window.latencies, 0.50) * 1000, 1)
        flat[f"p95_ms_{crowd}"] = round(percentile(window.latencies, 0.95) * 1000, 1)
        flat[f"cpu_ms_per_turn_{crowd}"] = round(window.cpu_s / len(window.latencies) * 1000, 1)
    alone = windows[min(windows)]
    turns = len(alone.latencies)
    counted = alone.own_s + alone.rasa_s
    flat["own_ms_per_turn"] = round(alone.own_s / turns * 1000, 1)
    flat["own_p50_ms"] = round(percentile(own, 0.50) * 1000, 1) if own else 0.0
    flat["rasa_ms_per_turn"] = round(alone.rasa_s / turns * 1000, 1)
    flat["way_ms_per_turn"] = round((sum(alone.latencies) - counted) / turns * 1000, 1) if counted else 0.0
    flat["turns"] = sum(len(window.latencies) for window in windows.values())
    flat["errors"] = sum(window.errors for window in windows.values())
    return flat
