"""Programs of the operator that may use the REST interface."""

from datetime import datetime
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
