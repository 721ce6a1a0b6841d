"""Tables of what boxes and the operator's customers need; part of `tables`, apart only for length."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, false, true

from middleware.storage.naming import metadata
from middleware.storage.types import Id, Instant, JsonText

# The operator's customers -------------------------------------------------------------------------------------------

tariffs = Table(
    "tariffs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    sqlite_autoincrement=True,  # grants name a tariff by its number
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("login", Text, unique=True),
    Column("full_name", Text, nullable=False, server_default=""),
    Column("household_id", Id, ForeignKey("households.id"), index=True),
    Column("tariff_id", Id, ForeignKey("tariffs.id"), index=True),
    Column("on", Boolean, nullable=False, server_default=true()),
    Column("block_text", Text, nullable=False, server_default=""),
    Column("ends_at", Instant),
    Column("streams", Integer, nullable=False, server_default="0"),
    Column("comment", Text, nullable=False, server_default=""),
    Column("password_sealed", LargeBinary),
    Column("phone_sealed", LargeBinary),
    sqlite_autoincrement=True,  # what is signed for an account must never come to mean another one
)

packages = Table(
    "packages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("about", Text, nullable=False, server_default=""),
    # NULL is everything, also what comes later; an empty list is nothing.
    Column("channels", JsonText),
    Column("boards", JsonText),
    Column("optional", Boolean, nullable=False, server_default=false()),
)

package_grants = Table(
    "package_grants",
    metadata,
    Column("package_id", Id, ForeignKey("packages.id"), primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("target", Text, primary_key=True),
)

api_users = Table(
    "api_users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False),
    Column("rights", JsonText, nullable=False),
    Column("addresses", JsonText, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("created", Instant),
    Column("used", Instant),
)

# Boxes --------------------------------------------------------------------------------------------------------------

box_tokens = Table(
    "box_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("device_id", Id, ForeignKey("devices.id"), nullable=False, index=True),
    Column("issued", Instant, nullable=False),
    Column("used", Instant, nullable=False, index=True),
)

box_events = Table(
    "box_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("device_id", Id, ForeignKey("devices.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False, index=True),
    Column("msg", Text, nullable=False),
    Column("param", Text, nullable=False),
    Column("reboot_after_ok", Boolean, nullable=False),
    Column("auto_hide_s", Integer, nullable=False),
    Column("sender", Text, nullable=False),
    Column("sent", Instant),
    Column("confirmed", Instant),
    Column("batch", Text, nullable=False, index=True),
    Index(None, "device_id", "expires"),
    sqlite_autoincrement=True,  # a box confirms by number, perhaps days later
)

clones = Table(
    "clones",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("device_id", Id, ForeignKey("devices.id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("first", Text, nullable=False),
    Column("second", Text, nullable=False),
    Index(None, "device_id", "at"),
)

viewing = Table(
    "viewing",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("device_id", Id, ForeignKey("devices.id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "device_id", "at"),
)

presence = Table(
    "presence",
    metadata,
    Column("device_id", Id, ForeignKey("devices.id"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("address", Text, nullable=False),
    Column("doing", Integer, nullable=False),
)

reminders = Table(
    "reminders",
    metadata,
    Column("device_id", Id, ForeignKey("devices.id"), primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id"), primary_key=True),
    Column("start", Instant, primary_key=True),
    Column("fires", Instant, nullable=False, index=True),
    Column("title", Text, nullable=False),
)

# The line-up --------------------------------------------------------------------------------------------------------

genres = Table(
    "genres",
    metadata,
    # Numbered by us: that of the censored group is fixed.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("alias", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("censored", Boolean, nullable=False),
)

channel_links = Table(
    "channel_links",
    metadata,
    # Boxes see this plus FIRST_LINK, so that no link has a channel's number.
    Column("id", Id, primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    sqlite_autoincrement=True,  # signed addresses name a link
)

series = Table(
    "series",
    metadata,
    Column("id", Id, primary_key=True),
    Column("column", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("synopsis", Text, nullable=False),
    Column("year", Integer, nullable=False),
    sqlite_autoincrement=True,  # boxes keep favourites by number
)
