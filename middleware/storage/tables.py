"""Every table, once, with those of the modules named in `__all__`. A change here needs a new migration."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from middleware.storage import box_tables, guide_tables, job_tables, ledger_tables
from middleware.storage.naming import metadata
from middleware.storage.types import Id, Instant, JsonText

__all__ = ["box_tables", "guide_tables", "job_tables", "ledger_tables", "metadata"]

# Places -------------------------------------------------------------------------------------------------------------

villages = Table(
    "villages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("centre", Boolean, nullable=False, server_default=false()),
)

branches = Table(
    "branches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("village_id", Id, ForeignKey("villages.id"), index=True),
)

offices = Table(
    "offices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("phone", Text, nullable=False, server_default=""),
)

# Registry -----------------------------------------------------------------------------------------------------------

households = Table(
    "households",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("village_id", Id, ForeignKey("villages.id"), nullable=False, index=True),
    Column("address", Text, nullable=False, server_default=""),
)

members = Table(
    "members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("branch_id", Id, ForeignKey("branches.id"), nullable=False, index=True),
    Column("group_no", Integer, nullable=False, server_default="0"),
    Column("household_id", Id, ForeignKey("households.id"), index=True),
    Column("role", Text, nullable=False, server_default=""),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("phone_sealed", LargeBinary),
    # One number means one person, else typing it could not answer a roll-call.
    Column("phone_digest", LargeBinary, unique=True),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("office_id", Id, ForeignKey("offices.id")),
    Column("branch_id", Id, ForeignKey("branches.id")),
    Column("village_id", Id, ForeignKey("villages.id")),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("password", Text, nullable=False),
)

# Devices ------------------------------------------------------------------------------------------------------------

devices = Table(
    "devices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mac", Text, unique=True),
    Column("serial", Text, unique=True),
    Column("card_no", Text, unique=True),
    Column("iptv_user", Text, unique=True),
    # The CTC log-in is a challenge computed from the password, so the password itself must be had: sealed like a phone.
    Column("iptv_password", LargeBinary),
    Column("household_id", Id, ForeignKey("households.id"), index=True),
    Column("family", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("taught", JsonText, nullable=False, server_default="{}"),
    Column("created_at", Instant, nullable=False),
    Column("account_id", Id, ForeignKey("accounts.id"), index=True),
    Column("group", Text, nullable=False, server_default="", index=True),
    Column("model", Text, nullable=False, server_default=""),
    Column("version", Text, nullable=False, server_default=""),
    Column("pin", Text, nullable=False, server_default=""),
    Column("pinning", Boolean, nullable=False, server_default=true()),
    Column("scheme", Text, nullable=False, server_default=""),
    Column("network", Text, nullable=False, server_default=""),
    Column("confirmed", Boolean, nullable=False, server_default=false()),
    Column("services_on", Boolean, nullable=False, server_default=true()),
    Column("entered", BigInteger, nullable=False, server_default="0"),
    Column("note", Text, nullable=False, server_default=""),
)

# Articles -----------------------------------------------------------------------------------------------------------

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("column", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("short_title", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("village_id", Id, ForeignKey("villages.id")),
    Column("published_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("blocks", JsonText, nullable=False),
    Column("portrait", JsonText),
    Index(None, "column", "published_at"),
    sqlite_autoincrement=True,  # a page id such as article-12 must never come to mean another article
)

# Roll-call ----------------------------------------------------------------------------------------------------------

rollcalls = Table(
    "rollcalls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("title", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("place_id", Id),
    Column("caller", Text, nullable=False),
    Column("opens", Instant, nullable=False),
    Column("late_after", Instant, nullable=False),
    Column("closes", Instant, nullable=False),
    Column("state", Text, nullable=False, index=True),
    sqlite_autoincrement=True,  # a page id such as rc-7 must never come to mean another roll-call
)

rollcall_roll = Table(
    "rollcall_roll",
    metadata,
    Column("rollcall_id", Id, ForeignKey("rollcalls.id"), primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), primary_key=True),
    # Branch and household as they were at the opening: later moves do not change an old roll.
    Column("branch_id", Id, ForeignKey("branches.id"), nullable=False),
    Column("household_id", Id, ForeignKey("households.id")),
    Column("leave", Text, nullable=False, server_default=""),
    Index(None, "household_id", "rollcall_id"),
)

signins = Table(
    "signins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rollcall_id", Id, ForeignKey("rollcalls.id"), nullable=False),
    Column("member_id", Id, ForeignKey("members.id")),
    Column("at", Instant, nullable=False),
    Column("way", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("elsewhere", Boolean, nullable=False),
    Column("device_id", Id),
    Column("household_id", Id),
    Column("key", Text, unique=True),
    Column("staff", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("changed", Instant, nullable=False),
    Column("number_sealed", LargeBinary),
    Column("number_digest", LargeBinary),
    UniqueConstraint("rollcall_id", "member_id"),  # whoever presses how often: one sign-in
    Index(
        "uq_signins_number",
        "rollcall_id",
        "number_digest",
        unique=True,
        sqlite_where=text("number_digest IS NOT NULL"),
        postgresql_where=text("number_digest IS NOT NULL"),
    ),
    Index(
        "ix_signins_last_number",
        "household_id",
        sqlite_where=text("way = 'number'"),
        postgresql_where=text("way = 'number'"),
    ),
)

rollcall_entries = Table(
    "rollcall_entries",
    metadata,
    Column("rollcall_id", Id, ForeignKey("rollcalls.id"), primary_key=True),
    Column("device_id", Id, primary_key=True),
    Column("household_id", Id),
    Column("begun", Instant, nullable=False),
    Column("touched", Instant, nullable=False, index=True),
    Column("digits", LargeBinary),
    Column("member_id", Id),
    Column("way", Text, nullable=False),
    Column("unknown", Integer, nullable=False),
)

# Answers that wrote no sign-in, so that the same press sent again is told the same.
rollcall_answers = Table(
    "rollcall_answers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("rollcall_id", Id, ForeignKey("rollcalls.id"), nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("member_id", Id),
    Column("left", Integer),
    Column("at", Instant),
)

attendance = Table(
    "attendance",
    metadata,
    Column("rollcall_id", Id, ForeignKey("rollcalls.id"), primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), primary_key=True, index=True),
    Column("branch_id", Id, ForeignKey("branches.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("at", Instant),
    Column("note", Text, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("rollcall_id", Id, ForeignKey("rollcalls.id"), primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), primary_key=True, index=True),
    Column("state", Text, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("changed", Instant, nullable=False),
)

# Films --------------------------------------------------------------------------------------------------------------

assets = Table(
    "assets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rev", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("short_title", Text, nullable=False),
    Column("synopsis", Text, nullable=False),
    Column("origin", Text, unique=True),
    Column("damaged_tail", Boolean, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("series_id", Id, ForeignKey("series.id"), index=True),
    Column("season", Integer, nullable=False, server_default="0"),
    Column("episode", Integer, nullable=False, server_default="0"),
    Column("klass", Text, nullable=False, server_default="pub"),
    Column("channel", Boolean, nullable=False, server_default=false()),
    Column("keywords", Text, nullable=False, server_default=""),
    Column("shown_from", Instant),
    Column("shown_until", Instant),
    Column("shown", Boolean, nullable=False, server_default=true()),
    Index(None, "state", "column", "added_at"),
    sqlite_autoincrement=True,  # addresses of segments are cached for a year and must never come to mean another film
)

editions = Table(
    "editions",
    metadata,
    Column("asset_id", Id, ForeignKey("assets.id"), primary_key=True),
    Column("rev", Integer, primary_key=True),
    Column("seg_ticks", JsonText, nullable=False),
    Column("subtitles", JsonText, nullable=False, server_default="[]"),
    Column("sounds", JsonText, nullable=False, server_default="[]"),
    Column("sheets", Integer, nullable=False, server_default="0"),
    Column("iv", Text, nullable=False, server_default=""),
    Column("key_sealed", LargeBinary),
    Column("fmp4", JsonText, nullable=False, server_default="[]"),
    Column("others", JsonText, nullable=False, server_default="[]"),
)

renditions = Table(
    "renditions",
    metadata,
    Column("asset_id", Id, ForeignKey("assets.id"), primary_key=True),
    Column("rev", Integer, primary_key=True, server_default="1"),
    Column("rung", Integer, primary_key=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("frame_rate", Integer, nullable=False),
    Column("codecs", Text, nullable=False),
    Column("peak", BigInteger, nullable=False),
    Column("average", BigInteger, nullable=False),
    Column("first_pts", BigInteger, nullable=False),
    Column("segment_bytes", JsonText, nullable=False),
    Column("sha256", JsonText, nullable=False),
    Column("iframes", JsonText, nullable=False, server_default="[]"),
)

watching = Table(
    "watching",
    metadata,
    Column("household_id", Id, ForeignKey("households.id"), primary_key=True),
    Column("asset_id", Id, ForeignKey("assets.id"), primary_key=True),
    Column("position_ms", BigInteger, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("watched_ms", BigInteger, nullable=False, server_default="0"),
)

# Guide --------------------------------------------------------------------------------------------------------------

channels = Table(
    "channels",
    metadata,
    Column("id", Id, primary_key=True),
    Column("xmltv_id", Text, nullable=False, unique=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False, server_default=""),
    Column("still", Text, nullable=False, server_default=""),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("genre_id", Id, ForeignKey("genres.id"), index=True),
    Column("hd", Boolean, nullable=False, server_default=false()),
    Column("censored", Boolean, nullable=False, server_default=false()),
    Column("archive_h", Integer, nullable=False, server_default="0"),
    Column("archive_url", Text, nullable=False, server_default=""),
    Column("multicast", Text, nullable=False, server_default=""),
    Column("timeshift_url", Text, nullable=False, server_default=""),
    Column("logo", Text, nullable=False, server_default=""),
    Column("radio", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,  # a page id such as tv-3 must never come to mean another channel
)

programmes = Table(
    "programmes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("start", Instant, nullable=False),
    Column("stop", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("sub_title", Text, nullable=False),
    Column("desc", Text, nullable=False),
    Column("categories", JsonText, nullable=False),
    # The fields that nobody looks for: people, episode, rating and the like, only those that are set.
    Column("details", JsonText, nullable=False),
    Column("open", Boolean, nullable=False),
    Index(None, "channel_id", "start"),
    Index(None, "start"),
    sqlite_autoincrement=True,  # a page id such as programme-12 must never come to mean another programme
)

# Everything that is not a noun of the town --------------------------------------------------------------------------

settings = Table(
    "settings",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", JsonText, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("dispatched", Boolean, nullable=False, server_default=false()),
    Index("ix_outbox_waiting", "seq", sqlite_where=text("NOT dispatched"), postgresql_where=text("NOT dispatched")),
    sqlite_autoincrement=True,  # readers keep a cursor, so a number is never used twice
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("noun", Text, nullable=False),
    Column("noun_id", Text, nullable=False),
    Column("detail", JsonText, nullable=False),
    sqlite_autoincrement=True,
)
