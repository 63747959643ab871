"""Bot texts in the studio: all languages of a sentence at once, checked before they are saved, as each channel would show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.message_review import DEFAULT, Row, flat, row, rows, wrong
from bot.domain.messages import Button, Outgoing, Reply
from bot.domain.rendering import Limits, parts
from bot.errors import NotFound
from bot.ports_content import Branch
from bot.usecases.studio import Draft, Editor
from bot.usecases.studio_yaml import Make, Saved, YamlDesk

FOLDER = "messages"
LANGUAGES = ("id", "en", "jv")
LONGEST = 4000
"""Characters of a sentence."""
SAMPLES: Mapping[str, str] = {
    "service": "KTP-el", "office": "MPP Satya Dahayu", "name": "Siti Aminah", "nama": "Siti Aminah", "number": "LKT-2026-0042",
    "reference": "DKC-2026-000123", "ticket": "T-0042", "time": "09.00", "date": "17 Agustus 2026", "n": "2", "of": "5",
    "place": "3", "count": "3", "days": "3", "minutes": "10", "hours": "24", "label": "Nama ibu", "value": "Siti Aminah",
}  # fmt: skip
"""What stands for a variable in a preview."""


class Wrong(ValueError):
    """A sentence that must not be saved; ``flaws`` as in :class:`bot.domain.message_review.Row`, or ``empty``, ``long``."""

    def __init__(self, flaws: Sequence[str]) -> None:
        super().__init__(", ".join(flaws))
        self.flaws = tuple(flaws)


class DraftTexts:
    """The draft's sentences as the bot would say them (:class:`bot.domain.texts.Say`)."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]]) -> None:
        self._sentences = sentences

    def say(self, key: str, language: str, **params: Any) -> str:
        """The sentence with its variables; one that is missing shows its key, one that is broken as it is written."""
        text = self._sentences.get(language, {}).get(key) or self._sentences.get(DEFAULT, {}).get(key, key)
        try:
            return text.format_map(_Sampled(params))
        except (ValueError, AttributeError, KeyError, IndexError, TypeError):
            return text

    def has(self, key: str) -> bool:
        """Whether the key exists in Indonesian."""
        return key in self._sentences.get(DEFAULT, {})


