"""Send as a good citizen: copies, signatures, quoted history and side conversations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ACTORS = ("customer", "agent", "system")


def upgrade() -> None:
    op.create_table(
        "side_conversations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("people", _json(), server_default="[]", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_side_conversations_agent_id_agents"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_side_conversations_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_conversations")),
    )
    op.create_index(op.f("ix_side_conversations_ticket_id"), "side_conversations", ["ticket_id"])
    op.add_column("messages", sa.Column("side_conversation_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_messages_side_conversation_id_side_conversations"),
        "messages",
        "side_conversations",
        ["side_conversation_id"],
        ["id"],
    )
    op.create_index(
        "ix_messages_side_conversation_id",
        "messages",
        ["side_conversation_id", "id"],
        postgresql_where=sa.text("side_conversation_id is not null"),
    )
    op.add_column("messages", sa.Column("bcc", _json(), server_default="[]", nullable=False))
    op.add_column("messages", sa.Column("sender", _json(), server_default="{}", nullable=False))
    op.add_column("messages", sa.Column("signature", sa.Text(), server_default="", nullable=False))
    op.add_column("messages", sa.Column("quoted", _json(), server_default="[]", nullable=False))
    op.add_column("agents", sa.Column("signature", sa.String(), server_default="", nullable=False))
    _allow_actors((*ACTORS, "third_party"))


def downgrade() -> None:
    op.execute("update entries set actor_kind = 'system' where actor_kind = 'third_party'")
    _allow_actors(ACTORS)
    op.drop_column("agents", "signature")
    for name in ("quoted", "signature", "sender", "bcc", "side_conversation_id"):
        op.drop_column("messages", name)
    op.drop_table("side_conversations")


def _json() -> postgresql.JSONB:
    return postgresql.JSONB(astext_type=sa.Text())


def _allow_actors(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_entries_actor_kind"), "entries", type_="check")
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_entries_actor_kind"), "entries", f"actor_kind in ({named})")
