"""Conversations that must go as written (``percakapan/<slug>.yml``): saved by editors, run before content is published.

A file is a name, a language, and turns in order. Every turn is what a citizen writes and what is expected of it: an intent, a
service, the answer (a key of the texts, e.g. ``say.ask_hours``), or several of these::

    name: Tanya syarat lalu biaya
    language: id
    turns:
      - said: syarat ktp hilang apa
        intent: ask_requirements
        service: ktp
      - said: bayar?
        intent: ask_cost

Expectations are about each message for itself, as a model understands it: what a form or the talk before would add is not
looked at.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.errors import ContentError

FOLDER = "percakapan"
MOST_TURNS = 50
MOST_CHARACTERS = 1000
LANGUAGES = ("id", "jv", "en")
SURE = 0.35
"""Below this confidence a wish is asked about, not answered (:class:`bot.usecases.deps.Policy`, ``wish_confidence``)."""

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,63}")
_KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_-]+)+|action_[a-z0-9_]+")
_EXPECTED = ("intent", "service", "answer")
_FALLBACK = "action_fallback"
NOT_UNDERSTOOD = "say.not_understood"


@dataclass(frozen=True)
class Expected:
    """One turn. What is empty is not looked at."""

    said: str
    intent: str = ""
    service: str = ""
    answer: str = ""


@dataclass(frozen=True)
class TalkTest:
    """One conversation."""

    name: str
    turns: tuple[Expected, ...]
    language: str = "id"
    slug: str = field(default="", compare=False)
    """Of its file."""

    @property
    def path(self) -> str:
        """Its place in the content."""
        return f"{FOLDER}/{self.slug}.yml"


@dataclass(frozen=True)
class Failure:
    """What one turn should have been and is not. ``turn`` counts from 1; ``what``: ``intent``, ``service`` or ``answer``."""

    turn: int
    said: str
    what: str
    wanted: str
    found: str


def check_slug(slug: str) -> str:
    """:raises ContentError: anything but small letters, digits and dashes."""
    if not _SLUG.fullmatch(slug):
        raise ContentError(f"{slug[:64]!r} is no name for a file; use small letters, digits and -")
    return slug


def slug_of(name: str) -> str:
    """A file name for a title; ``uji`` when nothing of it can stand in one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:48].strip("-") or "uji"


def line(text: str) -> str:
    """``text`` on one line, without what nobody sees."""
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cs", "Cn", "Co") and c != "\ufeff")
    return " ".join(plain.split())


def check(test: TalkTest) -> TalkTest:
    """The same, on single lines.

    :raises ContentError: no name, no turns, too many, a turn without words or expectations, a name that is none.
    """
    name = line(test.name)
    if not name:
        raise ContentError("the conversation needs a name")
    if test.language not in LANGUAGES:
        raise ContentError(f"the language is one of {', '.join(LANGUAGES)}")
    if not 1 <= len(test.turns) <= MOST_TURNS:
        raise ContentError(f"a conversation has 1 to {MOST_TURNS} turns")
    turns = tuple(_checked(one, at) for at, one in enumerate(test.turns, 1))
    return TalkTest(name[:120].strip(), turns, test.language, test.slug)


def _checked(one: Expected, at: int) -> Expected:
    said = line(one.said)
    if not said:
        raise ContentError(f"turn {at} has no words")
    if len(said) > MOST_CHARACTERS:
        raise ContentError(f"turn {at} has more than {MOST_CHARACTERS} characters")
    if not (one.intent or one.service or one.answer):
        raise ContentError(f"turn {at} expects nothing; give an intent, a service or an answer")
    for what, value, rule in (
        ("intent", one.intent, _NAME),
        ("service", one.service, _SLUG),
        ("answer", one.answer, _KEY),
    ):
        if value and not rule.fullmatch(value):
            raise ContentError(f"turn {at}: {value[:64]!r} is no name of {what}")
    return Expected(said, one.intent, one.service, one.answer)


