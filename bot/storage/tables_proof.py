"""The tables of the proof of identity (see :mod:`bot.storage.tables`)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.storage.tables import at, metadata

attempt = Table(
    "attempt",
    metadata,
    Column("subject_index", LargeBinary, primary_key=True),  # of a conversation, a citizen or a NIK, and what was tried
    Column("failures", SmallInteger, nullable=False),
    at("failed_at"),
)

face_probe = Table(
    "face_probe",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("citizen_id", Uuid, ForeignKey("citizen.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("picture_index", LargeBinary, nullable=False, index=True),  # of the picture's SHA-256
    Column("perceptual_hash", Text),
    at("at"),
)

channel_trust = Table(
    "channel_trust",
    metadata,
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    Column("citizen_id", Uuid, ForeignKey("citizen.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("successes", SmallInteger, nullable=False),
    at("counted_at"),
    at("last_at"),
)

capture = Table(
    "capture",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("citizen_id", Uuid, ForeignKey("citizen.id", ondelete="CASCADE"), nullable=False),
    Column("case_id", Uuid),
    Column("steps", JSONB, nullable=False),
    Column("key_sealed", LargeBinary),  # signs the frames; made when the page is opened
    Column("state", Text, nullable=False),  # offered, open, judging, accepted, officer, refused
    Column("seq", Integer, nullable=False, server_default="0"),  # of the last frame taken
    Column("frames", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # ids of the kept frames' files
    at("created_at"),
    at("expires_at"),
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("citizen_id", Uuid, ForeignKey("citizen.id", ondelete="CASCADE"), nullable=False),
    Column("locus", Text, nullable=False),
    Column("template_sealed", LargeBinary),  # until it is decided
    Column("model", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, done, refused
    Column("likeness", Text, nullable=False, server_default=""),  # match, officer, no_match; empty: no face was known
    Column("made_by", Text, nullable=False),
    Column("decided_by", Text),
    at("made_at"),
    at("decided_at", nullable=True),
    Index("ix_enrolment_waiting", "locus", postgresql_where=text("state = 'waiting'")),
)

identity_check = Table(
    "identity_check",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("citizen_id", Uuid, ForeignKey("citizen.id"), nullable=False),
    Column("case_id", Uuid),
    Column("consent_id", Uuid),
    Column("outcome", Text, nullable=False),  # match, officer, no_match, unusable
    Column("problem", Text),
    Column("score", Float),
    Column("mode", Text, nullable=False, server_default=""),
    Column("model", Text, nullable=False, server_default=""),
    Column("perceptual_hash", Text),
    Column("selfie_blob", Uuid),
    Column("decision", Text),  # accepted, rejected (by an officer)
    Column("decided_by", Text),
    at("decided_at", nullable=True),
    at("at"),
    Column("suspicion", Text),  # enrolled, repeated
    Column("liveness", Text, nullable=False, server_default=""),  # what the pictures had to show
    Index("ix_identity_check_at", "at"),
    Index("ix_identity_check_pending", "at", postgresql_where=text("outcome = 'officer' and decision is null")),
)
