"""Log lines to a machine of their own: syslog over TLS (RFC 5424 in the framing of RFC 5425).

Whoever breaks in here can then no longer unsay what was said. Lines are those of :class:`bot.log.JsonFormatter`, scrubbed before. Shipping
never disturbs the service: lines wait in a bounded queue, a thread sends them, and what finds no room is dropped and counted
(``loket_log_lines_dropped_total``); standard error has every line all the same.
"""

from __future__ import annotations

import logging
import os
import queue
import socket
import ssl
import threading
import time
from pathlib import Path

from prometheus_client import Counter

from bot.errors import SettingsError
from bot.setting_types import host_and_port

DROPPED = Counter(
    "loket_log_lines_dropped_total", "Log lines that were not shipped: no room, or not in time at the end"
)

PORT = 6514
"""Of syslog over TLS (RFC 5425, 4.1)."""
_QUEUE = 20_000
_PATIENCE_S = 5.0
_AGAIN_S = (0.5, 2.0, 10.0)
_STOP_S = 3.0
_LOCAL0 = 16
_SEVERITY = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_FORM = "LOKET_LOGS_TO: tls://host:6514"


class Shipper(logging.Handler):
    """Sends records to one collector; give it a formatter and a scrubber like any handler."""

    def __init__(self, host: str, port: int, component: str, ca: Path | None = None) -> None:
        """``ca``: the authority the collector's certificate is of; None: those that the system trusts.

        :raises bot.errors.SettingsError: the authority cannot be read.
        """
        super().__init__()
        self._address = (host, port)
        try:
            self._context = ssl.create_default_context(cafile=str(ca) if ca is not None else None)
        except OSError as error:
            raise SettingsError(f"LOKET_LOGS_CA: {ca}: {type(error).__name__}") from error
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._head = f"{_word(socket.gethostname())} loket-{_word(component)} {os.getpid()} - -"
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_QUEUE)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._send_for_ever, name="log shipping", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._waiting.put_nowait(self._framed(record))
        except queue.Full:
            DROPPED.inc()
        except Exception:
            self.handleError(record)

    def _framed(self, record: logging.LogRecord) -> bytes:
        severity = next((number for level, number in _SEVERITY if record.levelno >= level), 7)
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        line = f"<{_LOCAL0 * 8 + severity}>1 {at} {self._head} {self.format(record)}".encode()
        return b"%d %s" % (len(line), line)

    def close(self) -> None:
        """Send what waits, for three seconds at most."""
        if not self._stopping.is_set():
            self._stopping.set()
            try:
                self._waiting.put_nowait(None)
            except queue.Full:
                pass
            self._thread.join(_STOP_S)
            DROPPED.inc(sum(line is not None for line in list(self._waiting.queue)))
        super().close()

    def _send_for_ever(self) -> None:
        """The line in hand is kept until it is sent. One that a broken connection had swallowed is lost: syslog acknowledges nothing."""
        line: bytes | None = None
        tries = 0
        while True:
            try:
                with self._connected() as connection:
                    tries = 0
                    while True:
                        line = line if line is not None else self._waiting.get()
                        if line is None:
                            return
                        if _hung_up(connection):
                            raise ConnectionResetError
                        connection.sendall(line)
                        line = None
            except OSError:
                if self._stopping.wait(_AGAIN_S[min(tries, len(_AGAIN_S) - 1)]) and tries:
                    return
                tries += 1

    def _connected(self) -> ssl.SSLSocket:
        raw = socket.create_connection(self._address, timeout=_PATIENCE_S)
        try:
            return self._context.wrap_socket(raw, server_hostname=self._address[0])
        except BaseException:
            raw.close()
            raise


def _hung_up(connection: ssl.SSLSocket) -> bool:
    """Whether the collector has closed: it never says anything else."""
    connection.settimeout(0.0)
    try:
        return connection.recv(1) == b""
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    finally:
        connection.settimeout(_PATIENCE_S)


def _word(text: str) -> str:
    """As the header takes it: printable, no blanks."""
    return "".join(one if "!" <= one <= "~" else "-" for one in text)[:48] or "-"


def shipper(address: str, component: str, ca: Path | None) -> Shipper | None:
    """What the settings name; None without a collector.

    :raises bot.errors.SettingsError: another kind of address (only TLS is spoken), or no such authority.
    """
    if not address:
        return None
    found = host_and_port(address, "tls", PORT)
    if found is None:
        raise SettingsError(_FORM)
    return Shipper(*found, component, ca)
