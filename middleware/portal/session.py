"""The token that a box carries between pages: signed, stateless, and no secret of the household in it."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

COOKIE = "box"
LIFETIME = timedelta(days=30)
"""A box logs in at every start; a set that is never switched off gets a new token with every visit of /portal."""

FRESH = timedelta(minutes=10)
"""A token that is known in memory is checked again after this time, and its box read again with it."""

_MAC_LENGTH = 32
_SHAPE: Final = re.compile(r"(?:([1-9][0-9]{0,17})|g-([a-z\-]{0,20}))\.([0-9]{1,12})\.([0-9a-f]{32})", re.ASCII)


@frozen
class Pass:
    """What a token says: the box and when it came in (epoch seconds); device 0 is a guest, whose `family` it keeps."""

    device: int
    issued: int
    family: str = ""


def issue(key: bytes, device_id: int, now: datetime) -> str:
    """Return `<device>.<issued, epoch seconds>.<HMAC-SHA256, 32 hex digits>`."""
    return _signed(key, str(device_id), now)


def issue_guest(key: bytes, family: str, now: datetime) -> str:
    """A token for a box that names itself by nothing: `g-<key family>` stands in place of the box."""
    return _signed(key, f"g-{family}", now)


def read(key: bytes, token: str, now: datetime) -> Pass | None:
    """Return whom a token was issued for, or None for a forged, damaged or stale one."""
    shape = _SHAPE.fullmatch(token)
    if shape is None:
        return None
    device, family, issued, signature = shape.groups()
    if not hmac.compare_digest(signature, _sign(key, token[: -_MAC_LENGTH - 1])):
        return None
    age = now.timestamp() - int(issued)
    return Pass(int(device or 0), int(issued), family or "") if -60 <= age <= LIFETIME.total_seconds() else None


def _signed(key: bytes, whom: str, now: datetime) -> str:
    body = f"{whom}.{int(now.timestamp())}"
    return f"{body}.{_sign(key, body)}"


def _sign(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()[:_MAC_LENGTH]
