"""Alembic migrations: numbered, linear, never edited after a release."""
