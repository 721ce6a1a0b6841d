"""REST v1 on the wire: who asks, for which ids, and the two shapes of every answer. Pure."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from middleware.domain.places import TOWN_ZONE
from middleware.web.values import JSON, HeaderPairs, Response

MOST_IDS: Final = 200
"""Ids in one call: MAC addresses of as many fill half of the longest request line that is taken."""
_ID_LIMIT: Final = 64
_LOGIN_LIMIT: Final = 64
_SECRET_LIMIT: Final = 128
_MOMENTS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")


class Refused(Exception):
    """A call that cannot be done; the text is English and stands in `error`. `status` is that of the answer."""

    def __init__(self, text: str, status: int = 200, headers: HeaderPairs = ()) -> None:
        super().__init__(text)
        self.status = status
        self.headers = headers


@frozen
class Credentials:
    """What a program shows of itself by HTTP Basic."""

    login: str
    secret: str = field(repr=False)


def credentials(header: str) -> Credentials | None:
    """Read an Authorization header; None when it is no Basic one that we could have given out."""
    scheme, _, packed = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(packed.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    login, colon, secret = text.partition(":")
    sound = colon and 0 < len(login) <= _LOGIN_LIMIT and 0 < len(secret) <= _SECRET_LIMIT
    return Credentials(login, secret) if sound else None


def split_path(rest: str) -> tuple[str, tuple[str, ...]]:
    """Split `stb/00:1A:79:00:00:01,1001` into the resource and its ids. Raises Refused."""
    resource, _, listed = rest.partition("/")
    ids = tuple(dict.fromkeys(one.strip() for one in listed.rstrip("/").split(",") if one.strip()))
    if len(ids) > MOST_IDS:
        raise Refused(f"More than {MOST_IDS} identifiers")
    if any(len(one) > _ID_LIMIT for one in ids):
        raise Refused(f"An identifier has more than {_ID_LIMIT} characters")
    return resource, ids


def done(results: object) -> bytes:
    """The body of a call that was done."""
    return _packed({"status": "OK", "results": results})


def ok(body: bytes) -> Response:
    """The answer with a body of `done`."""
    return Response(200, body, JSON)


def refused(error: Refused) -> Response:
    """The answer of a call that was not done."""
    body = _packed({"status": "ERROR", "error": str(error), "results": None})
    return Response(error.status, body, JSON, error.headers)


def unauthorized() -> Refused:
    """Nobody knows who asks: the same words for a wrong login, a wrong secret and a wrong address."""
    return Refused("401 Unauthorized request", 401, (("WWW-Authenticate", 'Basic realm="REST v1", charset="UTF-8"'),))


def moment_text(at: datetime | None) -> str:
    """An instant on the town's clock as billing writes it, such as 2026-12-31 00:00:00; empty for none."""
    return f"{at.astimezone(TOWN_ZONE):%Y-%m-%d %H:%M:%S}" if at is not None else ""


def read_moment(text: str) -> datetime | None:
    """Read such an instant, or a day, which begins at midnight; None for "" and MySQL's zero. Raises ValueError."""
    plain = text.strip()
    if not plain or plain.startswith("0000-00-00"):
        return None
    for form in _MOMENTS:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=TOWN_ZONE)
        except ValueError:
            continue
    raise ValueError(plain)


def _packed(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
