"""Bounds on what one client may ask for (middleware.web.buckets), under the name that the portal knows them by."""

from middleware.web.buckets import Buckets

__all__ = ["Buckets"]
