"""Understand messages without a server: one message per line of standard input, Rasa's result as one JSON line each.

Run by :mod:`bot.dialogue.nlu_cli` and :mod:`bot.bench.nlu` in the Rasa environment:
``python -m bot.dialogue.nlu.parse MODEL [--timed]``. With ``--timed`` the first line is ``{"load_s": …}``, each result has its
``parse_ms``, and the last line is ``{"rss_mb": …}``.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def understander(model: Path) -> Callable[[str], dict[str, Any]]:
    """A function from text to Rasa's result (``text``, ``intent``, ``entities``, ``intent_ranking``).

    Only the understanding half of the model is run: Rasa's agent and server take far longer to load.
    """
    from rasa.engine import loader
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    with tempfile.TemporaryDirectory() as scratch:
        metadata, runner = loader.load_predict_graph_runner(Path(scratch), model, LocalModelStorage, DaskGraphRunner)

    def understand(text: str) -> dict[str, Any]:
        # A leading "/" would be a step of the dialogue; people who type one do not mean that.
        message = SimpleNamespace(text=text.lstrip().lstrip("/"), message_id=None, metadata=None)
        inputs = {PLACEHOLDER_MESSAGE: [message], PLACEHOLDER_TRACKER: None}
        found = runner.run(inputs=inputs, targets=[metadata.nlu_target])[metadata.nlu_target][0]
        return {**found.as_dict(only_output_properties=True), "text": text}

    return understand


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


def main() -> int:
    """Read, understand, write, until the input ends."""
    warnings.filterwarnings("ignore")
    timed = "--timed" in sys.argv[2:]
    began = time.perf_counter()
    understand = understander(Path(sys.argv[1]))
    if timed:
        _say({"load_s": round(time.perf_counter() - began, 3)})
    for line in sys.stdin:
        began = time.perf_counter()
        found = understand(line.rstrip("\r\n"))
        _say({**found, "parse_ms": (time.perf_counter() - began) * 1000} if timed else found)
    if timed:
        _say({"rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
