"""Schedules, sources of the guide and service information: plans with revisions, feeds as told, event ids, versions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the new tables."""
    create_as_run()
    create_channel_aliases()
    create_day_templates()
    create_event_counters()
    create_event_ids()
    create_feed_channels()
    create_feed_rows()
    create_filler_pools()
    create_guide_sources()
    create_networks()
    create_one_offs()
    create_patterns()
    create_pins()
    create_plan_days()
    create_plan_steps()
    create_section_versions()


def create_as_run() -> None:
    op.create_table(
        "as_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("stop", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("asset", ID, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("corrects", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_as_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_as_run_channel_start"), "as_run", ["channel", "start"], unique=False)


def create_channel_aliases() -> None:
    op.create_table(
        "channel_aliases",
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_channel_aliases")),
    )
    op.create_index(op.f("ix_channel_aliases_channel"), "channel_aliases", ["channel"], unique=False)


def create_day_templates() -> None:
    op.create_table(
        "day_templates",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("blocks", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_templates")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_day_templates_channel"), "day_templates", ["channel"], unique=False)


def create_event_counters() -> None:
    op.create_table(
        "event_counters",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_event_counters")),
    )


def create_event_ids() -> None:
    op.create_table(
        "event_ids",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "uid", name=op.f("pk_event_ids")),
        sa.UniqueConstraint("channel", "event_id", name=op.f("uq_event_ids_channel_event_id")),
    )


def create_feed_channels() -> None:
    op.create_table(
        "feed_channels",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "told", name=op.f("pk_feed_channels")),
    )
    op.create_index(op.f("ix_feed_channels_channel"), "feed_channels", ["channel"], unique=False)


def create_feed_rows() -> None:
    op.create_table(
        "feed_rows",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("stop", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_rows")),
    )
    op.create_index(op.f("ix_feed_rows_source_told_start"), "feed_rows", ["source", "told", "start"], unique=False)


def create_filler_pools() -> None:
    op.create_table(
        "filler_pools",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_filler_pools")),
    )


def create_guide_sources() -> None:
    op.create_table(
        "guide_sources",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("shift_min", sa.Integer(), nullable=False),
        sa.Column("overlap", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified", sa.Text(), nullable=False),
        sa.Column("tried", sa.BigInteger(), nullable=True),
        sa.Column("fetched", sa.BigInteger(), nullable=True),
        sa.Column("failed", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_guide_sources_name")),
    )


def create_networks() -> None:
    op.create_table(
        "networks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_networks")),
    )


def create_one_offs() -> None:
    op.create_table(
        "one_offs",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "day", "id", name=op.f("pk_one_offs")),
    )


def create_patterns() -> None:
    op.create_table(
        "patterns",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("templates", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("last", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patterns")),
    )
    op.create_index(op.f("ix_patterns_channel"), "patterns", ["channel"], unique=False)


def create_pins() -> None:
    op.create_table(
        "pins",
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("uid", "name", name=op.f("pk_pins")),
    )


def create_plan_days() -> None:
    op.create_table(
        "plan_days",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "day", "revision", name=op.f("pk_plan_days")),
    )


def create_plan_steps() -> None:
    op.create_table(
        "plan_steps",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_steps")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_plan_steps_channel_day"), "plan_steps", ["channel", "day"], unique=False)


def create_section_versions() -> None:
    op.create_table(
        "section_versions",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("network", "channel", name=op.f("pk_section_versions")),
    )
