"""Lay the house"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TARGETS = {  # minutes by priority: low, normal, high, urgent
    "first_response": (1440, 240, 60, 15),
    "next_response": (1440, 240, 60, 15),
    "resolution": (10080, 4320, 1440, 240),
}


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), server_default="agent", nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("theme", sa.String(), server_default="system", nullable=False),
        sa.Column("density", sa.String(), server_default="comfortable", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("session_epoch", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role in ('agent', 'lead', 'admin')", name=op.f("ck_agents_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
    )
    op.create_index("uq_agents_email_lower", "agents", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("company", sa.String(), server_default="", nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("preferences", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("merged_into_id is null or merged_into_id <> id", name=op.f("ck_customers_merged_into_other")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["customers.id"], name=op.f("fk_customers_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index("ix_customers_created_at", "customers", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_customers_merged_into_id",
        "customers",
        ["merged_into_id"],
        unique=False,
        postgresql_where="merged_into_id is not null",
    )
    op.create_index(
        "ix_customers_search",
        "customers",
        [sa.literal_column("to_tsvector('simple', search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "sla_targets",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "priority", name=op.f("pk_sla_targets")),
    )
    op.create_table(
        "surveys",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), server_default="csat", nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("throttle_days", sa.BigInteger(), server_default="7", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('csat', 'nps', 'ces')", name=op.f("ck_surveys_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "agent_teams",
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_agent_teams_agent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_agent_teams_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", "team_id", name=op.f("pk_agent_teams")),
    )
    op.create_index(op.f("ix_agent_teams_team_id"), "agent_teams", ["team_id"], unique=False)
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_api_tokens_agent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_tokens_token_sha256")),
    )
    op.create_index(op.f("ix_api_tokens_agent_id"), "api_tokens", ["agent_id"], unique=False)
    op.create_table(
        "idempotent_requests",
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("location", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_idempotent_requests_agent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent_id", "key", name=op.f("pk_idempotent_requests")),
    )
    op.create_index("ix_idempotent_requests_created_at", "idempotent_requests", ["created_at"], unique=False)
    op.create_table(
        "customer_merges",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("merged_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_customer_merges_agent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["kept_id"], ["customers.id"], name=op.f("fk_customer_merges_kept_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["customers.id"], name=op.f("fk_customer_merges_merged_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
    )
    op.create_index(op.f("ix_customer_merges_kept_id"), "customer_merges", ["kept_id"], unique=False)
    op.create_index(op.f("ix_customer_merges_merged_id"), "customer_merges", ["merged_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_identities_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_identities_channel_address")),
    )
    op.create_index(op.f("ix_identities_customer_id"), "identities", ["customer_id"], unique=False)
    op.create_table(
        "inboxes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(), server_default="en", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("settings_version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("receive_state", sa.String(), server_default="unknown", nullable=False),
        sa.Column("receive_code", sa.String(), server_default="", nullable=False),
        sa.Column("receive_detail", sa.String(), server_default="", nullable=False),
        sa.Column("receive_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("send_state", sa.String(), server_default="unknown", nullable=False),
        sa.Column("send_code", sa.String(), server_default="", nullable=False),
        sa.Column("send_detail", sa.String(), server_default="", nullable=False),
        sa.Column("send_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("send_retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("receive_state in ('unknown', 'ok', 'failing')", name=op.f("ck_inboxes_receive_state")),
        sa.CheckConstraint("send_state in ('unknown', 'ok', 'failing')", name=op.f("ck_inboxes_send_state")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_inboxes_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inboxes")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_inboxes_channel_address")),
        sa.UniqueConstraint("key", name=op.f("uq_inboxes_key")),
    )
    op.create_index(op.f("ix_inboxes_team_id"), "inboxes", ["team_id"], unique=False)
    op.create_table(
        "inbox_cursors",
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("cursor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inboxes.id"], name=op.f("fk_inbox_cursors_inbox_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("inbox_id", "source", name=op.f("pk_inbox_cursors")),
    )
    op.create_table(
        "received",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("meta", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("status", sa.String(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.String(), server_default="", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status in ('pending', 'done', 'ignored', 'quarantined')", name=op.f("ck_received_status")),
        sa.ForeignKeyConstraint(["inbox_id"], ["inboxes.id"], name=op.f("fk_received_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
        sa.UniqueConstraint("inbox_id", "source_key", name=op.f("uq_received_inbox_id_source_key")),
    )
    op.create_index("ix_received_content", "received", ["inbox_id", "sha256"], unique=False)
    op.create_index(
        "ix_received_pending", "received", ["inbox_id", "id"], unique=False, postgresql_where="status = 'pending'"
    )
    op.create_index("ix_received_quarantined", "received", ["id"], unique=False, postgresql_where="status = 'quarantined'")
    op.create_table(
        "tickets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1001), nullable=False),
        sa.Column("subject", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="new", nullable=False),
        sa.Column("priority", sa.BigInteger(), server_default="2", nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("tags", sa.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("automatic", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("unread", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_kind", sa.String(), nullable=True),
        sa.Column("last_text", sa.String(), server_default="", nullable=False),
        sa.Column("last_direction", sa.String(), server_default="inbound", nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "status in ('new', 'open', 'pending', 'on_hold', 'solved', 'closed')", name=op.f("ck_tickets_status")
        ),
        sa.CheckConstraint("priority between 1 and 4", name=op.f("ck_tickets_priority")),
        sa.ForeignKeyConstraint(["assignee_id"], ["agents.id"], name=op.f("fk_tickets_assignee_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tickets_customer_id")),
        sa.ForeignKeyConstraint(["inbox_id"], ["inboxes.id"], name=op.f("fk_tickets_inbox_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_tickets_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    for column in ("created", "updated"):
        op.create_index(
            f"ix_tickets_{column}",
            "tickets",
            [sa.literal_column("coalesce(team_id, 0)"), f"{column}_at", "id"],
            unique=False,
        )
    op.create_index(
        "ix_tickets_assignee",
        "tickets",
        ["assignee_id", "created_at", "id"],
        unique=False,
        postgresql_where="assignee_id is not null",
    )
    op.create_index("ix_tickets_inbox", "tickets", ["inbox_id", "created_at", "id"], unique=False)
    op.create_index("ix_tickets_customer_id", "tickets", ["customer_id", sa.literal_column("id desc")], unique=False)
    op.create_index(
        "ix_tickets_finished",
        "tickets",
        [sa.literal_column("coalesce(team_id, 0)"), sa.literal_column("updated_at desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where="not (status in ('new', 'open', 'pending', 'on_hold'))",
    )
    op.create_index(
        "ix_tickets_mine",
        "tickets",
        [
            "assignee_id",
            sa.literal_column("coalesce(team_id, 0)"),
            sa.literal_column("coalesce(due_at, 'infinity'::timestamptz)"),
            "id",
        ],
        unique=False,
        postgresql_where="status in ('new', 'open', 'pending', 'on_hold')",
    )
    op.create_index(
        "ix_tickets_queue",
        "tickets",
        [
            sa.literal_column("coalesce(team_id, 0)"),
            sa.literal_column("coalesce(due_at, 'infinity'::timestamptz)"),
            "id",
        ],
        unique=False,
        postgresql_where="status in ('new', 'open', 'pending', 'on_hold')",
    )
    op.create_index(
        "ix_tickets_search",
        "tickets",
        [sa.literal_column("to_tsvector('simple', search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("ix_tickets_tags", "tickets", ["tags"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_tickets_unassigned",
        "tickets",
        [
            sa.literal_column("coalesce(team_id, 0)"),
            sa.literal_column("coalesce(due_at, 'infinity'::timestamptz)"),
            "id",
        ],
        unique=False,
        postgresql_where="status in ('new', 'open', 'pending', 'on_hold') and assignee_id is null",
    )
    op.create_table(
        "deadlines",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.CheckConstraint("kind in ('first_response', 'next_response', 'resolution')", name=op.f("ck_deadlines_kind")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_deadlines_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
        sa.UniqueConstraint("ticket_id", "kind", "started_at", name=op.f("uq_deadlines_ticket_id_kind_started_at")),
    )
    op.create_index(
        "uq_deadlines_running", "deadlines", ["ticket_id", "kind"], unique=True, postgresql_where="ended_at is null"
    )
    op.create_table(
        "drafts",
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_drafts_agent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_drafts_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", "ticket_id", name=op.f("pk_drafts")),
    )
    op.create_index("ix_drafts_ticket_id", "drafts", ["ticket_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("identity_id", sa.BigInteger(), nullable=True),
        sa.Column("received_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("html", sa.Text(), server_default="", nullable=False),
        sa.Column("visible_text", sa.Text(), server_default="", nullable=False),
        sa.Column("to", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("cc", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("message_id", sa.String(), server_default="", nullable=False),
        sa.Column("in_reply_to", sa.String(), server_default="", nullable=False),
        sa.Column("automatic", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("defects", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("direction in ('inbound', 'outbound', 'note')", name=op.f("ck_messages_direction")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_messages_agent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name=op.f("fk_messages_identity_id")),
        sa.ForeignKeyConstraint(["received_id"], ["received.id"], name=op.f("fk_messages_received_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_messages_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(
        "ix_messages_received_id", "messages", ["received_id"], unique=True, postgresql_where="received_id is not null"
    )
    op.create_index(op.f("ix_messages_ticket_id"), "messages", ["ticket_id"], unique=False)
    op.create_table(
        "participants",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_participants_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "address", name=op.f("pk_participants")),
    )
    op.create_table(
        "thread_references",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_thread_references_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reference", "ticket_id", name=op.f("pk_thread_references")),
    )
    op.create_index(op.f("ix_thread_references_ticket_id"), "thread_references", ["ticket_id"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("inline", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("content_id", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("message_id is not null or agent_id is not null", name=op.f("ck_attachments_owner")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_attachments_agent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id")),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_attachments_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_message_id", "attachments", ["message_id"], unique=False)
    op.create_index(op.f("ix_attachments_sha256"), "attachments", ["sha256"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("recipient_name", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(), server_default="", nullable=False),
        sa.Column("code", sa.String(), server_default="", nullable=False),
        sa.Column("detail", sa.String(), server_default="", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status in ('queued','sending','sent','delivered','read','failed','unknown','cancelled')",
            name=op.f("ck_deliveries_status"),
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inboxes.id"], name=op.f("fk_deliveries_inbox_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_deliveries_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_due", "deliveries", ["next_attempt_at", "id"], unique=False, postgresql_where="status = 'queued'"
    )
    op.create_index(op.f("ix_deliveries_message_id"), "deliveries", ["message_id"], unique=False)
    op.create_index("ix_deliveries_provider_id", "deliveries", ["inbox_id", "provider_id"], unique=False)
    op.create_index("ix_deliveries_sending", "deliveries", ["id"], unique=False, postgresql_where="status = 'sending'")
    op.create_table(
        "entries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_kind", sa.String(), server_default="system", nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(), server_default="", nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.String(), server_default="", nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("reacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("actor_kind in ('customer', 'agent', 'system')", name=op.f("ck_entries_actor_kind")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_entries_customer_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_entries_message_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_entries_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_customer_id", "entries", ["customer_id", "id"], unique=False)
    op.create_index(op.f("ix_entries_message_id"), "entries", ["message_id"], unique=False)
    op.create_index("ix_entries_ticket_id", "entries", ["ticket_id", "id"], unique=False)
    op.create_index(
        "ix_entries_unreacted", "entries", ["ticket_id", "id"], unique=False, postgresql_where="reacted_at is null"
    )
    op.create_table(
        "survey_invitations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("survey_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.String(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_survey_invitations_customer_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_survey_invitations_message_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_invitations_survey_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_survey_invitations_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_invitations")),
        sa.UniqueConstraint("survey_id", "ticket_id", name=op.f("uq_survey_invitations_survey_id_ticket_id")),
    )
    op.create_index(
        "ix_survey_invitations_answered_at",
        "survey_invitations",
        ["answered_at", "id"],
        unique=False,
        postgresql_where="answered_at is not null",
    )
    op.create_index("ix_survey_invitations_customer_id", "survey_invitations", ["customer_id", "created_at"], unique=False)
    for table, column in (
        ("received", "raw"),
        ("blobs", "data"),
    ):  # mail hardly compresses, and trying costs most of intake
        op.execute(f"alter table {table} alter column {column} set storage external")
    op.bulk_insert(
        sa.table("sla_targets", sa.column("kind"), sa.column("priority"), sa.column("minutes")),
        [
            {"kind": kind, "priority": priority, "minutes": minutes}
            for kind, by_priority in TARGETS.items()
            for priority, minutes in enumerate(by_priority, start=1)
        ],
    )
    op.bulk_insert(
        sa.table("surveys", sa.column("kind"), sa.column("name")), [{"kind": "csat", "name": "Customer satisfaction"}]
    )


def downgrade() -> None:
    op.drop_index("ix_survey_invitations_customer_id", table_name="survey_invitations")
    op.drop_index(
        "ix_survey_invitations_answered_at", table_name="survey_invitations", postgresql_where="answered_at is not null"
    )
    op.drop_table("survey_invitations")
    op.drop_index("ix_entries_unreacted", table_name="entries", postgresql_where="reacted_at is null")
    op.drop_index("ix_entries_ticket_id", table_name="entries")
    op.drop_index(op.f("ix_entries_message_id"), table_name="entries")
    op.drop_index("ix_entries_customer_id", table_name="entries")
    op.drop_table("entries")
    op.drop_index("ix_deliveries_sending", table_name="deliveries", postgresql_where="status = 'sending'")
    op.drop_index("ix_deliveries_provider_id", table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_message_id"), table_name="deliveries")
    op.drop_index("ix_deliveries_due", table_name="deliveries", postgresql_where="status = 'queued'")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_attachments_sha256"), table_name="attachments")
    op.drop_index("ix_attachments_message_id", table_name="attachments")
    op.drop_table("attachments")
    op.drop_index(op.f("ix_thread_references_ticket_id"), table_name="thread_references")
    op.drop_table("thread_references")
    op.drop_table("participants")
    op.drop_index(op.f("ix_messages_ticket_id"), table_name="messages")
    op.drop_index("ix_messages_received_id", table_name="messages", postgresql_where="received_id is not null")
    op.drop_table("messages")
    op.drop_index("ix_drafts_ticket_id", table_name="drafts")
    op.drop_table("drafts")
    op.drop_index("uq_deadlines_running", table_name="deadlines", postgresql_where="ended_at is null")
    op.drop_table("deadlines")
    op.drop_index(
        "ix_tickets_unassigned",
        table_name="tickets",
        postgresql_where="status in ('new', 'open', 'pending', 'on_hold') and assignee_id is null",
    )
    op.drop_index("ix_tickets_tags", table_name="tickets", postgresql_using="gin")
    op.drop_index("ix_tickets_search", table_name="tickets", postgresql_using="gin")
    op.drop_index(
        "ix_tickets_queue", table_name="tickets", postgresql_where="status in ('new', 'open', 'pending', 'on_hold')"
    )
    op.drop_index(
        "ix_tickets_mine", table_name="tickets", postgresql_where="status in ('new', 'open', 'pending', 'on_hold')"
    )
    op.drop_index(
        "ix_tickets_finished",
        table_name="tickets",
        postgresql_where="not (status in ('new', 'open', 'pending', 'on_hold'))",
    )
    op.drop_index("ix_tickets_customer_id", table_name="tickets")
    op.drop_index("ix_tickets_inbox", table_name="tickets")
    op.drop_index("ix_tickets_assignee", table_name="tickets", postgresql_where="assignee_id is not null")
    op.drop_index("ix_tickets_updated", table_name="tickets")
    op.drop_index("ix_tickets_created", table_name="tickets")
    op.drop_table("tickets")
    op.drop_index("ix_received_quarantined", table_name="received", postgresql_where="status = 'quarantined'")
    op.drop_index("ix_received_pending", table_name="received", postgresql_where="status = 'pending'")
    op.drop_index("ix_received_content", table_name="received")
    op.drop_table("received")
    op.drop_table("inbox_cursors")
    op.drop_index(op.f("ix_inboxes_team_id"), table_name="inboxes")
    op.drop_table("inboxes")
    op.drop_index(op.f("ix_identities_customer_id"), table_name="identities")
    op.drop_table("identities")
    op.drop_index(op.f("ix_customer_merges_merged_id"), table_name="customer_merges")
    op.drop_index(op.f("ix_customer_merges_kept_id"), table_name="customer_merges")
    op.drop_table("customer_merges")
    op.drop_index("ix_idempotent_requests_created_at", table_name="idempotent_requests")
    op.drop_table("idempotent_requests")
    op.drop_index(op.f("ix_api_tokens_agent_id"), table_name="api_tokens")
    op.drop_table("api_tokens")
    op.drop_index(op.f("ix_agent_teams_team_id"), table_name="agent_teams")
    op.drop_table("agent_teams")
    op.drop_table("teams")
    op.drop_table("surveys")
    op.drop_table("sla_targets")
    op.drop_index("ix_customers_search", table_name="customers", postgresql_using="gin")
    op.drop_index("ix_customers_merged_into_id", table_name="customers", postgresql_where="merged_into_id is not null")
    op.drop_index("ix_customers_created_at", table_name="customers")
    op.drop_table("customers")
    op.drop_table("blobs")
    op.drop_index("uq_agents_email_lower", table_name="agents")
    op.drop_table("agents")
