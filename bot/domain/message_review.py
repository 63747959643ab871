"""The sentences of ``data/messages`` in all languages side by side: what is missing, what nobody says, which variables they use. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

DEFAULT = "id"
OWN_SECTIONS = ("say", "wish")
"""Where an intent of the content staff has its answer and its short name."""
OWN_PARAMS = frozenset({"office"})

Sentences = Mapping[str, str]
"""Key (joined by dots) -> sentence, of one language."""


@dataclass(frozen=True)
class Row:
    """One sentence in all languages. ``params``: variables that the program fills in here."""

    key: str
    texts: Mapping[str, str]
    params: frozenset[str]
    flaws: tuple[str, ...] = ()
    """``missing:<language>``, ``unknown`` (nobody says it), ``lacking`` (said, but not there), ``places:<language>`` (other variables
    than the Indonesian text), ``stranger:<name>`` (a variable that nobody fills in), ``braces:<language>``.
    """


def flat(node: Any, prefix: str = "") -> dict[str, str]:
    """A file of sentences with its keys joined by dots; what is no sentence is left out."""
    found: dict[str, str] = {}
    for key, value in node.items() if isinstance(node, Mapping) else ():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            found[f"{prefix}{key}"] = value.strip("\n")
    return found


def places(text: str) -> frozenset[str] | None:
    """The variables of a sentence; None: its braces cannot be read."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        return None


def rows(
    sentences: Mapping[str, Sentences], program: Mapping[str, Sentences], intents: Iterable[str] = ()
) -> Iterator[Row]:
    """All sentences in the order of the Indonesian file, then those that only other languages have, then those that lack.

    :param program: the sentences that this version of Loket came with: the keys it says and the variables it fills in.
    :param intents: of the draft; their own answers and names are known, too.
    """
    own = {f"{section}.{intent}" for section in OWN_SECTIONS for intent in intents}
    keys = [key for language in (DEFAULT, *sentences) for key in sentences.get(language, {})]
    keys += list(program.get(DEFAULT, ()))
    for key in dict.fromkeys(keys):
        yield row(
            key, {one: said[key] for one, said in sentences.items() if key in said}, sentences, program, key in own
        )


def row(
    key: str,
    texts: Mapping[str, str],
    languages: Iterable[str],
    program: Mapping[str, Sentences],
    own: bool = False,
) -> Row:
    """One sentence, looked through."""
    theirs = [said[key] for said in program.values() if key in said]
    params = frozenset(name for text in theirs for name in places(text) or ()) or (OWN_PARAMS if own else frozenset())
    flaws: list[str] = []
    if not theirs and not own:
        flaws.append("unknown")
    if theirs and DEFAULT not in texts:
        flaws.append("lacking")
    flaws += [f"missing:{one}" for one in languages if one != DEFAULT and one not in texts]
    return Row(key, texts, params, (*flaws, *wrong(texts, params)))


def wrong(texts: Mapping[str, str], params: frozenset[str]) -> Iterator[str]:
    """What must not be saved."""
    first = places(texts.get(DEFAULT, ""))
    strangers: set[str] = set()
    for language, text in texts.items():
        found = places(text)
        if found is None:
            yield f"braces:{language}"
            continue
        strangers |= found - params
        if first is not None and found != first and DEFAULT in texts:
            yield f"places:{language}"
    yield from (f"stranger:{name}" for name in sorted(strangers))
