"""The first tables; frozen since the first landing: whoever changes a table writes a further migration."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    create_assets()
    create_audit()
    create_channels()
    create_offices()
    create_outbox()
    create_rollcalls()
    create_settings()
    create_villages()
    create_articles()
    create_branches()
    create_households()
    create_programmes()
    create_renditions()
    create_rollcall_answers()
    create_rollcall_entries()
    create_devices()
    create_invitations()
    create_members()
    create_staff()
    create_watching()
    create_attendance()
    create_rollcall_roll()
    create_signins()


def downgrade() -> None:
    """Drop every table."""
    op.drop_table("signins")
    op.drop_table("rollcall_roll")
    op.drop_table("attendance")
    op.drop_table("watching")
    op.drop_table("staff")
    op.drop_table("members")
    op.drop_table("invitations")
    op.drop_table("devices")
    op.drop_table("rollcall_entries")
    op.drop_table("rollcall_answers")
    op.drop_table("renditions")
    op.drop_table("programmes")
    op.drop_table("households")
    op.drop_table("branches")
    op.drop_table("articles")
    op.drop_table("villages")
    op.drop_table("settings")
    op.drop_table("rollcalls")
    op.drop_table("outbox")
    op.drop_table("offices")
    op.drop_table("channels")
    op.drop_table("audit")
    op.drop_table("assets")


def create_assets() -> None:
    op.create_table(
        "assets",
        sa.Column("id", ID, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("short_title", sa.Text(), nullable=False),
        sa.Column("synopsis", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("damaged_tail", sa.Boolean(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("seg_ticks", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sa.UniqueConstraint("origin", name=op.f("uq_assets_origin")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_assets_state_column_added_at"), "assets", ["state", "column", "added_at"], unique=False)


def create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("noun_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)


def create_channels() -> None:
    op.create_table(
        "channels",
        sa.Column("id", ID, nullable=False),
        sa.Column("xmltv_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("still", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("number", name=op.f("uq_channels_number")),
        sa.UniqueConstraint("xmltv_id", name=op.f("uq_channels_xmltv_id")),
        sqlite_autoincrement=True,
    )


def create_offices() -> None:
    op.create_table(
        "offices",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
        sa.UniqueConstraint("code", name=op.f("uq_offices_code")),
        sa.UniqueConstraint("name", name=op.f("uq_offices_name")),
    )


def create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("dispatched", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["seq"],
        unique=False,
        sqlite_where=sa.text("NOT dispatched"),
        postgresql_where=sa.text("NOT dispatched"),
    )


def create_rollcalls() -> None:
    op.create_table(
        "rollcalls",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("place_id", ID, nullable=True),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("opens", sa.BigInteger(), nullable=False),
        sa.Column("late_after", sa.BigInteger(), nullable=False),
        sa.Column("closes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollcalls")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_rollcalls_state"), "rollcalls", ["state"], unique=False)


def create_settings() -> None:
    op.create_table(
        "settings",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_settings")),
    )


def create_villages() -> None:
    op.create_table(
        "villages",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("centre", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_villages")),
        sa.UniqueConstraint("code", name=op.f("uq_villages_code")),
        sa.UniqueConstraint("name", name=op.f("uq_villages_name")),
    )


def create_articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", ID, nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("short_title", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("village_id", ID, nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("blocks", sa.Text(), nullable=False),
        sa.Column("portrait", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name=op.f("fk_articles_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_articles_column_published_at"), "articles", ["column", "published_at"], unique=False)


def create_branches() -> None:
    op.create_table(
        "branches",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("village_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name=op.f("fk_branches_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branches")),
        sa.UniqueConstraint("code", name=op.f("uq_branches_code")),
        sa.UniqueConstraint("name", name=op.f("uq_branches_name")),
    )
    op.create_index(op.f("ix_branches_village_id"), "branches", ["village_id"], unique=False)


def create_households() -> None:
    op.create_table(
        "households",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("village_id", ID, nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name=op.f("fk_households_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
        sa.UniqueConstraint("code", name=op.f("uq_households_code")),
    )
    op.create_index(op.f("ix_households_village_id"), "households", ["village_id"], unique=False)


def create_programmes() -> None:
    op.create_table(
        "programmes",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("stop", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sub_title", sa.Text(), nullable=False),
        sa.Column("desc", sa.Text(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_programmes_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("uid", name=op.f("uq_programmes_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_programmes_channel_id_start"), "programmes", ["channel_id", "start"], unique=False)
    op.create_index(op.f("ix_programmes_start"), "programmes", ["start"], unique=False)


def create_renditions() -> None:
    op.create_table(
        "renditions",
        sa.Column("asset_id", ID, nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("frame_rate", sa.Integer(), nullable=False),
        sa.Column("codecs", sa.Text(), nullable=False),
        sa.Column("peak", sa.BigInteger(), nullable=False),
        sa.Column("average", sa.BigInteger(), nullable=False),
        sa.Column("first_pts", sa.BigInteger(), nullable=False),
        sa.Column("segment_bytes", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_renditions_asset_id")),
        sa.PrimaryKeyConstraint("asset_id", "rung", name=op.f("pk_renditions")),
    )


def create_rollcall_answers() -> None:
    op.create_table(
        "rollcall_answers",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rollcall_id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["rollcall_id"], ["rollcalls.id"], name=op.f("fk_rollcall_answers_rollcall_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rollcall_answers")),
    )
    op.create_index(op.f("ix_rollcall_answers_rollcall_id"), "rollcall_answers", ["rollcall_id"], unique=False)


def create_rollcall_entries() -> None:
    op.create_table(
        "rollcall_entries",
        sa.Column("rollcall_id", ID, nullable=False),
        sa.Column("device_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.Column("digits", sa.LargeBinary(), nullable=True),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rollcall_id"], ["rollcalls.id"], name=op.f("fk_rollcall_entries_rollcall_id")),
        sa.PrimaryKeyConstraint("rollcall_id", "device_id", name=op.f("pk_rollcall_entries")),
    )
    op.create_index(op.f("ix_rollcall_entries_touched"), "rollcall_entries", ["touched"], unique=False)


def create_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", ID, nullable=False),
        sa.Column("mac", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("card_no", sa.Text(), nullable=True),
        sa.Column("iptv_user", sa.Text(), nullable=True),
        sa.Column("iptv_password", sa.LargeBinary(), nullable=True),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("family", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("taught", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_devices_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("card_no", name=op.f("uq_devices_card_no")),
        sa.UniqueConstraint("iptv_user", name=op.f("uq_devices_iptv_user")),
        sa.UniqueConstraint("mac", name=op.f("uq_devices_mac")),
        sa.UniqueConstraint("serial", name=op.f("uq_devices_serial")),
    )
    op.create_index(op.f("ix_devices_household_id"), "devices", ["household_id"], unique=False)


def create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("rollcall_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_invitations_household_id")),
        sa.ForeignKeyConstraint(["rollcall_id"], ["rollcalls.id"], name=op.f("fk_invitations_rollcall_id")),
        sa.PrimaryKeyConstraint("rollcall_id", "household_id", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_household_id"), "invitations", ["household_id"], unique=False)


def create_members() -> None:
    op.create_table(
        "members",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("branch_id", ID, nullable=False),
        sa.Column("group_no", sa.Integer(), server_default="0", nullable=False),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_members_branch_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_members_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("code", name=op.f("uq_members_code")),
        sa.UniqueConstraint("phone_digest", name=op.f("uq_members_phone_digest")),
    )
    op.create_index(op.f("ix_members_branch_id"), "members", ["branch_id"], unique=False)
    op.create_index(op.f("ix_members_household_id"), "members", ["household_id"], unique=False)


def create_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", ID, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("office_id", ID, nullable=True),
        sa.Column("branch_id", ID, nullable=True),
        sa.Column("village_id", ID, nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_staff_branch_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_staff_office_id")),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name=op.f("fk_staff_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )


def create_watching() -> None:
    op.create_table(
        "watching",
        sa.Column("household_id", ID, nullable=False),
        sa.Column("asset_id", ID, nullable=False),
        sa.Column("position_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_watching_asset_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_watching_household_id")),
        sa.PrimaryKeyConstraint("household_id", "asset_id", name=op.f("pk_watching")),
    )


def create_attendance() -> None:
    op.create_table(
        "attendance",
        sa.Column("rollcall_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("branch_id", ID, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_attendance_branch_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_attendance_member_id")),
        sa.ForeignKeyConstraint(["rollcall_id"], ["rollcalls.id"], name=op.f("fk_attendance_rollcall_id")),
        sa.PrimaryKeyConstraint("rollcall_id", "member_id", name=op.f("pk_attendance")),
    )
    op.create_index(op.f("ix_attendance_member_id"), "attendance", ["member_id"], unique=False)


def create_rollcall_roll() -> None:
    op.create_table(
        "rollcall_roll",
        sa.Column("rollcall_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("branch_id", ID, nullable=False),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("leave", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_rollcall_roll_branch_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_rollcall_roll_household_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_rollcall_roll_member_id")),
        sa.ForeignKeyConstraint(["rollcall_id"], ["rollcalls.id"], name=op.f("fk_rollcall_roll_rollcall_id")),
        sa.PrimaryKeyConstraint("rollcall_id", "member_id", name=op.f("pk_rollcall_roll")),
    )
    op.create_index(
        op.f("ix_rollcall_roll_household_id_rollcall_id"),
        "rollcall_roll",
        ["household_id", "rollcall_id"],
        unique=False,
    )


def create_signins() -> None:
    op.create_table(
        "signins",
        sa.Column("id", ID, nullable=False),
        sa.Column("rollcall_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("elsewhere", sa.Boolean(), nullable=False),
        sa.Column("device_id", ID, nullable=True),
        sa.Column("household_id", ID, nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_digest", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_signins_member_id")),
        sa.ForeignKeyConstraint(["rollcall_id"], ["rollcalls.id"], name=op.f("fk_signins_rollcall_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signins")),
        sa.UniqueConstraint("key", name=op.f("uq_signins_key")),
        sa.UniqueConstraint("rollcall_id", "member_id", name=op.f("uq_signins_rollcall_id_member_id")),
    )
    op.create_index(
        "ix_signins_last_number",
        "signins",
        ["household_id"],
        unique=False,
        sqlite_where=sa.text("way = 'number'"),
        postgresql_where=sa.text("way = 'number'"),
    )
    op.create_index(
        "uq_signins_number",
        "signins",
        ["rollcall_id", "number_digest"],
        unique=True,
        sqlite_where=sa.text("number_digest IS NOT NULL"),
        postgresql_where=sa.text("number_digest IS NOT NULL"),
    )
