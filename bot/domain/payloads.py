"""The closed grammar of button payloads.

A payload never reaches Rasa as it came: it is parsed here, so a forged one can do no more than typing could.

``jawab:<question>:<value>``   an answer to the question with that id (a stale id is noticed)
``niat:<intent>[:<service>[:<variant>[:<reference>]]]``  a wish, as if it had been typed and understood
``perintah:<command>``         a reserved word: kembali, ulang, batal, jeda, lanjut, petugas, sampai-mana
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 64
"""What Telegram takes as ``callback_data`` of an inline button (core.telegram.org/bots/api#inlinekeyboardbutton: 1-64 bytes);
other channels take more. ``./loket catalogue check`` keeps services below it.
"""


@dataclass(frozen=True)
class AnswerPayload:
    """The person chose ``value`` for the question ``question``."""

    question: str
    value: str


@dataclass(frozen=True)
class IntentPayload:
    """The person chose a wish."""

    intent: str
    service: str | None = None
    variant: str | None = None
    """One way of needing the service."""
    reference: str | None = None
    """Number of the application it is about. Whose it is is looked at where it is used."""


@dataclass(frozen=True)
class CommandPayload:
    """The person pressed a button that stands for a reserved word."""

    command: str


Payload = AnswerPayload | IntentPayload | CommandPayload


def parse_payload(raw: str) -> Payload | None:
    """The parsed payload, or None when it is none of ours."""
    head, _, rest = raw.partition(":")
    if head == "jawab" and ":" in rest:
        question, _, value = rest.partition(":")
        return AnswerPayload(question, value) if question else None
    if head == "niat" and rest:
        intent, service, variant, reference, *_ = [*rest.split(":"), "", "", ""]
        return IntentPayload(intent, service or None, variant or None, reference or None)
    if head == "perintah" and rest:
        return CommandPayload(rest)
    return None


def answer(question: str, value: str) -> str:
    """The payload of a choice."""
    return f"jawab:{question}:{value}"


def intent(name: str, service: str | None = None, variant: str | None = None, reference: str | None = None) -> str:
    """The payload of a wish; what comes after a part that is not given is left out."""
    parts = ("niat", name, service, variant, reference)
    return ":".join(part for part in parts[: parts.index(None) if None in parts else len(parts)] if part)


def command(name: str) -> str:
    """The payload of a reserved word."""
    return f"perintah:{name}"
