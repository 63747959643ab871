"""The tables of staff: accounts, roles per office, sessions, presence, verdicts, quality marks (see :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from bot.storage.tables import at, metadata


def _words(name: str) -> Column[object]:
    return Column(name, ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"))


staff = Table(
    "staff",
    metadata,
    Column("username", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),  # empty: signs in elsewhere (OpenID Connect)
    Column("locus", Text, nullable=False),  # where a session begins
    at("created_at"),
    at("disabled_at", nullable=True),
    Column("must_change", Boolean, nullable=False, server_default=text("false")),  # somebody else chose the password
    Column("subject", Text, unique=True),  # issuer and subject at the identity provider
    Column("totp_sealed", LargeBinary),  # the secret in force
    Column("totp_new_sealed", LargeBinary),  # shown, not yet proven
    Column(
        "totp_step", BigInteger, nullable=False, server_default="0"
    ),  # of the last code taken: none before it is taken
)

staff_role = Table(
    "staff_role",
    metadata,
    Column("username", Text, ForeignKey("staff.username", ondelete="CASCADE"), primary_key=True),
    Column("locus", Text, primary_key=True, index=True),
    Column("role", Text, primary_key=True),
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("username", Text, ForeignKey("staff.username", ondelete="CASCADE"), nullable=False, index=True),
    Column("id", Uuid, nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    Column(
        "stage", Text, nullable=False, server_default="full"
    ),  # full; second: the password was right, the code is awaited
    Column("locus", Text, nullable=False),  # the office they work at now
    Column("device", Text, nullable=False, server_default=""),  # "Firefox, Android": no version, no address
    Column("by", Text, nullable=False, server_default="password"),  # password, totp, recovery, oidc
    at("created_at"),
    at("used_at"),
    at("expires_at"),
    at("ends_at"),  # however much it is used
)

staff_recovery = Table(
    "staff_recovery",
    metadata,
    Column("username", Text, ForeignKey("staff.username", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    at("used_at", nullable=True),
)

staff_presence = Table(
    "staff_presence",
    metadata,
    Column("username", Text, ForeignKey("staff.username", ondelete="CASCADE"), primary_key=True),
    Column("locus", Text, primary_key=True, index=True),
    Column("state", Text, nullable=False),  # online, busy, away, offline
    Column("reason", Text, nullable=False, server_default=""),  # break, prayer, meeting, counter, training, other
    _words("skills"),  # slugs of services and forms; empty: everything
    _words("languages"),  # id, jv, en; empty: Indonesian
    Column("capacity", SmallInteger, nullable=False, server_default="5"),  # conversations at the same time
    at("at"),  # since when the state
    at("seen_at"),  # last sign of life of a page: who is silent for two minutes is not there (bot.domain.presence)
)

identity_hold = Table(
    "identity_hold",
    metadata,
    Column("check_id", Uuid, ForeignKey("identity_check.id", ondelete="CASCADE"), primary_key=True),
    Column("officer", Text, nullable=False),
    at("until"),
)

identity_verdict = Table(
    "identity_verdict",
    metadata,
    Column("check_id", Uuid, ForeignKey("identity_check.id", ondelete="CASCADE"), primary_key=True),
    Column("officer", Text, primary_key=True),
    Column("accepted", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("words_sealed", LargeBinary),
    Column(
        "final", Boolean, nullable=False, server_default=text("false")
    ),  # of a supervisor, where two officers differed
    at("at"),
)

quality_mark = Table(
    "quality_mark",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
    Column("marked_by", Text, primary_key=True),
    Column("score", SmallInteger, nullable=False),
    Column("comment_sealed", LargeBinary),
    at("at"),
)

# Conversations at an outside desk (bot.ports_desk, bot.usecases.handoff_outside).
outside_case = Table(
    "outside_case",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
    Column("desk", Text, nullable=False),
    Column("ref", Text),  # the conversation's id there, once it is open
    Column("state", Text, nullable=False, server_default="open"),  # open; resolved: there; closed: by us
    Column("round", SmallInteger, nullable=False, server_default="1"),  # how often it was handed over
    Column("heard", BigInteger, nullable=False, server_default="0"),  # the newest message there that we know
    Column("sent_seq", BigInteger, nullable=False, server_default="0"),  # the last line of the thread that stands there
    at("away_since", nullable=True),  # since when the desk does not answer about this one
    Column("failures", SmallInteger, nullable=False, server_default="0"),  # to hear, one after the other
    at("hear_at", nullable=True),  # when to ask for news; a webhook makes it now
    at("created_at"),
    UniqueConstraint("desk", "ref"),
    Index("ix_outside_case_hear", "hear_at", postgresql_where=text("hear_at is not null")),
)

outside_due = Table(
    "outside_due",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("ticket_id", Uuid, ForeignKey("outside_case.ticket_id", ondelete="CASCADE"), nullable=False),
    Column("verb", Text, nullable=False),  # open, append, close
    Column("key", Text, nullable=False),
    Column("body_sealed", LargeBinary),
    Column("state", Text, nullable=False, server_default="due"),  # due, done, failed, dropped
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("error_code", Text),
    Column("lease_no", BigInteger, nullable=False, server_default="0"),
    at("lease_until", nullable=True),
    at("next_at"),
    at("created_at"),
    UniqueConstraint("ticket_id", "key"),
    Index("ix_outside_due_next", "next_at", postgresql_where=text("state = 'due'")),
)
