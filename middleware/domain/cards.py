"""Names that anybody can type into an address: a card number or an account opens a box's pages only where it was bound.

At its first use a name is bound to the box's MAC and to the address range that it came from (portal-ctc.md §7).
"""

from ipaddress import ip_address, ip_network
from typing import Final, Literal

from middleware.domain.devices import Device

Finding = Literal["first", "same", "moved", "other"]
"""first: not bound yet; same: as bound; moved: the box's MAC from another range; other: not the box it was bound to."""
_PREFIX: Final = {4: 24, 6: 56}
"""Bits of an address that its range keeps: a block of a cable segment, a subscriber's prefix."""


def address_range(client: str) -> str:
    """The range that a client's address lies in, such as 10.3.7.0/24; the text itself when it is no address."""
    try:
        address = ip_address(client)
    except ValueError:
        return client[:64]
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(ip_network((address, _PREFIX[address.version]), strict=False))


def judge(bound: Device, mac: str, network: str) -> Finding:
    """Whether who names this box by its card or account, with this MAC (may be empty) from this range, is that box.

    A box that has a MAC must tell it: a neighbour in the same range who types the number cannot.
    """
    if bound.mac and mac != bound.mac:
        return "other"
    if not bound.network:
        return "first"
    if bound.network == network:
        return "same"
    return "moved" if bound.mac else "other"
