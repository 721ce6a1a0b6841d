"""SQLAlchemy Core behind the ports of services: threads, group commit, tables, migrations."""
