"""The tables. Columns ending in ``_sealed`` hold AES-GCM bytes (see :mod:`bot.storage.crypto`); times are UTC.

Every row that belongs to an office carries its ``locus``, directly or through its conversation.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def at(name: str, nullable: bool = False) -> Column[object]:
    """A time, in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


RUNNING = "'diajukan', 'verifikasi_berkas', 'perlu_perbaikan', 'diproses', 'menunggu_tte'"
"""States in which the office, or a repair, is awaited (SQL)."""
DECIDED = "'terbit', 'ditolak', 'dibatalkan', 'kedaluwarsa'"
"""States that end what the citizen waits for (SQL)."""

citizen = Table(
    "citizen",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("nik_index", LargeBinary, unique=True),
    Column("data_sealed", LargeBinary, nullable=False),
    Column("face_sealed", LargeBinary),
    Column("face_model", Text),
    at("created_at"),
    Column("face_source", Text),  # register, counter
    Column("face_digest", Text),  # of the register's pictures the template was made from
    at("face_at", nullable=True),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("locus", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("citizen_id", Uuid, ForeignKey("citizen.id")),
    Column("assurance", SmallInteger, nullable=False, server_default="0"),
    at("assured_until", nullable=True),
    Column("state", Text, nullable=False, server_default="bot"),
    Column("form_active", Boolean, nullable=False, server_default=text("false")),
    Column("case_id", Uuid),
    Column("topic", Text),
    Column("misses", SmallInteger, nullable=False, server_default="0"),
    Column("turn_mark", Text, nullable=False, server_default=""),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    at("created_at"),
    at("last_inbound_at", nullable=True),
    Column("language_set", Boolean, nullable=False, server_default=text("false")),
    Column("memory", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    # Conversations with one person_id are one person's, by proof (see `link`); at first each is its own.
    Column("person_id", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    Column("standing", Text, nullable=False, server_default="open"),  # open, stopped, blocked
    # Where to send to. On push channels external_id is only its blind index.
    Column("address_sealed", LargeBinary),
    Column("origin_index", LargeBinary),  # of the network address a web conversation was begun from
    Column("returned_seq", BigInteger, nullable=False, server_default="0"),  # of the thread, when a person gave it back
    Column("trail", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # the last wishes and their outcomes
    UniqueConstraint("account", "external_id"),
    Index("ix_conversation_person", "person_id"),
)

conversation_alias = Table(
    "conversation_alias",
    metadata,
    Column("account", Text, primary_key=True),
    Column("alias_index", Text, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
)

link_code = Table(
    "link_code",
    metadata,
    Column("code_index", LargeBinary, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    at("created_at"),
    at("expires_at"),
    at("used_at", nullable=True),
)

link = Table(
    "link",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    Column("person_before", Uuid, nullable=False),
    Column("person_after", Uuid, nullable=False),
    Column("proof", Text, nullable=False),  # code, identity
    at("at"),
    at("undone_at", nullable=True),
    Index("ix_link_conversation", "conversation_id", "at"),
)

chat_session = Table(
    "chat_session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    at("created_at"),
    at("expires_at"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the citizen's message in the thread
    Column("body_sealed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),  # open, leased, done, joined, dead
    Column("lease_no", Integer, nullable=False, server_default="0"),
    at("lease_until", nullable=True),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("sweeps", SmallInteger, nullable=False, server_default="0"),
    Column("waits", Integer, nullable=False, server_default="0"),
    Column("owner", Text),
    at("not_before"),
    Column("reason", Text),
    at("received_at"),
    at("done_at", nullable=True),
    Column("joined_to", BigInteger),  # state joined: answered as part of that row's turn
    Column("outcome", Text),  # missed: not understood; person: for the agent who held it; null: the bot's
    UniqueConstraint("account", "external_id"),
    Index("ix_inbox_open", "conversation_id", "id", postgresql_where=text("state in ('open', 'leased')")),
    Index("uq_inbox_one_in_flight", "conversation_id", unique=True, postgresql_where=text("state = 'leased'")),
    Index("ix_inbox_received", "received_at", postgresql_using="brin"),
)

turn_step = Table(
    "turn_step",
    metadata,
    Column("inbox_id", BigInteger, ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("result_sealed", LargeBinary, nullable=False),
    Column("lease_no", Integer, nullable=False),
    at("created_at"),
)

message = Table(
    "message",
    metadata,
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("inbox_id", BigInteger),
    Column("dedupe_key", Text),
    at("created_at"),
    UniqueConstraint("conversation_id", "dedupe_key"),
    Index("ix_message_created", "created_at", postgresql_using="brin"),  # for retention
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("conversation_id", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    # created, sending, sent, delivered, read, failed, dropped (nothing was to be sent any more)
    Column("state", Text, nullable=False, server_default="created"),
    Column("lease_no", Integer, nullable=False, server_default="0"),
    at("lease_until", nullable=True),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("unknown", SmallInteger, nullable=False, server_default="0"),  # sends whose outcome a crash hid
    at("next_at"),
    Column("error_code", Text),
    at("created_at"),
    Column("notice", Boolean, nullable=False, server_default=text("false")),  # not an answer to what was just written
    Column("parts", SmallInteger, nullable=False, server_default="0"),  # provider messages sent so far
    Column("via", Text),  # text, template, other channel; or why it is held
    Column("trace", Text),  # where it was said (bot/tracing.py); empty unless traces are on
    ForeignKeyConstraint(["conversation_id", "seq"], ["message.conversation_id", "message.seq"]),
    UniqueConstraint("conversation_id", "seq"),
    Index("ix_outbox_due", "next_at", postgresql_where=text("state in ('created', 'sending')")),
    Index("ix_outbox_open", "conversation_id", "seq", postgresql_where=text("state in ('created', 'sending')")),
    Index("ix_outbox_created", "created_at"),
    Index("ix_outbox_failed", "created_at", postgresql_where=text("state = 'failed'")),
)

outbox_part = Table(
    "outbox_part",
    metadata,
    Column("outbox_id", BigInteger, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True),
    Column("part", SmallInteger, primary_key=True),
    Column("account", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("state", Text, nullable=False),  # sent, delivered, read, failed
    Column("error_code", Text),
    at("at"),
    UniqueConstraint("account", "external_id"),
)

exchange = Table(
    "exchange",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account", Text, nullable=False),
    Column("conversation_id", Uuid),
    Column("outbox_id", BigInteger),
    Column("direction", Text, nullable=False),  # in, out
    Column("outcome", Text, nullable=False),  # ok, or the error's code
    Column("provider_code", Text),
    Column("ms", Integer),
    Column("detail", JSONB, nullable=False),  # redacted: kinds, lengths, ids; no texts, no addresses
    at("at"),
    Index("ix_exchange_conversation", "conversation_id", "at"),
)

reminder = Table(
    "reminder",
    metadata,
    Column("case_id", Uuid, ForeignKey("application.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),  # sip-180, sip-90, sip-30
    at("due_at"),
    at("sent_at", nullable=True),
    Index("ix_reminder_due", "due_at", postgresql_where=text("sent_at is null")),
)

provider_template = Table(
    "provider_template",
    metadata,
    Column("account", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("provider_id", Text, nullable=False),
    Column("approval", Text, nullable=False),  # unsubmitted, received, pending, approved, rejected, paused, disabled
    Column("reason", Text),
    at("checked_at"),
)

blob = Table(
    "blob",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id")),
    Column("kind", Text, nullable=False),  # selfie, document, issued, enrolled
    Column("type", Text, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("data_sealed", LargeBinary, nullable=False),
    at("created_at"),
    at("delete_after", nullable=True),
)

consent = Table(
    "consent",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("case_id", Uuid),
    Column("purpose", Text, nullable=False),
    Column("text_version", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("account", Text, nullable=False),
    at("given_at"),
    at("withdrawn_at", nullable=True),
)

case = Table(
    "application",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, unique=True),
    Column("locus", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("variant", Text),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("citizen_id", Uuid, ForeignKey("citizen.id")),
    Column("state", Text, nullable=False),
    Column("draft_sealed", LargeBinary, nullable=False),
    Column("agency", Text, nullable=False),
    Column("agency_ref", Text),
    at("promised_on", nullable=True),
    at("submitted_at", nullable=True),
    Column("document_blob", Uuid),
    at("created_at"),
    at("updated_at"),
    at("valid_until", nullable=True),  # of the issued document, as far as the agency says
    at("paused_at", nullable=True),  # a repair was asked for: the office's clock stands still
    Column("paused_days", Integer, nullable=False, server_default="0"),  # working days, in promised_on already
    at("polled_at", nullable=True),
    Column("begun_by", BigInteger),  # inbox id of the message it was begun with
    Column("step", Text),  # path of the question that the form stands at, or was left at
    Index("ix_application_conversation", "conversation_id", "created_at"),
    # The same name may stand for another register at another office.
    Index("uq_application_agency_ref", "locus", "agency", "agency_ref", unique=True),
    Index("ix_application_agency_ref", "agency_ref"),
    # For the figures (bot/storage/figures_*.py): columns that a form's answers do not change.
    Index("ix_application_begun", "locus", "created_at"),
    Index("ix_application_submitted", "locus", "submitted_at", postgresql_where=text("submitted_at is not null")),
    Index("ix_application_unsent", "locus", postgresql_where=text("submitted_at is null")),
    Index("ix_application_open", "locus", postgresql_where=text(f"submitted_at is not null and state in ({RUNNING})")),
)

case_event = Table(
    "application_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("case_id", Uuid, ForeignKey("application.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("note_sealed", LargeBinary),
    at("at"),
    Column("inbox_id", BigInteger),  # the citizen's message that brought it about
    UniqueConstraint("case_id", "key"),
    Index("ix_application_event_decided", "at", postgresql_where=text(f"state in ({DECIDED})")),
    Index("ix_application_event_first", "case_id", "at", "id", postgresql_where=text(f"state in ({DECIDED})")),
)

submission = Table(
    "submission",
    metadata,
    Column("case_id", Uuid, ForeignKey("application.id", ondelete="CASCADE"), primary_key=True),
    Column("verb", Text, primary_key=True),  # see bot/usecases/errand_verbs.py; perhaps with a number (repair-2)
    Column("state", Text, nullable=False, server_default="due"),  # due, done, failed
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    at("next_at"),
    Column("lease_no", Integer, nullable=False, server_default="0"),
    at("lease_until", nullable=True),
    Column("error_code", Text),
    at("created_at"),
    at("retried_at", nullable=True),  # by a person: 48 hours begin anew
    at("told_at", nullable=True),  # the citizen knows that the agency is away
    at("settled_at", nullable=True),
    Column("settled_by", Text),  # a member of staff, by hand
    Column("reason_sealed", LargeBinary),  # of a refusal, in the agency's words
    Column("trace", Text),  # where it was given (bot/tracing.py); empty unless traces are on
    Index("ix_submission_due", "next_at", postgresql_where=text("state = 'due'")),
    Index("ix_submission_failed", "created_at", postgresql_where=text("state = 'failed'")),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    at("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_audit_actor", "actor", "id"),
    Index("ix_audit_object", "object", "id"),
    Index("ix_audit_at", "at", "id"),
)
