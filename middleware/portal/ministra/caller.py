"""Who asks: the cookies and the bearer of a request (portal-ministra.md §2)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import Final
from urllib.parse import unquote

from attrs import frozen

from middleware.domain.devices import parse_mac
from middleware.domain.errors import BadValue

TOKEN: Final = re.compile(r"[0-9A-Fa-f]{32}")
_LONGEST: Final = 200


@frozen
class Caller:
    """What the cookies of a box say; `named` is whether there is a MAC at all, `mac` empty when it is none."""

    named: bool
    mac: str = ""
    zone: str = ""
    lang: str = ""


@lru_cache(maxsize=40_000)
def caller(cookie: str) -> Caller:
    """Read a Cookie header; a box sends the same one each time."""
    found = _cookies(cookie)
    told = found.get("mac", "")
    zone, lang = intern(found.get("timezone", "")[:64]), intern(found.get("stb_lang", "")[:16])
    return Caller(bool(told), _mac(told), zone, lang)


def _cookies(raw: str) -> Mapping[str, str]:
    pairs = (pair.partition("=") for pair in reversed(raw.split(";")[:40]))
    return {name.strip(): unquote(value.strip().strip('"'))[:_LONGEST].strip() for name, _, value in pairs}


def _mac(told: str) -> str:
    try:
        return parse_mac(told.upper()) if len(told) <= 17 else ""
    except BadValue:
        return ""


def bearer(header: str) -> str:
    """The token of an Authorization header; empty for none, and for what scripts send when they have none."""
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or token.lower() in {"", "undefined", "null", "false"}:
        return ""
    return token[:_LONGEST]
