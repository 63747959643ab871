"""A faulty draft is stopped before training, and the fault names file and line."""

from __future__ import annotations

from functools import cache

import pytest

from bot.ports_studio import DraftFault
from bot.settings import SHIPPED_CONTENT
from bot.texts import YamlTexts
from bot.usecases.studio_check import check

_PARTS = ("nlu", "rules", "domain", "messages", "eval")


@cache
def shipped() -> dict[str, str]:
    files = [path for part in _PARTS for path in (SHIPPED_CONTENT / part).glob("*.*")]
    services = [path for path in (SHIPPED_CONTENT / "services").glob("[!_]*.yml")]
    return {path.relative_to(SHIPPED_CONTENT).as_posix(): path.read_text("utf-8") for path in [*files, *services]}


@cache
def program() -> dict[str, str]:
    texts = YamlTexts(SHIPPED_CONTENT / "messages")
    return {key: texts.template(key, "id") or "" for key in texts.keys()}


def found(**changed: str) -> list[DraftFault]:
    """What is wrong after these files were written (``nlu__greet``: ``nlu/greet.yml``)."""
    files = {_path(name): text for name, text in changed.items()}
    return check({**shipped(), **files}, program())


def _path(name: str) -> str:
    folder, _, file = name.partition("__")
    return f"{folder}/{file}.tsv" if folder == "eval" else f"{folder}/{file}.yml" if file else f"{folder}.yml"


def line(path: str, words: str) -> int:
    """The number of the line that holds these words."""
    return next(at for at, text in enumerate(shipped()[path].splitlines(), 1) if words in text)


def test_what_loket_comes_with_has_no_fault() -> None:
    assert check(shipped(), program()) == []


RULE = "rules:\n  - rule: a\n    steps:\n      - intent: {intent}\n      - action: {action}\n"
NEW = 'version: "3.1"\n\nnlu:\n  - intent: {name}\n    examples: |\n{examples}'


def new(name: str, *examples: str) -> str:
    return NEW.format(name=name, examples="".join(f"      - {one}\n" for one in examples))


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("nlu__rusak", "nlu:\n  - intent: [a\n", DraftFault("nlu/rusak.yml", 3, "yaml")),
        ("nlu__baru", new("Tanya Parkir", "a b", "c d"), DraftFault("nlu/baru.yml", 4, "intent_name")),
        ("nlu__baru", new("ask_parking", "di mana parkir", "ada parkir"), DraftFault("nlu/baru.yml", 4, "intent_not_in_domain")),
        ("nlu__baru", new("ask_parking", "di mana parkir"), DraftFault("nlu/baru.yml", 4, "few_examples")),
        ("domain__baru", "intents:\n  - ask_parking\n", DraftFault("domain/baru.yml", 2, "intent_without_examples")),
        ("rules__baru", RULE.format(intent="ask_parking", action="action_say"), DraftFault("rules/baru.yml", 4, "rule_unknown_intent")),
        ("rules__baru", RULE.format(intent="greet", action="action_sya"), DraftFault("rules/baru.yml", 5, "rule_unknown_action")),
        ("eval__baru", "pesan\tmaksud\n", DraftFault("eval/baru.tsv", 1, "eval_columns")),
        ("eval__baru", "text\tintent\tservice\nhalo\tgreeet\t\n", DraftFault("eval/baru.tsv", 2, "eval_unknown_intent")),
        ("eval__baru", "text\tintent\tservice\nhalo\tgreet\tktpp\n", DraftFault("eval/baru.tsv", 2, "eval_unknown_service")),
        ("messages__jv", "say:\n  greet: 3\n", DraftFault("messages/jv.yml", 2, "text_no_sentence")),
        ("messages__jv", "- a\n", DraftFault("messages/jv.yml", 1, "text_no_mapping")),
        ("messages__jv", 'baru:\n  a: "sisa {"\n', DraftFault("messages/jv.yml", 2, "text_variable")),
        ("studio", "max_loss: banyak\n", DraftFault("studio.yml", 1, "other")),
    ],
)  # fmt: skip
def test_a_fault_is_found_at_its_line(path: str, text: str, fault: DraftFault) -> None:
    assert (fault.file, fault.line, fault.kind) in [(one.file, one.line, one.kind) for one in found(**{path: text})]


def test_a_new_intent_needs_domain_and_rule_and_then_is_sound() -> None:
    assert found(
        nlu__baru=new("ask_parking", "di mana parkir", "ada parkir"),
        domain__baru="intents:\n  - ask_parking\n",
        rules__baru=RULE.format(intent="ask_parking", action="action_say"),
    ) == []  # fmt: skip
    kinds = {
        one.kind
        for one in found(
            nlu__baru=new("ask_parking", "di mana parkir", "ada parkir"), domain__baru="intents:\n  - ask_parking\n"
        )
    }
    assert kinds == {"intent_without_rule"}


def test_the_same_words_under_two_intents_are_told_with_both_names() -> None:
    text = shipped()["nlu/thanks.yml"].rstrip("\n") + "\n      - Selamat  PAGI semua ya\n"
    other = shipped()["nlu/greet.yml"].rstrip("\n") + "\n      - selamat pagi semua ya\n"
    (fault,) = found(nlu__thanks=text, nlu__greet=other)
    assert (fault.file, fault.line, fault.kind) == ("nlu/thanks.yml", len(text.splitlines()), "example_twice")
    assert fault.params["intent"] == "thanks" and fault.params["other"] == "greet"


def test_an_intent_that_evaluation_still_uses_cannot_vanish() -> None:
    files = {path: text for path, text in shipped().items() if path != "nlu/ask_hours.yml"}
    kinds = {one.kind for one in check(files, program())}
    assert {"eval_unknown_intent", "intent_without_examples"} <= kinds


def test_a_sentence_the_program_says_cannot_be_deleted_or_ask_for_what_nobody_gives() -> None:
    text = shipped()["messages/id.yml"]
    key = next(key for key in program() if key.startswith("state."))
    bare = text.replace(f"  {key.split('.')[1]}: {program()[key]}\n", "", 1)
    if bare != text:
        assert [one.kind for one in found(messages__id=bare)] == ["text_missing"]
    (fault,) = found(messages__id=text.replace(program()[key], program()[key] + " {nama_lengkap}", 1))
    assert (fault.kind, fault.params["variable"]) == ("text_variable", "{nama_lengkap}")
    assert fault.line == line("messages/id.yml", program()[key])


def test_whatever_a_file_holds_the_check_answers() -> None:
    for text in ("\x00", "nlu: &a [*a]", "%YAML 9", "? - : - !!python/object:os.system {}", "a: b: c", "\ufeffnlu:\n"):
        for name in ("nlu__x", "rules__x", "domain__x", "messages__x", "studio"):
            check({_path(name): text}, {"greet": "Halo"})
