"""Mark bouncing addresses"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identities", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("identities", sa.Column("bounce_detail", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_deliveries_recipient", "deliveries", ["recipient", "id"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_recipient", table_name="deliveries")
    op.drop_column("identities", "bounce_detail")
    op.drop_column("identities", "bounced_at")
