"""What a box's pages depend on, read in one transaction: where it stands, whether it may be used, what it sees."""

from datetime import datetime
from typing import Final, Literal

from attrs import frozen

from middleware.domain.packages import Entitled
from middleware.services import devices, packages
from middleware.services.devices import Placed
from middleware.services.ports import UnitOfWork

State = Literal["active", "pending", "guest", "blocked", "expired", "elsewhere", "off"]
"""guest: told no name; elsewhere: another set has come in as this box since; off: the operator cut it off for now."""
CUT: Final = "cut"
"""Setting of a box that the operator has cut off by command."""


@frozen
class Place:
    """A box with its state; `words` is what the operator says to a blocked one, `code` what a waiting one tells him."""

    placed: Placed
    state: State
    words: str
    code: str
    entitled: Entitled


def place(uow: UnitOfWork, now: datetime, device_id: int) -> Place | None:
    """Read a box; None when there is no such box. One that would have to log in is, on pages, one that waits."""
    placed = devices.placed(uow, device_id)
    if placed is None:
        return None
    device = placed.device
    standing = devices.standing(uow, now, device)
    state: State = "pending" if standing.state == "login" else standing.state
    if state == "active" and uow.settings.get(f"device:{device_id}", CUT, False):
        state = "off"
    words = standing.text_zh if state in {"blocked", "expired"} else ""
    return Place(placed, state, words, devices.code_of(device), packages.entitled_for(uow, device))
