"""Understand messages without a server: one message per line of standard input, Rasa's result as one JSON line each.

Run by :mod:`bot.dialogue.nlu_cli` in the Rasa environment: ``python -m bot.dialogue.nlu.parse MODEL``.
"""

from __future__ import annotations

import json
import sys
import tempfile
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


def main() -> int:
    """Read, understand, write, until the input ends."""
    warnings.filterwarnings("ignore")
    understand = understander(Path(sys.argv[1]))
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        print(json.dumps(understand(text), ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
