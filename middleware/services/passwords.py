"""Passwords of the back office: hashed with scrypt, checked in the same time whether the account exists or not."""

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata

from attrs import frozen

from middleware.domain.errors import BadValue

SHORTEST, LONGEST = 8, 128
_LENGTH = 32


@frozen
class Cost:
    """Parameters of scrypt (RFC 7914); memory is 128 × n × r bytes."""

    n: int = 2**14
    r: int = 8
    p: int = 5


COST = Cost()
"""OWASP's choice for 16 MB: 0.2 s on the slowest machine we measured, small enough for four threads at once."""

_MOST = Cost(2**17, 8, 10)
"""A stored hash that asks for more is damaged, or was made to exhaust us."""


def hash_password(password: str, cost: Cost = COST) -> str:
    """Return `scrypt$n$r$p$salt$hash` with a fresh salt of 16 bytes."""
    salt = os.urandom(16)
    parts = (salt, _scrypt(password, salt, cost))
    return "$".join(
        ["scrypt", str(cost.n), str(cost.r), str(cost.p), *(base64.b64encode(one).decode() for one in parts)]
    )


def verify_password(password: str, stored: str) -> bool:
    """Compare a password with a stored hash; an empty or damaged one fails after the same work."""
    parsed = _parse(stored)
    cost, salt, expected = parsed or (COST, bytes(16), bytes(_LENGTH))
    same = hmac.compare_digest(_scrypt(password[:LONGEST], salt, cost), expected)
    return same and parsed is not None and len(password) <= LONGEST


def good_password(password: str, login: str) -> str:
    """Return the password when it may be used. Raises BadValue(password)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadValue("password", f"密码要有 {SHORTEST} 到 {LONGEST} 个字符")
    if login.casefold() in password.casefold() or len(set(password)) < 4:
        raise BadValue("password", "密码太简单：不能含有账号，也不能只用两三个字符")
    return password


def stamp(stored: str) -> str:
    """Return 16 hex digits that change with every change of the password and tell nothing of it."""
    return hashlib.sha256(b"nanhu-tv password stamp" + stored.encode()).hexdigest()[:16]


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    text = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    memory = 128 * cost.r * (cost.n + cost.p + 2) + 2**20
    return hashlib.scrypt(text, salt=salt, n=cost.n, r=cost.r, p=cost.p, dklen=_LENGTH, maxmem=memory)


def _parse(stored: str) -> tuple[Cost, bytes, bytes] | None:
    try:
        name, n, r, p, salt, expected = stored.split("$")
        cost, parts = Cost(int(n), int(r), int(p)), [base64.b64decode(one, validate=True) for one in (salt, expected)]
    except (ValueError, binascii.Error):
        return None
    power = cost.n >= 2 and cost.n & (cost.n - 1) == 0
    bounded = 0 < cost.r <= _MOST.r and 0 < cost.p <= _MOST.p and cost.n <= _MOST.n
    return (cost, parts[0], parts[1]) if name == "scrypt" and power and bounded and len(parts[1]) == _LENGTH else None
