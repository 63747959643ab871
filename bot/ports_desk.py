"""The outside desk: another house's agents answer a conversation that was handed over (see :mod:`bot.ports`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.errors import LoketError


class DeskUnavailable(LoketError):
    """The desk does not answer now (away, overloaded, slow): try again later. Whether it took what was sent is not known."""

    code = "desk_unavailable"
    retryable = True


class DeskRefused(LoketError):
    """The desk will not have it, however often it is tried."""

    code = "desk_refused"
    alert = True


class DeskGone(DeskRefused):
    """The conversation does not exist there (any more)."""

    code = "desk_gone"


@dataclass(frozen=True)
class Handed:
    """What is handed over. ``number``: the ticket's, which is all that the desk learns about who it is; ``summary``: what the
    citizen wanted and what was tried, for the desk's agents only.
    """

    number: str
    office: str
    language: str
    summary: str = ""


@dataclass(frozen=True)
class SentFile:
    """A file that the citizen sent."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True)
class Line:
    """One line of the citizen's. ``key``: the same for the same line, so that it stands there once."""

    key: str
    text: str
    file: SentFile | None = None


@dataclass(frozen=True)
class TheirFile:
    """A file that an agent of the desk sent; ``link`` is for :meth:`OutsideDesk.fetch` only."""

    name: str
    link: str


@dataclass(frozen=True)
class Answered:
    """An agent of the desk wrote to the citizen. ``id``: of the message there; later ones have higher numbers."""

    id: int
    text: str
    agent: str
    files: tuple[TheirFile, ...] = ()


@dataclass(frozen=True)
class Heard:
    """What a conversation there has become: what agents said to the citizen, oldest first, and whether they are done with it."""

    answers: tuple[Answered, ...]
    resolved: bool


class Change(StrEnum):
    """What a webhook is about. It only says that something is new: what, the desk is asked (:meth:`OutsideDesk.hear`), since
    webhooks get lost, come twice, and overtake each other.
    """

    SAID = "said"
    STATUS = "status"


@dataclass(frozen=True)
class Told:
    """A webhook of a conversation of ours."""

    ref: str
    change: Change


@runtime_checkable
class OutsideDesk(Protocol):
    """One desk. All of it may be called again after :class:`DeskUnavailable`, or by another process after a crash: nothing then
    stands there twice.
    """

    id: str
    """As tickets and the address of its webhook name it."""
    name: str
    """As people see it."""
    offices: frozenset[str]
    """Whose handoffs it answers; empty: those of every office that has no desk of its own."""

    async def open(self, handed: Handed) -> str:
        """Begin a conversation there, or find the open one of this ticket; returns its id.

        :raises DeskUnavailable: later. :raises DeskRefused: never.
        """
        ...

    async def find(self, number: str) -> str | None:
        """The open conversation of a ticket, if there is one.

        :raises DeskUnavailable: later. :raises DeskRefused: never.
        """
        ...

    async def append(self, ref: str, line: Line, *, again: bool = False) -> None:
        """Add what the citizen wrote. ``again``: an earlier try may have reached the desk, so that it is looked for first.

        :raises DeskUnavailable: later. :raises DeskGone: the conversation is not there. :raises DeskRefused: never.
        """
        ...

    async def close_conversation(self, ref: str, note: str = "") -> None:
        """The citizen needs no answer there any more; ``note`` tells the desk's agents why. One that is gone is closed.

        :raises DeskUnavailable: later. :raises DeskRefused: never.
        """
        ...

    async def hear(self, ref: str, after: int) -> Heard:
        """What agents wrote to the citizen, at least all of it with a higher number than ``after``, and how it stands.

        :raises DeskUnavailable: later. :raises DeskGone: the conversation is not there. :raises DeskRefused: never.
        """
        ...

    async def fetch(self, file: TheirFile) -> bytes:
        """A file that an agent sent, as it is; to be made safe before anybody gets it.

        :raises DeskUnavailable: later. :raises DeskRefused: never.
        """
        ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str], token: str = "") -> Told | None:
        """What the desk tells us; None: nothing of interest. ``token``: the end of the address it came to.

        :raises PermissionError: it is not from the desk. :raises ValueError: it cannot be read.
        """
        ...

    async def check(self) -> list[str]:
        """What is wrong with its settings or its answers, a sentence each; empty: all is well."""
        ...

    async def close(self) -> None:
        """End open connections."""
        ...
