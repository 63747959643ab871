"""What can be wrong with a draft's examples, rules, sentences and own tests, before anything is trained.

Faults name the file and the line. The catalogue (services, offices, questions) has its own reader, :mod:`bot.content`; whoever
publishes asks both.
"""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.domain.nlu_file import NluFile, Section, check_example, check_intent
from bot.domain.release_gate import FILE as RULES_FILE
from bot.domain.release_gate import read_rules
from bot.errors import ContentError
from bot.ports_studio import DraftFault

LEAST_EXAMPLES = 2
INTERNAL = frozenset({"answer"})
"""Steps of the dialogue: no text is ever understood as one."""
_OURS = ("nlu/", "rules/", "domain/", "messages/", "percakapan/")
_RASA_ACTIONS = frozenset({"action_listen", "action_restart", "action_default_fallback", "action_deactivate_loop"})
_FIRST = "messages/id.yml"
"""Every sentence is written there first."""
_PLACE = re.compile(r"{(\w*)}")

Sentences = Mapping[str, str]
"""Key -> sentence, of one language."""


@dataclass
class _Places:
    """Where intents stand."""

    examples: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    """Intent -> (file, line, example)."""
    headers: dict[str, tuple[str, int]] = field(default_factory=dict)


def check(files: Mapping[str, str], program: Sentences) -> list[DraftFault]:
    """All faults, in order of file and line.

    :param files: every text file of the draft, by path
    :param program: the Indonesian sentences that the program itself says; each must be there, with no other variable
    """
    faults = [fault for path, text in files.items() if path.startswith(_OURS) for fault in _yaml(path, text)]
    broken = {fault.file for fault in faults}
    sound = {path: text for path, text in files.items() if path not in broken}
    places = _examples(sound, faults)
    faults += _intents(sound, places)
    faults += _twice(places)
    faults += _evaluation(sound, places)
    faults += _sentences(sound, broken, program)
    faults += _rules_of_gate(sound)
    return sorted(set(faults))


def _yaml(path: str, text: str) -> Iterator[DraftFault]:
    if not path.endswith((".yml", ".yaml")):
        return
    try:
        for event in yaml.parse(text, yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):  # may refer to what it stands in, and nobody sees what it says
                line = event.start_mark.line + 1 if event.start_mark else 1
                yield DraftFault.at(path, line, "yaml_alias", alias=event.anchor)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield DraftFault.at(path, line, "yaml", problem=error.problem or "")
    except yaml.YAMLError:
        yield DraftFault.at(path, 1, "yaml", problem="")


# -- intents and rules ----------------------------------------------------------------------------------------------------


def _examples(files: Mapping[str, str], faults: list[DraftFault]) -> _Places:
    """All intents with their examples; what is wrong with a single line goes into ``faults``."""
    places = _Places()
    for path, text in files.items():
        if not path.startswith("nlu/"):
            continue
        for section in NluFile(text).sections:
            if section.kind == "intent":
                faults += _section(places, path, section)
    return places


def _section(places: _Places, path: str, section: Section) -> Iterator[DraftFault]:
    name, line = section.name, section.start + 1
    places.headers.setdefault(name, (path, line))
    found = places.examples.setdefault(name, [])
    try:
        check_intent(name)
    except ContentError:
        yield DraftFault.at(path, line, "intent_name", intent=name)
    for example, at in zip(section.examples, section.lines, strict=True):
        found.append((path, at + 1, example))
        try:
            check_example(example)
        except ContentError:
            yield DraftFault.at(path, at + 1, "example_long", intent=name)


def _intents(files: Mapping[str, str], places: _Places) -> Iterator[DraftFault]:
    """Examples, domain and rules have to speak of the same intents."""
    domain = _Domain.of(files)
    ruled: dict[str, tuple[str, int]] = {}
    for path, text in files.items():
        if path.startswith("rules/"):
            yield from _rules(path, text, domain, ruled)
    for name, (path, line) in places.headers.items():
        if name not in domain.intents:
            yield DraftFault.at(path, line, "intent_not_in_domain", intent=name)
        elif name not in ruled:
            yield DraftFault.at(path, line, "intent_without_rule", intent=name)
        count = len(places.examples[name])
        if count < LEAST_EXAMPLES:
            yield DraftFault.at(path, line, "few_examples", intent=name, count=count, least=LEAST_EXAMPLES)
    for name, (path, line) in domain.intents.items():
        if name not in places.headers and name not in INTERNAL:
            yield DraftFault.at(path, line, "intent_without_examples", intent=name)


@dataclass
class _Domain:
    intents: dict[str, tuple[str, int]] = field(default_factory=dict)
    actions: set[str] = field(default_factory=lambda: set(_RASA_ACTIONS))

    @classmethod
    def of(cls, files: Mapping[str, str]) -> _Domain:
        made = cls()
        for path, text in files.items():
            root = _node(text) if path.startswith("domain/") else None
            for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
                made._take(path, str(key.value), value)
        return made

    def _take(self, path: str, key: str, value: yaml.Node) -> None:
        names = list(_names(value))
        if key == "intents":
            self.intents |= {name: (path, line) for name, line in names}
        elif key in ("actions", "forms", "responses"):
            self.actions |= {name for name, _ in names}


