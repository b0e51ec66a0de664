"""Help with writing: canned replies and macros; tell agents what concerns them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _shared(table: str) -> list[sa.Column | sa.Constraint]:
    """What a table of things that are private, a team's or everybody's has."""
    return [
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("owner_id is null or team_id is null", name=op.f(f"ck_{table}_one_owner")),
        sa.ForeignKeyConstraint(["owner_id"], ["agents.id"], name=op.f(f"fk_{table}_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f(f"fk_{table}_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _index_shared(table: str) -> None:
    for column in ("owner_id", "team_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _stamp(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=None if nullable else sa.func.now(), nullable=nullable)


def upgrade() -> None:
    op.add_column("attachments", sa.Column("kept", sa.Boolean(), server_default="false", nullable=False))
    _canned_replies()
    _macros()
    _notifications()
    _scheduled_replies()


def _canned_replies() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), server_default="", nullable=False),
        sa.Column("shortcut", sa.String(), server_default="", nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("uses", sa.BigInteger(), server_default="0", nullable=False),
        _stamp("used_at", nullable=True),
        _stamp("created_at"),
        _stamp("updated_at"),
        *_shared("canned_replies"),
    )
    _index_shared("canned_replies")
    parent = {"columns": ["canned_reply_id"], "refcolumns": ["canned_replies.id"], "ondelete": "CASCADE"}
    op.create_table(
        "canned_texts",
        sa.Column("canned_reply_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(**parent, name=op.f("fk_canned_texts_canned_reply_id")),
        sa.PrimaryKeyConstraint("canned_reply_id", "language", name=op.f("pk_canned_texts")),
    )
    op.create_table(
        "canned_files",
        sa.Column("canned_reply_id", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(**parent, name=op.f("fk_canned_files_canned_reply_id")),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name=op.f("fk_canned_files_attachment_id")),
        sa.PrimaryKeyConstraint("canned_reply_id", "attachment_id", name=op.f("pk_canned_files")),
    )


def _macros() -> None:
    keys = ", ".join(f"'{key}'" for key in ("", *"123456789"))
    op.create_table(
        "macros",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), server_default="", nullable=False),
        sa.Column("steps", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("canned_reply_id", sa.BigInteger(), nullable=True),
        sa.Column("uses", sa.BigInteger(), server_default="0", nullable=False),
        _stamp("created_at"),
        _stamp("updated_at"),
        *_shared("macros"),
        sa.CheckConstraint(f"key in ({keys})", name=op.f("ck_macros_key")),
        sa.ForeignKeyConstraint(
            ["canned_reply_id"], ["canned_replies.id"], name=op.f("fk_macros_canned_reply_id"), ondelete="RESTRICT"
        ),
    )
    _index_shared("macros")
    op.create_index(op.f("ix_macros_canned_reply_id"), "macros", ["canned_reply_id"])
    op.create_table(
        "macro_runs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("reply_id", sa.BigInteger(), nullable=True),
        sa.Column("note_id", sa.BigInteger(), nullable=True),
        _stamp("created_at"),
        _stamp("undone_at", nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_macro_runs_ticket_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_macro_runs_agent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["reply_id"], ["messages.id"], name=op.f("fk_macro_runs_reply_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["note_id"], ["entries.id"], name=op.f("fk_macro_runs_note_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_macro_runs")),
    )
    op.create_index(op.f("ix_macro_runs_ticket_id"), "macro_runs", ["ticket_id"])


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", sa.String(), server_default="", nullable=False),
        sa.Column("recipient", sa.String(), server_default="", nullable=False),
        _stamp("created_at"),
        _stamp("read_at", nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_notifications_{column}"), ondelete="CASCADE")
            for column, table in (("agent_id", "agents"), ("ticket_id", "tickets"), ("entry_id", "entries"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("entry_id", "agent_id", "kind", name=op.f("uq_notifications_entry_id_agent_id_kind")),
    )
    op.create_index("ix_notifications_agent_id", "notifications", ["agent_id", "id"])
    op.create_index("ix_notifications_ticket_id", "notifications", ["ticket_id"])
    unread = sa.text("read_at is null")
    op.create_index("ix_notifications_unread", "notifications", ["agent_id", "ticket_id"], postgresql_where=unread)
    op.create_table(
        "followers",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("following", sa.Boolean(), server_default="true", nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_followers_ticket_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_followers_agent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "agent_id", name=op.f("pk_followers")),
    )
    op.create_index(op.f("ix_followers_agent_id"), "followers", ["agent_id"])


def _scheduled_replies() -> None:
    op.create_table(
        "scheduled_replies",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("html", sa.Text(), server_default="", nullable=False),
        sa.Column("uploads", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("chosen", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("close", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), server_default="waiting", nullable=False),
        _stamp("created_at"),
        sa.CheckConstraint(
            "status in ('waiting', 'sent', 'stopped', 'cancelled')", name=op.f("ck_scheduled_replies_status")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_scheduled_replies_{column}"), ondelete="CASCADE"
            )
            for column, table in (("ticket_id", "tickets"), ("agent_id", "agents"), ("entry_id", "entries"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_replies")),
    )
    op.create_index("ix_scheduled_replies_ticket_id", "scheduled_replies", ["ticket_id"])
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_scheduled_replies_due", "scheduled_replies", ["send_at"], postgresql_where=waiting)


def downgrade() -> None:
    for table in (
        "scheduled_replies",
        "followers",
        "notifications",
        "macro_runs",
        "macros",
        "canned_files",
        "canned_texts",
        "canned_replies",
    ):
        op.drop_table(table)
    op.drop_column("attachments", "kept")
