"""Work that may crash, hang or eat memory, done in child processes that can be thrown away.

Pictures and PDFs come from strangers, and their decoders are written in C: each child has a limit on memory, each call
a limit on time, and a child that breaks one is killed and replaced. One broken call never harms another.

Imports nothing else of ours, so that storage and integrations may both use it.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import queue
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")

MIB = 1024 * 1024
START_TIMEOUT_S = 60.0
"""A child imports its libraries and loads its models in 1 to 2 s; a busy machine gets this long."""
_SPAWN = multiprocessing.get_context("spawn")


class ChildFailed(Exception):
    """The call gave no result."""


class ChildDied(ChildFailed):
    """The child ended in the middle of the call: killed, out of memory, crashed in C."""


class ChildTimedOut(ChildFailed):
    """The call took too long; its child was killed."""


class ChildCannotStart(ChildFailed):
    """The initializer failed: the installation is wrong, not the input."""


class ChildRaised(RuntimeError):
    """The function raised. Holds the type's name only: the message may quote the content. The child lives on."""


class ChildPool:
    """``processes`` children, started when first needed.

    ``initializer(*initargs)`` runs once in each child. Functions, arguments and results travel pickled, and so only
    module-level functions will do.
    """

    def __init__(
        self,
        initializer: Callable[..., None],
        initargs: tuple[Any, ...] = (),
        *,
        processes: int = 1,
        timeout_s: float = 10.0,
        memory_mib: int = 1536,
    ) -> None:
        self._slots: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        self._all = [_Slot(initializer, initargs, timeout_s, memory_mib * MIB) for _ in range(processes)]
        for slot in self._all:
            self._slots.put(slot)
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="childpool")
        self._closed = False

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """``function(*args)`` in a child. A call whose child died is tried once more in a fresh one.

        :raises ChildFailed: no result; see the subclasses.
        :raises ChildRaised: the function raised.
        """
        try:
            return await self._submit(function, args)
        except ChildDied:
            log.warning("child died, trying once more")
            return await self._submit(function, args)

    async def warm(self) -> None:
        """Start every child now.

        :raises ChildCannotStart: the initializer failed.
        """
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._threads, slot.start) for slot in self._all))

    async def close(self) -> None:
        """End the children. Calls still running end with :class:`ChildDied`."""
        self._closed = True
        for slot in self._all:
            slot.close()
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)

    @property
    def pids(self) -> list[int]:
        """Process ids of the running children."""
        return [slot.pid for slot in self._all if slot.pid is not None]

    async def _submit(self, function: Callable[..., T], args: tuple[Any, ...]) -> T:
        if self._closed:
            raise ChildDied("pool is closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, function, args)

    def _call(self, function: Callable[..., T], args: tuple[Any, ...]) -> T:
        """Runs in a thread of the pool: there are as many threads as slots, so one is always free."""
        slot = self._slots.get()
        try:
            result: T = slot.call(function, args)
            return result
        finally:
            self._slots.put(slot)


class _Slot:
    """One child and its successors. Used by one thread at a time, except for ``close``."""

    def __init__(
        self, initializer: Callable[..., None], initargs: tuple[Any, ...], timeout_s: float, memory: int
    ) -> None:
        self._initializer = initializer
        self._initargs = initargs
        self._timeout_s = timeout_s
        self._memory = memory
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def start(self) -> None:
        if self._closed:
            raise ChildDied("pool is closed")
        if self.pid is not None:
            return
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_child, args=(theirs, self._memory), daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        try:
            self._exchange(self._initializer, self._initargs, START_TIMEOUT_S)
        except (ChildFailed, ChildRaised) as error:
            self._kill()
            raise ChildCannotStart(str(error)) from error

    def call(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        self.start()
        try:
            return self._exchange(function, args, self._timeout_s)
        except ChildFailed:
            self._kill()
            raise

    def close(self) -> None:
        self._closed = True
        self._kill()

    def _exchange(self, function: Callable[..., Any], args: tuple[Any, ...], timeout_s: float) -> Any:
        process, pipe = self._process, self._pipe
        if process is None or pipe is None:
            raise ChildDied("no child")
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        watchdog = threading.Timer(timeout_s, stop)  # covers a child that does not read, too: killing it ends the send
        watchdog.daemon = True
        watchdog.start()
        try:
            pipe.send((function, args, timeout_s))
            failure, value = pipe.recv()
        except (EOFError, OSError) as error:
            raise (ChildTimedOut if late.is_set() else ChildDied)("no answer") from error
        finally:
            watchdog.cancel()
        if failure is not None:
            raise ChildRaised(failure)
        return value

    def _kill(self) -> None:
        process, self._process, self._pipe = self._process, None, None
        if process is not None:
            process.kill()
            process.join(5)


def _child(pipe: Connection, memory: int) -> None:
    """The life of a child: limits first, then calls until the parent goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the parent ends us in good order
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold a citizen's picture
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # the processes are the parallelism; read when numpy is imported, after this line
    while True:
        try:
            function, args, timeout_s = pipe.recv()
            signal.alarm(int(timeout_s) + 5)  # ends a hanging child whose parent died
            answer = _answer(function, args)
            signal.alarm(0)
            pipe.send(answer)
        except (EOFError, OSError):
            return


def _answer(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[str | None, Any]:
    try:
        return None, function(*args)
    except Exception as error:  # whatever a decoder throws
        return type(error).__name__, None
