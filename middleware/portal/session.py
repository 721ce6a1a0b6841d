"""The token that a box carries between pages: signed, stateless, and no secret of the household in it."""

import hashlib
import hmac
from datetime import datetime, timedelta

COOKIE = "box"
LIFETIME = timedelta(days=30)
"""A box logs in at every start; a set that is never switched off gets a new token with every visit of /portal."""

FRESH = timedelta(minutes=10)
"""A token that is known in memory is checked again after this time, and its box read again with it."""

_MAC_LENGTH = 32


def issue(key: bytes, device_id: int, now: datetime) -> str:
    """Return `<device>.<issued, epoch seconds>.<HMAC-SHA256, 32 hex digits>`."""
    body = f"{device_id}.{int(now.timestamp())}"
    return f"{body}.{_sign(key, body)}"


def read(key: bytes, token: str, now: datetime) -> int | None:
    """Return the device a token was issued for, or None for a forged, damaged or stale one."""
    body, _, signature = token.rpartition(".")
    if len(token) > 100 or not hmac.compare_digest(signature.encode(), _sign(key, body).encode()):
        return None
    device, _, issued = body.partition(".")
    age = now.timestamp() - int(issued)
    return int(device) if -60 <= age <= LIFETIME.total_seconds() else None


def _sign(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()[:_MAC_LENGTH]
