"""Say why an item is quarantined"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "never_lost"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("received", sa.Column("reason", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("received", "reason")
