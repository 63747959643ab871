"""The folder ``var/``: who runs in it, its secrets, and what a killed run left behind."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import logging
import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from bot.errors import LoketError, SettingsError
from bot.launch.process import signal_group

log = logging.getLogger(__name__)


class AlreadyRunning(LoketError):
    """Another ``./loket run`` has this folder."""

    code = "already_running"


class VarDir:
    """One installation's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.postgres = folder / "postgres"
        self._state = self.run / "state.json"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be the only supervisor of this folder. The lock ends with the process, however it ends.

        :raises AlreadyRunning: there is one.
        :raises SettingsError: the folder cannot be made.
        """
        try:
            self.run.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SettingsError(
                f"Folder {self.folder} tidak bisa dipakai ({error.strerror}); lihat LOKET_VAR_DIR. / "
                f"Cannot use the folder {self.folder} ({error.strerror}); see LOKET_VAR_DIR."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(self._who()) from error
        else:
            yield
        finally:
            os.close(lock)

    def _who(self) -> str:
        pid = self.state().get("pid", "?")
        return (
            f"Loket sudah berjalan di folder {self.folder} (proses {pid}). Hentikan dulu, atau pakai --var-dir lain. / "
            f"Loket already runs in the folder {self.folder} (process {pid}). Stop it first, or use another --var-dir."
        )

    # -- what runs ----------------------------------------------------------------------------------------------------

    def write_state(self, pids: Mapping[str, int], **facts: Any) -> None:
        """Note the running children and ``facts``, for other commands and for the next run."""
        children = {name: {"pid": pid, "created": _created(pid)} for name, pid in pids.items()}
        write_private(self._state, json.dumps({"pid": os.getpid(), "children": children, **facts}))

    def state(self) -> dict[str, Any]:
        """What the present or the last run noted; empty when there is nothing usable."""
        with contextlib.suppress(OSError, ValueError):
            state = json.loads(self._state.read_text())
            if isinstance(state, dict):
                return state
        return {}

    def forget_state(self) -> None:
        """A clean end leaves nothing to sweep."""
        self._state.unlink(missing_ok=True)

    def sweep(self) -> None:
        """End what a killed run left behind: its children get a signal and 10 seconds, whatever is left is killed."""
        left = []
        for name, child in self.state().get("children", {}).items():
            try:
                process = psutil.Process(child["pid"])
                if abs(process.create_time() - child["created"]) < 1:  # else the number went to somebody else
                    log.warning("ending what a killed run left behind", extra={"program": name, "pid": process.pid})
                    signal_group(process.pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)
                    left.append(process)
            except psutil.NoSuchProcess:
                signal_group(child["pid"], signal.SIGKILL)  # a number is not given away while its group has members
            except (psutil.Error, KeyError, TypeError):
                log.warning("cannot tell what a killed run left behind", extra={"program": name})
        psutil.wait_procs(left, timeout=10)
        for process in left:
            signal_group(process.pid, signal.SIGKILL)
        psutil.wait_procs(left, timeout=5)

    # -- secrets ------------------------------------------------------------------------------------------------------

    def keys(self) -> str:
        """The key ring of ``var/keys``; made when there is no data yet that another key has encrypted.

        :raises SettingsError: the keys are gone, but the data is there.
        """
        file = self.folder / "keys"
        if not file.exists():
            if (self.postgres / "PG_VERSION").exists():
                raise SettingsError(
                    f"{file} hilang, padahal data di {self.postgres} terenkripsi dengannya. Kembalikan berkas itu "
                    f"dari cadangan. / {file} is missing, and the data in {self.postgres} is encrypted with it. Put "
                    "the file back from a backup."
                )
            write_private(file, new_key("k1") + "\n")
        file.chmod(0o600)
        return file.read_text().strip()

    def secret(self, name: str) -> str:
        """A random secret of this installation, the same at each start."""
        file = self.folder / f"{name}.secret"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32) + "\n")
        return file.read_text().strip()


def new_key(key_id: str) -> str:
    """One entry of a key ring."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _created(pid: int) -> float:
    with contextlib.suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return 0.0


def write_private(file: Path, content: str) -> None:
    """Write ``file`` for this account only, whole or not at all."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