def _names(node: yaml.Node) -> Iterator[tuple[str, int]]:
    """Names and lines of a list of words, of one-key mappings, or of a mapping's keys."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if isinstance(item, yaml.MappingNode):
                yield from _names(item)
            else:
                yield str(item.value), item.start_mark.line + 1
    elif isinstance(node, yaml.MappingNode):
        for key, _ in node.value:
            yield str(key.value), key.start_mark.line + 1


def _rules(path: str, text: str, domain: _Domain, ruled: dict[str, tuple[str, int]]) -> Iterator[DraftFault]:
    for key, value in _steps(_node(text)):
        line = value.start_mark.line + 1
        name = str(value.value)
        if key == "intent":
            ruled.setdefault(name, (path, line))
            if name not in domain.intents:
                yield DraftFault.at(path, line, "rule_unknown_intent", intent=name)
        elif key == "action" and name not in domain.actions:
            yield DraftFault.at(path, line, "rule_unknown_action", action=name)


def _steps(node: yaml.Node | None) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Every ``key: word`` below a node."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(value, yaml.ScalarNode):
                yield str(key.value), value
            else:
                yield from _steps(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _steps(item)


def _node(text: str) -> yaml.Node | None:
    found: yaml.Node | None = yaml.compose(text, yaml.CSafeLoader)
    return found


def _twice(places: _Places) -> Iterator[DraftFault]:
    """The same words under two intents teach the model nothing."""
    first: dict[str, tuple[str, str, int]] = {}
    for name, found in sorted(places.examples.items()):
        for path, line, example in found:
            plain = " ".join(example.casefold().split())
            known = first.setdefault(plain, (name, path, line))
            if known[0] != name:
                yield DraftFault.at(path, line, "example_twice", intent=name, other=known[0], example=example[:80])


# -- own tests, sentences, gate -------------------------------------------------------------------------------------------


def _evaluation(files: Mapping[str, str], places: _Places) -> Iterator[DraftFault]:
    services = {path[9:-4] for path in files if path.startswith("services/") and path.endswith(".yml")} | {"sip", ""}
    for path, text in files.items():
        if not (path.startswith("eval/") and path.endswith(".tsv")):
            continue
        rows = list(csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
        if not rows or rows[0][:3] != ["text", "intent", "service"]:
            yield DraftFault.at(path, 1, "eval_columns")
            continue
        for line, row in enumerate(rows[1:], 2):
            if row and len(row) < 3:
                yield DraftFault.at(path, line, "eval_columns")
            elif row and row[1] not in places.headers:
                yield DraftFault.at(path, line, "eval_unknown_intent", intent=row[1])
            elif row and row[2].strip() not in services:
                yield DraftFault.at(path, line, "eval_unknown_service", service=row[2])


def _sentences(files: Mapping[str, str], broken: Collection[str], program: Sentences) -> Iterator[DraftFault]:
    if _FIRST not in files and _FIRST not in broken:
        yield DraftFault.at(_FIRST, 1, "text_no_file")
    for path, text in files.items():
        if not (path.startswith("messages/") and path.endswith(".yml")):
            continue
        said: dict[str, tuple[int, str]] = {}
        yield from _flat(path, _node(text), "", said)
        if path == _FIRST:
            for key in program.keys() - said.keys():
                yield DraftFault.at(path, 1, "text_missing", key=key)
        for key, (line, sentence) in said.items():
            if fault := _variables(sentence, program.get(key)):
                yield DraftFault.at(path, line, "text_variable", key=key, variable=fault)


def _flat(path: str, node: Any, prefix: str, said: dict[str, tuple[int, str]]) -> Iterator[DraftFault]:
    if not isinstance(node, yaml.MappingNode):
        yield DraftFault.at(path, 1, "text_no_mapping")
        return
    for key, value in node.value:
        name, line = f"{prefix}{key.value}", key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            yield from _flat(path, value, f"{name}.", said)
        elif isinstance(value, yaml.ScalarNode) and {key.tag, value.tag} == {"tag:yaml.org,2002:str"}:
            said[name] = (line, value.value)
        else:
            yield DraftFault.at(path, line, "text_no_sentence", key=name)


def _variables(sentence: str, ours: str | None) -> str:
    """A variable the program does not know here, or what Python cannot read; empty: all is well."""
    if "{" not in sentence and "}" not in sentence:
        return ""
    try:
        named = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    except ValueError:
        return "{ }"
    known = set(_PLACE.findall(ours)) if ours is not None else named
    return next((f"{{{name}}}" for name in sorted(named - known)), "")


def _rules_of_gate(files: Mapping[str, str]) -> Iterator[DraftFault]:
    try:
        read_rules(files.get(RULES_FILE))
    except ContentError as error:
        file, line, message = str(error).split(":", 2)
        yield DraftFault.at(file, int(line), "other", message=message.strip(), remedy="")
