"""The machine a measurement was made on, and small helpers for the processes that are measured."""

from __future__ import annotations

import os
import platform
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil


def description() -> dict[str, str | int | float]:
    """Enough to judge whether two results may be compared. ``load_1min`` above ``cpus`` means: others were busy too."""
    return {
        "cpu": _cpu_model(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_1min": round(os.getloadavg()[0], 1),
    }


def _cpu_model() -> str:
    file = Path("/proc/cpuinfo")
    if file.exists():
        for line in file.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and everything below it, in seconds so far."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    used = 0.0
    for process in family:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        used += times.user + times.system
    return used


def free_port() -> int:
    """A TCP port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether ``GET url`` gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 (loopback)
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def wait_until(
    condition: Callable[[], bool], limit_s: float, hopeless: Callable[[], bool] = lambda: False, every_s: float = 0.25
) -> bool:
    """Whether ``condition`` came true within ``limit_s`` seconds; gives up early once it is ``hopeless``."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if condition():
            return True
        if hopeless():
            return False
        time.sleep(every_s)
    return False
