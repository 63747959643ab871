"""What stands between a trained draft and the citizens: the rules of an installation, and what stops a draft.

The rules are content (``studio.yml``), and it is the *published* file that counts: who loosens the gate has to pass it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import yaml

from bot.domain.nlu_report import Change
from bot.errors import ContentError

FILE = "studio.yml"
MOST_LOSS = 100.0
_KEYS = ("max_loss", "min_support", "approval", "train_at")


class Approval(StrEnum):
    """Who has to agree."""

    TWO = "two"  # a publisher who wrote nothing of what is new
    ONE = "one"  # any publisher, the writer too


@dataclass(frozen=True)
class GateRules:
    """The choices of an installation."""

    max_loss: float = 2.0
    """So many points of F1 an intent may lose at most."""
    min_support: int = 1
    """Intents that fewer labelled messages want are not looked at: one message would be too many points."""
    approval: Approval = Approval.TWO
    train_at: int | None = None
    """The hour (of the office's clock) in which a changed draft is trained every day; None: nobody asked for that."""


@dataclass(frozen=True)
class Stop:
    """One reason why a draft may not be published. ``kind`` names the sentence, ``values`` fill it."""

    kind: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What is known of a draft. Figures are None where no training was looked at."""

    faults: int
    """Of the check before training."""
    needs_model: bool
    """Its model is another than the live one."""
    trained: bool
    """A finished training of just this state is there, and its model is the one the draft needs."""
    changes: Sequence[Change] = ()
    failed_talks: Sequence[str] = ()
    """Names of test conversations that do not go as written."""
    untested_talks: bool = False
    """Test conversations changed, and were not tried since."""


def gate(rules: GateRules, evidence: Evidence) -> list[Stop]:
    """Everything that stops this draft; empty: it may be published."""
    stops: list[Stop] = []
    if evidence.faults:
        stops.append(Stop("faults", {"count": evidence.faults}))
    if (evidence.needs_model or evidence.untested_talks) and not evidence.trained:
        stops.append(Stop("untrained"))
    stops += [
        Stop(
            "loss",
            {
                "intent": one.name,
                "points": -one.points,
                "most": rules.max_loss,
                "support": one.after.support if one.after else 0,
            },
        )
        for one in evidence.changes
        if lost_too_much(rules, one)
    ]
    stops += [Stop("talk", {"name": name}) for name in evidence.failed_talks]
    return stops


def lost_too_much(rules: GateRules, change: Change) -> bool:
    """Whether one intent stops a draft."""
    support = change.after.support if change.after else 0
    # Shares are quotients: what is exactly the limit must not fail by the last bit.
    return support >= rules.min_support and -change.points > rules.max_loss + 1e-9


def may_approve(rules: GateRules, who: str, authors: Sequence[str]) -> bool:
    """Whether this publisher (user name) may agree to what these people wrote since the last release."""
    return rules.approval is Approval.ONE or who not in authors


def read_rules(text: str | None, shown: str = FILE) -> GateRules:
    """The rules of a file; the usual ones where there is none.

    :raises ContentError: the file is wrong, ``file:line: what; remedy``.
    """
    if text is None:
        return GateRules()
    try:
        raw = yaml.safe_load(text)
        node = yaml.compose(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{shown}:{line}: no valid YAML; check indentation and colons") from error
    except yaml.YAMLError as error:
        raise ContentError(f"{shown}:1: no valid YAML; check indentation and colons") from error
    if raw is None:
        return GateRules()
    if not isinstance(raw, dict) or not isinstance(node, yaml.MappingNode):
        raise ContentError(f"{shown}:1: not a mapping; write `key: value` lines")
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    rules = GateRules()
    for key, value in raw.items():
        if key not in _KEYS:
            raise ContentError(f"{shown}:{lines.get(str(key), 1)}: unknown key '{key}'; possible: {', '.join(_KEYS)}")
        if not _fits(key, value):
            raise ContentError(f"{shown}:{lines[key]}: {key}: {value!r} does not fit; {_WANTED[key]}")
    given = {key: value for key, value in raw.items() if value is not None}
    return GateRules(
        max_loss=float(given.get("max_loss", rules.max_loss)),
        min_support=int(given.get("min_support", rules.min_support)),
        approval=Approval(given.get("approval", rules.approval)),
        train_at=given.get("train_at"),
    )


_WANTED = {
    "max_loss": f"a number of points from 0 to {MOST_LOSS:.0f}",
    "min_support": "a whole number from 1 on",
    "approval": "two or one",
    "train_at": "an hour from 0 to 23, or nothing",
}


def _fits(key: str, value: Any) -> bool:
    if value is None:
        return key == "train_at"
    if isinstance(value, bool):
        return False
    if key == "max_loss":
        return isinstance(value, int | float) and 0 <= value <= MOST_LOSS
    if key == "min_support":
        return isinstance(value, int) and value >= 1
    if key == "approval":
        return value in tuple(Approval)
    return isinstance(value, int) and 0 <= value <= 23


def written(rules: GateRules) -> str:
    """The rules as a file, with what they mean."""
    hour = "" if rules.train_at is None else f" {rules.train_at}"
    return (
        "# Aturan terbit. Yang berlaku ialah berkas yang sudah terbit, bukan yang masih naskah.\n"
        "# max_loss: berapa poin F1 sebuah maksud boleh turun. min_support: maksud dengan pesan uji lebih sedikit tidak dinilai.\n"
        "# approval: two (disetujui penerbit lain) atau one. train_at: jam naskah dilatih tiap hari (0-23; kosong: tidak).\n"
        f"max_loss: {rules.max_loss:g}\n"
        f"min_support: {rules.min_support}\n"
        f"approval: {rules.approval.value}\n"
        f"train_at:{hour}\n"
    )
