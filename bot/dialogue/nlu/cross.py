"""Cross-validation on the examples: each is judged by a model that has not seen it.

Run by :mod:`bot.dialogue.nlu_cli` in the Rasa environment: ``python -m bot.dialogue.nlu.cross CONFIG FOLDS PATH...``. Prints a
JSON object per example, ``{"text", "intent", "found", "confidence"}``. The components' parts are used without Rasa's graph.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from bot.dialogue.nlu.learn import learn
from bot.dialogue.nlu.reader import Reader


def judged(
    examples: list[tuple[str, str]],
    names: dict[str, str],
    groups: dict[str, list[str]],
    options: tuple[dict[str, Any], dict[str, Any]],
    folds: int,
) -> Iterator[dict[str, Any]]:
    """Every example with the wish that was found for it.

    :param examples: text and intent
    :param options: configuration of reader and model, complete
    """
    reading, modelling = options
    texts = [text for text, _ in examples]
    wishes = np.array([wish for _, wish in examples])
    for seen, held in StratifiedKFold(folds, shuffle=True, random_state=7).split(texts, wishes):
        reader = Reader.of(names, Reader.learn([texts[at] for at in seen], names, reading), reading)
        model = learn([reader.read(texts[at]).words for at in seen], list(wishes[seen]), groups, modelling)
        for at in held:
            chances = model.chances(reader.read(texts[at]).words)
            best = int(chances.argmax())
            yield {
                "text": texts[at],
                "intent": str(wishes[at]),
                "found": model.names[best],
                "confidence": float(chances[best]),
            }


def main() -> int:
    """See the module."""
    warnings.filterwarnings("ignore")
    import rasa.shared.utils.io
    from rasa.shared.importers.utils import training_data_from_paths

    from bot.dialogue.nlu.intent import WishClassifier
    from bot.dialogue.nlu.service import ServiceExtractor

    config, folds, *paths = sys.argv[1:]
    data = training_data_from_paths([str(file) for path in paths for file in sorted(Path(path).rglob("*.yml"))], "id")
    pipeline = {
        str(one["name"]).rpartition(".")[2]: one for one in rasa.shared.utils.io.read_config_file(config)["pipeline"]
    }
    options = tuple(
        {**kind.get_default_config(), **pipeline[kind.__name__]} for kind in (ServiceExtractor, WishClassifier)
    )
    examples = [(one.get("text"), one.get("intent")) for one in data.intent_examples if one.get("text")]
    groups = {str(one["name"]): list(one["elements"]) for one in data.lookup_tables}
    for found in judged(examples, dict(data.entity_synonyms), groups, (options[0], options[1]), int(folds)):
        print(json.dumps(found, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
