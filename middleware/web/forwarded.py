"""Who asks when a proxy on this machine stands in front: else all clients would share one address, and its bounds."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

HEADER: Final = "x-forwarded-for"
_HERE: Final = frozenset({"127.0.0.1", "::1"})


def client_of(peer: str, headers: Mapping[str, str]) -> str:
    """The last address of X-Forwarded-For, which the proxy itself has written; the peer when it is no such proxy."""
    if peer not in _HERE:
        return peer
    told = headers.get(HEADER, "").rpartition(",")[2].strip()
    try:
        return str(ip_address(told))
    except ValueError:
        return peer
