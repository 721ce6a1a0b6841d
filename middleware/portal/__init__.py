"""Adapters to the boxes: HTML page states, push, sessions, media."""
