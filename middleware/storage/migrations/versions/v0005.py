"""Snapshots of the guide: what each publishing changed. Rulings on quarantined rows of its sources."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; the guide as it is now is where the first snapshot begins."""
    create_snapshots()
    create_rulings()


def create_snapshots() -> None:
    """Snapshots and their changes."""
    op.create_table(
        "guide_snapshots",
        sa.Column("number", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_guide_snapshots")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "guide_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_guide_changes_number"), "guide_changes", ["number"], unique=False)


def create_rulings() -> None:
    """What editors decided of rows that were not imported."""
    op.create_table(
        "feed_rulings",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=True),
        sa.Column("stop", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "row", name=op.f("pk_feed_rulings")),
    )
    op.create_index(
        op.f("ix_feed_rulings_source_told_start"), "feed_rulings", ["source", "told", "start"], unique=False
    )
