"""Log lines go to another machine, over TLS or not at all."""

from __future__ import annotations

import io
import json
import logging
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import log
from bot.errors import SettingsError
from bot.log_shipping import DROPPED, Shipper, shipper
from bot.settings import Settings
from tests.certificates import Authority

NIK = "3328990101900001"


class Collector:
    """A syslog collector on loopback (RFC 5425); takes one connection after the other."""

    def __init__(self, authority: Authority) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*authority.sign("logs", "127.0.0.1"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.got = b""
        self.news = threading.Condition()
        self.open: ssl.SSLSocket | None = None
        threading.Thread(target=self.take, daemon=True).start()

    def take(self) -> None:
        while True:
            try:
                raw, _ = self.listener.accept()
                self.open = self.context.wrap_socket(raw, server_side=True)
                while data := self.open.recv(65536):
                    with self.news:
                        self.got += data
                        self.news.notify_all()
            except ssl.SSLError:
                continue
            except OSError:
                if self.listener.fileno() < 0:
                    return

    def lines(self, least: int) -> list[str]:
        """By their length, as the framing says."""
        with self.news:
            assert self.news.wait_for(lambda: len(self._parsed()) >= least, 20), self.got
            return self._parsed()

    def _parsed(self) -> list[str]:
        found, rest = [], self.got
        while rest:
            size, _, rest = rest.partition(b" ")
            if len(rest) < int(size or b"1"):
                break
            found.append(rest[: int(size)].decode())
            rest = rest[int(size) :]
        return found


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def collector(authority: Authority) -> Iterator[Collector]:
    root = logging.getLogger()
    before, level, hook = root.handlers[:], root.level, sys.excepthook
    one = Collector(authority)
    yield one
    for handler in root.handlers:
        if isinstance(handler, Shipper):
            handler.close()
    root.handlers[:], sys.excepthook = before, hook
    root.setLevel(level)
    logging.captureWarnings(False)
    one.listener.close()


def configured(collector: Collector, authority: Authority) -> io.StringIO:
    to = Settings(logs_to=f"tls://127.0.0.1:{collector.port}", logs_ca=authority.file, log_format="json")
    log.configure(to, "gateway", stream := io.StringIO())
    return stream


def test_every_line_arrives_whole_encrypted_and_without_personal_data(
    collector: Collector, authority: Authority
) -> None:
    stream = configured(collector, authority)
    logging.getLogger("bot").info("turn done: é", extra={"ms": 31, "nik": NIK})
    logging.getLogger("bot").error("two\nlines")
    first, second = collector.lines(2)
    assert first.startswith("<134>1 ") and second.startswith("<131>1 ")  # local0, info and error
    words = first.split(" ", 7)
    assert words[1].endswith("Z") and words[3] == "loket-gateway" and words[5:7] == ["-", "-"]
    line = json.loads(words[7])
    assert (line["message"], line["ms"], line["nik"]) == ("turn done: é", 31, "[nik]")
    assert json.loads(second.split(" ", 7)[7])["message"] == "two\nlines"
    assert stream.getvalue().count("\n") == 2  # here, too


def test_a_collector_that_comes_back_gets_what_was_said_meanwhile(collector: Collector, authority: Authority) -> None:
    configured(collector, authority)
    logging.getLogger("bot").info("one")
    assert len(collector.lines(1)) == 1
    assert collector.open is not None
    collector.open.shutdown(socket.SHUT_RDWR)
    collector.open.close()
    for n in range(20):
        logging.getLogger("bot").info("again %d", n)
    assert "again 19" in collector.lines(20)[-1]


def test_to_a_collector_that_is_not_who_it_says_nothing_is_sent(collector: Collector, tmp_path: Path) -> None:
    (other := tmp_path / "other").mkdir()
    dropped = DROPPED._value.get()
    one = Shipper("127.0.0.1", collector.port, "gateway", Authority(other).file)
    one.setFormatter(logging.Formatter())
    one.emit(logging.LogRecord("bot", logging.INFO, "", 0, "a secret", (), None))
    one.close()
    assert collector.got == b"" and DROPPED._value.get() > dropped


@pytest.mark.parametrize("address", ["tcp://logs:514", "udp://logs", "logs:6514", "tls://", "tls://logs:x"])
def test_logs_go_over_tls_or_nowhere(address: str) -> None:
    with pytest.raises(SettingsError, match="LOKET_LOGS_TO"):
        shipper(address, "gateway", None)
    assert shipper("", "gateway", None) is None
