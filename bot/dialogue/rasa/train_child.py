"""Rasa's command line in a process that ends with whoever started it (runs in the Rasa environment, Python 3.10).

``python -m bot.dialogue.rasa.train_child NICE train …``. Its standard input is a pipe that nobody writes to; when it closes, its owner is
gone, and so is the training.
"""

from __future__ import annotations

import os
import sys
import threading


def main() -> None:
    """Become ``rasa``."""
    os.nice(int(sys.argv[1]))
    threading.Thread(target=_watch, daemon=True).start()
    sys.argv = ["rasa", *sys.argv[2:]]
    from rasa.__main__ import main as rasa

    rasa()


def _watch() -> None:
    # Not sys.stdin: its lock would be held when the interpreter ends, which is then a fatal error.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
