"""What a link to a stream carries: for which box and for what it was made and until when it opens, signed.

No secret is in it, and it is short enough for the players that cut addresses.
"""

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Final, Literal

from attrs import frozen

Sort = Literal["channel", "film", "archive"]
_SORTS: Final[tuple[Sort, ...]] = ("channel", "film", "archive")
_BODY: Final = struct.Struct(">BQIQQI")
_SIGNATURE: Final = 16
_LENGTH: Final = 66


@frozen
class Ticket:
    """What a link was made for: `number` and `part` are link id and 0, film and revision, or channel and start.

    `until` is the epoch second after which it is not opened any more, `length` the seconds of an archive link.
    """

    sort: Sort
    device: int
    until: int
    number: int
    part: int = 0
    length: int = 0


def issue(key: bytes, ticket: Ticket) -> str:
    """The token of a link: 66 characters of A-Z a-z 0-9 - and _."""
    body = _BODY.pack(_SORTS.index(ticket.sort), ticket.device, ticket.until, ticket.number, ticket.part, ticket.length)
    return urlsafe_b64encode(body + _sign(key, body)).decode().rstrip("=")


def read(key: bytes, token: str) -> Ticket | None:
    """What a token was made for; None for one that is forged, damaged or written otherwise."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "==")
    except (Error, ValueError):
        return None
    body, signature = raw[: _BODY.size], raw[_BODY.size :]
    if not hmac.compare_digest(signature, _sign(key, body)) or urlsafe_b64encode(raw).decode().rstrip("=") != token:
        return None
    sort, device, until, number, part, length = _BODY.unpack(body)
    return Ticket(_SORTS[sort], device, until, number, part, length)


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()[:_SIGNATURE]
