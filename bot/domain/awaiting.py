"""The answer to a question that was asked outside a form ("why is it not settled?"): one message long, then it is forgotten.

A reply asks for it by ``meta["awaits"] = "<verb>-<case id>"``; :mod:`bot.usecases.awaited` has the verbs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from bot.domain.fields.choices import yes_or_no
from bot.domain.fields.clean import is_question, is_small_talk, only_pictures, words_of
from bot.domain.form_commands import Command, command_of
from bot.domain.messages import Reply
from bot.domain.offers import chosen
from bot.domain.reference import find_reference

KEY = "awaits"
FILES_ONLY = frozenset({"susul"})
"""Verbs that are answered by a file alone: a text after it is a matter of its own."""
STORY = frozenset({"cerita"})
"""Verbs that a short question does not answer: it is asked of the bot."""
_SHORT = 8
"""Words."""
_ELSEWHERE = frozenset({Command.PERSON, Command.HELP, Command.RESUME, Command.WHERE})


class Heard(StrEnum):
    """What a text does to the question."""

    SAID = "said"
    NOTHING = "nothing"
    """There is nothing to say about it: go on without."""
    OFF = "off"
    """It is dropped."""


def awaiting(replies: Iterable[Reply]) -> dict[str, Any]:
    """What a conversation has to remember of replies that ask."""
    asked = [reply.meta[KEY] for reply in replies if reply.meta.get(KEY)]
    return {KEY: asked[-1]} if asked else {}


def heard(text: str, memory: Mapping[str, Any]) -> Heard | None:
    """How a text answers what is asked; None: it is about something else."""
    verb = str(memory.get(KEY) or "").partition("-")[0]
    command = command_of(text, tolerant=False)
    if command is Command.CANCEL:
        return Heard.OFF
    if command is Command.SKIP:
        return Heard.NOTHING
    if verb in FILES_ONLY or command in _ELSEWHERE or chosen(text, dict(memory)) is not None:
        return None
    return None if _aside(text, verb) else _yes(text, verb)


def _yes(text: str, verb: str) -> Heard:
    """ "Ya" to "what is not settled yet?" says no more than the button did."""
    return Heard.NOTHING if verb == "buka" and yes_or_no(text) is not None else Heard.SAID


def _aside(text: str, verb: str) -> bool:
    """Whether a text is none of the answers that are waited for."""
    reference = find_reference(text)
    if only_pictures(text) or (reference is not None and len(text) <= len(reference) + 12):
        return True
    if verb in STORY and is_question(text) and len(words_of(text)) <= _SHORT:
        return True
    return is_small_talk(text) and not (verb == "buka" and yes_or_no(text) is not None)
