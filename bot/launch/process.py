"""One program in a process group of its own, which never outlives its parent."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Loaded before any fork: between fork and exec a child must not import anything.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """What to start and how to end it."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    """The whole environment; may hold secrets."""
    cwd: Path
    user: pwd.struct_passwd | None = None
    """Another account to run as (only root can)."""
    stop_signal: signal.Signals = signal.SIGTERM
    """Asks for a clean end."""
    orphan_signal: signal.Signals = signal.SIGKILL
    """What it gets when we die without stopping it: a kill loses no message, and a half-dead process holds ports."""
    grace_s: float = 10.0
    """How long a clean end may take before the group is killed."""
    foreign: bool = False
    """Its output is not in our log format: it is passed on line by line through our log."""


async def spawn(program: Program, *, answer: bool = False) -> asyncio.subprocess.Process:
    """Start ``program``.

    Its standard output goes to our standard error, which leaves ours to the answer of the command. A ``foreign``
    program's whole output comes through ``stdout`` of the result instead; with ``answer`` the standard output alone.
    """
    err = sys.stderr.fileno()
    return await asyncio.create_subprocess_exec(
        *program.argv,
        env=dict(program.env),
        cwd=program.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program.foreign or answer else err,
        stderr=subprocess.STDOUT if program.foreign else err,
        **spawn_options(program),
    )


def spawn_options(program: Program) -> dict[str, Any]:
    """Options for ``subprocess``: a group of its own, the account, and an end together with the parent.

    Call it in the main thread: Linux sends the parent-death signal when the *thread* that forked ends.
    """
    guard = _die_with_parent(program.orphan_signal)
    return {"start_new_session": True, "preexec_fn": guard, **as_account(program.user)}


def as_account(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Options for ``subprocess`` to run as ``user``."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    libc, parent, wanted = _LIBC, os.getpid(), int(number)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, wanted, 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os.kill(os.getpid(), wanted)

    return prepare


def signal_group(pid: int, number: signal.Signals) -> bool:
    """Send a signal to the whole group that ``pid`` leads; False when nobody is left in it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
        return True
    return False
