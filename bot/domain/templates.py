"""Message templates: the approved texts of notices outside a channel's window (``data/templates/*.yml``).

Rules of WhatsApp for a body text (developers.facebook.com, "message templates", and twilio.com/docs "WhatsApp template
approvals"): at most 1,024 characters; places ``{{1}} {{2}} …`` numbered without gaps, neither first nor last, never side by
side; enough words around them; a name of small letters, digits and ``_``. A value has no line breaks, tabs or runs of spaces.
Javanese is no language of WhatsApp's templates: its speakers get the Indonesian wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError

LANGUAGES = ("id", "en")
"""Languages a template is written in; ``id`` stands in for the others."""
SERVES = ("status", "document", "repair", "reminder", "survey", "answer")
"""What a template can announce: exactly one file for each."""
CATEGORY = "utility"
"""The only category that fits: news of a person's own matter (others cost more and may be muted)."""
MOST_CHARACTERS = 1024
MOST_VALUE = 200
"""Characters of one value: the whole has to fit even with all values long."""
_PLACE = re.compile(r"{{(\d+)}}")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_KEYS = {"name", "category", "serves", "complete", "values", "wordings"}
_WORDS_PER_PLACE = 3
"""Fewer words around the places are refused as "too many variables for the length" (error 2388293 of the Graph API)."""


@dataclass(frozen=True)
class Wording:
    """One language's text, with ``{{1}}`` and so on, and sample values for the approval."""

    text: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class MessageTemplate:
    """One file of ``data/templates``."""

    name: str
    serves: str
    """A word of :data:`SERVES`."""
    complete: bool
    """It says all of the message; else the message itself follows as soon as the person writes."""
    values: tuple[str, ...]
    """What stands in places 1, 2, …: names of a notice's values."""
    wordings: Mapping[str, Wording]
    category: str = CATEGORY

    def language(self, wanted: str) -> str:
        """The language it is written in for a reader of ``wanted``."""
        return wanted if wanted in self.wordings else "id"

    def filled(self, given: Mapping[str, str]) -> tuple[str, ...]:
        """The values of its places, fit for a provider."""
        return tuple(flat(given.get(name, "")) for name in self.values)

    def spoken(self, language: str, values: Sequence[str]) -> str:
        """The text as the person reads it."""
        text = self.wordings[self.language(language)].text
        return _PLACE.sub(lambda place: values[int(place[1]) - 1], text)


def flat(value: str) -> str:
    """A value on one line, never empty, never long."""
    joined = " ".join(value.replace("*", "").split()) or "-"
    return joined if len(joined) <= MOST_VALUE else joined[: MOST_VALUE - 1].rstrip() + "…"


def read_templates(directory: Path) -> dict[str, MessageTemplate]:
    """All templates of a content directory's ``templates/``, by what they serve; none where there is no such folder.

    :raises ContentError: a fault; the message lists them all, one a line.
    """
    found, faults = check_templates(directory)
    if faults:
        raise ContentError("\n".join(f"templates/{file}:1: {fault}" for file, fault in faults))
    return found


def check_templates(directory: Path) -> tuple[dict[str, MessageTemplate], list[tuple[str, str]]]:
    """The sound templates by what they serve, and ``(file, fault; remedy)`` of the others."""
    found: dict[str, MessageTemplate] = {}
    faults: list[tuple[str, str]] = []
    names: set[str] = set()
    for path in sorted((directory / "templates").glob("*.yml")):
        try:
            raw = yaml.safe_load(path.read_text("utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            faults.append((path.name, "no valid YAML; check indentation, quotes and colons"))
            continue
        wrong = list(_faults(raw))
        if not wrong and raw["serves"] in found:
            wrong.append(f"another template serves '{raw['serves']}'; keep one")
        if not wrong and raw["name"] in names:
            wrong.append(f"another template is called '{raw['name']}'; names are unique at the provider")
        faults += [(path.name, fault) for fault in wrong]
        if not wrong:
            made = _template(raw)
            found[made.serves] = made
            names.add(made.name)
    return found, faults


def _template(raw: Mapping[str, Any]) -> MessageTemplate:
    wordings = {
        language: Wording(word["text"].strip(), tuple(word.get("samples") or ()))
        for language, word in raw["wordings"].items()
    }
    return MessageTemplate(raw["name"], raw["serves"], raw["complete"], tuple(raw.get("values") or ()), wordings)


def _faults(raw: Any) -> Iterator[str]:
    if not isinstance(raw, dict):
        yield "not a mapping; write `key: value` lines"
        return
    if strangers := sorted(set(raw) - _KEYS):
        yield f"unknown key '{strangers[0]}'; possible keys: {', '.join(sorted(_KEYS))}"
    if not isinstance(raw.get("name"), str) or not _NAME.fullmatch(raw["name"]):
        yield "`name` has to be small letters, digits and _; mend it"
    if raw.get("category") != CATEGORY:
        yield f"`category` has to be {CATEGORY}; news of the person's own matter is nothing else"
    if raw.get("serves") not in SERVES:
        yield f"`serves` is not one of {', '.join(SERVES)}; mend it"
    if not isinstance(raw.get("complete"), bool):
        yield "`complete` has to be true or false; say whether the text says all"
    yield from _word_faults(raw)


def _word_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    values, wordings = raw.get("values") or [], raw.get("wordings")
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        yield "`values` has to be a list of names; mend it"
        return
    if not isinstance(wordings, dict) or set(wordings) != set(LANGUAGES):
        yield f"`wordings` needs {' and '.join(LANGUAGES)}, and no other; mend it"
        return
    for language, word in wordings.items():
        if not isinstance(word, dict) or not isinstance(word.get("text"), str):
            yield f"`wordings.{language}` needs a `text`; add it"
            continue
        samples = word.get("samples") or []
        if not isinstance(samples, list) or [s for s in samples if not isinstance(s, str) or flat(s) != s]:
            yield f"`wordings.{language}.samples` has to be a list of short texts in quotes; mend it"
        elif len(samples) != len(values):
            yield f"`wordings.{language}` has {len(samples)} samples for {len(values)} values; give one for each"
        for fault in text_faults(word["text"].strip(), len(values)):
            yield f"`wordings.{language}.text`: {fault}"


def text_faults(text: str, places: int) -> Iterator[str]:
    """What a provider would refuse in a body text with so many places."""
    numbers = [int(n) for n in _PLACE.findall(text)]
    if sorted(numbers) != list(range(1, places + 1)):
        yield f"its places are {numbers}, not 1 to {places}, each once; number them like `values`"
    bare = _PLACE.sub("", text)
    if "{" in bare or "}" in bare:
        yield "a stray { or }; write places as {{1}}"
    if re.match(r"{{\d+}}", text) or re.search(r"{{\d+}}\W*$", text):
        yield "it begins or ends with a place; put words around it"
    if re.search(r"}}\s*{{", text):
        yield "two places stand side by side; put words between them"
    if len(bare) + places * MOST_VALUE > MOST_CHARACTERS:
        yield f"with long values it is longer than {MOST_CHARACTERS} characters; shorten it"
    if len(bare.split()) < places * _WORDS_PER_PLACE:
        yield "too few words around the places; say more"
    if "\n\n\n" in text or "\t" in text or "    " in text:
        yield "two empty lines, tabs or four spaces in a row are refused; take them out"
