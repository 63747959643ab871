"""A program for the supervisor to keep: says that it lives, then behaves as its first argument tells.

``serve PORT``: answers 200 to everything. ``die``: ends at once. ``stubborn``: ignores SIGTERM. ``parent FILE``: has a
child of its own, whose number it writes down. ``idle``: stays. ``answer TEXT``: prints and ends. ``fail``: ends with 3.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main(kind: str, *rest: str) -> None:
    if kind == "serve":
        HTTPServer(("127.0.0.1", int(rest[0])), Handler).serve_forever()
    if kind == "answer":
        print(rest[0])
    if kind in ("die", "fail", "answer"):
        print("ERROR: this is why", file=sys.stderr, flush=True)
        sys.exit({"die": 1, "fail": 3, "answer": 0}[kind])
    if kind == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if kind == "parent":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(rest[0]).write_text(str(child.pid))
    print("ready", os.getpid(), flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
