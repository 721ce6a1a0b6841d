"""The ticket with which a box that has just logged in over its own dialect comes to /portal: signed, for two minutes.

It is no page token: the signature covers a word of its own, so that neither passes for the other.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Final

FIELD: Final = "ticket"
"""The query field that carries it."""
LIFETIME: Final = timedelta(seconds=120)
_SHAPE: Final = re.compile(r"([1-9][0-9]{0,17})\.([0-9]{1,12})\.([0-9a-f]{32})")
_AHEAD: Final = timedelta(seconds=60)
"""How far the clock of another server of ours may be ahead."""


def issue(key: bytes, device_id: int, now: datetime) -> str:
    """Return `<device>.<issued, epoch seconds>.<HMAC-SHA256, 32 hex digits>`; no character of it needs escaping."""
    body = f"{device_id}.{int(now.timestamp())}"
    return f"{body}.{_sign(key, body)}"


def read(key: bytes, ticket: str, now: datetime) -> int | None:
    """Return the device a ticket was issued for, or None for a forged, damaged or stale one."""
    shape = _SHAPE.fullmatch(ticket)
    if shape is None:
        return None
    device, issued, signature = shape.groups()
    if not hmac.compare_digest(signature, _sign(key, f"{device}.{issued}")):
        return None
    age = now.timestamp() - int(issued)
    return int(device) if -_AHEAD.total_seconds() <= age <= LIFETIME.total_seconds() else None


def _sign(key: bytes, body: str) -> str:
    return hmac.new(key, b"ticket\n" + body.encode(), hashlib.sha256).hexdigest()[:32]
