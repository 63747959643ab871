"""Staff accounts: second factor, roles per office, presence; verdicts by two."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
PHASE = "both"


def upgrade() -> None:
    _accounts()
    _sessions()
    _presence()
    _identity()
    _outside()
    op.create_index("ix_audit_actor", "audit", ["actor", "id"])
    op.create_index("ix_audit_object", "audit", ["object", "id"])
    op.create_index("ix_audit_at", "audit", ["at", "id"])


def _at(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]"))


def _accounts() -> None:
    op.create_table(
        "staff_role",
        sa.Column("username", sa.Text(), sa.ForeignKey("staff.username", ondelete="CASCADE"), primary_key=True),
        sa.Column("locus", sa.Text(), primary_key=True, index=True),
        sa.Column("role", sa.Text(), primary_key=True),
    )
    op.execute("insert into staff_role select username, locus, unnest(roles) from staff")
    op.drop_column("staff", "roles")
    op.drop_column("staff", "failures")  # counted per account and per address in `attempt` from now on
    op.drop_column("staff", "locked_until")
    op.add_column("staff", _at("disabled_at", nullable=True))
    op.add_column("staff", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("staff", sa.Column("subject", sa.Text(), unique=True))
    op.add_column("staff", sa.Column("totp_sealed", sa.LargeBinary()))
    op.add_column("staff", sa.Column("totp_new_sealed", sa.LargeBinary()))
    op.add_column("staff", sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "staff_recovery",
        sa.Column("username", sa.Text(), sa.ForeignKey("staff.username", ondelete="CASCADE"), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(), primary_key=True),
        _at("used_at", nullable=True),
    )


def _sessions() -> None:
    op.execute("delete from staff_session")  # everybody signs in once more
    op.add_column(
        "staff_session",
        sa.Column("id", sa.Uuid(), nullable=False, unique=True, server_default=sa.text("gen_random_uuid()")),
    )
    op.add_column("staff_session", sa.Column("stage", sa.Text(), nullable=False, server_default="full"))
    op.add_column("staff_session", sa.Column("locus", sa.Text(), nullable=False))
    op.add_column("staff_session", sa.Column("device", sa.Text(), nullable=False, server_default=""))
    op.add_column("staff_session", sa.Column("by", sa.Text(), nullable=False, server_default="password"))
    for name in ("created_at", "used_at", "ends_at"):
        op.add_column("staff_session", _at(name))
    op.create_index("ix_staff_session_username", "staff_session", ["username"])


def _presence() -> None:
    op.create_table(
        "staff_presence",
        sa.Column("username", sa.Text(), sa.ForeignKey("staff.username", ondelete="CASCADE"), primary_key=True),
        sa.Column("locus", sa.Text(), primary_key=True, index=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        _words("skills"),
        _words("languages"),
        sa.Column("capacity", sa.SmallInteger(), nullable=False, server_default="5"),
        _at("at"),
        _at("seen_at"),
    )
    op.create_table(
        "quality_mark",
        sa.Column("ticket_id", sa.Uuid(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("marked_by", sa.Text(), primary_key=True),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("comment_sealed", sa.LargeBinary()),
        _at("at"),
    )


def _identity() -> None:
    check = sa.ForeignKey("identity_check.id", ondelete="CASCADE")
    op.create_table(
        "identity_hold",
        sa.Column("check_id", sa.Uuid(), check, primary_key=True),
        sa.Column("officer", sa.Text(), nullable=False),
        _at("until"),
    )
    op.create_table(
        "identity_verdict",
        sa.Column("check_id", sa.Uuid(), check._copy(), primary_key=True),
        sa.Column("officer", sa.Text(), primary_key=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary()),
        sa.Column("final", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        _at("at"),
    )


def _outside() -> None:
    op.create_table(
        "outside_case",
        sa.Column("ticket_id", sa.Uuid(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False, server_default="open"),
        _at("created_at"),
        sa.UniqueConstraint("desk", "ref"),
    )
    op.create_table(
        "outside_due",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("ticket_id", sa.Uuid(), sa.ForeignKey("outside_case.ticket_id", ondelete="CASCADE"), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False, server_default="due"),
        sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("error_code", sa.Text()),
        _at("next_at"),
        _at("created_at"),
        sa.UniqueConstraint("ticket_id", "key"),
    )
    op.create_index("ix_outside_due_next", "outside_due", ["next_at"], postgresql_where=sa.text("state = 'due'"))


def downgrade() -> None:
    for index in ("ix_audit_at", "ix_audit_object", "ix_audit_actor"):
        op.drop_index(index, "audit")
    for table in ("outside_due", "outside_case", "identity_verdict", "identity_hold", "quality_mark", "staff_presence"):
        op.drop_table(table)
    op.execute("delete from staff_session")
    op.drop_index("ix_staff_session_username", "staff_session")
    for name in ("id", "stage", "locus", "device", "by", "created_at", "used_at", "ends_at"):
        op.drop_column("staff_session", name)
    op.drop_table("staff_recovery")
    for name in ("disabled_at", "must_change", "subject", "totp_sealed", "totp_new_sealed", "totp_step"):
        op.drop_column("staff", name)
    op.add_column("staff", sa.Column("failures", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("staff", _at("locked_until", nullable=True))
    op.add_column("staff", _words("roles"))
    op.execute(
        "update staff set roles = coalesce((select array_agg(role) from staff_role r "
        "where r.username = staff.username and r.locus = staff.locus), '{}')"
    )
    op.alter_column("staff", "roles", server_default=None)
    op.drop_table("staff_role")
