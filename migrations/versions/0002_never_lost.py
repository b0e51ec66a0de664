"""Say where an item came from and why it is quarantined; keep comparisons and the problems of each source"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("received", sa.Column("source", sa.String(), server_default="", nullable=False))
    op.add_column("received", sa.Column("reason", sa.String(), server_default="", nullable=False))
    op.add_column(
        "inboxes",
        sa.Column("receive_problems", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("inboxes", sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inboxes", sa.Column("comparison", postgresql.JSONB(astext_type=sa.Text()), nullable=True))


def downgrade() -> None:
    op.drop_column("inboxes", "comparison")
    op.drop_column("inboxes", "compared_at")
    op.drop_column("inboxes", "receive_problems")
    op.drop_column("received", "reason")
    op.drop_column("received", "source")
