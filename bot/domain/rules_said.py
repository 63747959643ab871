"""Which action a wish leads to, read from the content's rules (``rules/*.yml``): for people who ask "and then?"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class RuleSaid:
    """One rule in a word: its name, and the first action after the wish."""

    name: str
    action: str


def rules_by_intent(texts: Iterable[str]) -> Mapping[str, RuleSaid]:
    """The rule of each intent in free talk; what cannot be read is left out (the draft may be half written)."""
    found: dict[str, RuleSaid] = {}
    for text in texts:
        for rule in _rules(text):
            steps = rule.get("steps")
            named = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
            intent = next((str(step["intent"]) for step in named if "intent" in step), "")
            action = next((str(step["action"]) for step in named if "action" in step), "")
            if intent and action and not rule.get("condition"):
                found.setdefault(intent, RuleSaid(str(rule.get("rule", "")), action))
    return found


def _rules(text: str) -> list[dict[str, Any]]:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError:
        return []
    rules = data.get("rules") if isinstance(data, dict) else None
    return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
