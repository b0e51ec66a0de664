"""Say where mail comes from, and let what is doubted wait"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("doubted", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("messages", sa.Column("origin", postgresql.JSONB(), server_default="{}", nullable=False))
    op.create_table(
        "suspensions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("received_id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sender_name", sa.String(), server_default="", nullable=False),
        sa.Column("subject", sa.String(), server_default="", nullable=False),
        sa.Column("preview", sa.String(), server_default="", nullable=False),
        sa.Column("server", sa.String(), server_default="", nullable=False),
        sa.Column("findings", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("decision in ('accepted', 'rejected')", name=op.f("ck_suspensions_decision")),
        sa.ForeignKeyConstraint(["received_id"], ["received.id"], name=op.f("fk_suspensions_received_id")),
        sa.ForeignKeyConstraint(["inbox_id"], ["inboxes.id"], name=op.f("fk_suspensions_inbox_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_suspensions_agent_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspensions")),
        sa.UniqueConstraint("received_id", name=op.f("uq_suspensions_received_id")),
    )
    for name, criterion in (("waiting", "decision is null"), ("decided", "decision is not null")):
        op.create_index(f"ix_suspensions_{name}", "suspensions", ["inbox_id", "id"], postgresql_where=sa.text(criterion))
    op.create_table(
        "blocked_senders",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_blocked_senders_agent_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("channel", "address", name=op.f("pk_blocked_senders")),
    )


def downgrade() -> None:
    op.drop_table("blocked_senders")
    op.drop_table("suspensions")
    op.drop_column("messages", "origin")
    op.drop_column("tickets", "doubted")
