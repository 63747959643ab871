"""What the use cases need of the database, as protocols; :mod:`bot.storage` implements them on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bot.domain.conversation import (
    Case,
    CaseEvent,
    Citizen,
    Conversation,
    EnrolledFace,
    Holder,
    IdentityCheck,
    InboxRow,
    ThreadEntry,
)
from bot.domain.messages import FileRef, Inbound, Reply
from bot.usecases.store_agencies import AgenciesTx
from bot.usecases.store_complaints import ComplaintsTx
from bot.usecases.store_console import ConsoleTx
from bot.usecases.store_content import ContentTx
from bot.usecases.store_delivery import DeliveryTx
from bot.usecases.store_desk import DeskTx
from bot.usecases.store_links import LinksTx
from bot.usecases.store_notes import NotesTx
from bot.usecases.store_outside import OutsideTx
from bot.usecases.store_personal import PersonalTx
from bot.usecases.store_presence import PresenceTx
from bot.usecases.store_privacy import PrivacyTx
from bot.usecases.store_proof import ProofTx
from bot.usecases.store_studio import StudioTx
from bot.usecases.store_survey import SurveyTx
from bot.usecases.store_training import TrainingTx


@dataclass(frozen=True)
class News:
    """A conversation as an event stream shows it: language, who holds it, and lines of the thread."""

    language: str
    holder: Holder
    entries: list[ThreadEntry]
    open_from: int | None = None
    """Place of the oldest message whose turn has not ended; None: all have."""


@dataclass(frozen=True)
class Begun:
    """Where a claimed message finds its conversation."""

    conversation: Conversation
    case: Case | None
    """The open case, when no plan is recorded."""
    plan: dict[str, Any] | None
    """The plan that an earlier try recorded."""
    more: bool
    """Whether later messages of the conversation are waiting already."""
    address: str | None
    """Whom to answer to, on push channels."""


class Tx(
    AgenciesTx,
    ComplaintsTx,
    LinksTx,
    DeliveryTx,
    ConsoleTx,
    NotesTx,
    OutsideTx,
    PersonalTx,
    DeskTx,
    PresenceTx,
    PrivacyTx,
    ProofTx,
    StudioTx,
    ContentTx,
    TrainingTx,
    SurveyTx,
    Protocol,
):
    """One transaction; everything in it happens, or nothing."""

    # -- conversations
    async def conversation(self, conversation_id: UUID, lock: bool = False) -> Conversation:
        """:raises bot.errors.NotFound: no such conversation."""
        ...

    async def open_conversation(
        self,
        account: str,
        external_id: str,
        locus: str,
        language: str,
        now: datetime,
        aliases: Sequence[str] = (),
    ) -> Conversation:
        """The conversation of that (account, external id), made if missing.

        On push channels ``external_id`` is the address to answer to; it is kept sealed and found by its blind index. A
        conversation once known by one of ``aliases`` is the same one.
        """
        ...

    async def conversations_of(self, person_id: UUID) -> list[Conversation]:
        """All conversations that are proven to be one person's, the last used first."""
        ...

    async def save_conversation(self, conversation: Conversation) -> None:
        """Write back every column but the thread's counter; nothing, if nothing changed since it was locked here."""
        ...

    async def say(
        self,
        conversation_id: UUID,
        replies: Sequence[Reply],
        now: datetime,
        inbox_id: int | None = None,
        key: str | None = None,
        notice: bool = False,
    ) -> list[int]:
        """Append replies to the thread (and the outbox of a push channel). A ``key`` already used adds nothing. ``notice``:
        they answer nothing that the person just wrote.

        Takes the conversation's row lock, so sequence numbers grow in commit order.
        """
        ...

    async def thread(self, conversation_id: UUID, after: int = 0, limit: int = 500) -> list[ThreadEntry]:
        """The thread, oldest first."""
        ...

    # -- web sessions
    async def new_session(self, conversation_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime) -> None:
        """Store a chat session's token hash."""
        ...

    async def session(self, token_hash: bytes, now: datetime) -> UUID | None:
        """The conversation of a live session."""
        ...

    async def end_session(self, token_hash: bytes, now: datetime) -> None:
        """Its token opens nothing any more; the conversation stays."""
        ...

    # -- inbox
    async def put_inbound(self, conversation_id: UUID, inbound: Inbound, now: datetime) -> tuple[int, bool]:
        """Store an inbound message in the inbox and the thread; returns its place in the thread and whether it is new."""
        ...

    async def replace_waiting(self, conversation_id: UUID, inbound: Inbound, now: datetime) -> bool:
        """An edit (``inbound.edits``) takes the place of the text it changes, if that still waits for its turn.

        False: it waits no more (or never came), so that the edit is a message of its own. The same edit again: True.
        """
        ...

    async def join(self, row: InboxRow, fits: Callable[[dict[str, Any], dict[str, Any]], bool]) -> InboxRow:
        """The waiting messages right behind ``row`` become part of its turn, as long as ``fits(body so far, next body)``.

        Their texts are appended to the row's body, a line each; they are never claimed themselves.

        :raises bot.errors.Fenced: the lease moved on.
        """
        ...

    async def put_body(self, row: InboxRow, body: dict[str, Any]) -> InboxRow:
        """Change what is stored of a claimed message, in the inbox and in the thread.

        :raises bot.errors.Fenced: the lease moved on.
        """
        ...

    async def hold(
        self, inbox_id: int, lease_no: int, conversation_id: UUID
    ) -> tuple[Conversation, dict[str, dict[str, Any]]]:
        """Keep the lease for the length of this transaction; the conversation, locked, and all recorded steps by ref.

        :raises bot.errors.Fenced: the lease moved on.
        """
        ...

    def put_steps(self, results: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
        """Record results of steps of the turn that this transaction holds, by ref. They last with the turn's own commit.

        :raises bot.errors.Fenced: it holds none.
        """
        ...

    async def settle(self, row: InboxRow, now: datetime) -> tuple[Conversation, dict[str, dict[str, Any]]]:
        """The row is done and its recorded steps are dropped; the conversation, locked, and those steps by ref.

        :raises bot.errors.Fenced: the lease moved on; the transaction must not commit.
        """
        ...

    def turned_out(self, row: InboxRow, outcome: str) -> None:
        """How a turn ended, for the figures, where that is not an answer of the bot (:mod:`bot.domain.figures`)."""
        ...

    # -- files
    async def put_blob(
        self, conversation_id: UUID | None, kind: str, name: str, type_: str, data: bytes, now: datetime
    ) -> FileRef:
        """Store a file, encrypted."""
        ...

    async def blob(self, blob_id: UUID) -> tuple[FileRef, bytes, UUID | None] | None:
        """(file, content, conversation) or None."""
        ...

    async def delete_blob(self, blob_id: UUID) -> None:
        """Forget a file."""
        ...

    async def as_selfie(self, blob_id: UUID) -> None:
        """A file that came without its kind is a selfie: only officers see it, and not for long."""
        ...

    # -- people
    async def citizen(self, citizen_id: UUID) -> Citizen:
        """:raises bot.errors.NotFound: no such citizen."""
        ...

    async def citizen_by_nik(self, nik: str, lock: bool = False) -> Citizen | None:
        """By the blind index of the NIK."""
        ...

    async def save_citizen(self, citizen: Citizen, now: datetime) -> None:
        """Insert or update."""
        ...

    async def face(self, citizen_id: UUID) -> EnrolledFace | None:
        """The enrolled template."""
        ...

    async def save_face(self, citizen_id: UUID, face: EnrolledFace | None, now: datetime) -> None:
        """Keep the template, encrypted; None: delete it for good."""
        ...

    async def put_consent(
        self,
        conversation: Conversation,
        case_id: UUID | None,
        purpose: str,
        version: str,
        text_hash: str,
        now: datetime,
    ) -> UUID:
        """Store a consent receipt."""
        ...

    async def put_check(self, check: IdentityCheck) -> None:
        """Insert or update a face check."""
        ...

    async def check(self, check_id: UUID, lock: bool = False) -> IdentityCheck:
        """:raises bot.errors.NotFound: no such check."""
        ...

    async def pending_checks(self, locus: str) -> list[IdentityCheck]:
        """Borderline selfies that wait for an officer, oldest first."""
        ...

    async def suspicions(self, citizen_id: UUID) -> int:
        """How many checks of this person were suspicious."""
        ...

    # -- cases
    async def put_case(self, case: Case) -> None:
        """Insert or update."""
        ...

    async def case(self, case_id: UUID, lock: bool = False) -> Case:
        """:raises bot.errors.NotFound: no such case."""
        ...

    async def case_by_reference(self, reference: str) -> Case | None:
        """By public reference number."""
        ...

    async def case_by_agency_ref(self, agency: str, agency_ref: str, lock: bool = False) -> Case | None:
        """By the agency's own number."""
        ...

    async def cases_of(self, conversation: Conversation) -> list[Case]:
        """This person's cases in all connected conversations, and (when proven) this citizen's, newest first."""
        ...

    async def add_event(self, case_id: UUID, event: CaseEvent) -> bool:
        """Append to the history; False when that key is already there."""
        ...

    async def events(self, case_id: UUID) -> list[CaseEvent]:
        """The history, oldest first."""
        ...

    async def put_due(self, case_id: UUID, verb: str, now: datetime) -> None:
        """An errand to the agency is due now (an errand already known is left alone)."""
        ...

    # -- staff
    async def notify_staff(self) -> None:
        """Wake the staff pages when this transaction commits."""
        ...

    async def audit(self, actor: str, action: str, object_: str, detail: dict[str, Any], now: datetime) -> None:
        """Append to the audit log's hash chain."""
        ...


class Store(Protocol):
    """Opens transactions."""

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction that commits on leaving, rolls back on an exception."""
        ...

    async def begin_turn(self, row: InboxRow) -> Begun:
        """Where a claimed message finds its conversation.

        :raises bot.errors.NotFound: no such conversation.
        """
        ...

    async def record_plan(self, row: InboxRow, plan: dict[str, Any], now: datetime, lasting: bool = True) -> None:
        """Record the plan of a turn under the step ``plan``.

        :param lasting: on the disk when this returns; else with the turn's own commit, as long as the database does not crash
        :raises bot.errors.Fenced: the lease moved on.
        """
        ...

    async def news(self, conversation_id: UUID, after: int, limit: int) -> News:
        """What an open event stream shows next.

        :raises bot.errors.NotFound: no such conversation.
        """
        ...


class Jobs(Protocol):
    """Pokes a worker after a commit; losing a poke only costs time."""

    async def poke(self, name: str) -> None:
        """``name``: ``errands``."""
        ...
