"""Tables of what own channels play; part of `tables`, apart only for length. Rows are written once and never changed.

Channels are named by their xmltv_id, as in the tables of schedules; instants are epoch milliseconds (video.md §7.1).
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from middleware.storage.naming import metadata
from middleware.storage.types import Id, JsonText

ledger = Table(
    "ledger",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("start_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("asset", Id, nullable=False, index=True),
    Column("rev", Integer, nullable=False),
    Column("seg_from", Integer, nullable=False),
    Column("seg_to", Integer, nullable=False),
    Column("msn_base", BigInteger, nullable=False),
    Column("dsn", BigInteger, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("programme_uid", Text, nullable=False),
    Column("pool_rev", Integer, nullable=False),
    Column("published_ms", BigInteger, nullable=False),
    Index(None, "channel", "start_ms"),
)

# Segments of relays, as they are captured.
ledger_segment = Table(
    "ledger_segment",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("k", Integer, primary_key=True),
    Column("ticks", Integer, nullable=False),
    Column("sizes", JsonText, nullable=False),
    Column("published_ms", BigInteger, nullable=False),
)

# What a channel's fold shows where no row says what: fillers, slate, idents as [asset, revision].
ledger_pool = Table(
    "ledger_pool",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("body", JsonText, nullable=False),
)

# Who writes a channel's rows: `fence` grows with every other holder, so that a late one is refused.
ledger_lock = Table(
    "ledger_lock",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)
