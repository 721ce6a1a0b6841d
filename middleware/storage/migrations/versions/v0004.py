"""The video centre: index rows by revision with their by-products, keys of encrypted films."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the new tables, then widen the old ones."""
    create_editions()
    widen_renditions()
    widen_assets()
    widen_watching()
    create_ledger()
    create_ledger_segment()
    create_ledger_pool()
    create_ledger_lock()
    create_ingest_jobs()


def create_editions() -> None:
    """What a film's row held of its only revision becomes a row of that revision."""
    op.create_table(
        "editions",
        sa.Column("asset_id", ID, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("seg_ticks", sa.Text(), nullable=False),
        sa.Column("subtitles", sa.Text(), server_default="[]", nullable=False),
        sa.Column("sounds", sa.Text(), server_default="[]", nullable=False),
        sa.Column("sheets", sa.Integer(), server_default="0", nullable=False),
        sa.Column("iv", sa.Text(), server_default="", nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("fmp4", sa.Text(), server_default="[]", nullable=False),
        sa.Column("others", sa.Text(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_editions_asset_id")),
        sa.PrimaryKeyConstraint("asset_id", "rev", name=op.f("pk_editions")),
    )
    op.execute("INSERT INTO editions (asset_id, rev, seg_ticks) SELECT id, rev, seg_ticks FROM assets")
    op.drop_column("assets", "seg_ticks")


def widen_renditions() -> None:
    with op.batch_alter_table("renditions") as table:
        table.add_column(sa.Column("rev", sa.Integer(), server_default="1", nullable=False))
        table.add_column(sa.Column("iframes", sa.Text(), server_default="[]", nullable=False))
        table.drop_constraint("pk_renditions", type_="primary")
        table.create_primary_key("pk_renditions", ["asset_id", "rev", "rung"])


def widen_assets() -> None:
    op.add_column("assets", sa.Column("klass", sa.Text(), server_default="pub", nullable=False))
    op.add_column("assets", sa.Column("channel", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("assets", sa.Column("keywords", sa.Text(), server_default="", nullable=False))
    op.add_column("assets", sa.Column("shown_from", sa.BigInteger(), nullable=True))
    op.add_column("assets", sa.Column("shown_until", sa.BigInteger(), nullable=True))
    op.add_column("assets", sa.Column("shown", sa.Boolean(), server_default=sa.true(), nullable=False))


def widen_watching() -> None:
    op.add_column("watching", sa.Column("watched_ms", sa.BigInteger(), server_default="0", nullable=False))


def create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asset", ID, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("seg_from", sa.Integer(), nullable=False),
        sa.Column("seg_to", sa.Integer(), nullable=False),
        sa.Column("msn_base", sa.BigInteger(), nullable=False),
        sa.Column("dsn", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("programme_uid", sa.Text(), nullable=False),
        sa.Column("pool_rev", sa.Integer(), nullable=False),
        sa.Column("published_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "seq", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_asset"), "ledger", ["asset"], unique=False)
    op.create_index(op.f("ix_ledger_channel_start_ms"), "ledger", ["channel", "start_ms"], unique=False)


def create_ledger_segment() -> None:
    op.create_table(
        "ledger_segment",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("ticks", sa.Integer(), nullable=False),
        sa.Column("sizes", sa.Text(), nullable=False),
        sa.Column("published_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "seq", "k", name=op.f("pk_ledger_segment")),
    )


def create_ledger_pool() -> None:
    op.create_table(
        "ledger_pool",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "revision", name=op.f("pk_ledger_pool")),
    )


def create_ledger_lock() -> None:
    op.create_table(
        "ledger_lock",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_ledger_lock")),
    )


def create_ingest_jobs() -> None:
    op.create_table(
        "ingest_jobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("short_title", sa.Text(), nullable=False),
        sa.Column("synopsis", sa.Text(), nullable=False),
        sa.Column("poster", sa.Text(), nullable=False),
        sa.Column("subtitles", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("asset_id", ID, nullable=True),
        sa.Column("discard", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingest_jobs")),
    )
    op.create_index(op.f("ix_ingest_jobs_node_state_priority"), "ingest_jobs", ["node", "state", "priority"])
    op.create_index(op.f("ix_ingest_jobs_node_mark"), "ingest_jobs", ["node", "mark"])
