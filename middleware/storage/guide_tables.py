"""Tables of schedules, of the guide's sources and of service information; part of `tables`, apart only for length.

Channels are named by their xmltv_id, so that plans and feeds can be there before the line-up has the channel.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, true

from middleware.storage.naming import metadata
from middleware.storage.types import Id, Instant, JsonText

# Schedules ----------------------------------------------------------------------------------------------------------

day_templates = Table(
    "day_templates",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("blocks", JsonText, nullable=False),
    sqlite_autoincrement=True,  # patterns name a template by its number
)

patterns = Table(
    "patterns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False, index=True),
    Column("templates", JsonText, nullable=False),
    Column("first", Text, nullable=False),
    Column("last", Text),
    Column("priority", Integer, nullable=False),
)

one_offs = Table(
    "one_offs",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("body", JsonText, nullable=False),
)

plan_days = Table(
    "plan_days",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("items", JsonText, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("signed", JsonText, nullable=False),
)

# What a draft was before each edit, for undo; `undone` ones can be done again.
plan_steps = Table(
    "plan_steps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("items", JsonText, nullable=False),
    Column("undone", Boolean, nullable=False),
    Index(None, "channel", "day"),
    sqlite_autoincrement=True,  # steps are taken back in the order of their numbers
)

filler_pools = Table(
    "filler_pools",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("body", JsonText, nullable=False),
)

as_run = Table(
    "as_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("start", Instant, nullable=False),
    Column("stop", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("asset", Id),
    Column("source", Text, nullable=False),
    Column("corrects", Id),
    Index(None, "channel", "start"),
    sqlite_autoincrement=True,  # a correction names its line by number
)

# Sources of the guide -----------------------------------------------------------------------------------------------

guide_sources = Table(
    "guide_sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("zone", Text, nullable=False),
    Column("shift_min", Integer, nullable=False),
    Column("overlap", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("fields", JsonText, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("tried", Instant),
    Column("fetched", Instant),
    Column("failed", Instant),
    Column("fault", Text, nullable=False),
)

channel_aliases = Table(
    "channel_aliases",
    metadata,
    Column("alias", Text, primary_key=True),
    Column("channel", Text, nullable=False, index=True),
)

# How a source's channel is matched: `channel` NULL is parked until it is, `by_hand` stays whatever the rules find.
feed_channels = Table(
    "feed_channels",
    metadata,
    Column("source", Text, primary_key=True),
    Column("told", Text, primary_key=True),
    Column("channel", Text, index=True),
    Column("by_hand", Boolean, nullable=False),
    Column("names", JsonText, nullable=False),
)

feed_rows = Table(
    "feed_rows",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("start", Instant, nullable=False),
    Column("stop", Instant, nullable=False),
    Column("body", JsonText, nullable=False),
    Index(None, "source", "told", "start"),
)

# What editors decided of quarantined rows of a source, each named by what it told. `body` is the programme of one that
# was let in; it counts while it is `standing`, which is as long as the source tells the row.
feed_rulings = Table(
    "feed_rulings",
    metadata,
    Column("source", Text, primary_key=True),
    Column("row", Text, primary_key=True),
    Column("told", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("start", Instant),
    Column("stop", Instant),
    Column("body", JsonText),
    Column("standing", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "source", "told", "start"),
)

pins = Table(
    "pins",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", JsonText, nullable=False),
)

# What each publishing of the guide changed, for going back. `digest` sums up the rows, whatever their order.
guide_snapshots = Table(
    "guide_snapshots",
    metadata,
    Column("number", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    sqlite_autoincrement=True,  # a number is named in the log for good
)

guide_changes = Table(
    "guide_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Id, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # changes are taken back in the order of their numbers
)

# Service information ------------------------------------------------------------------------------------------------

networks = Table(
    "networks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("toml", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

event_ids = Table(
    "event_ids",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("uid", Text, primary_key=True),
    Column("event_id", Integer, nullable=False),
    Column("until", Instant, nullable=False),
    UniqueConstraint("channel", "event_id"),
)

event_counters = Table(
    "event_counters",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

section_versions = Table(
    "section_versions",
    metadata,
    Column("network", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# Roles of staff on single channels; whoever has none may what his account's role allows.
staff_grants = Table(
    "staff_grants",
    metadata,
    Column("staff", Id, ForeignKey("staff.id"), primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("role", Text, primary_key=True),
)
