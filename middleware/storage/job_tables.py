"""Table of films that wait to be packaged; part of `tables`, apart only for length."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from middleware.storage.naming import metadata
from middleware.storage.types import Id, Instant, JsonText

ingest_jobs = Table(
    "ingest_jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("node", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("mark", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("short_title", Text, nullable=False),
    Column("synopsis", Text, nullable=False),
    Column("poster", Text, nullable=False),
    Column("subtitles", JsonText, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("asset_id", Id),
    Column("discard", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index(None, "node", "state", "priority"),
    Index(None, "node", "mark"),
)
