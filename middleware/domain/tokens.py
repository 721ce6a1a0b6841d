"""What a box holds as proof of its log-in: kept by digest only, so that the database cannot be used to log in."""

import hashlib
from datetime import datetime
from typing import Literal

from attrs import field, frozen

Kind = Literal["ministra", "jsession", "usertoken"]
"""`ministra`: the bearer of the Stalker API; the other two belong to one log-in of a CTC/CU dialect."""


@frozen
class BoxToken:
    """One live token of a box; times are aware, `used` is written now and then, not at each request."""

    digest: bytes = field(repr=False)
    kind: Kind
    device_id: int
    issued: datetime
    used: datetime


def digest_of(token: str) -> bytes:
    """The 32 bytes under which a token is stored (SHA-256; tokens are random, so no salt is needed)."""
    return hashlib.sha256(token.encode()).digest()
