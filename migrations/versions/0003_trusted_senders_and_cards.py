"""Remember trusted senders, and what a message is besides words and files"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trusted_senders",
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_trusted_senders_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent_id", "sender", name=op.f("pk_trusted_senders")),
    )
    op.add_column("messages", sa.Column("cards", postgresql.JSONB(), server_default="{}", nullable=False))
    op.execute("alter table blobs alter column data set storage external")  # a piece is read without the whole


def downgrade() -> None:
    op.execute("alter table blobs alter column data set storage extended")
    op.drop_column("messages", "cards")
    op.drop_table("trusted_senders")
