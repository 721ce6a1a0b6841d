"""Boxes' own language: accounts, packages, tokens, messages, logs, reminders, and more told of boxes and channels."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the new tables, then widen the old ones."""
    create_api_users()
    create_genres()
    create_packages()
    create_series()
    create_tariffs()
    create_package_grants()
    create_accounts()
    create_channel_links()
    create_box_events()
    create_box_tokens()
    create_clones()
    create_presence()
    create_reminders()
    create_viewing()
    widen_devices()
    widen_channels()
    widen_assets()


def widen_devices() -> None:
    add_reference("devices", "account_id", "accounts")
    for name in ("group", "model", "version", "pin", "scheme", "network", "note"):
        add("devices", sa.Column(name, sa.Text(), server_default="", nullable=False))
    add("devices", sa.Column("pinning", sa.Boolean(), server_default=sa.true(), nullable=False))
    add("devices", sa.Column("confirmed", sa.Boolean(), server_default=sa.false(), nullable=False))
    add("devices", sa.Column("services_on", sa.Boolean(), server_default=sa.true(), nullable=False))
    add("devices", sa.Column("entered", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_devices_group", "devices", ["group"])


def widen_channels() -> None:
    add_reference("channels", "genre_id", "genres")
    for name in ("archive_url", "multicast", "timeshift_url", "logo"):
        add("channels", sa.Column(name, sa.Text(), server_default="", nullable=False))
    add("channels", sa.Column("hd", sa.Boolean(), server_default=sa.false(), nullable=False))
    add("channels", sa.Column("censored", sa.Boolean(), server_default=sa.false(), nullable=False))
    add("channels", sa.Column("archive_h", sa.Integer(), server_default="0", nullable=False))


def widen_assets() -> None:
    add_reference("assets", "series_id", "series")
    add("assets", sa.Column("season", sa.Integer(), server_default="0", nullable=False))
    add("assets", sa.Column("episode", sa.Integer(), server_default="0", nullable=False))


def add(table: str, column: "sa.Column[Any]") -> None:
    op.add_column(table, column)


def add_reference(table: str, column: str, target: str) -> None:
    name = f"fk_{table}_{column}"
    if op.get_bind().dialect.name == "sqlite":
        # Alembic would write the whole table anew; SQLite itself can add a column that refers to another table.
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {name} REFERENCES {target} (id)")
    else:
        add(table, sa.Column(column, ID, nullable=True))
        op.create_foreign_key(name, table, target, [column], ["id"])
    op.create_index(f"ix_{table}_{column}", table, [column])


def create_api_users() -> None:
    op.create_table(
        "api_users",
        sa.Column("id", ID, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_users")),
        sa.UniqueConstraint("login", name=op.f("uq_api_users_login")),
    )


def create_genres() -> None:
    op.create_table(
        "genres",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("censored", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_genres")),
    )


def create_packages() -> None:
    op.create_table(
        "packages",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("channels", sa.Text(), nullable=True),
        sa.Column("boards", sa.Text(), nullable=True),
        sa.Column("optional", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packages")),
        sa.UniqueConstraint("code", name=op.f("uq_packages_code")),
    )


def create_series() -> None:
    op.create_table(
        "series",
        sa.Column("id", ID, nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("synopsis", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sqlite_autoincrement=True,
    )


def create_tariffs() -> None:
    op.create_table(
        "tariffs",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs")),
        sa.UniqueConstraint("code", name=op.f("uq_tariffs_code")),
        sqlite_autoincrement=True,
    )


def create_package_grants() -> None:
    op.create_table(
        "package_grants",
        sa.Column("package_id", ID, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_package_grants_package_id")),
        sa.PrimaryKeyConstraint("package_id", "scope", "target", name=op.f("pk_package_grants")),
    )


def create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), server_default="", nullable=False),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("tariff_id", ID, nullable=True),
        sa.Column("on", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("block_text", sa.Text(), server_default="", nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("streams", sa.Integer(), server_default="0", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("password_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_accounts_household_id")),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariffs.id"], name=op.f("fk_accounts_tariff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
        sa.UniqueConstraint("number", name=op.f("uq_accounts_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_accounts_household_id"), "accounts", ["household_id"], unique=False)
    op.create_index(op.f("ix_accounts_tariff_id"), "accounts", ["tariff_id"], unique=False)


def create_channel_links() -> None:
    op.create_table(
        "channel_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_channel_links_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_links")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_channel_links_channel_id"), "channel_links", ["channel_id"], unique=False)


def create_box_events() -> None:
    op.create_table(
        "box_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("device_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("msg", sa.Text(), nullable=False),
        sa.Column("param", sa.Text(), nullable=False),
        sa.Column("reboot_after_ok", sa.Boolean(), nullable=False),
        sa.Column("auto_hide_s", sa.Integer(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("confirmed", sa.BigInteger(), nullable=True),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_box_events_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_box_events_batch"), "box_events", ["batch"], unique=False)
    op.create_index(op.f("ix_box_events_device_id_expires"), "box_events", ["device_id", "expires"], unique=False)
    op.create_index(op.f("ix_box_events_expires"), "box_events", ["expires"], unique=False)


def create_box_tokens() -> None:
    op.create_table(
        "box_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("device_id", ID, nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_box_tokens_device_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_box_tokens")),
    )
    op.create_index(op.f("ix_box_tokens_device_id"), "box_tokens", ["device_id"], unique=False)
    op.create_index(op.f("ix_box_tokens_used"), "box_tokens", ["used"], unique=False)


def create_clones() -> None:
    op.create_table(
        "clones",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("device_id", ID, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_clones_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clones")),
    )
    op.create_index(op.f("ix_clones_at"), "clones", ["at"], unique=False)
    op.create_index(op.f("ix_clones_device_id_at"), "clones", ["device_id", "at"], unique=False)


def create_presence() -> None:
    op.create_table(
        "presence",
        sa.Column("device_id", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("doing", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_presence_device_id")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_presence")),
    )


def create_reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("device_id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("fires", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_reminders_channel_id")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_reminders_device_id")),
        sa.PrimaryKeyConstraint("device_id", "channel_id", "start", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_fires"), "reminders", ["fires"], unique=False)


def create_viewing() -> None:
    op.create_table(
        "viewing",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("device_id", ID, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_viewing_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing")),
    )
    op.create_index(op.f("ix_viewing_at"), "viewing", ["at"], unique=False)
    op.create_index(op.f("ix_viewing_device_id_at"), "viewing", ["device_id", "at"], unique=False)
