"""The back office in a browser."""
