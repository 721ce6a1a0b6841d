"""Set-top boxes: the names a box is known by, where it stands, and whether it may be used."""

import re
from typing import Literal

import attrs
from attrs import frozen

from middleware.domain.errors import BadValue

State = Literal["pending", "active", "blocked", "retired"]
Mode = Literal["standard", "large"]

_HEX12 = re.compile(r"[0-9A-F]{12}")
_NAME = re.compile(r"[0-9A-Za-z@._\-]{1,64}")


@frozen
class Identities:
    """The names one box gives of itself; empty text when it does not tell.

    `mac` is upper-case with colons (Ministra), `serial` the maker's number, `card_no` the smart card of the cable
    network, `iptv_user` the account of the CTC/CU specification.
    """

    mac: str = ""
    serial: str = ""
    card_no: str = ""
    iptv_user: str = ""

    def known(self) -> dict[str, str]:
        """The names that are not empty, by field."""
        return {name: value for name, value in attrs.asdict(self).items() if value}


@frozen
class Device:
    """One box; `family` names the key table of its remote, empty until it is known.

    `group` is the operator's label for packages and overrides, `pin` the first device_id a Ministra client told
    (compared while `pinning`), `scheme` the Authenticator key scheme found at the first CTC log-in, `network` the
    address range of a cable box's first use, `confirmed` that billing or an operator vouched for its card, `entered`
    the epoch second of its last entry by /portal: older page tokens are void.
    """

    id: int
    mac: str = ""
    serial: str = ""
    card_no: str = ""
    iptv_user: str = ""
    household_id: int | None = None
    family: str = ""
    state: State = "pending"
    mode: Mode = "standard"
    account_id: int | None = None
    group: str = ""
    model: str = ""
    version: str = ""
    pin: str = ""
    pinning: bool = True
    scheme: str = ""
    network: str = ""
    confirmed: bool = False
    services_on: bool = True
    entered: int = 0
    note: str = ""

    @property
    def usable(self) -> bool:
        """A pending box may look around: only blocked and retired ones are turned away."""
        return self.state in {"pending", "active"}


def parse_mac(text: str) -> str:
    """Read a MAC as boxes and stickers write it; returns 00:1A:79:AA:BB:CC or raises BadValue(mac)."""
    digits = re.sub(r"[:\-.\s]", "", text[:64]).upper()
    if not _HEX12.fullmatch(digits):
        raise BadValue("mac", "MAC 地址应为 12 位十六进制数")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def parse_identities(mac: str = "", serial: str = "", card_no: str = "", iptv_user: str = "") -> Identities:
    """Check what a box says of itself. Raises BadValue(mac, identity, identity_missing)."""
    for value in (serial, card_no, iptv_user):
        if value and not _NAME.fullmatch(value):
            raise BadValue("identity", "机顶盒编号只能有字母、数字和 @ . _ -，不超过 64 位")
    found = Identities(parse_mac(mac) if mac else "", serial, card_no, iptv_user)
    if not found.known():
        raise BadValue("identity_missing", "机顶盒没有报出任何编号")
    return found
