"""Understands texts with one model, for the people who write its examples (runs in the Rasa environment, Python 3.10).

Run by :mod:`bot.dialogue.workbench`: ``python -m bot.dialogue.rasa.look MODEL``. The first line out is ``{"ready": true}``. A line in is a
JSON list of texts, a line out the list of results: Rasa's, with ``normalised`` (the text in one spelling, slips corrected) and ``action``
(what the rules let follow in free talk). It ends with its input. Beside the components, not among them: their folder goes into the
model's hash.
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import warnings
from pathlib import Path
from typing import Any

from bot.dialogue.nlu.normalise import words
from bot.dialogue.nlu.parse import understander
from bot.dialogue.nlu.speller import Speller

NICE = 10


def main() -> int:
    """Read, understand, write, until the input ends."""
    warnings.filterwarnings("ignore")
    os.nice(NICE)
    model = Path(sys.argv[1])
    understand = understander(model)
    speller, actions = _parts(model)
    _say({"ready": True})
    for line in sys.stdin:
        found = []
        for text in json.loads(line):
            one = understand(text)
            intent = str((one.get("intent") or {}).get("name") or "")
            plain = " ".join(speller.correct(words(text)))
            found.append({**one, "normalised": plain, "action": actions.get(intent, "")})
        _say(found)
    return 0


def _parts(model: Path) -> tuple[Speller, dict[str, str]]:
    """The corrections of slips and the rules that are inside a model file."""
    speller, actions = Speller({}), {}
    with tarfile.open(model) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is None:
                continue
            if member.name.endswith("/reader.json"):
                speller = Speller(json.load(content)["words"])
            elif member.name.endswith("/rule_policy.json"):
                actions = _first_actions(json.load(content)["lookup"]["rules"])
    return speller, actions


def _first_actions(rules: dict[str, str]) -> dict[str, str]:
    """Intent -> action, of the rules that begin with nothing but an intent (keys are Rasa's states as JSON)."""
    found = {}
    for key, action in rules.items():
        states = json.loads(key)
        if len(states) == 1 and set(states[0]) == {"prev_action", "user"} and set(states[0]["user"]) == {"intent"}:
            if states[0]["prev_action"].get("action_name") == "action_listen":
                found[states[0]["user"]["intent"]] = str(action)
    return found


def _say(line: Any) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
