"""A Rasa server that only understands: for measuring ``POST /model/parse`` and the memory it takes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import psutil

from bot.bench.machine import answers, free_port, wait_until
from bot.errors import LoketError
from bot.settings import PREFIX, ROOT, Settings, environment


class ParseServerFailed(LoketError):
    """The server did not come up."""

    code = "bench_nlu_server"


class ParseServer:
    """``rasa run --enable-api`` with one model and no channel of its own."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self._url = f"http://127.0.0.1:{port}/model/parse"

    @staticmethod
    @contextlib.contextmanager
    def running(settings: Settings, model: Path) -> Iterator[ParseServer]:
        """Start, wait until the model is loaded, stop at the end of the ``with`` block.

        :raises ParseServerFailed: it does not come up.
        """
        port = free_port()
        inherited = {key: value for key, value in environment().items() if not key.startswith((PREFIX, "PYTHON"))}
        quiet = {
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "RASA_TELEMETRY_ENABLED": "false",
            "LOG_LEVEL": "WARNING",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
        }
        with tempfile.TemporaryDirectory(prefix="loket-bench-rasa-") as name:
            folder = Path(name)
            (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
            (folder / "endpoints.yml").write_text("", encoding="utf-8")
            command = [
                *(str(settings.rasa_python), "-W", "ignore", "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1"),
                *(
                    "-p",
                    str(port),
                    "-m",
                    str(model),
                    "--credentials",
                    "credentials.yml",
                    "--endpoints",
                    "endpoints.yml",
                ),
            ]
            with (folder / "rasa.log").open("wb") as log:
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env={**inherited, **quiet},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                try:
                    url = f"http://127.0.0.1:{port}/"
                    if not wait_until(lambda: answers(url), 300, lambda: process.poll() is not None):
                        said = (folder / "rasa.log").read_text(errors="replace")[-1500:]
                        raise ParseServerFailed(f"Rasa tidak menyala / Rasa does not start:\n{said}")
                    yield ParseServer(process, port)
                finally:
                    _end(process)

    def parse(self, texts: Sequence[str]) -> list[float]:
        """Seconds of each text, one after the other."""
        taken = []
        for text in texts:
            body = json.dumps({"text": text.lstrip().lstrip("/")}).encode()
            request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})  # noqa: S310
            began = perf_counter()
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 (loopback)
                answer.read()
            taken.append(perf_counter() - began)
        return taken

    def rss_mb(self) -> float:
        """Memory of the server process now."""
        return round(float(psutil.Process(self._process.pid).memory_info().rss) / 2**20, 1)


def _end(process: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