class _Sampled(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return SAMPLES.get(name, f"‹{name}›")


@dataclass(frozen=True)
class Sentence:
    """One sentence with what is around it."""

    row: Row
    revision: str
    own: bool
    """Its intent was added by content staff."""


@dataclass(frozen=True)
class Shown:
    """What one channel makes of a reply."""

    channel: str
    messages: tuple[Outgoing, ...]
    notes: tuple[str, ...] = ()
    """``numbered`` (buttons became text), ``split`` (more than one message)."""


class TextDesk:
    """The sentences of the draft."""

    def __init__(self, desk: YamlDesk) -> None:
        self._desk = desk
        self._studio = desk.studio

    async def sentences(self, draft: Draft) -> dict[str, dict[str, str]]:
        """By language and key."""
        held = await self._desk.held(draft, FOLDER)
        return {path.rpartition("/")[2].removesuffix(".yml"): flat(value) for path, value in held.items()}

    async def rows(self, draft: Draft) -> list[Row]:
        """All of them, looked through."""
        return list(rows(await self.sentences(draft), await self._program(), await self._intents(draft)))

    async def one(self, draft: Draft, key: str) -> Sentence:
        """:raises bot.errors.NotFound: there is no such sentence, nor should there be one."""
        sentences, program = await self.sentences(draft), await self._program()
        own = key.partition(".")[2] in await self._intents(draft) and key.startswith(("say.", "wish."))
        texts = {language: said[key] for language, said in sentences.items() if key in said}
        if not texts and not own and key not in program.get(DEFAULT, {}):
            raise NotFound("sentence")
        return Sentence(row(key, texts, sentences, program, own), draft.revision, own)

    async def save(self, who: Editor, base: str, key: str, texts: Mapping[str, str]) -> Saved | None:
        """Write a sentence in all languages; an empty one is taken out of its language (Indonesian is said instead).

        :raises Wrong: other variables than the program fills in, or not the same ones in every language.
        """
        before = await self.one(await self._studio.draft(), key)
        said = {language: text.replace("\r\n", "\n").strip() for language, text in texts.items()}
        flaws = [f"long:{one}" for one, text in said.items() if len(text) > LONGEST]
        flaws += [] if said.get(DEFAULT) else ["empty"]
        kept = {language: text for language, text in said.items() if text}
        if flaws := [*flaws, *wrong(kept, before.row.params)]:
            raise Wrong(flaws)
        makes = {f"{FOLDER}/{one}.yml": _writing(key, said[one]) for one in LANGUAGES if one in said}
        return await self._desk.change(who, base, makes, f"Teks {key}")

    async def drop(self, who: Editor, base: str, key: str) -> Saved | None:
        """Take a sentence that nobody says out of all languages.

        :raises Wrong: the program says it.
        """
        found = await self.one(await self._studio.draft(), key)
        if "unknown" not in found.row.flaws:
            raise Wrong(["used"])
        makes = {f"{FOLDER}/{one}.yml": _writing(key, "") for one in found.row.texts}
        return await self._desk.change(who, base, makes, f"Teks {key} dihapus")

    async def _program(self) -> dict[str, dict[str, str]]:
        """What this version of Loket came with."""
        given = await self._studio.log(1, branch=Branch.GIVEN)
        return await self.sentences(await self._studio.at(given[0].id)) if given else {}

    async def _intents(self, draft: Draft) -> set[str]:
        held = await self._desk.held(draft, "domain")
        return {
            next(iter(intent)) if isinstance(intent, dict) else str(intent)
            for value in held.values()
            if isinstance(value, dict)
            for intent in value.get("intents") or ()
        }


def _writing(key: str, text: str) -> Make:
    *sections, name = key.split(".")

    def make(held: Any) -> Any:
        node = held = held if isinstance(held, dict) else {}
        for section in sections:
            if not text and section not in node:
                return held
            node = node.setdefault(section, {})
        if text:
            node[name] = text
        else:
            node.pop(name, None)
        return held

    return make


def previews(reply: Reply, channels: Mapping[str, Limits], texts: DraftTexts, language: str) -> list[Shown]:
    """A reply as each channel would show it."""

    def say(key: str, **params: Any) -> str:
        return texts.say(key, language, **params)

    found = []
    for name, limits in channels.items():
        messages = parts(reply, limits, "preview", {}, say)
        notes = [] if not reply.buttons or any(m.buttons for m in messages) else ["numbered"]
        notes += ["split"] if len(messages) > 1 else []
        found.append(Shown(name, messages, tuple(notes)))
    return found


def sample(key: str, text: str, texts: DraftTexts, language: str) -> Reply:
    """A reply that holds the sentence: by itself, or as the button it is."""
    said = DraftTexts({DEFAULT: {key: text}}).say(key, DEFAULT) if text else ""
    if is_button(key):
        return Reply(texts.say("say.greet", language), buttons=(Button(said, "x"),))
    if key == "say.greet":
        wishes = ("ask_service_list", "track_application", "talk_to_human")
        return Reply(said, buttons=tuple(Button(texts.say(f"button.{one}", language), one) for one in wishes))
    return Reply(said)


def is_button(key: str) -> bool:
    """Whether a sentence is the title of a button."""
    return key.startswith(("button.", "form.button.", "wish.", "language.")) or key.endswith("_button")


def sections(found: Iterable[Row]) -> list[tuple[str, int, int]]:
    """First part of the keys, how many sentences, how many of them with a flaw; in order."""
    counts: dict[str, list[int]] = {}
    for one in found:
        count = counts.setdefault(one.key.partition(".")[0], [0, 0])
        count[0] += 1
        count[1] += bool(one.flaws)
    return [(name, count, flawed) for name, (count, flawed) in counts.items()]
