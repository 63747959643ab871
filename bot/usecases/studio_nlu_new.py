"""A new intent, all that it takes for the bot to say something: its examples, its place in the domain, a rule and an answer.

The rule lets ``action_say`` follow, which speaks the sentence ``say.<intent>`` (:func:`bot.usecases.inform.say`); with a short name
(``wish.<intent>``) it is also among the buttons of "did you mean". No code knows the intent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

import yaml

from bot.domain.nlu_file import new_file
from bot.usecases.studio_nlu_files import FOLDER, Refused, Working, new_name, plain_examples
from bot.usecases.studio_nlu_refs import last_line

RULES, DOMAIN = "rules/rules.yml", "domain/domain.yml"
ACTION = "action_say"
LONGEST_ANSWER = 1000
"""Characters; a reply on WhatsApp has at most 1,600 (Twilio), and nobody reads so much on a phone."""
LONGEST_BUTTON = 20
"""Characters of a reply button on WhatsApp (Cloud API, interactive reply buttons)."""
_PARAMS = frozenset({"office"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class NewIntent:
    """What an editor gives. ``answers`` by language (``id`` is needed); ``buttons``: its short name by language, may be empty."""

    name: str
    examples: tuple[str, ...]
    answers: Mapping[str, str]
    buttons: Mapping[str, str] = field(default_factory=dict)


def put(working: Working, new: NewIntent) -> None:
    """Write it into a working copy whose ``others`` hold rules, domain and messages.

    :raises Refused: the name, an example or an answer is not possible.
    """
    sentences = _keys(working.others, "id")
    taken = {*working.now.names(), *(key.partition(".")[2] for key in sentences if key.startswith(("say.", "wish.")))}
    name = new_name(new.name, taken)
    path = f"{FOLDER}/{name}.yml"
    if path in working.state.draft.files:
        raise Refused("name_taken", name=name)
    examples = plain_examples(new.examples)
    answers = {language: checked_answer(text) for language, text in new.answers.items() if text.strip()}
    if "id" not in answers:
        raise Refused("answer_missing")
    working.files[path] = new_file(name, examples)
    _put_rule(working.others, name)
    _put_domain(working.others, name)
    for language, text in answers.items():
        _put_sentence(working.others, language, "say", name, text)
    buttons = {language: text.strip() for language, text in new.buttons.items() if text.strip()}
    if buttons and "id" not in buttons:
        raise Refused("button_missing")
    for language, text in buttons.items():
        if len(text) > LONGEST_BUTTON or "{" in text or "\n" in text:
            raise Refused("button_long", most=LONGEST_BUTTON)
        _put_sentence(working.others, language, "wish", name, text)


def checked_answer(text: str) -> str:
    """An answer, if the bot can say it.

    :raises Refused: too long, or it names something in braces that is not known.
    """
    plain = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if len(plain) > LONGEST_ANSWER:
        raise Refused("answer_long", most=LONGEST_ANSWER)
    try:
        names = {name for _, name, *_ in Formatter().parse(plain) if name is not None}
        plain.format_map({"office": ""} if names <= _PARAMS else {})
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise Refused("answer_braces") from error
    return plain


# -- the files ------------------------------------------------------------------------------------------------------------


def _put_rule(files: dict[str, str], name: str) -> None:
    found = next(_holding(files, "rules/", "rules"), None)
    if found is None:
        path = RULES if RULES not in files else "rules/tambahan.yml"
        files[path] = f'version: "3.1"\n\nrules:\n{_rule("  ", name)}\n'
        return
    path, rules = found
    lines = files[path].split("\n")
    if not isinstance(rules, yaml.SequenceNode) or not rules.value or rules.flow_style:
        raise Refused("unreadable", path=path, line=rules.start_mark.line + 1)
    at = last_line(rules.value[-1], lines)
    lines[at:at] = ["", *_rule(" " * int(rules.start_mark.column), name).split("\n")]
    files[path] = "\n".join(lines)


def _rule(indent: str, name: str) -> str:
    return f"{indent}- rule: {name}\n{indent}  steps:\n{indent}    - intent: {name}\n{indent}    - action: {ACTION}"


def _put_domain(files: dict[str, str], name: str) -> None:
    found = next(_holding(files, "domain/", "intents"), None)
    if found is None:
        raise Refused("no_domain")
    path, intents = found
    lines = files[path].split("\n")
    if not isinstance(intents, yaml.SequenceNode) or not intents.value or intents.flow_style:
        raise Refused("unreadable", path=path, line=intents.start_mark.line + 1)
    at = last_line(intents.value[-1], lines)
    lines.insert(at, f"{' ' * int(intents.start_mark.column)}- {name}")
    files[path] = "\n".join(lines)


def _put_sentence(files: dict[str, str], language: str, section: str, name: str, text: str) -> None:
    """At the end of a section of ``messages/<language>.yml``, or in a section of its own at the end of the file."""
    path = f"messages/{language}.yml"
    if path not in files:
        raise Refused("no_language", language=language)
    found = next(_holding({path: files[path]}, "messages/", section), None)
    lines = files[path].split("\n")
    if found is None:
        head = [*(lines[:-1] if lines[-1] == "" else lines), "", f"{section}:"]
        files[path] = "\n".join([*head, f"  {name}: {_quoted(text)}", ""])
        return
    node = found[1]
    if not isinstance(node, yaml.MappingNode) or not node.value or node.flow_style:
        raise Refused("unreadable", path=path, line=node.start_mark.line + 1)
    at = last_line(node, lines)
    lines.insert(at, f"{' ' * int(node.start_mark.column)}{name}: {_quoted(text)}")
    files[path] = "\n".join(lines)


def _quoted(text: str) -> str:
    """On one line, whatever is in it."""
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=1_000_000)).rstrip("\n")


def _holding(files: Mapping[str, str], folder: str, key: str) -> Iterator[tuple[str, yaml.Node]]:
    """Files of a folder that have a top-level key, with the node below it; the main file first."""
    main = (RULES, DOMAIN)
    for path in sorted(files, key=lambda one: (one not in main, one)):
        if not path.startswith(folder) or not re.search(rf"(?m)^{key}:", files[path]):
            continue
        try:
            root = yaml.compose(files[path], Loader=_LOADER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise Refused("unreadable", path=path, line=mark.line + 1 if mark else 1) from error
        for name, node in root.value if isinstance(root, yaml.MappingNode) else ():
            if name.value == key:
                yield path, node


def _keys(files: Mapping[str, str], language: str) -> set[str]:
    """``section.key`` of a language's sentences."""
    found = set()
    for section in ("say", "wish"):
        for _, node in _holding(
            {f"messages/{language}.yml": files.get(f"messages/{language}.yml", "")}, "messages/", section
        ):
            pairs = node.value if isinstance(node, yaml.MappingNode) else ()
            found |= {f"{section}.{key.value}" for key, _ in pairs}
    return found
