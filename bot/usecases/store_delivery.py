"""What the use cases need of the database about delivery: receipts, standing, the exchange log, templates, reminders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bot.domain.conversation import Case
from bot.domain.messages import Receipt, Standing, StandingChange


@dataclass(frozen=True)
class Exchange:
    """One exchange with a provider, without texts and addresses. ``direction``: ``in`` or ``out``; ``seq``: of the message."""

    account: str
    direction: str
    outcome: str
    at: datetime
    detail: Mapping[str, Any]
    seq: int | None = None
    provider_code: str | None = None
    ms: int | None = None


@dataclass(frozen=True)
class Delivery:
    """How far a message has come: ``created``, ``sending``, ``sent``, ``delivered``, ``read``, ``failed`` or ``dropped``."""

    state: str
    error_code: str | None
    via: str | None
    """How it left, or why it is held (:class:`bot.domain.delivery.Held`)."""
    next_at: datetime
    attempts: int
    parts: int
    unknown: int
    at: datetime | None


@dataclass(frozen=True)
class TemplateState:
    """A template at a provider. ``approval``: ``unsubmitted``, ``pending``, ``approved``, ``rejected``, ``paused``…"""

    account: str
    name: str
    language: str
    provider_id: str
    approval: str
    reason: str | None
    checked_at: datetime


@dataclass(frozen=True)
class Reminder:
    """A reminder of a document's end; ``kind``: ``sip-180``, ``sip-90``, ``sip-30``."""

    case_id: UUID
    kind: str
    due_at: datetime
    valid_until: datetime | None


class DeliveryTx(Protocol):
    """Part of :class:`bot.usecases.store.Tx`."""

    def fetched(self, account: str) -> bool:
        """Whether messages of that account are fetched by the person, so that nothing is sent."""
        ...

    async def put_receipt(self, receipt: Receipt) -> None:
        """A provider's word about a message of ours: forward only; repeats change nothing. One that comes before our own
        record of the sending is kept for an hour.
        """
        ...

    async def put_standing(self, change: StandingChange) -> None:
        """The provider's word on whether a person may be written to; older than their last message, it is not "blocked"."""
        ...

    async def set_standing(self, conversation_id: UUID, standing: Standing, at: datetime) -> None:
        """Whether a person may be written to in a conversation; see :meth:`put_standing` for ``at``."""
        ...

    async def put_exchange(
        self,
        account: str,
        direction: str,
        outcome: str,
        at: datetime,
        *,
        detail: Mapping[str, Any] | None = None,
        conversation_id: UUID | None = None,
        outbox_id: int | None = None,
        provider_code: str | None = None,
        ms: int | None = None,
    ) -> None:
        """Log one exchange with a provider: kinds, lengths, codes; never a text or an address."""
        ...

    async def exchanges(self, conversation_id: UUID, most: int = 100) -> list[Exchange]:
        """Of a conversation, newest first."""
        ...

    async def deliveries(self, conversation_id: UUID, seqs: Sequence[int]) -> dict[int, Delivery]:
        """How far messages of the thread have come, by their place; what is fetched is not among them."""
        ...

    async def known_inbound(self, account: str, external_ids: Sequence[str]) -> set[str]:
        """Which of these messages are stored already."""
        ...

    async def templates(self, account: str) -> list[TemplateState]:
        """Templates as the provider last described them."""
        ...

    async def put_template(self, state: TemplateState) -> None:
        """Insert or update."""
        ...

    async def put_validity(self, case_id: UUID, until: datetime, reminders: Iterable[tuple[str, datetime]]) -> None:
        """How long an issued document holds, and when its holder is to be reminded (kind, time)."""
        ...

    async def due_reminders(self, now: datetime) -> list[Reminder]:
        """Reminders that are due, oldest first."""
        ...

    async def later_cases(self, case: Case) -> list[Case]:
        """What the same person handed in later for the same service."""
        ...

    async def take_reminders(self, case_id: UUID, now: datetime) -> list[str]:
        """The due reminders of a case, the nearest first; they count as sent from now on."""
        ...
