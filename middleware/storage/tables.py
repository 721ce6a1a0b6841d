"""Every table, once. Whoever changes this file re-writes migration 0001: `python -m tools.make_migration`."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    text,
    true,
)

from middleware.storage.types import Id, Instant, JsonText

metadata = MetaData(
    # Named constraints, so that a later migration can drop them on both databases.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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
