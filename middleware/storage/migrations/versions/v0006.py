"""Roles of staff on single channels; channels that are radio."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, without a row of which everybody may what he might before; all channels are television so far."""
    create_grants()
    op.add_column("channels", sa.Column("radio", sa.Boolean(), server_default=sa.false(), nullable=False))


def create_grants() -> None:
    """Who has which role on which channel."""
    op.create_table(
        "staff_grants",
        sa.Column("staff", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_staff_grants_staff")),
        sa.PrimaryKeyConstraint("staff", "channel", "role", name=op.f("pk_staff_grants")),
    )