def parse(text: str, path: str) -> TalkTest:
    """The conversation in a file.

    :raises ContentError: ``path:line: what is wrong``.
    """
    slug = path.rpartition("/")[2].removesuffix(".yml")
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{path}:{at}: no valid YAML; check indentation, quotes and colons") from error
    except yaml.YAMLError as error:
        raise ContentError(f"{path}:1: no valid YAML; a character is in it that may not be") from error
    if not isinstance(node, yaml.MappingNode):
        raise ContentError(f"{path}:1: write name, language and turns")
    values = _mapping(node, path, ("name", "language", "turns"))
    turns = values.get("turns")
    if not isinstance(turns, yaml.SequenceNode):
        raise ContentError(f"{path}:{node.start_mark.line + 1}: there are no turns")
    read = tuple(_turn(one, path) for one in turns.value)
    test = TalkTest(_text(values.get("name"), path), read, _text(values.get("language"), path) or "id", slug)
    try:
        return check(test)
    except ContentError as error:
        raise ContentError(f"{path}:{turns.start_mark.line + 1}: {error}") from error


def _mapping(node: yaml.MappingNode, path: str, allowed: Sequence[str]) -> dict[str, yaml.Node]:
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        at = key.start_mark.line + 1
        if name not in allowed:
            raise ContentError(f"{path}:{at}: {str(name)[:40]!r} is not known here; use {', '.join(allowed)}")
        if name in found:
            raise ContentError(f"{path}:{at}: {name!r} stands here twice")
        found[name] = value
    return found


def _turn(node: yaml.Node, path: str) -> Expected:
    if not isinstance(node, yaml.MappingNode):
        raise ContentError(f"{path}:{node.start_mark.line + 1}: a turn is `said:` and what is expected")
    values = _mapping(node, path, ("said", *_EXPECTED))
    return Expected(_text(values.get("said"), path), *(_text(values.get(name), path) for name in _EXPECTED))


def _text(node: yaml.Node | None, path: str) -> str:
    if node is None:
        return ""
    if not isinstance(node, yaml.ScalarNode):
        raise ContentError(f"{path}:{node.start_mark.line + 1}: text is wanted here")
    return str(node.value).strip()


def write(test: TalkTest) -> str:
    """The file's text; :func:`parse` gives the same test back.

    :raises ContentError: see :func:`check`.
    """
    test = check(test)
    lines = [f"name: {_quoted(test.name)}", f"language: {test.language}", "turns:"]
    for one in test.turns:
        lines.append(f"  - said: {_quoted(one.said)}")
        lines += [f"    {what}: {_quoted(value)}" for what in _EXPECTED if (value := getattr(one, what))]
    return "\n".join([*lines, ""])


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ ,.()/?!-]*")
_NOT_WORDS = re.compile(r"true|false|yes|no|on|off|null|y|n", re.IGNORECASE)


def _quoted(text: str) -> str:
    """As plain as YAML allows: editors read these files."""
    if _PLAIN.fullmatch(text) and not _NOT_WORDS.fullmatch(text) and not text.endswith(" "):
        return text
    return json.dumps(text, ensure_ascii=False)


# -- running ------------------------------------------------------------------------------------------------------------


def run_talk(test: TalkTest, looks: Sequence[Any], sure: float = SURE) -> list[Failure]:
    """What a model gets wrong of it.

    :param looks: one :class:`bot.ports_studio.Looked` per turn, in order
    :param sure: below this confidence nothing is answered
    :raises ValueError: not one per turn.
    """
    found: list[Failure] = []
    for at, (turn, look) in enumerate(zip(test.turns, looks, strict=True), 1):
        is_ = {"intent": look.found.intent, "service": look.found.service or "", "answer": answer_key(look, sure)}
        for what in _EXPECTED:
            wanted = getattr(turn, what)
            if wanted and wanted != is_[what]:
                found.append(Failure(at, turn.said, what, wanted, is_[what]))
    return found


def answer_key(look: Any, sure: float = SURE) -> str:
    """Which answer follows: the key of a prepared sentence, else the action's name (its answer is made from the catalogue)."""
    action = look.action or _FALLBACK
    if action == _FALLBACK or look.found.confidence < sure:
        return NOT_UNDERSTOOD
    return f"say.{look.found.intent}" if action == "action_say" else str(action)
