"""Programs of the operator that may use the REST interface."""

from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Literal

from attrs import field, frozen

Right = Literal["read", "write", "messages"]


@frozen
class ApiUser:
    """An entry of the token table: `digest` is SHA-256 of the generated secret, shown once when it was made.

    `addresses` are networks (CIDR) that it may call from; empty = any.
    """

    id: int
    login: str
    digest: bytes = field(repr=False)
    rights: tuple[Right, ...] = ("read", "write", "messages")
    addresses: tuple[str, ...] = ()
    active: bool = True
    created: datetime | None = None
    used: datetime | None = None

    def admits(self, client: str) -> bool:
        """Whether it may call from this address; a list without a network that can be read admits nobody."""
        if not self.addresses:
            return True
        try:
            address = ip_address(client)
            return any(address in ip_network(one, strict=False) for one in self.addresses)
        except ValueError:
            return False
