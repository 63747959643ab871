"""`./loket bench swap`: content with another model is published while citizens talk: nobody may notice.

A whole Loket of its own. Citizens ask question after question, each waiting for the answer. Meanwhile releases are published and taken
back: the old model and one that was trained with one more example take turns. What must be 0: ``lost`` (no answer at all),
``unanswered`` (an apology instead of an answer) and ``twice``. ``longest_pause_ms`` is the longest time in which no citizen got any
answer. A swap counts once Rasa names the other model as the one that answers.

Baseline, in the same run: the way without a follower, Rasa stopped and started with the other model.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import aiohttp

from bot.bench.chat import ChatError, ChatSession
from bot.bench.local_service import LocalService
from bot.bench.report import Result, percentile
from bot.dialogue.train import ensure, ensure_model
from bot.errors import LoketError
from bot.launch import demo
from bot.ports_content import Author, Branch, Edit
from bot.settings import ROOT, SHIPPED_CONTENT, Settings
from bot.storage.content_repo import content_files
from bot.storage.crypto import KeyRing
from bot.storage.pg import engine
from bot.storage.store import PgStore
from bot.workers.publishing import Publisher

CITIZENS = 8
SWAPS = 4
EXAMPLE = "zumbalaka kapan bukanya"
"""Only the second model has seen it."""
_FILE = "nlu/ask_hours.yml"
_QUESTIONS = ("berapa biaya ktp hilang?", "syarat kia apa saja?", "berapa lama bikin kk?", "layanan apa saja yang ada?")
_SORRY = "belum menangkap"
"""Of the sentence that says that a message was not understood."""
_LIMIT_S = 60.0
_AUTHOR = Author("bench", "bench@loket.local")

Say = Callable[[str], None]


class SwapFailed(LoketError):
    """The model was not exchanged, or the service could not be measured."""

    code = "bench_swap"


@dataclass
class Heard:
    """What the citizens heard, and when."""

    answers: list[float] = field(default_factory=list)
    """When each came."""
    waited: list[float] = field(default_factory=list)
    lost: int = 0
    unanswered: int = 0
    twice: int = 0
    kinds: set[tuple[int, str]] = field(default_factory=set)
    """Which kind of message answered which question; while models are exchanged it is what it was before."""

    def longest_pause(self, began: float, ended: float) -> float:
        """Seconds between two answers to anybody."""
        moments = [began, *sorted(self.answers), ended]
        return max(later - earlier for earlier, later in zip(moments, moments[1:], strict=False))


def run(settings: Settings, seconds: float, say: Say) -> Result:
    """Measure.

    :raises SwapFailed: the other model never answered.
    """
    first = ensure_model(settings.but(content_dir=SHIPPED_CONTENT), say)
    with tempfile.TemporaryDirectory(prefix="loket-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        changed = _with_example(folder / "second")
        say("model kedua / the second model")
        second = ensure(ROOT, changed, settings.model_dir, settings.rasa_python, say)
        if second == first:
            raise SwapFailed("both contents give the same model")
        var = folder / "var"
        (var / "demo").mkdir(parents=True)
        for picture in demo.PICTURES:  # nothing is fetched: no face is compared
            (var / "demo" / picture).touch()
        places = {"LOKET_MODEL_DIR": str(settings.model_dir), "LOKET_RASA_PYTHON": str(settings.rasa_python)}
        places["LOKET_RATE_LIMITS"] = "0"
        with LocalService(var, **places) as service:
            return asyncio.run(_Swap(settings, service, changed, seconds, say).run())


def _with_example(folder: Path) -> Path:
    for path, content in content_files(SHIPPED_CONTENT).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    file = folder / _FILE
    text = file.read_text("utf-8")
    place = text.index("      - ")
    file.write_text(f"{text[:place]}      - {EXAMPLE}\n{text[place:]}", "utf-8")
    return folder


class _Swap:
    def __init__(self, settings: Settings, service: LocalService, changed: Path, seconds: float, say: Say) -> None:
        self._settings = settings
        self._service = service
        self._changed = changed
        self._seconds = seconds
        self._say = say

    async def run(self) -> Result:
        timeout = aiohttp.ClientTimeout(total=_LIMIT_S)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as http:
            quiet = await self._while_talking(http, asyncio.sleep(self._seconds))
            self._say("menerbitkan dan menarik kembali / publishing and going back")
            swapped = await self._while_talking(http, self._publish_in_turns(http))
            self._say("cara lama: Rasa dihidupkan ulang / the old way: Rasa restarted")
            restarted = await self._while_talking(http, self._restart(http))
        if swapped[0].kinds != quiet[0].kinds:
            raise SwapFailed(
                f"answered otherwise while models were exchanged: {sorted(swapped[0].kinds ^ quiet[0].kinds)}"
            )
        self._say(f"jawaban / answers: {sorted(swapped[0].kinds)}")
        figures = _figures(*swapped) | {"swaps": SWAPS, "quiet_longest_pause_ms": _figures(*quiet)["longest_pause_ms"]}
        return Result("swap", figures, _figures(*restarted))

    async def _while_talking(self, http: aiohttp.ClientSession, work: object) -> tuple[Heard, float, float]:
        """What citizens hear from now until ``work`` is done (and everybody has the last answer)."""
        heard, stop = Heard(), asyncio.Event()
        talks = [asyncio.create_task(self._talk(http, heard, stop, n)) for n in range(CITIZENS)]
        await asyncio.sleep(self._seconds / 2)
        began = perf_counter()
        await work  # type: ignore[misc]  # a coroutine
        await asyncio.sleep(self._seconds / 2)
        ended = perf_counter()
        stop.set()
        await asyncio.gather(*talks)
        heard.answers = [at for at in heard.answers if began <= at <= ended]
        return heard, began, ended

    async def _talk(self, http: aiohttp.ClientSession, heard: Heard, stop: asyncio.Event, number: int) -> None:
        chat = await ChatSession(http, self._service.url).open()
        turn = number
        while not stop.is_set():
            began = perf_counter()
            try:
                await chat.send(_QUESTIONS[turn % len(_QUESTIONS)])
                async with asyncio.timeout(_LIMIT_S):
                    said = await chat.next()
            except (ChatError, TimeoutError, aiohttp.ClientError):
                heard.lost += 1
                break
            heard.answers.append(perf_counter())
            heard.waited.append(perf_counter() - began)
            heard.unanswered += said["meta"]["kind"] == "error" or _SORRY in said["text"]
            heard.kinds.add((turn % len(_QUESTIONS), said["meta"]["kind"]))
            await asyncio.sleep(0.05)
            heard.twice += len(chat.inbox)
            chat.inbox.clear()
            turn += 1
        await chat.close()

    # -- exchanging -----------------------------------------------------------------------------------------------------

    async def _publish_in_turns(self, http: aiohttp.ClientSession) -> None:
        db = engine(self._service.state["database_url"], pool=2)
        store = PgStore(db, KeyRing(self._service.keys))
        own = self._settings.but(content_dir=self._service.var_dir / "content")
        publisher = Publisher(own, store)
        async with store.begin() as tx:
            first = (await tx.releases())[-1]
        for number in range(SWAPS):
            now = datetime.now(UTC)
            if number % 2:
                release = await publisher.go_back(first.id, _AUTHOR, "bench", now)
            else:
                draft = self._draft(publisher)
                release = await publisher.publish(draft, _AUTHOR, "bench", now, self._say)
            await self._until(http, release.model)
        await db.dispose()

    def _draft(self, publisher: Publisher) -> str:
        repo = publisher.repo
        head = repo.head(Branch.DRAFT)
        content = (self._changed / _FILE).read_bytes()
        if repo.read(head, _FILE) == content:
            return head
        edit = Edit(content, repo.files(head)[_FILE])
        return repo.save({_FILE: edit}, _AUTHOR, "bench", datetime.now(UTC))

    async def _until(self, http: aiohttp.ClientSession, model: str) -> None:
        """Until Rasa answers with that model."""
        end = perf_counter() + _LIMIT_S
        while perf_counter() < end:
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(f"{self._service.state['rasa_url']}/webhooks/loket/health") as answer:
                    if (await answer.json())["model"] == model:
                        return
            await asyncio.sleep(0.1)
        raise SwapFailed("the other model does not answer")

    async def _restart(self, http: aiohttp.ClientSession) -> None:
        os.kill(self._service.pids["rasa"], signal.SIGTERM)
        await asyncio.sleep(1)
        rasa = self._service.state["rasa_url"]
        for _ in range(600):
            with contextlib.suppress(aiohttp.ClientError, KeyError):
                async with http.get(f"{rasa}/webhooks/loket/health") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)
        raise SwapFailed("Rasa did not come back")


def _figures(heard: Heard, began: float, ended: float) -> dict[str, float]:
    waited = [seconds * 1000 for seconds in heard.waited] or [0.0]
    return {
        "messages": len(heard.waited) + heard.lost,
        "lost": heard.lost,
        "unanswered": heard.unanswered,
        "twice": heard.twice,
        "longest_pause_ms": round(heard.longest_pause(began, ended) * 1000, 1),
        "p50_ms": round(percentile(waited, 0.5), 1),
        "p95_ms": round(percentile(waited, 0.95), 1),
        "slowest_ms": round(max(waited), 1),
    }
