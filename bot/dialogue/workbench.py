"""Understands texts with any stored or just trained model (:class:`bot.ports_studio.Workbench`), each in a process of its own.

The model that answers citizens is not touched. Two models at most are held; the one longest unused gives way, idle ones go after some
minutes. A process that dies or hangs is thrown away; the next call starts another.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from bot.dialogue.client import understanding
from bot.errors import ContentError, NotFound
from bot.ports import Understanding
from bot.ports_studio import Looked
from bot.settings import PREFIX, ROOT, environment

log = logging.getLogger(__name__)

HELD = 2
IDLE_S = 300.0
LOAD_S = 120.0
"""Loading takes 3 to 5 s; a machine that trains at the same time gets this long."""
LOOK_S = 60.0
"""For one portion of texts."""
PORTION = 50
NOTHING = "out_of_scope"
"""The wish of an empty message."""

_HASH = re.compile(r"[0-9a-z-]{1,64}")
_LINE = 16 * 1024 * 1024
# A portion's answers; asyncio's own limit is 64 KiB.

Fetch = Callable[[str], Awaitable[bytes | None]]


class RasaWorkbench:
    """See :class:`bot.ports_studio.Workbench`. ``fetch`` gets a model that is not in ``model_dir`` (from the database)."""

    def __init__(self, rasa_python: Path, model_dir: Path, fetch: Fetch) -> None:
        self._python = rasa_python
        self._dir = model_dir
        self._fetch = fetch
        self._held: dict[str, _Child] = {}
        """The one used last is the last."""
        self._turn = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None

    async def look(self, model: str, texts: Sequence[str]) -> Sequence[Looked]:
        """See :class:`bot.ports_studio.Workbench`."""
        if not texts:
            return []
        known = self._held.get(model)
        try:
            return await self._looked(model, texts)
        except ContentError:
            if known is None:
                raise
        return await self._looked(model, texts)  # it had loaded, then died: another process answers

    async def _looked(self, model: str, texts: Sequence[str]) -> Sequence[Looked]:
        async with self._turn:
            child = await self._child(model)
            child.busy += 1
        try:
            return await child.look(texts)
        except ContentError:
            if self._held.get(model) is child:
                del self._held[model]
            await child.stop()
            raise
        finally:
            child.busy -= 1
            child.used = time.monotonic()

    async def close(self) -> None:
        """End all processes."""
        if self._closing is not None:
            self._closing.cancel()
        for child in list(self._held.values()):
            await child.stop()
        self._held.clear()

    @property
    def pids(self) -> list[int]:
        """Of the running processes."""
        return [child.pid for child in self._held.values()]

    # -- helpers --------------------------------------------------------------------------------------------------------

    async def _child(self, model: str) -> _Child:
        known = self._held.pop(model, None)
        if known is not None and known.alive:
            self._held[model] = known
            return known
        file = await self._file(model)
        await self._make_room()
        child = _Child(self._python, file)
        await child.start()
        self._held[model] = child
        if self._closing is None or self._closing.done():
            self._closing = asyncio.create_task(self._close_idle())
        return child

    async def _file(self, model: str) -> Path:
        """The model's file; fetched into the folder of models if it is not there."""
        if not _HASH.fullmatch(model):
            raise NotFound("model")
        file = self._dir / f"{model}.tar.gz"
        if await asyncio.to_thread(file.is_file):
            return file
        data = await self._fetch(model)
        if data is None:
            raise NotFound("model")
        await asyncio.to_thread(_write, file, data)
        return file

    async def _make_room(self) -> None:
        while len(self._held) >= HELD:
            idle = next((name for name, child in self._held.items() if not child.busy), None)
            if idle is None:
                await asyncio.sleep(0.05)
                continue
            await self._held.pop(idle).stop()

    async def _close_idle(self) -> None:
        while self._held:
            await asyncio.sleep(IDLE_S / 10)
            for name, child in list(self._held.items()):
                if not child.busy and time.monotonic() - child.used > IDLE_S:
                    del self._held[name]
                    await child.stop()


class _Child:
    """One process with one model. Texts of several callers go in one after the other."""

    def __init__(self, python: Path, model: Path) -> None:
        self._python = python
        self._model = model
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self.busy = 0
        self.used = time.monotonic()

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    async def start(self) -> None:
        """:raises ContentError: the model does not load."""
        self._process = await asyncio.create_subprocess_exec(
            *(str(self._python), "-W", "ignore", "-m", "bot.dialogue.rasa.look", str(self._model)),
            cwd=ROOT,
            env=child_environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LINE,
        )
        try:
            await self._line(LOAD_S)
        except BaseException:
            await self.stop()
            raise

    async def look(self, texts: Sequence[str]) -> list[Looked]:
        """:raises ContentError: it died or hangs."""
        found: list[Looked] = []
        for at in range(0, len(texts), PORTION):
            portion = texts[at : at + PORTION]
            async with self._turn:
                rows = await self._ask([" ".join(text.split()) for text in portion])
            found += [_looked(text, row) for text, row in zip(portion, rows, strict=True)]
        return found

    async def _ask(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            raise ContentError(f"{self._model.name}: the process with this model ended; try again")
        try:
            process.stdin.write(f"{json.dumps(texts, ensure_ascii=False)}\n".encode())
            await process.stdin.drain()
            rows: list[dict[str, Any]] = await self._line(LOOK_S)
        except asyncio.CancelledError:
            await self.stop()  # its answer would be taken for somebody else's
            raise
        except OSError as error:
            raise ContentError(f"{self._model.name}: the process with this model ended; try again") from error
        return rows

    async def _line(self, limit_s: float) -> Any:
        assert self._process is not None and self._process.stdout is not None
        try:
            async with asyncio.timeout(limit_s):
                line = await self._process.stdout.readline()
        except TimeoutError as error:
            raise ContentError(f"{self._model.name}: no answer within {limit_s:.0f} s; train it again") from error
        if not line:
            raise ContentError(f"{self._model.name}: this model does not load; train it again")
        return json.loads(line)

    async def stop(self) -> None:
        """End the process and let go of its pipes."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def child_environment() -> dict[str, str]:
    """No setting of ours, so no secret either; one thread is enough for what is sparse."""
    inherited = {name: value for name, value in environment().items() if not name.startswith((PREFIX, "PYTHON"))}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "OMP_NUM_THREADS": "1"}
    return {**inherited, **quiet, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def _looked(text: str, row: dict[str, Any]) -> Looked:
    found = understanding(row)
    entities = [(str(one.get("entity")), str(one.get("value"))) for one in row.get("entities") or []]
    return Looked(
        Understanding(text, found.intent or NOTHING, found.confidence, found.service, found.ranking),
        str(row.get("normalised") or ""),
        tuple(entities),
        str(row.get("action") or ""),
    )


def _write(file: Path, data: bytes) -> None:
    """Whole, or not at all: others look for models by their name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        scratch.write_bytes(data)
        os.replace(scratch, file)
    finally:
        scratch.unlink(missing_ok=True)
