"""Let tickets be merged, split and linked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into_id is not null")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_tickets_merged_into_id"), "tickets", "tickets", ["merged_into_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_tickets_merged_into_other"), "tickets", "merged_into_id is null or merged_into_id <> id"
    )
    op.create_index("ix_tickets_merged_into_id", "tickets", ["merged_into_id"], postgresql_where=MERGED)
    op.add_column("entries", sa.Column("came_from_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_entries_came_from_id"), "entries", "tickets", ["came_from_id"], ["id"])
    _moves("ticket_merges", "kept_id", "merged_id")
    _moves("ticket_splits", "origin_id", "made_id")
    op.create_table(
        "ticket_links",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("one_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('related', 'parent')", name=op.f("ck_ticket_links_kind")),
        sa.CheckConstraint("one_id <> other_id", name=op.f("ck_ticket_links_two_tickets")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_ticket_links_agent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["one_id"], ["tickets.id"], name=op.f("fk_ticket_links_one_id")),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name=op.f("fk_ticket_links_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_ticket_links_one_id_other_id")),
    )
    op.create_index("ix_ticket_links_other_id", "ticket_links", ["other_id"])
    op.create_index(
        "uq_ticket_links_parent", "ticket_links", ["other_id"], unique=True, postgresql_where=sa.text("kind = 'parent'")
    )


def downgrade() -> None:
    for table in ("ticket_links", "ticket_splits", "ticket_merges"):
        op.drop_table(table)
    op.drop_constraint(op.f("fk_entries_came_from_id"), "entries", type_="foreignkey")
    op.drop_column("entries", "came_from_id")
    op.drop_index("ix_tickets_merged_into_id", table_name="tickets")
    op.drop_constraint(op.f("ck_tickets_merged_into_other"), "tickets", type_="check")
    op.drop_constraint(op.f("fk_tickets_merged_into_id"), "tickets", type_="foreignkey")
    op.drop_column("tickets", "merged_into_id")


def _moves(table: str, one: str, other: str) -> None:
    """What was moved between two tickets, and can be moved back."""
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column(one, sa.BigInteger(), nullable=False),
        sa.Column(other, sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f(f"fk_{table}_agent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint([one], ["tickets.id"], name=op.f(f"fk_{table}_{one}")),
        sa.ForeignKeyConstraint([other], ["tickets.id"], name=op.f(f"fk_{table}_{other}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in (one, other):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
