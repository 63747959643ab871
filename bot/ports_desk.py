"""The outside desk: another house's agents answer a conversation that was handed over (see :mod:`bot.ports`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """The conversation does not exist there any more."""

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
class Line:
    """One line of the citizen's. ``key``: the same for the same line, so that it stands there once."""

    key: str
    text: str


@dataclass(frozen=True)
class Answered:
    """An agent of the desk wrote to the citizen. ``id``: of the message there; the same one may be told again."""

    ref: str
    id: str
    text: str
    agent: str


@dataclass(frozen=True)
class Resolved:
    """The desk is done with the conversation."""

    ref: str


@runtime_checkable
class OutsideDesk(Protocol):
    """One desk. All of it may be called again after :class:`DeskUnavailable`, or by another process after a crash: nothing then
    stands there twice.
    """

    id: str
    """As tickets name it."""
    name: str
    """As agents see it."""

    async def open(self, handed: Handed) -> str:
        """Begin a conversation there, or find the one of this ticket; returns its id.

        :raises DeskUnavailable: later. :raises DeskRefused: never.
        """
        ...

    async def append(self, ref: str, line: Line, *, again: bool = False) -> None:
        """Add what the citizen wrote. ``again``: an earlier try may have reached the desk, so that it is looked for first.

        :raises DeskUnavailable: later. :raises DeskGone: the conversation is not there. :raises DeskRefused: never.
        """
        ...

    async def close_conversation(self, ref: str) -> None:
        """The citizen needs no answer any more; one that is gone is closed.

        :raises DeskUnavailable: later. :raises DeskRefused: never.
        """
        ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Answered | Resolved | None:
        """What the desk tells us; None: nothing of interest.

        :raises PermissionError: it is not from the desk. :raises ValueError: it cannot be read.
        """
        ...
