"""The two names of a session, JSESSIONID and UserToken: when it began is in both, and neither tells the other."""

import hashlib
import hmac
import re
import secrets
from typing import Final

LIFETIME_S: Final = 86_400
"""A session lasts a day, as dialect C tells its clients; a box logs in at every start."""
_USER_TOKEN: Final = re.compile(r"([0-9a-f]{8})\.[A-Za-z0-9_\-]{43}")
_JSESSION: Final = re.compile(r"([0-9A-F]{8})[0-9A-F]{24}")


def user_token(seconds: float) -> str:
    """A new UserToken: the second it was made in (epoch, 8 hex digits), and 256 random bits."""
    return f"{int(seconds):08x}.{secrets.token_urlsafe(32)}"


def jsession(key: bytes, token: str) -> str:
    """The JSESSIONID of a UserToken, 32 hex digits: made of it with our key, to give a lost cookie again."""
    made = hmac.new(key, b"jsession\n" + token.encode(), hashlib.sha256).hexdigest()
    return (token[:8] + made[:24]).upper()


def fresh(name: str, seconds: float) -> bool:
    """Whether this can be the name of a session that is not over. Whether there is one, the store knows."""
    found = _USER_TOKEN.fullmatch(name) or _JSESSION.fullmatch(name)
    return found is not None and int(found[1], 16) + LIFETIME_S > seconds
