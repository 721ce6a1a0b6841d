"""Clients behind a proxy on this machine are told apart; nobody else can choose what address he has."""

from typing import Any

import pytest
from twisted.internet.address import IPv4Address

from middleware.web.forwarded import client_of
from middleware.web.values import text


@pytest.mark.parametrize(
    ("peer", "told", "client"),
    [
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.1.2.3"),
        ("::1", "2001:DB8::1", "2001:db8::1"),
        ("10.0.0.5", "10.1.2.3", "10.0.0.5"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.1.2.3, unknown", "127.0.0.1"),
        ("127.0.0.1", "<script>", "127.0.0.1"),
    ],
)
def test_the_last_address_counts_and_only_from_here(peer: str, told: str, client: str) -> None:
    assert client_of(peer, {"x-forwarded-for": told}) == client


@pytest.mark.parametrize(("proxied", "seen"), [(True, b"10.1.2.3"), (False, b"127.0.0.1")])
def test_the_header_is_heeded_only_when_a_proxy_stands_in_front(
    town: Any, parse: Any, proxied: bool, seen: bytes
) -> None:
    town.site.proxied = proxied
    town.routes.exact("GET", "/who", lambda request: text(request.client))
    client = town.client()
    client.wire.peerAddr = IPv4Address("TCP", "127.0.0.1", 40_000)

    assert parse(client.send(b"GET /who HTTP/1.1\r\nX-Forwarded-For: 10.1.2.3\r\n\r\n"))[2] == seen
