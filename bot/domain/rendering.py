"""A reply as the messages of a channel that pushes: cut to its limits, choices numbered where buttons do not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from bot.domain.cutting import length, pieces
from bot.domain.messages import Button, Kind, OutFile, Outgoing, Reply

_NUMBERED = re.compile(r"^\s*(\d{1,2})[.)] (.+)$", re.MULTILINE)
_STEPPED = (Kind.QUESTION, Kind.IDENTITY)


class Limits(Protocol):
    """The part of :class:`bot.ports.ChannelManifest` that matters here."""

    @property
    def buttons(self) -> int:
        """Most buttons of a message."""
        ...

    @property
    def button_limit(self) -> int:
        """Most characters of a title."""
        ...

    @property
    def text_limit(self) -> int:
        """Most characters of a message."""
        ...

    @property
    def caption_limit(self) -> int:
        """Most characters beside a file."""
        ...

    @property
    def attachments(self) -> bool:
        """Whether files can be sent."""
        ...


class Speak(Protocol):
    """Says a sentence of ``data/messages`` in the reader's language."""

    def __call__(self, key: str, **params: Any) -> str:
        """The sentence."""
        ...


def parts(reply: Reply, limits: Limits, key: str, files: Mapping[str, OutFile], say: Speak) -> tuple[Outgoing, ...]:
    """The messages of a reply, in order; the same reply always gives the same ones. ``files`` by the attachments' ids.

    Files come first when there are buttons, so that these stand under the last message; else a short text is the first
    file's caption. A file that cannot be sent here is named with its link. Empty when there is nothing to say.
    """
    sent = [files[a.id] for a in reply.attachments if a.id in files]
    text = _stepped(reply)
    if sent and not limits.attachments:
        text = "\n".join([text, *(f"{file.name}: {file.link}" for file in sent)]).strip()
        sent = []
    buttons = reply.buttons if _fit(reply.buttons, limits) else ()
    if reply.buttons and not buttons:
        text = _spelled_out(text, reply, say)
    with_files = [Outgoing("", file=file) for file in sent]
    if with_files and not buttons and 0 < length(text) <= limits.caption_limit:
        with_files[0] = replace(with_files[0], text=text)
        return _keyed(with_files, key)
    said = [Outgoing("", text=piece) for piece in pieces(text, limits.text_limit)]
    if buttons and not said:
        said = [Outgoing("", text=say("channel.choose"))]
    if buttons:
        said[-1] = replace(said[-1], buttons=buttons)
        return _keyed([*with_files, *said], key)
    return _keyed([*said, *with_files], key)


def _keyed(messages: Sequence[Outgoing], key: str) -> tuple[Outgoing, ...]:
    return tuple(replace(message, key=f"{key}.{n}") for n, message in enumerate(messages))


def _stepped(reply: Reply) -> str:
    """The text with the question's place in the form, which the web shows beside it."""
    step = reply.meta.get("step")
    if not step or reply.kind not in _STEPPED or not reply.text:
        return reply.text
    return f"({step['n']}/{step['of']}) {reply.text}"


def _fit(buttons: Sequence[Button], limits: Limits) -> bool:
    return len(buttons) <= limits.buttons and all(length(b.title) <= limits.button_limit for b in buttons)


def _spelled_out(text: str, reply: Reply, say: Speak) -> str:
    """The choices as text. Numbers are those that :mod:`bot.domain.offers` understands; a form has its own, or wants words."""
    listed = {words.casefold().strip(" *") for _, words in _NUMBERED.findall(text)}
    left = [b for b in reply.buttons if b.title.casefold().strip(" *") not in listed]
    if reply.meta.get("field"):
        # "Ya, benar" is answered by its first words.
        words = [b.title.partition(",")[0] for b in left if b.title.casefold() not in text.casefold()]
        untold = list(dict.fromkeys(words))
        return f"{text}\n\n{say('channel.answer_with', choices=' / '.join(untold))}" if untold else text
    if not left:
        return f"{text}\n\n{say('channel.answer_number')}"
    if not _numbered_alike(text, reply.buttons):
        left = list(reply.buttons)
    lines = [f"{reply.buttons.index(b) + 1}. {b.title}" for b in left]
    return "\n".join([f"{text}\n" if text else "", *lines, "", say("channel.answer_number")]).strip()


def _numbered_alike(text: str, buttons: Sequence[Button]) -> bool:
    """Whether every button that the text lists already has the number there that it has among the buttons."""
    numbers = {words.casefold().strip(" *"): int(n) for n, words in _NUMBERED.findall(text)}
    return all(numbers.get(b.title.casefold().strip(" *"), n) == n for n, b in enumerate(buttons, 1))
