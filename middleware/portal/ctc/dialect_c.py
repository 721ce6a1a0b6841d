"""Dialect C, OAuth with JSON, for phones and OTT clients (portal-ctc.md §5)."""

import json
from typing import Final

from middleware.portal.ctc.names import LIFETIME_S

JSON: Final = "application/json;charset=utf-8"
REFUSED: Final = b'{"error":"invalid_grant"}'
"""One answer to whatever was wrong, with status 400."""


def document(value: object) -> bytes:
    """A JSON document in UTF-8, compact."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def epg_url(epg: str) -> bytes:
    """C1: where this dialect goes on; `epg` is `http://host:port`."""
    return document({"epgurl": f"{epg}/EPG/jsp/AuthenticationURL"})


def encry_token(token: str) -> bytes:
    """C2: the EncryptToken, spelt as clients read it."""
    return document({"EncryToken": token})


def access_token(token: str) -> bytes:
    """C3: the bearer, which is the session's UserToken."""
    return document({"access_token": token, "token_type": "bearer", "expires_in": LIFETIME_S})
